//! What reports look like, from logs made by hand.
use super::*;
use crate::testing::plain;
use insta::assert_snapshot;
use pinpoint_streams_store::journal::{Header, Link, Record, RunLog};
use serde_json::{Value, json};

const EVERYTHING: &str = "pinpoint-streams report --format html";
const ROLE: &str = "arn:aws:iam::123456789012:role/old-one";

fn time(second: u32) -> String {
    format!("2026-11-23T11:12:{second:02}Z")
}

fn finding(name: &str, verdict: &str, evidence: Value) -> Value {
    json!({
        "role": format!("arn:aws:iam::123456789012:role/{name}"), "role_id": "AROAEXAMPLE0000000001",
        "verdict": verdict, "purpose": "event_stream", "created": "2024-05-06T07:08:09Z",
        "last_used": {"never": {"within_days": 400}}, "evidence": evidence, "advice": null,
    })
}

fn change(address: &str, action: &str, reason: &str, region: Value) -> Value {
    let kind = if address.starts_with("event_stream") { "event_stream" } else { "role" };
    json!({"address": address, "kind": kind, "account": "123456789012", "region": region, "action": action,
        "reason": reason, "fields": [], "notes": ["stops streaming"]})
}

fn plan(mode: &str, changes: &[Value], steps: &[Value]) -> Value {
    json!({
        "format_version": 1, "tool_version": "0.1.0", "workspace": "growth", "mode": mode,
        "plan_digest": "sha256:d1", "options": {
            "targets": [], "excludes": [], "accounts": [], "replace": [], "adopt": false,
            "allow_mass_delete": false, "delete_apps": false, "include_adopted": false,
            "allow_detach": ["managed"], "event_streams_gone": ["123456789012/eu-west-1"],
        },
        "basis": {"manifest_digest": "sha256:m", "lineage": "3f2a", "serial": 7, "accounts": {"main": "123456789012"}},
        "changes": changes, "steps": steps, "warnings": [],
        "summary": {"create": 0, "update": 0, "replace": 0, "delete": 0, "adopt": 0, "forget": 0,
            "quarantine": 1, "release": 0, "keep": 0},
    })
}

fn log(run: &str, about: Value, records: &[Value]) -> RunLog {
    let header = json!({"format": 1, "lineage": "3f2a", "serial": 7, "run": run, "about": about});
    let header: Header = serde_json::from_value(header).unwrap();
    let records: Vec<Record> =
        records.iter().cloned().map(|record| serde_json::from_value(record).unwrap()).collect();
    RunLog { path: "runs/r.ndjson".into(), header, records, link: Link::first(b"") }
}

fn found(log: RunLog, ended: Ended, integrity: Integrity) -> FoundLog {
    FoundLog { log, ended, integrity }
}

fn untag(key: &str) -> Value {
    json!({"untag_role": {"role": ROLE, "tag_keys": [key]}})
}

/// A sweep that quarantined one role, left another alone and could not read an account.
fn sweep() -> RunLog {
    let address = "iam.123456789012/old-one";
    let delete = |name: &str| json!({"delete_role_policy": {"role": ROLE, "policy_name": name}});
    let step = |id: u32, op: Value| json!({"id": id, "address": address, "after": [], "op": op});
    let gone = json!([
        {"fact": "app 1a2b in eu-west-1 is gone", "call": "GetApp"},
        {"fact": "a person says <b>so</b> | \u{1b}[31m\u{202e}", "call": null},
    ]);
    let held = {
        let mut held = finding("=held", "obsolete", json!([]));
        held["held_by"] = json!(["--exclude =*"]);
        held
    };
    let about = json!({
        "began_at": time(0), "approved_by": "ana on desk, on a terminal",
        "findings": [finding("old-one", "obsolete", gone), held],
        "reading": {"at": "2026-11-23T11:10:00Z", "accounts": [
            {"alias": "main", "id": "123456789012", "unreachable": null},
            {"alias": "far", "id": "210987654321", "unreachable": "AssumeRole was denied"},
        ], "unread": []},
        "plan": plan("sweep", &[change(address, "quarantine", "obsolete", Value::Null)],
            &[step(1, delete("a")), step(2, untag("b")), step(3, untag("c")), step(4, delete("d"))]),
    });
    let begin = |seq: u32, step: u32, op: Value| json!({"begin": {"seq": seq, "step": step, "address": address, "op": op, "time": time(seq)}});
    log(
        "7b8c988bcfc5",
        about,
        &[
            json!({"archived": {"seq": 1, "step": 1, "path": "archive/old-one.json", "digest": "sha256:a1", "time": time(1)}}),
            begin(2, 1, delete("a")),
            json!({"end": {"seq": 3, "begin": 2, "output": "done", "request_id": "id-1", "time": time(3)}}),
            begin(4, 2, untag("b")),
            json!({"end": {"seq": 5, "begin": 4, "error": {"code": "AccessDenied", "message": "no, \"never\"", "in_doubt": false},
            "request_id": "id-2", "time": time(5)}}),
            begin(6, 3, untag("c")),
        ],
    )
}

