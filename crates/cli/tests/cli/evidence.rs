//! `evidence capture`, `evidence show` and `sweep --evidence`.
use crate::support::Workspace;
use crate::sweep::{few, verdicts, verdicts_after};
use serde_json::Value;

const LEFTOVERS: &str = include_str!("../../../../examples/leftovers.json");
const NO_OTHERS: &str = "--event-streams-gone 123456789012/ap-*";

fn seeded() -> Workspace {
    let workspace = Workspace::empty();
    workspace.write("seed.json", LEFTOVERS);
    workspace.run("sandbox seed seed.json").code(0);
    workspace
}

/// How often each verdict is given, which does not depend on names.
fn counted(verdicts: Vec<(String, String)>) -> Vec<String> {
    let mut counts: Vec<String> = verdicts.into_iter().map(|(_, verdict)| verdict).collect();
    counts.sort();
    counts
}

#[test]
fn a_bundle_outlives_the_api() {
    let workspace = seeded();
    let before = verdicts(&workspace, NO_OTHERS);
    let captured = workspace.run("evidence capture --out december.evidence").code(0);
    assert!(captured.stdout.contains("1 account, 12 regions"), "{captured}");
    let again = workspace.run("evidence capture --out again.evidence --format json").code(0);
    let again: Value = serde_json::from_str(&again.stdout).unwrap();
    assert_eq!(again["regions"].as_array().unwrap().len(), 12);
    for how in ["all-gone", "empty"] {
        workspace.run(&format!("sandbox end {how}")).code(0);
        assert_ne!(verdicts(&workspace, NO_OTHERS), before, "{how}");
        for flags in ["--evidence december.evidence", "--evidence december.evidence --live"] {
            assert_eq!(verdicts(&workspace, &format!("{NO_OTHERS} {flags}")), before, "{how} {flags}");
        }
    }
    let named = workspace.run("sweep --evidence december.evidence -v");
    assert!(named.stdout.contains("in december.evidence, captured"), "{named}");
    assert!(named.stdout.contains("evidence: december.evidence, captured until 20"), "{named}");
    assert!(named.stdout.contains("          sha256:[digest]\n"), "{named}");
    let document =
        workspace.command("--sandbox sweep --evidence december.evidence --format json").output().unwrap();
    let document: Value = serde_json::from_slice(&document.stdout).unwrap();
    let shown = workspace.command("--sandbox evidence show december.evidence --format json").output().unwrap();
    let shown: Value = serde_json::from_slice(&shown.stdout).unwrap();
    assert_eq!(document["evidence"][0]["file"], "december.evidence");
    assert_eq!(document["evidence"][0]["digest"], shown["digest"]);
}

#[test]
fn a_redacted_copy_gives_the_same_verdicts_and_names_nothing() {
    let workspace = seeded();
    workspace.run("evidence capture --out december.evidence").code(0);
    workspace.run("sandbox end empty").code(0);
    let sent = workspace.run("evidence show december.evidence --redact --out sent.evidence").code(0);
    assert!(sent.stdout.starts_with("Wrote sent.evidence: ") && sent.stdout.lines().count() == 2, "{sent}");
    let redacted = workspace.run("evidence show sent.evidence --format json").code(0);
    let summary: Value = serde_json::from_str(&redacted.stdout).unwrap();
    assert_eq!(summary["redacted"], true);
    let account = summary["accounts"][0].as_str().unwrap();
    assert_ne!(account, "123456789012");
    let gone = NO_OTHERS.replace("123456789012", account);
    let expected = verdicts(&workspace, &format!("{NO_OTHERS} --evidence december.evidence"));
    assert_eq!(counted(verdicts(&workspace, &format!("{gone} --evidence sent.evidence"))), counted(expected));
    let text = workspace.gunzipped("sent.evidence");
    for secret in ["123456789012", "PinpointKinesisRole", "arn:aws:iam::123456789012"] {
        assert!(!text.contains(secret), "{secret} is in the redacted copy");
    }
}

#[test]
fn after_120_days_a_bundle_gives_the_verdicts_that_an_empty_pinpoint_no_longer_can() {
    gives_the_verdicts_that_the_api_no_longer_can("empty");
}

