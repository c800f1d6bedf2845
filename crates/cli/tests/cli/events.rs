//! `apply --events`: nothing but records on stdout, whatever happens.
use crate::support::{Run, SHOP_AND_BLOG, Workspace};
use serde_json::Value;

fn records(run: &Run) -> Vec<Value> {
    run.stdout.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

fn types(records: &[Value]) -> Vec<&str> {
    records.iter().map(|record| record["type"].as_str().unwrap()).collect()
}

#[track_caller]
fn check_frame(records: &[Value], outcome: &str) {
    assert_eq!(records[0]["type"], "version");
    assert_eq!(records[0]["format"], 3);
    for (number, record) in records.iter().enumerate() {
        assert_eq!(record["seq"], number, "{record}");
        assert!(record["time"].is_string() && record["elapsed_ms"].is_number(), "{record}");
    }
    let last = records.last().unwrap();
    assert_eq!((last["type"].as_str(), last["outcome"].as_str()), (Some("summary"), Some(outcome)), "{last}");
}

#[test]
fn a_whole_run_is_told_from_version_to_summary() {
    let workspace = Workspace::new(SHOP_AND_BLOG);
    let records = records(&workspace.run("apply --auto-approve --events").code(0));
    check_frame(&records, "done");
    assert_eq!(types(&records)[1], "plan");
    let done = records.iter().filter(|record| record["type"] == "step_done").count();
    assert_eq!(records.last().unwrap()["done"], done);
    assert_eq!(records[1]["plan"]["steps"].as_array().unwrap().len(), done);
    for record in records.iter().filter(|record| record["type"].as_str().unwrap().starts_with("step_")) {
        assert!(
            record["step"].is_number() && record["address"].is_string() && record["op"].is_string(),
            "{record}"
        );
    }
    let again = self::records(&workspace.run("apply --auto-approve --events").code(0));
    check_frame(&again, "no_changes");
}

#[test]
fn a_problem_is_told_and_followed_by_a_summary() {
    let workspace = Workspace::new(SHOP_AND_BLOG);
    let records = records(&workspace.run("apply --auto-approve --events --target role.none").code(3));
    check_frame(&records, "refused");
    assert_eq!(types(&records), ["version", "problems", "summary"]);
}

#[test]
fn every_refusal_ends_with_a_summary() {
    let workspace = Workspace::new(SHOP_AND_BLOG);
    for (line, code) in [
        ("apply --events", 1),
        ("apply --events --auto-approve --config none.toml", 1),
        ("apply --events --auto-approve --expect-digest sha256:0", 4),
    ] {
        let records = records(&workspace.run(line).code(code));
        check_frame(&records, "refused");
    }
}
