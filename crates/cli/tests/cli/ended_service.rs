//! Event streams that can no longer be read: what can still be done, and on whose word.
use crate::support::{SHOP_AND_BLOG, Workspace};
use crate::sweep::few;
use insta::assert_snapshot;

const WORD: &str = "--event-streams-gone 123456789012/us-east-1";

#[test]
fn no_event_stream_is_created_where_the_service_has_ended_and_the_alternatives_are_named() {
    for how in ["gone", "html", "no-name"] {
        let workspace = Workspace::new(SHOP_AND_BLOG);
        workspace.run(&format!("sandbox end {how}")).code(0);
        let refused = workspace.run("plan").code(3);
        assert!(refused.stderr.contains("End User Messaging"), "{how}: {refused}");
        assert!(refused.stderr.contains("Kinesis"), "{how}: {refused}");
        workspace.run("sandbox end not").code(0);
        workspace.run("plan").code(0);
    }
}

#[test]
fn destroy_accepts_an_assertion_where_event_streams_can_no_longer_be_read() {
    for how in ["gone", "html"] {
        let workspace = Workspace::applied();
        workspace.run(&format!("sandbox end {how}")).code(0);
        let refused = workspace.run("destroy --auto-approve -q").code(3);
        assert_eq!(refused.stderr.matches("--event-streams-gone").count(), 1, "{how}: {refused}");
        assert!(refused.stderr.contains("123456789012/us-east-1"), "{how}: {refused}");
        workspace.run(&format!("destroy --auto-approve -q {WORD}")).code(0);
        assert!(!workspace.run("sandbox show").stdout.contains(":role/"), "{how}");
    }
}

#[test]
fn a_failing_service_is_not_a_discontinued_one_whatever_is_asserted() {
    let workspace = Workspace::applied();
    workspace.run("sandbox end failing").code(0);
    workspace.run(&format!("destroy --auto-approve -q {WORD}")).code(3);
    few().run("sandbox end sideways").code(1);
}

#[test]
fn a_sweep_knows_nothing_of_an_ended_region_until_a_person_does() {
    let workspace = few();
    workspace.run("sandbox end gone").code(0);
    let unknown = workspace.run("sweep").code(6);
    assert_snapshot!("sweep_where_the_service_has_ended", unknown);
    let known = workspace.run(&format!("sweep {WORD} --event-streams-gone 123456789012/eu-west-1")).code(2);
    assert!(known.stdout.contains("obsolete"), "{known}");
}
