//! What an apply shows: quietly, as JSON, in a log, and what comes next.
use crate::support::{SHOP_AND_BLOG, Workspace};
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
    assert!(by.ends_with(", by --auto-approve, as arn:aws:iam::123456789012:user/sandbox"), "{by}");
    assert!(!by.starts_with("unknown") && !by.starts_with("somebody"), "{by}");
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
