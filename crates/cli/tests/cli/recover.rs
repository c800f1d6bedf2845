//! The record: edited by hand, and made again where it was lost.
use crate::support::{SHOP_AND_BLOG, STATE, Workspace};

#[test]
fn a_deleted_state_is_made_again_from_tags_alone() {
    let workspace = Workspace::applied();
    let listed = workspace.run("state list").code(0).stdout;
    std::fs::remove_file(workspace.path(STATE)).unwrap();
    let run = workspace.run("state recover").code(0);
    assert!(run.stdout.starts_with("Recorded 5 resources of workspace growth, lineage"), "{run}");
    assert_eq!(workspace.run("state list").code(0).stdout, listed);
    assert_eq!(workspace.run("plan").code(0).last_line(), "No changes.");
    workspace.run("apply --auto-approve -q").code(0);
    workspace.run("destroy --auto-approve --delete-apps -q").code(0);
}

#[test]
fn what_a_state_lacks_is_added_and_all_else_in_it_is_left_as_it_is() {
    let workspace = Workspace::applied();
    let before = std::fs::read_to_string(workspace.path(STATE)).unwrap();
    let listed = workspace.run("state list").code(0).stdout;
    let run = workspace.run("state recover").code(0);
    assert!(run.stdout.contains("already has every resource with its tags"), "{run}");
    workspace.run("state recover --lineage another").code(1);
    assert_eq!(std::fs::read_to_string(workspace.path(STATE)).unwrap(), before);
    for address in ["event_stream.blog", "role.blog", "app.blog"] {
        workspace.run(&format!("state rm {address}")).code(0);
    }
    let run = workspace.run("state recover").code(0);
    assert!(run.stdout.starts_with("Recorded 3 more resources of workspace growth"), "{run}");
    assert_eq!(workspace.run("state list").code(0).stdout, listed);
    assert_eq!(workspace.run("plan").code(0).last_line(), "No changes.");
}

#[test]
fn a_list_without_a_state_says_so_beside_the_result() {
    let workspace = Workspace::new(SHOP_AND_BLOG);
    for (line, printed) in [("state list", false), ("state list --format json", true)] {
        let run = workspace.run(line).code(0);
        assert_eq!(!run.stdout.is_empty(), printed, "{run}");
        assert!(run.stderr.contains("Workspace growth has no state yet."), "{run}");
    }
    assert!(!Workspace::applied().run("state list").code(0).stderr.contains("no state"));
}

#[test]
fn where_nothing_bears_the_tags_nothing_is_recovered() {
    let workspace = Workspace::new(SHOP_AND_BLOG);
    let run = workspace.run("state recover").code(1);
    assert!(run.stderr.contains("no resource in these accounts has the tags of this workspace"), "{run}");
    workspace.run("state recover --lineage 3f2a").code(3);
    assert!(!workspace.path(STATE).exists());
}

#[test]
fn a_moved_address_is_no_change_and_a_removed_one_is_found_again_by_its_tags() {
    let workspace = Workspace::applied();
    for (from, to) in [("app", "app"), ("role", "role"), ("event_stream", "event_stream")] {
        workspace.run(&format!("state mv {from}.blog {to}.journal")).code(0);
    }
    workspace.edit("pinpoint-streams.toml", "[apps.blog]", "[apps.journal]");
    let plan = workspace.run("plan").code(0);
    assert!(plan.stdout.contains("0 to create") && plan.stdout.contains("0 to replace, 0 to delete"), "{plan}");
    let removed = workspace.run("state rm role.shop").code(0);
    assert!(removed.stdout.contains("event_stream.shop still references it."), "{removed}");
    let plan = workspace.run("plan").code(0);
    assert!(plan.stdout.contains("has this workspace's tags, but is not in the state"), "{plan}");
    workspace.run("apply --auto-approve -q").code(0);
    assert_eq!(workspace.run("plan").code(0).last_line(), "No changes.");
}

#[test]
fn an_edit_that_makes_no_sense_changes_nothing() {
    let workspace = Workspace::applied();
    let before = workspace.files();
    for line in ["mv role.none role.x", "mv role.shop role.blog", "mv role.shop app.x", "rm role.none"] {
        workspace.run(&format!("state {line}")).code(1);
    }
    assert_eq!(workspace.files(), before);
}
