//! What an apply shows: quietly, as JSON, in a log, and what comes next.
use crate::support::{SHOP_AND_BLOG, Workspace};
use crate::sweep::contents;
use serde_json::Value;

#[test]
fn quietly_the_closing_line_alone_is_left() {
    let workspace = Workspace::new(SHOP_AND_BLOG);
    let plan = workspace.run("plan -q").code(0);
    assert_eq!((plan.stdout.lines().count(), plan.stderr.as_str()), (1, ""), "{plan}");
    assert!(plan.stdout.starts_with("Plan: 5 to create"), "{plan}");
    let applied = workspace.run("apply --auto-approve -q").code(0);
    assert_eq!((applied.stdout.lines().count(), applied.stderr.as_str()), (1, ""), "{applied}");
    assert!(applied.stdout.starts_with("Applied: "), "{applied}");
    let again = workspace.run("apply --auto-approve -q").code(0);
    assert_eq!((again.stdout.as_str(), again.stderr.as_str()), ("No changes.\n", ""), "{again}");
    let refused = workspace.run("apply -q").code(1);
    assert!(refused.stdout.is_empty() && refused.stderr.contains("error[PS"), "{refused}");
}

#[test]
fn quietly_every_result_that_has_a_closing_line_is_that_line() {
    let workspace = Workspace::applied();
    for (line, start) in [
        ("verify -q", "2 event streams can work."),
        ("show -q", "5 recorded, 0 pending."),
        ("plan -q", "No changes."),
        ("sweep -q", "No changes"),
        ("sandbox seed -q", "Nothing to create."),
    ] {
        let run = workspace.run(line);
        assert_eq!((run.stdout.lines().count(), run.stderr.as_str()), (1, ""), "{run}");
        assert!(run.stdout.starts_with(start), "{run}");
    }
    // What is asked for as a document is printed.
    for line in ["show -q --format markdown", "report -q", "export aws-cli -q"] {
        let run = workspace.run(line).code(0);
        assert!(run.stdout.lines().count() > 1, "{run}");
    }
}

#[test]
fn a_plan_in_text_ends_with_the_command_that_applies_it() {
    let workspace = Workspace::new(SHOP_AND_BLOG);
    let next = "Nothing was done. `pinpoint-streams --sandbox apply --target 'role.*'` applies the plan.\n";
    let plan = workspace.run("plan --target role.*").code(0);
    assert!(plan.stderr.ends_with(next), "{plan}");
    let destroy = Workspace::applied().run("plan --destroy").code(0);
    assert!(destroy.stderr.contains("`pinpoint-streams --sandbox destroy` applies the plan"), "{destroy}");
    for line in ["plan -q", "plan --format json", "plan --format markdown"] {
        assert_eq!(workspace.run(line).code(0).stderr, "", "{line}");
    }
    assert_eq!(Workspace::applied().run("plan").code(0).stderr, "");
    let saved = workspace.run("plan --out shop.plan").code(0);
    assert!(saved.stderr.contains("apply shop.plan`") && !saved.stderr.contains("Nothing was done"), "{saved}");
}

#[test]
fn an_apply_is_one_json_document_of_its_plan_and_its_outcome() {
    let workspace = Workspace::new(SHOP_AND_BLOG);
    let document = |line: &str, code: i32| -> Value {
        let run = workspace.run(line).code(code);
        serde_json::from_str(&run.stdout).unwrap_or_else(|why| panic!("{why}: {run}"))
    };
    let applied = document("apply --auto-approve --format json", 0);
    assert_eq!(applied["format_version"], 1);
    assert_eq!(applied["plan"]["summary"]["create"], 5);
    assert_eq!(applied["outcome"]["ending"], "done");
    assert_eq!(applied["outcome"]["done"], applied["plan"]["steps"].as_array().unwrap().len());
    assert_eq!(applied["steps"], Value::Array(Vec::new()));
    assert!(applied["serial"].as_u64() > Some(0), "{applied}");
    let again = document("apply --auto-approve --format json", 0);
    assert_eq!(again["outcome"]["ending"], "no_changes");
    let destroyed = document("destroy --auto-approve --delete-apps --format json", 0);
    assert_eq!((&destroyed["plan"]["mode"], &destroyed["outcome"]["failed"]), (&"destroy".into(), &0.into()));
    workspace.run("apply --auto-approve --events --format json").code(1);
}

/// Stderr and stdout joined, as a CI job shows them.
#[test]
fn without_a_terminal_each_step_is_one_line() {
    let workspace = Workspace::new(SHOP_AND_BLOG);
    let run = workspace.run("apply --auto-approve").code(0);
    let log = format!("{}{}", run.stderr, run.stdout);
    for step in ["app.blog create_app", "role.shop create_role", "event_stream.blog put_event_stream"] {
        assert_eq!(log.lines().filter(|line| line.contains(step)).count(), 1, "{step}: {run}");
    }
}

