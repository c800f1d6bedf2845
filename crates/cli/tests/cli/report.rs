//! What an auditor asks for: what was found, what was done, and on whose word.
use crate::support::Workspace;
use crate::sweep::{apply, digest, few};
use serde_json::Value;

fn quarantined() -> (Workspace, String) {
    let workspace = few();
    workspace.run("sweep --out q.plan -q").code(2);
    apply(&workspace, "q.plan").code(0);
    let digest = digest(&workspace, "q.plan");
    (workspace, digest)
}

fn printed(workspace: &Workspace, line: &str) -> String {
    let output = workspace.command(&format!("--sandbox {line}")).output().unwrap();
    assert!(output.status.success(), "{line}");
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn a_run_says_who_approved_which_plan_what_it_found_and_what_aws_answered() {
    let (workspace, digest) = quarantined();
    let report: Value = serde_json::from_str(&printed(&workspace, "report --format json")).unwrap();
    let run = &report["runs"][0];
    assert_eq!(run["about"]["plan_digest"], digest.as_str());
    assert!(run["about"]["approved_by"].as_str().unwrap().starts_with("ana on "), "{run}");
    let subjects = run["subjects"].as_array().unwrap();
    assert_eq!(subjects.len(), 6, "what is in use is reported too");
    let gone = subjects.iter().find(|of| of["address"] == "iam.123456789012/pinpoint-search-dev").unwrap();
    assert_eq!(
        (gone["finding"]["verdict"].as_str(), gone["action"].as_str()),
        (Some("obsolete"), Some("quarantine"))
    );
    assert!(gone["finding"]["evidence"].as_array().unwrap().iter().any(|of| of["call"] == "GetEventStream"));
    assert!(workspace.path(gone["archives"][0]["path"].as_str().unwrap()).exists());
    let writes = gone["writes"].as_array().unwrap();
    assert_eq!(writes.len(), 2);
    assert!(writes.iter().all(|of| of["result"] == "done" && of["request_id"].is_string()), "{gone}");
}

#[test]
fn every_form_names_every_role_and_its_request_ids() {
    let (workspace, digest) = quarantined();
    for format in ["text", "csv", "markdown", "html"] {
        let report = printed(&workspace, &format!("report --format {format}"));
        assert!(report.contains("pinpoint-search-dev") && report.contains(&digest), "{report}");
        assert!(report.contains("put\\_role\\_policy") || report.contains("put_role_policy"), "{report}");
    }
    let page = printed(&workspace, "report --format html");
    assert!(!page.contains("http://") && !page.contains("https://"), "the page needs nothing else");
    let csv = printed(&workspace, "report --format csv");
    assert_eq!(csv.lines().count(), 1 + 3 * 2 + 3, "{csv}");
}

#[test]
fn one_run_can_be_picked_and_one_that_never_was_is_an_error() {
    let (workspace, _) = quarantined();
    let report: Value = serde_json::from_str(&printed(&workspace, "report --format json")).unwrap();
    let run = report["runs"][0]["run"].as_str().unwrap();
    workspace.run(&format!("report --run {run}")).code(0);
    workspace.run("report --run none").code(1);
    let none = Workspace::empty().run("report").code(0);
    assert_eq!(none.stdout, "No run was recorded here.\n");
}