/// An earlier run that deleted an event stream, and nothing else.
fn destroy() -> RunLog {
    let op = json!({"delete_event_stream": {"account": "123456789012", "region": "eu-west-1", "app_id": "1a2b",
        "destination": "arn:aws:kinesis:eu-west-1:123456789012:stream/c", "role_arn": ROLE}});
    let step = json!({"id": 1, "address": "event_stream.shop", "after": [], "op": op});
    let changes = [change("event_stream.shop", "delete", "destroy_asked", json!("eu-west-1"))];
    let about = json!({"began_at": "2026-11-01T00:00:00Z", "approved_by": null,
        "plan": plan("destroy", &changes, &[step])});
    log(
        "0123456789ab",
        about,
        &[
            json!({"begin": {"seq": 1, "step": 1, "address": "event_stream.shop", "op": op, "time": "2026-11-01T00:00:01Z"}}),
            json!({"end": {"seq": 2, "begin": 1, "output": "done", "request_id": "id-0", "time": "2026-11-01T00:00:02Z"}}),
        ],
    )
}

fn report() -> Report {
    Report::of(&[
        found(destroy(), Ended::Kept, Integrity::Verified),
        found(sweep(), Ended::NotSeen, Integrity::NotVerified),
    ])
}

#[test]
fn on_a_terminal_the_latest_run_is_first_and_each_role_says_what_and_why() {
    assert_snapshot!(plain(&text(&report(), 100)));
}

#[test]
fn the_json_of_a_report_is_a_contract() {
    assert_snapshot!(crate::ui::views::json(&report()));
}

#[test]
fn a_spreadsheet_has_a_row_a_call() {
    assert_snapshot!(csv(&report()));
}

#[test]
fn a_comment_has_the_runs_first_and_folds_each_role() {
    assert_snapshot!(page(&report(), EVERYTHING).markdown());
}

#[test]
fn a_page_stands_alone_and_takes_nothing_for_markup() {
    let page = page(&report(), EVERYTHING).html();
    let body = page.split_once("<body>").unwrap().1.split_once("<script>").unwrap().0;
    assert_snapshot!(body);
    assert!(!page.contains("http:") && !page.contains("https:") && !page.contains("src="), "{page}");
    assert_eq!(page.matches("<b>so").count(), 0);
}

#[test]
fn nothing_kept_is_said_in_every_form() {
    let none = Report::of::<FoundLog>([]);
    for shown in [text(&none, 80), page(&none, EVERYTHING).markdown(), page(&none, EVERYTHING).html()] {
        assert!(shown.contains("No runs recorded"), "{shown}");
    }
    assert_eq!(csv(&none).lines().count(), 1);
}

/// A run that found so many roles.
fn many(roles: usize) -> Report {
    let fact = json!([{"fact": "app \u{65e5}\u{672c} is gone".repeat(10), "call": "GetApp"}]);
    let findings: Vec<Value> =
        (0..roles).map(|number| finding(&format!("role-{number:05}"), "obsolete", fact.clone())).collect();
    let about =
        json!({"began_at": time(0), "approved_by": "ana", "findings": findings, "plan": plan("sweep", &[], &[])});
    let edited = found(log("aaaaaaaaaaaa", about, &[]), Ended::Kept, Integrity::Edited);
    Report::of(&[edited, found(destroy(), Ended::Kept, Integrity::Verified)])
}

#[test]
fn a_comment_is_cut_between_roles_and_says_what_is_missing() {
    let whole = page(&many(20), EVERYTHING).markdown();
    assert!(!whole.contains("**Cut:**") && whole.contains("role-00019"));
    for roles in [200, 1000, 5000] {
        let cut = page(&many(roles), EVERYTHING).markdown();
        assert!(cut.chars().count() < 65_000);
        assert!(cut.chars().count() > 60_000);
        let folded = cut.matches("<details>").count();
        assert_eq!(cut.matches("</details>").count(), folded);
        let named = cut.lines().filter(|line| line.starts_with("- **")).count();
        let note = cut.split("**Cut:** ").nth(1).unwrap();
        // One more: an event stream in a run of its own.
        let (omitted, without) = (roles + 1 - folded - named, named);
        assert!(omitted == 0 || note.starts_with(&format!("{omitted} resources are not shown")), "{note}");
        assert!(note.contains(&format!("{without} resources are without details")), "{note}");
        assert!(note.contains(&format!("<code>{EVERYTHING}</code> shows everything")), "{note}");
    }
}

#[test]
fn a_step_that_was_not_begun_and_a_call_without_an_end_are_no_success() {
    let report = report();
    let swept = &report.runs[0].subjects[0];
    assert_eq!(swept.outcome, facts::Outcome::InDoubt);
    assert_eq!(swept.not_begun, ["delete_role_policy"]);
    assert_eq!(report.runs[1].subjects[0].outcome, facts::Outcome::Done);
}

#[test]
fn a_call_that_a_stop_prevented_is_not_done_and_did_not_fail() {
    let mut stopped = sweep();
    let prevented = json!({"end": {"seq": 5, "begin": 4, "error": {"code": "Stopped",
        "message": "the run was stopped before its call was made", "in_doubt": false}, "time": time(5)}});
    stopped.records.truncate(4);
    stopped.records.push(serde_json::from_value(prevented).unwrap());
    let report = Report::of(&[found(stopped, Ended::Kept, Integrity::Verified)]);
    assert_eq!(report.runs[0].subjects[0].outcome, facts::Outcome::NotDone);
    assert!(plain(&super::log(&report, 100)).contains("1 not done"));
    assert!(plain(&text(&report, 100)).contains("2 writes to AWS: 1 done, 1 not done"));
}