#[test]
fn after_deletes_the_archive_is_named_and_after_a_destroy_nothing_is_offered() {
    let workspace = Workspace::applied();
    let run = workspace.run("destroy --auto-approve --delete-apps").code(0);
    assert!(
        run.stdout.contains("Deleted resources were archived;\n  `pinpoint-streams --sandbox restore "),
        "{run}"
    );
    let next = run.last_line();
    assert!(next.starts_with("Next: nothing to do"), "{run}");
    let restore = run.stdout.split("--sandbox ").nth(1).unwrap().split('`').next().unwrap().to_owned();
    // Runs have names of their own in tests.
    let folder = std::fs::read_dir(workspace.path(".pinpoint-streams/sandbox/archive")).unwrap();
    let folder = folder.last().unwrap().unwrap().path();
    assert!(restore.starts_with("restore .pinpoint-streams/sandbox/archive/"), "{restore}");
    let restored = workspace.run(&format!("restore {}", folder.display())).code(0);
    assert!(restored.stdout.contains("to create"), "{restored}");
}

#[test]
fn what_to_type_next_carries_the_flags_that_were_used() {
    let workspace = Workspace::new(SHOP_AND_BLOG);
    let run = workspace.run("apply --auto-approve --target role.sh*").code(0);
    let next = run.last_line();
    let flags = "plan --target 'role.sh*'";
    assert!(next.contains(&format!("`pinpoint-streams --sandbox {flags}`")), "{run}");
}

/// In a container `USER` is often unset.
#[test]
fn who_approved_is_the_hosts_user_and_the_caller_of_aws() {
    let workspace = Workspace::new(SHOP_AND_BLOG);
    let mut command = workspace.command("--sandbox apply --auto-approve -q");
    assert!(command.env_remove("USER").status().unwrap().success());
    let report: Value = serde_json::from_str(&workspace.run("report --format json").code(0).stdout).unwrap();
    let by = report["runs"][0]["about"]["approved_by"].as_str().unwrap();
    assert!(by.ends_with(", with --auto-approve, as arn:aws:iam::123456789012:user/sandbox"), "{by}");
    assert!(!by.starts_with("unknown") && !by.starts_with("somebody"), "{by}");
}

/// Without `USER`, and with nothing else that names someone.
#[cfg(unix)]
#[test]
fn where_user_is_unset_the_hosts_user_is_named() {
    let workspace = Workspace::new(SHOP_AND_BLOG);
    let mut command = workspace.command("--sandbox apply --auto-approve -q");
    assert!(command.env_remove("USER").status().unwrap().success());
    let user = std::process::Command::new("id").arg("-un").output().unwrap();
    let user = String::from_utf8(user.stdout).unwrap();
    let report = workspace.run("report --format csv").code(0);
    assert!(report.stdout.contains(&format!("{} on ", user.trim())), "{user}: {report}");
}

/// Two apps that stream as a role that is managed elsewhere, so that nothing bears the marks of a workspace.
const ON_A_ROLE_ELSEWHERE: &str = r#"version = 1
workspace = "growth"

[defaults]
account = "main"
region = "us-east-1"

[accounts.main]
id = "123456789012"

[streams.clickstream]
kinesis = "clickstream"

[streams.lake]
firehose = "lake"

[apps.shop]
id = "810c7aab86d42fb2b56c8c966example"
stream = "clickstream"
role = { arn = "arn:aws:iam::123456789012:role/made/Elsewhere" }

[apps.mail]
id = "910c7aab86d42fb2b56c8c966example"
stream = "lake"
role = { arn = "arn:aws:iam::123456789012:role/made/Elsewhere" }
"#;

#[test]
fn safe_repoints_no_event_stream() {
    let workspace = Workspace::new(ON_A_ROLE_ELSEWHERE);
    workspace.run("apply --auto-approve -q").code(0);
    workspace.run("state rm event_stream.shop").code(0);
    workspace.edit("pinpoint-streams.toml", "stream = \"clickstream\"", "stream = \"lake\"");
    let before = contents(&workspace);
    let refused = workspace.run("apply --adopt --auto-approve=safe").code(3);
    assert!(refused.says("event_stream.shop: this changes where an existing event stream points"), "{refused}");
    assert!(contents(&workspace) == before, "{refused}");
    workspace.run("apply --adopt --auto-approve -q").code(0);
    assert!(contents(&workspace) != before, "that is what `safe` refuses");
}

/// The manifest of another workspace declares the same app with a stream of its own.
#[test]
fn safe_takes_over_no_event_stream_of_another_workspace() {
    let workspace = Workspace::applied();
    let theirs = SHOP_AND_BLOG
        .replace("workspace = \"growth\"", "workspace = \"retail\"")
        .replace("kinesis = \"clickstream\"", "kinesis = \"other\"")
        .replace("[apps.shop]", "[role_defaults]\nname = \"Retail-{app}\"\n\n[apps.shop]");
    workspace.write("retail.toml", &theirs);
    let taken = workspace.run("apply --adopt --auto-approve=safe --config retail.toml").code(3);
    assert!(taken.says("belongs to workspace growth"), "{taken}");
    assert_eq!(workspace.run("plan").code(0).last_line(), "No changes.");
}
