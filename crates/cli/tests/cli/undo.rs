//! `undo`: the reverse of a run, shown, asked and done like any other plan.
use crate::support::{SHOP_AND_BLOG, Workspace};
use crate::sweep::contents;
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
