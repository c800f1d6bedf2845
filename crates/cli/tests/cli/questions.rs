//! What a person is asked, on a terminal that the test plays.
use crate::support::{SHOP_AND_BLOG, Workspace};
use crate::terminal::typing;
use pinpoint_streams::Exit;

#[test]
fn a_plan_that_adds_takes_a_yes() {
    let workspace = Workspace::new(SHOP_AND_BLOG);
    for answers in ["no\n", "n\n", "", "growth\n", "growth\nja\n\nyes\n"] {
        let (exit, seen) = typing(&workspace, "apply", answers);
        assert_eq!(exit, Exit::Error, "{answers:?}");
        assert!(seen.ends_with("Not approved. Nothing was done.\n") && !seen.contains("error"), "{seen}");
    }
    assert!(!workspace.path(".pinpoint-streams/sandbox/pinpoint-streams.state.json").exists());
    let (exit, seen) = typing(&workspace, "apply", "details\nyes\n");
    assert_eq!(exit, Exit::Done, "{seen}");
    assert!(seen.contains("\"sts:AssumeRole\""), "details shows whole policies: {seen}");
}

#[test]
fn a_plan_that_deletes_takes_the_workspaces_name() {
    let workspace = Workspace::new(SHOP_AND_BLOG);
    assert_eq!(typing(&workspace, "apply", "yes\n").0, Exit::Done);
    let (exit, seen) = typing(&workspace, "destroy", "yes\n");
    assert_eq!(exit, Exit::Error);
    assert!(seen.contains("type the workspace name, `growth`"), "{seen}");
    assert!(
        seen.contains("This plan deletes role.blog, role.shop, event_stream.blog, event_stream.shop."),
        "{seen}"
    );
    assert_eq!(typing(&workspace, "destroy --delete-apps", "growth\n").0, Exit::Done);
}

#[test]
fn where_nothing_is_to_do_nothing_is_asked() {
    let workspace = Workspace::new(SHOP_AND_BLOG);
    assert_eq!(typing(&workspace, "apply", "yes\n").0, Exit::Done);
    let (exit, seen) = typing(&workspace, "apply", "");
    assert_eq!((exit, seen.as_str()), (Exit::Done, ""));
}
