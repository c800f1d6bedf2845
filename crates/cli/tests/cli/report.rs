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

fn json(workspace: &Workspace, line: &str) -> Value {
    serde_json::from_str(&printed(workspace, &format!("{line} --format json"))).unwrap()
}

#[test]
fn a_run_says_who_approved_which_plan_what_it_found_and_what_aws_answered() {
    let (workspace, digest) = quarantined();
    let report = json(&workspace, "report");
    let run = &report["runs"][0];
    assert_eq!((run["ended"].as_str(), run["about"]["mode"].as_str()), (Some("kept"), Some("sweep")));
    assert_eq!(run["about"]["plan_digest"], digest.as_str());
    assert!(run["about"]["approved_by"].as_str().unwrap().starts_with("ana on "), "{run}");
    let reading = &run["about"]["reading"];
    assert_eq!(reading["accounts"][0]["unreachable"], Value::Null);
    assert!(reading["at"].as_str() <= run["about"]["began_at"].as_str(), "{run}");
    let subjects = run["subjects"].as_array().unwrap();
    assert_eq!(subjects.len(), 6, "what is in use is reported too");
    let of = |name: &str| subjects.iter().find(|of| of["address"] == format!("iam.123456789012/{name}")).unwrap();
    let gone = of("pinpoint-search-dev");
    let words = ["verdict", "purpose", "action", "outcome"].map(|key| gone[key].as_str().unwrap());
    assert_eq!(words, ["obsolete", "event_stream", "quarantine", "done"]);
    assert!(gone["evidence"].as_array().unwrap().iter().any(|of| of["call"] == "GetEventStream"), "{gone}");
    assert!(workspace.path(gone["archives"][0]["path"].as_str().unwrap()).exists());
    let writes = gone["writes"].as_array().unwrap();
    assert_eq!(
        writes.iter().map(|of| of["call"].as_str().unwrap()).collect::<Vec<_>>(),
        ["PutRolePolicy", "TagRole"]
    );
    assert!(writes.iter().all(|of| of["result"] == "done" && of["request_id"].is_string()), "{gone}");
    let used = subjects.iter().find(|of| of["verdict"] == "in_use").unwrap();
    assert_eq!((used["outcome"].as_str(), used["writes"].as_array().unwrap().len()), (Some("left_alone"), 0));
}

#[test]
fn every_form_names_every_role_and_its_request_ids() {
    let (workspace, digest) = quarantined();
    let report = json(&workspace, "report");
    let subjects = report["runs"][0]["subjects"].as_array().unwrap();
    let writes = subjects.iter().flat_map(|of| of["writes"].as_array().unwrap());
    let ids: Vec<&str> = writes.map(|of| of["request_id"].as_str().unwrap()).collect();
    assert_eq!(ids.len(), 6);
    for format in ["text", "csv", "markdown", "html"] {
        let run = report["runs"][0]["run"].as_str().unwrap();
        let report = printed(&workspace, &format!("report {run} --format {format}"));
        for expected in ids.iter().copied().chain(["pinpoint-search-dev", &*digest, "PutRolePolicy", "ana on "]) {
            assert!(report.contains(expected), "{format} without {expected}: {report}");
        }
    }
    let csv = printed(&workspace, "report --format csv");
    assert_eq!(csv.lines().count(), 1 + 3 * 2 + 3, "{csv}");
    assert!(csv.lines().all(|line| line.matches('"').count() % 2 == 0) && csv.ends_with("\r\n"), "{csv}");
}

#[test]
fn one_run_can_be_picked_and_one_that_never_was_is_an_error() {
    let (workspace, _) = quarantined();
    workspace.run("sweep --release --out r.plan -q").code(2);
    apply(&workspace, "r.plan").code(0);
    let report = json(&workspace, "report");
    let actions = |run: &Value| run["subjects"][0]["action"].as_str().unwrap().to_owned();
    assert_eq!(
        report["runs"].as_array().unwrap().iter().map(actions).collect::<Vec<_>>(),
        ["release", "quarantine"]
    );
    let run = report["runs"][1]["run"].as_str().unwrap();
    for name in [run, &run[..11]] {
        let picked = json(&workspace, &format!("report {name}"));
        assert_eq!(picked, json(&workspace, &format!("report --run {name}")));
        assert_eq!(picked["runs"], serde_json::json!([report["runs"][1]]));
    }
    let none = workspace.run("report --run none").code(1);
    assert!(none.stderr.contains("no run matches `none`"), "{none}");
    let empty = Workspace::empty().run("report").code(0);
    assert_eq!(empty.stdout, "No runs recorded: nothing has been applied here yet.\n");
}

#[test]
fn the_report_is_a_log_with_a_line_a_run() {
    let (workspace, _) = quarantined();
    workspace.run("sweep --reap --after 0d --out reap.plan -q").code(2);
    apply(&workspace, "reap.plan").code(0);
    let log = printed(&workspace, "report");
    let lines: Vec<&str> = log.lines().collect();
    assert_eq!(lines.len(), 3, "{log}");
    for (line, did) in lines[1..].iter().zip(["delete 3", "quarantine 3"]) {
        assert!(line.starts_with("20") && line.contains("  sweep  ") && line.contains("ana on "), "{log}");
        assert!(line.trim_end().ends_with(did) && line.contains("  complete  "), "{log}");
    }
}

