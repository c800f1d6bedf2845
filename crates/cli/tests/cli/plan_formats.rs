//! A plan in its other forms: for a pull request, as a page, as the summary of a job.
use crate::support::{SHOP_AND_BLOG, Workspace};
use serde_json::Value;

#[test]
fn markdown_ends_with_the_commands_that_apply_this_plan_and_plan_it_again() {
    let workspace = Workspace::new(SHOP_AND_BLOG);
    let plan = workspace.run("plan --format markdown --target role.*").code(0).stdout;
    assert!(plan.starts_with("## 3 to create\n"), "{plan}");
    assert!(plan.contains("```sh\npinpoint-streams --sandbox apply --target 'role.*'\n```"), "{plan}");
    assert!(plan.ends_with("```sh\npinpoint-streams --sandbox plan --target 'role.*'\n```\n"), "{plan}");
    let saved = workspace.run("plan --out shop.plan --format markdown").code(0).stdout;
    assert!(saved.contains("apply shop.plan --expect-digest sha256:"), "{saved}");
    assert_eq!(workspace.run("show shop.plan --format markdown").code(0).stdout, saved);
}

#[test]
fn the_page_of_a_plan_is_html() {
    let workspace = Workspace::new(SHOP_AND_BLOG);
    let page = workspace.run("plan --format html").code(0).stdout;
    assert!(page.starts_with("<!doctype html>\n") && page.ends_with("</html>\n"), "{page}");
}

#[test]
fn under_github_actions_the_plan_is_appended_to_the_summary_of_the_job() {
    let workspace = Workspace::new(SHOP_AND_BLOG);
    workspace.write("summary.md", "before\n");
    let variables = [("GITHUB_STEP_SUMMARY", "summary.md")];
    let text = workspace.run_for_real("--sandbox plan", &variables).code(0);
    assert!(text.last_line().starts_with("Plan: 5 to create"), "{text}");
    let summary = workspace.read("summary.md");
    assert!(summary.starts_with("before\n## 5 to create\n"), "{summary}");
    let refused = workspace.run_for_real("--sandbox plan", &[("GITHUB_STEP_SUMMARY", "no/such/folder")]).code(0);
    assert!(refused.stderr.contains("warning: cannot append to the job summary"), "{refused}");
}

#[test]
fn with_a_problem_the_part_of_the_plan_that_stands_is_shown() {
    let workspace = Workspace::applied();
    workspace.edit("pinpoint-streams.toml", "name = \"Blog\"", "name = \"Journal\"");
    workspace.edit("pinpoint-streams.toml", "[apps.shop]\n", "[apps.shop]\nprotect = true\n");
    let refused = workspace.run("plan").code(3);
    assert!(refused.stdout.starts_with("Excluding what has problems, the plan would be:\n"), "{refused}");
    assert!(refused.stdout.contains(" ~ event_stream.shop "), "{refused}");
    assert!(!refused.stdout.contains("blog"), "{refused}");
}

#[test]
fn with_a_problem_a_comment_and_a_page_show_it_and_the_part_that_stands() {
    let workspace = Workspace::applied();
    workspace.edit("pinpoint-streams.toml", "name = \"Blog\"", "name = \"Journal\"");
    workspace.edit("pinpoint-streams.toml", "[apps.shop]\n", "[apps.shop]\nprotect = true\n");
    workspace.write("summary.md", "");
    let line = "--sandbox plan --format markdown";
    let refused = workspace.run_for_real(line, &[("GITHUB_STEP_SUMMARY", "summary.md")]).code(3);
    let comment = &refused.stdout;
    assert!(comment.starts_with("## 1 problem: nothing was done\n"), "{refused}");
    for part in ["### Problems\n\n- app.blog: ", "PS0225", "the plan would be: ", "<b>role.shop</b>"] {
        assert!(comment.contains(part), "{part}: {refused}");
    }
    assert!(comment.ends_with("Plan again:\n\n```sh\npinpoint-streams --sandbox plan\n```\n"), "{refused}");
    assert!(!comment.contains("Apply this plan") && !comment.contains("Digest"), "{refused}");
    assert!(workspace.read("summary.md").starts_with("## 1 problem: nothing was done\n"));
    let page = workspace.run("plan --format html").code(3).stdout;
    assert!(page.starts_with("<!doctype html>\n") && page.contains("[PS0225]"), "{page}");
}

#[test]
fn an_error_before_the_plan_is_a_comment_too() {
    let workspace = Workspace::new(&SHOP_AND_BLOG.replace("[apps.shop]\n", "[apps.shop]\nstraem = \"x\"\n"));
    let refused = workspace.run("plan --format markdown").code(3);
    assert!(refused.stdout.starts_with("## 1 error in the manifest: nothing was done\n"), "{refused}");
    assert!(refused.stdout.contains("- pinpoint-streams.toml:") && refused.stdout.contains("PS0103"), "{refused}");
    let none = Workspace::empty().run("verify --format html").code(1);
    assert!(none.stdout.contains("<h1>Failed</h1>"), "{none}");
}

/// The paths of the fields of a change, as the JSON of the plan has them.
fn paths(workspace: &Workspace, address: &str) -> Vec<String> {
    let plan = workspace.run("plan --format json").code(0).stdout;
    let plan: Value = serde_json::from_str(&plan).unwrap();
    let change = plan["changes"].as_array().unwrap().iter().find(|change| change["address"] == address).unwrap();
    let fields = change["fields"].as_array().unwrap().iter();
    fields.map(|field| field["path"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn every_field_of_a_new_role_is_shown() {
    let defaults = "[role_defaults]\npath = \"/growth/\"\ndescription = \"Writes events\"\nmax_session_duration = \
                    7200\npermissions_boundary = \"Limits\"\ntags = { team = \"growth\" }\n\n[apps.shop]";
    let workspace = Workspace::new(&SHOP_AND_BLOG.replace("[apps.shop]", defaults));
    let shown = workspace.run("plan --diff").code(0).stdout;
    let (_, role) = shown.split_once(" + role.shop ").unwrap();
    for field in [
        "name: \"PinpointEventStream-shop\"",
        "path: \"/growth/\"",
        "description: \"Writes events\"",
        "max_session_duration: 7200",
        "permissions_boundary: \"arn:aws:iam::123456789012:policy/Limits\"",
        "tags.team: \"growth\"",
    ] {
        assert!(role.contains(&format!("\n      {field}\n")), "{field}: {shown}");
    }
    let expected = [
        "name",
        "path",
        "trust_policy",
        "description",
        "max_session_duration",
        "permissions_boundary",
        "tags.team",
        "inline_policies.PinpointEventStreamPermissionsPolicy",
    ];
    assert_eq!(paths(&workspace, "role.shop"), expected);
}

#[test]
fn a_new_app_is_shown_with_its_name() {
    let workspace = Workspace::new(SHOP_AND_BLOG);
    let shown = workspace.run("plan --diff").code(0).stdout;
    assert!(shown.contains("\n      name: \"Blog\"\n"), "{shown}");
    assert_eq!(paths(&workspace, "app.blog"), ["name", "tags.site"]);
}
