//! What each event looks like, as a record and as a line.
use super::tracker::Tracker;
use super::{line, record};
use crate::testing;
use insta::assert_snapshot;
use jiff::Timestamp;
use pinpoint_streams_model::event::{Ending, Event, EventKind, StepFailure, StepRef};
use pinpoint_streams_model::ids::StepId;
use pinpoint_streams_model::problem::{Problem, ProblemCode};
use serde_json::json;

pub(crate) fn every_event() -> Vec<Event> {
    let step = StepRef { step: StepId(2), address: "event_stream.shop".parse().unwrap(), op: "put_event_stream" };
    let failure = StepFailure {
        code: "BadRequestException".to_owned(),
        message: "the role\u{1b}[31m may not\u{202e} write".to_owned(),
        request_id: Some("4b1c".to_owned()),
        details: Vec::new(),
        hints: vec!["allow kinesis:PutRecords".to_owned()],
    };
    let problem = Problem {
        code: ProblemCode::NotOurs,
        address: Some("role.shop".parse().unwrap()),
        message: "exists and is not ours".to_owned(),
        hint: Some("--adopt".to_owned()),
    };
    let plan = testing::plan(&[testing::change("role.shop", "create", "new", json!([]))]);
    let all = [
        EventKind::Version { format: 3, tool_version: "0.1.0".to_owned() },
        EventKind::Plan { plan: plan.into() },
        EventKind::Problems { problems: vec![problem] },
        EventKind::StepStarted { step: step.clone() },
        EventKind::StepWaiting { step: step.clone(), reason: "the role is not ready".to_owned(), waited_ms: 1234 },
        EventKind::StepRetried { step: step.clone(), attempt: 2, reason: "ConcurrentModification".to_owned() },
        EventKind::StepDone { step: step.clone() },
        EventKind::StepFailed { step: step.clone(), failure: failure.clone() },
        EventKind::StepUnfinished { step: step.clone(), failure },
        EventKind::StepSkipped { step, because_of: StepId(1) },
        EventKind::Heartbeat { done: 3, total: 9, running: 2 },
        EventKind::Summary {
            outcome: Ending::Failed,
            done: 3,
            failed: 1,
            unfinished: 1,
            skipped: 1,
            not_started: 0,
        },
    ];
    let stamped = all.into_iter().zip(0..).map(|(what, seq)| Event {
        what,
        seq,
        time: Timestamp::UNIX_EPOCH,
        elapsed_ms: seq * 1_050,
    });
    stamped.collect()
}

#[test]
fn every_event_is_one_line_of_json() {
    let records: String = every_event().iter().map(record).collect();
    assert_eq!(records.lines().count(), every_event().len());
    for line in records.lines() {
        let value: serde_json::Value = serde_json::from_str(line).unwrap();
        for key in ["type", "seq", "time", "elapsed_ms"] {
            assert!(value.get(key).is_some(), "{key} in {line}");
        }
    }
    assert_snapshot!(records);
}

#[test]
fn each_step_is_one_plain_line_when_it_is_done() {
    let mut tracker = Tracker::default();
    let shown = |event: &Event| {
        tracker.follow(event);
        line(event, &tracker)
    };
    let events = every_event();
    let lines: String = events.iter().filter_map(shown).collect();
    assert!(!lines.contains('\u{1b}') && !lines.contains('\u{202e}'));
    assert_snapshot!(lines);
}
