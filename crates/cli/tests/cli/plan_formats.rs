//! A plan in its other forms: for a pull request, as a page, as the summary of a job.
use crate::support::{SHOP_AND_BLOG, Workspace};

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
