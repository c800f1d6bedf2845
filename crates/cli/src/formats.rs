//! What this crate writes equals the newest files in `tests/formats`, and every older file there stays readable. A file
//! there is never changed: a change of what is written takes a new format and a new file.
use crate::plan_file;
use crate::ui::progress::{self, tests::every_event};
use crate::ui::views::{self, report};
use pinpoint_streams_model::event::{Event, EventKind};
use pinpoint_streams_model::plan::{FORMAT_VERSION, Plan};
use pinpoint_streams_store::journal::{Header, RunLog, parse};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

fn kept(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/formats").join(name)
}

/// What is written today must be this file, byte for byte.
#[track_caller]
fn is_kept(name: &str, written: &str) {
    let known = fs::read_to_string(kept(name)).unwrap_or_default();
    if known != written {
        let beside = std::env::temp_dir().join(format!("pinpoint-streams-{}", name.replace('/', "-")));
        fs::write(&beside, written).unwrap();
        panic!(
            "what is written is not tests/formats/{name}: raise the format and keep {} as a new file beside it",
            beside.display()
        );
    }
}

/// A run with one of everything in it, as it is kept.
fn run() -> RunLog {
    run_of(2)
}

/// The same as a format has it.
fn run_of(format: u32) -> RunLog {
    let text = fs::read(kept(&format!("run/v{}.ndjson", format.min(2)))).unwrap();
    RunLog::of("run".into(), parse("run", &text).unwrap()).unwrap()
}

/// A plan with one of everything in it.
fn plan() -> Plan {
    let Header { about, .. } = run().header;
    Arc::unwrap_or_clone(about.unwrap().plan)
}

#[test]
fn the_plan_that_is_saved_today_is_the_one_that_is_kept() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("shop.plan");
    let mut plan = Plan { format_version: FORMAT_VERSION, ..plan() };
    plan.plan_digest = plan.digest();
    plan_file::save(&path, &plan).unwrap();
    is_kept("plan/v3.json", &fs::read_to_string(&path).unwrap());
    plan.set_access(None);
    plan_file::save(&path, &plan).unwrap();
    is_kept("plan/v3-of-a-manifest.json", &fs::read_to_string(&path).unwrap());
}

#[test]
fn every_plan_of_an_older_version_is_read_as_it_was() {
    let mut seen = 0;
    for entry in fs::read_dir(kept("plan")).unwrap() {
        let path = entry.unwrap().path();
        let mut read = plan_file::parse(&path, &fs::read(&path).unwrap()).unwrap();
        let mut whole = Plan::clone(&run_of(read.format_version).header.about.unwrap().plan);
        // The log of a run of format 1 has no access, and one of a manifest never has.
        for plan in [&mut read, &mut whole] {
            plan.format_version = FORMAT_VERSION;
            plan.set_access(None);
        }
        assert_eq!(read, whole, "{}", path.display());
        seen += 1;
    }
    assert!(seen >= 6);
}

#[test]
fn the_events_that_are_written_today_are_those_that_are_kept() {
    let mut events = every_event();
    for Event { what, .. } in &mut events {
        if let EventKind::Plan { plan: shown } = what {
            *shown = Arc::new(plan());
        }
    }
    // One that is added must be added to the sample too.
    let number = |event: &Event| match event.what {
        EventKind::Version { .. } => 0,
        EventKind::Plan { .. } => 1,
        EventKind::Problems { .. } => 2,
        EventKind::StepStarted { .. } => 3,
        EventKind::StepWaiting { .. } => 4,
        EventKind::StepRetried { .. } => 5,
        EventKind::StepDone { .. } => 6,
        EventKind::StepFailed { .. } => 7,
        EventKind::StepUnfinished { .. } => 8,
        EventKind::StepSkipped { .. } => 9,
        EventKind::Heartbeat { .. } => 10,
        EventKind::Summary { .. } => 11,
    };
    assert_eq!(events.iter().map(number).collect::<std::collections::BTreeSet<_>>(), (0..=11).collect());
    is_kept("events/v3.ndjson", &events.iter().map(progress::record).collect::<String>());
}

#[test]
fn the_report_that_is_written_today_is_the_one_that_is_kept() {
    let found = |ended, integrity| report::FoundLog { log: run(), ended, integrity };
    let logs = [
        found(report::Ended::Kept, report::Integrity::Verified),
        found(report::Ended::Kept, report::Integrity::Edited),
        found(report::Ended::NotSeen, report::Integrity::NotVerified),
    ];
    is_kept("report/v4.json", &views::json(&report::Report::of(&logs)));
    is_kept("report/v3.csv", &report::csv(&report::Report::of(&logs)));
}