#[test]
fn after_120_days_a_bundle_gives_the_verdicts_that_a_pinpoint_that_is_gone_no_longer_can() {
    gives_the_verdicts_that_the_api_no_longer_can("all-gone");
}

/// A bundle gives them, 120 days after it was captured.
fn gives_the_verdicts_that_the_api_no_longer_can(how: &str) {
    let workspace = few();
    let flags = format!("{NO_OTHERS} --sources all");
    let before = verdicts(&workspace, &flags);
    assert_eq!(verdicts_after(&workspace, 120, &flags), before, "Pinpoint still answers");
    workspace.run("evidence capture --out december.evidence").code(0);
    workspace.run(&format!("sandbox end {how}")).code(0);
    assert_ne!(verdicts_after(&workspace, 120, &flags), before);
    for bundle in ["--evidence december.evidence", "--evidence december.evidence --live"] {
        assert_eq!(verdicts_after(&workspace, 120, &format!("{flags} {bundle}")), before, "{bundle}");
    }
}

#[test]
fn after_120_days_a_redacted_copy_gives_the_same_verdicts_under_other_names() {
    let workspace = few();
    let before = verdicts(&workspace, &format!("{NO_OTHERS} --sources all"));
    workspace.run("evidence capture --out december.evidence").code(0);
    workspace.run("evidence show december.evidence --redact --out sent.evidence").code(0);
    let shown = workspace.run("evidence show sent.evidence --format json").code(0);
    let account: Value = serde_json::from_str(&shown.stdout).unwrap();
    let gone = NO_OTHERS.replace("123456789012", account["accounts"][0].as_str().unwrap());
    workspace.run("sandbox end empty").code(0);
    let redacted = verdicts_after(&workspace, 120, &format!("{gone} --sources all --evidence sent.evidence"));
    assert!(redacted.iter().all(|(name, _)| !before.iter().any(|(known, _)| known == name)));
    assert_eq!(counted(redacted), counted(before));
}

#[test]
fn a_capture_with_failures_is_completed_by_the_same_command() {
    let workspace = seeded();
    let capture = "evidence capture --out a.evidence";
    workspace.run("sandbox end control-policy --region eu-west-1").code(0);
    let run = workspace.run(capture).code(6);
    assert!(run.stderr.contains("the same command asks for it again"), "{run}");
    let evidence = format!("{NO_OTHERS} --evidence a.evidence");
    let without = verdicts(&workspace, &evidence);
    let run = workspace.run(capture).code(6);
    assert!(run.stderr.contains("Completing a.evidence: ") && run.stderr.contains(" without an answer."), "{run}");
    assert_eq!(verdicts(&workspace, &evidence), without);
    workspace.run("sandbox end not").code(0);
    let other = workspace.run("evidence capture --out a.evidence --regions us-east-1").code(1);
    assert!(other.stderr.contains("was begun with other accounts, regions or sources"), "{other}");
    workspace.run(capture).code(0);
    assert!(!workspace.path("a.evidence.part").exists());
    workspace.run("evidence capture --out b.evidence").code(0);
    let completed = verdicts(&workspace, &evidence);
    assert_ne!(completed, without);
    assert_eq!(completed, verdicts(&workspace, &format!("{NO_OTHERS} --evidence b.evidence")));
    let again = workspace.run(capture).code(1);
    assert!(again.stderr.contains("is a complete bundle of evidence"), "{again}");
}

#[test]
fn a_bundle_is_never_overwritten_and_a_changed_or_foreign_file_is_refused() {
    let workspace = seeded();
    workspace.run("evidence capture --out a.evidence --regions us-east-1").code(0);
    let again = workspace.run("evidence capture --out a.evidence --regions us-east-1").code(1);
    assert!(again.stderr.contains("is a complete bundle of evidence"), "{again}");
    workspace.write("b.evidence", "{}");
    let foreign = workspace.run("sweep --evidence b.evidence").code(1);
    assert!(foreign.stderr.contains("b.evidence is not a bundle of evidence"), "{foreign}");
    let missing = workspace.run("sweep --evidence c.evidence").code(1);
    assert!(missing.stderr.contains("c.evidence does not exist"), "{missing}");
    assert!(missing.stderr.contains("evidence capture"), "{missing}");
}
