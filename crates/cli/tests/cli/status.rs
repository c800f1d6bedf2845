//! `status`, from the files of a workspace alone.
use crate::support::{SHOP_AND_BLOG, STATE, Workspace};
use crate::sweep::{apply, few};
use insta::assert_snapshot;
use serde_json::Value;

#[test]
fn a_workspace_before_and_after_its_first_apply() {
    let workspace = Workspace::new(SHOP_AND_BLOG);
    let before = workspace.run("status").code(0);
    assert!(before.stdout.contains("last run     none"), "{before}");
    assert!(before.stdout.contains("`pinpoint-streams --sandbox plan`"), "{before}");
    let workspace = Workspace::applied();
    let files = workspace.files();
    let status: Value = serde_json::from_str(&workspace.run("status --format json").code(0).stdout).unwrap();
    assert_eq!((&status["format_version"], &status["workspace"]), (&1.into(), &"growth".into()));
    assert_eq!(status["accounts"][0]["id"], "123456789012");
    assert_eq!(status["last_run"]["mode"], "converge");
    assert_eq!((&status["lock"], &status["interrupted"]), (&Value::Null, &Value::Null));
    assert_eq!(status["resources"], 5);
    assert_eq!(workspace.files(), files, "it writes nothing");
}

#[test]
fn without_a_manifest_an_account_is_shown_once_and_no_plan_is_proposed() {
    let status = Workspace::empty().run("status").code(0);
    assert!(status.stdout.contains("accounts     none yet"), "{status}");
    assert!(status.stdout.contains("Next: run `pinpoint-streams --sandbox init`"), "{status}");
    let workspace = few();
    workspace.run("sweep --out q.plan -q").code(2);
    apply(&workspace, "q.plan").code(0);
    let status = workspace.run("status").code(0);
    assert!(status.stdout.contains("accounts     123456789012\n"), "{status}");
}

#[test]
fn status_is_some_lines_of_text() {
    // A value that is longer than the line goes on below itself.
    let shown = Workspace::applied().run("status").code(0).stdout.replace(&format!("\n{:13}", ""), " ");
    let time = |line: &str| line.split(", ").next().unwrap_or_default().to_owned();
    let lines = shown.lines().map(|line| if line.starts_with("last run") { time(line) } else { line.to_owned() });
    assert_snapshot!(lines.collect::<Vec<_>>().join("\n"));
}

#[test]
fn status_needs_no_credentials_and_works_while_a_run_is_under_way() {
    let workspace = Workspace::applied();
    workspace.write("pinpoint-streams.toml", SHOP_AND_BLOG);
    workspace.run_for_real("status", &[]).code(0);
    let lock = std::fs::File::create(workspace.path(&format!("{STATE}.lock"))).unwrap();
    lock.lock().unwrap();
    let holder = r#"{"format":1,"who":"bob","host":"ci-7","pid":42,"since":"2026-11-29T10:00:00Z"}"#;
    workspace.write(&format!("{STATE}.lock"), holder);
    let run = workspace.run("status").code(0);
    assert!(run.stdout.contains("held by bob on ci-7, process 42"), "{run}");
}