#[test]
fn nothing_is_advised_about_a_role_that_has_been_changed_or_deleted_since() {
    let workspace = few();
    let advice = |line: &str| {
        let report = json(&workspace, line);
        let subjects =
            report["runs"].as_array().unwrap().iter().flat_map(|run| run["subjects"].as_array().unwrap());
        let advised = subjects.filter(|of| of["advice"].is_string() && of["verdict"] != "in_use");
        advised.map(|of| of["address"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    workspace.run("sweep --exclude pinpoint-search-d* --out q.plan -q").code(2);
    apply(&workspace, "q.plan").code(0);
    assert!(advice("report").is_empty(), "what was done needs no advice");
    workspace.run("sweep --out q.plan -q").code(2);
    apply(&workspace, "q.plan").code(0);
    let run = json(&workspace, "report")["runs"][0]["run"].as_str().unwrap().to_owned();
    assert_eq!(advice(&format!("report {run}")).len(), 1, "one was quarantined before");
    workspace.run("sweep --reap --after 0d --out reap.plan -q").code(2);
    apply(&workspace, "reap.plan").code(0);
    assert!(advice("report").is_empty());
    assert!(advice(&format!("report {run}")).is_empty());
}

#[test]
fn a_broken_or_foreign_file_among_the_runs_is_named_and_spoils_no_report() {
    let (workspace, _) = quarantined();
    let report = json(&workspace, "report");
    let run = report["runs"][0]["run"].as_str().unwrap();
    let runs = ".pinpoint-streams/sandbox/runs";
    let files = ["20200101T000000Z-broken.ndjson", "20200101T000000Z-empty.ndjson", "Copy of a run.ndjson"];
    for (file, text) in files.into_iter().zip(["no json\n", "", "no json\n"]) {
        workspace.write(&format!("{runs}/{file}"), text);
    }
    assert_eq!(json(&workspace, &format!("report --run {run}"))["runs"], report["runs"]);
    let all = workspace.run("report --format json").code(0);
    assert_eq!(json(&workspace, "report")["runs"], report["runs"]);
    let quiet = workspace.run("report -q").code(0);
    for file in files {
        assert!(quiet.stderr.contains(&format!("{runs}/{file}")), "{file}: {quiet}");
        assert!(all.stderr.contains(&format!("{runs}/{file}")), "{file}: {all}");
    }
    let broken = workspace.run("report --run broken").code(1);
    assert!(broken.stderr.contains("20200101T000000Z-broken.ndjson"), "{broken}");
    // The next run goes on as if they were not there.
    workspace.run("sweep --release --out r.plan -q").code(2);
    apply(&workspace, "r.plan").code(0);
    assert!(files.iter().all(|file| workspace.path(&format!("{runs}/{file}")).exists()));
}

#[test]
fn a_log_that_cannot_be_read_is_named_where_it_is_the_only_one() {
    let workspace = Workspace::empty();
    workspace.write(".pinpoint-streams/sandbox/runs/20200101T000000Z-broken.ndjson", "no json\n");
    for format in ["text", "markdown", "html"] {
        let report = workspace.run(&format!("report -q --format {format}")).code(0);
        assert!(report.stdout.contains("20200101T000000Z-broken"), "{report}");
        assert!(!report.stdout.contains("No runs recorded"), "{report}");
    }
}

#[test]
fn a_log_that_was_edited_after_its_run_is_named() {
    let (workspace, _) = quarantined();
    let report = json(&workspace, "report");
    assert_eq!(report["runs"][0]["log"], "verified");
    let run = report["runs"][0]["run"].as_str().unwrap();
    let folder = workspace.path(".pinpoint-streams/sandbox/runs");
    let path = std::fs::read_dir(folder).unwrap().next().unwrap().unwrap().path();
    let written = std::fs::read_to_string(&path).unwrap();
    let lines: Vec<&str> = written.split_inclusive('\n').collect();
    let (last, seq) = (lines[lines.len() - 1], |number| format!("\"seq\":{number}"));
    let edits = [
        ("another approver", written.replace("ana on ", "bob on ")),
        ("another request id", written.replacen("request_id\":\"", "request_id\":\"0", 1)),
        ("without its end", lines[..lines.len() - 1].concat()),
        ("as another run", written.replace(run, "other")),
        ("with one more end", format!("{written}{}", last.replace(&seq(lines.len() - 1), &seq(lines.len())))),
    ];
    for (edit, text) in edits {
        assert_ne!(text, written, "{edit}");
        std::fs::write(&path, text).unwrap();
        let report = workspace.run("report --format json").code(1);
        assert!(report.stdout.contains("\"log\": \"edited\""), "{edit}: {report}");
        assert!(serde_json::from_str::<Value>(&report.stdout).is_ok(), "{edit}: one document: {report}");
        assert!(report.stderr.contains("the log of run [run] changed after the run"), "{edit}: {report}");
        for format in ["text", "markdown", "html", "csv"] {
            let report = workspace.run(&format!("report --run {run} --format {format}")).code(1);
            assert!(report.stdout.contains("EDITED after the run"), "{edit}: {report}");
        }
    }
    // What the run wrote could be read.
    std::fs::write(&path, "no json\n").unwrap();
    let report = workspace.run("report").code(1);
    assert!(report.stderr.contains("the log of run [run] changed after the run"), "{report}");
    std::fs::write(&path, &written).unwrap();
    workspace.run("report").code(0);
    // Without its state, nothing is known of the log.
    std::fs::remove_file(workspace.path(".pinpoint-streams/sandbox/sweep.state.json")).unwrap();
    assert_eq!(json(&workspace, "report")["runs"][0]["log"], "not_verified");
}
