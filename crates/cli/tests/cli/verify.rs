//! `verify` over the embedded account.
use crate::support::{SHOP_AND_BLOG, Workspace};
use insta::assert_snapshot;

#[test]
fn every_event_stream_of_an_applied_workspace_can_work() {
    let workspace = Workspace::applied();
    let files = workspace.files();
    assert_snapshot!("verify_sound", workspace.run("verify").code(0));
    assert_snapshot!("verify_markdown", workspace.run("verify --format markdown").code(0));
    assert_eq!(workspace.files(), files, "nothing is written");
}

#[test]
fn an_event_stream_that_goes_elsewhere_is_named_with_its_cause() {
    let workspace = Workspace::applied();
    workspace.edit("pinpoint-streams.toml", "kinesis = \"clickstream\"", "kinesis = \"elsewhere\"");
    assert_snapshot!("verify_faults", workspace.run("verify --target event_stream.shop").code(2));
    let json: serde_json::Value =
        serde_json::from_str(&workspace.run("verify --format json").code(2).stdout).unwrap();
    assert_eq!(json["format_version"], 1);
    assert_eq!(json["summary"], serde_json::json!({"ok": 0, "fault": 2, "unknown": 0}));
    let checks = json["apps"][0]["checks"].as_array().unwrap();
    let event_stream = checks.iter().find(|check| check["check"] == "event_stream").unwrap();
    assert_eq!(event_stream["result"], "fault");
    assert_eq!(event_stream["findings"][0]["code"], "wrong_destination");
}

#[test]
fn what_was_never_applied_is_not_there() {
    let workspace = Workspace::new(SHOP_AND_BLOG);
    let run = workspace.run("verify").code(2);
    assert!(run.stdout.contains("the app does not exist yet"), "{run}");
    assert!(run.stdout.contains("there is no role"), "{run}");
}

#[test]
fn a_selector_that_matches_nothing_is_a_problem_and_no_manifest_an_error() {
    let refused = Workspace::applied().run("verify --target event_stream.nothing --format json").code(3);
    let document: serde_json::Value = serde_json::from_str(&refused.stdout).unwrap();
    assert_eq!(document["problems"][0]["code"], "selector");
    Workspace::empty().run("verify").code(1);
}
