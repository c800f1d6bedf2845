//! `undo`: the reverse of a run, shown, asked and done like any other plan.
use crate::support::{SHOP_AND_BLOG, STATE, Workspace};
use crate::sweep::{apply, contents, few};
use crate::terminal::typing;
use pinpoint_streams::Exit;

#[test]
fn an_apply_and_its_undo_leave_the_account_as_it_was() {
    let workspace = Workspace::new(SHOP_AND_BLOG);
    workspace.run("plan").code(0);
    let before = contents(&workspace);
    workspace.run("undo --auto-approve").code(1);
    workspace.run("apply --auto-approve -q").code(0);
    let undone = workspace.run("undo --auto-approve --delete-apps").code(0);
    assert!(undone.stdout.contains("0 to create, 0 to update, 0 to replace, 5 to delete"), "{undone}");
    assert_eq!(contents(&workspace), before);
    let again = workspace.run("plan").code(0);
    assert!(again.last_line().starts_with("Plan: 5 to create"), "{again}");
}

/// Its run was killed after it had written the state, and before it kept its journal as a log.
#[test]
fn a_run_whose_log_is_still_the_journal_is_undone() {
    let workspace = Workspace::applied();
    let runs = workspace.path(".pinpoint-streams/sandbox/runs");
    let log = std::fs::read_dir(runs).unwrap().map(|entry| entry.unwrap().path()).next().unwrap();
    std::fs::rename(log, workspace.path(&format!("{STATE}.journal"))).unwrap();
    let undone = workspace.run("undo --auto-approve --delete-apps").code(0);
    assert!(undone.stdout.contains("5 to delete"), "{undone}");
}

#[test]
fn a_review_comes_before_the_question() {
    let workspace = Workspace::applied();
    workspace.run("undo --review --auto-approve --delete-apps").code(1);
    assert_eq!(workspace.run("state list").code(0).stdout.lines().count(), 5);
}

#[test]
fn an_undo_is_one_json_document_like_an_apply() {
    let undone = Workspace::applied().run("undo --auto-approve --delete-apps --format json").code(0);
    let document: serde_json::Value = serde_json::from_str(&undone.stdout).unwrap();
    assert_eq!(document["plan"]["summary"]["delete"], 5, "{undone}");
    assert_eq!(document["outcome"]["ending"], "done", "{undone}");
}

#[test]
fn an_app_is_kept_unless_its_deletion_is_asked_for() {
    let workspace = Workspace::applied();
    let undone = workspace.run("undo --auto-approve").code(0);
    assert!(undone.stderr.contains("app.blog") && undone.stdout.contains("4 to delete"), "{undone}");
    assert_eq!(workspace.run("state list").code(0).stdout.lines().count(), 1);
}

#[test]
fn what_a_destroy_deleted_comes_back_after_a_question() {
    let workspace = Workspace::applied();
    workspace.run("destroy --auto-approve -q").code(0);
    let (exit, seen) = typing(&workspace, "undo", "no\n");
    assert_eq!(exit, Exit::Error, "{seen}");
    let (exit, seen) = typing(&workspace, "undo", "y\n");
    assert_eq!(exit, Exit::Done, "{seen}");
    assert_eq!(workspace.run("plan").code(0).last_line(), "No changes.");
    // The undo is a run of its own.
    workspace.run("undo 000000000000 --auto-approve").code(1);
}

#[test]
fn an_undo_is_called_so_wherever_it_is_shown() {
    let workspace = few();
    workspace.run("sweep --out q.plan -q").code(2);
    apply(&workspace, "q.plan").code(0);
    let undone = workspace.run("undo --auto-approve").code(0);
    assert!(undone.stdout.contains("pinpoint-search-dev  (the run quarantined it)"), "{undone}");
    // There is no manifest that could be planned.
    let next = "Next: run `pinpoint-streams --sandbox sweep` to see what is there now";
    assert!(undone.stdout.contains(next), "{undone}");
    let log = workspace.run("report").code(0).stdout;
    assert_eq!(log.lines().filter(|line| line.contains("  undo ")).count(), 1, "{log}");
    assert!(workspace.run("status").code(0).stdout.contains(", undo, "));
    for format in ["markdown", "html"] {
        assert!(workspace.run(&format!("report --format {format}")).code(0).stdout.contains("undo"), "{format}");
    }
    // The formats know it as a restore.
    let json: serde_json::Value =
        serde_json::from_str(&workspace.run("report --format json").code(0).stdout).unwrap();
    assert_eq!(json["runs"][0]["about"]["mode"], "restore");
    assert!(!workspace.run("report --format csv").code(0).stdout.contains("undo"));
}

#[test]
fn what_an_undo_does_has_the_reason_that_the_run_did_it() {
    let workspace = Workspace::applied();
    workspace.edit("pinpoint-streams.toml", "site = \"blog\"", "site = \"news\"");
    workspace.run("apply --auto-approve -q").code(0);
    let shown = workspace.run("undo --auto-approve").code(0);
    assert!(shown.stdout.contains("(as before the run)") && !shown.stdout.contains("archive"), "{shown}");
    let next = "plan` to compare AWS with the manifest, which undo did not change";
    assert!(shown.stdout.replace('\n', " ").contains(next), "{shown}");
}

#[test]
fn where_there_is_no_run_no_approval_is_asked_for() {
    let undo = Workspace::new(SHOP_AND_BLOG).run("undo").code(1);
    assert!(undo.stderr.contains("there is no run to undo") && !undo.stderr.contains("approval"), "{undo}");
    let undo = Workspace::applied().run("undo 000000000000").code(1);
    assert!(undo.stderr.contains("is not kept here"), "{undo}");
    let undo = Workspace::applied().run("undo").code(1);
    assert!(undo.stderr.contains("approval required"), "{undo}");
}

#[test]
fn a_log_that_was_edited_undoes_nothing() {
    let workspace = Workspace::applied();
    let runs = std::fs::read_dir(workspace.path(".pinpoint-streams/sandbox/runs")).unwrap();
    let log = runs.last().unwrap().unwrap().path();
    let text = std::fs::read_to_string(&log).unwrap();
    assert!(text.contains("clickstream"));
    std::fs::write(&log, text.replace("clickstream", "clickstreams")).unwrap();
    let before = contents(&workspace);
    assert_ne!(workspace.run("undo --auto-approve --delete-apps").code, 0);
    assert_eq!(contents(&workspace), before);
}
