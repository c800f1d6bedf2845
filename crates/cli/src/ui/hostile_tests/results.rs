//! What a run did: states, outcomes, events and findings.
use super::{is_safe, is_safe_json, is_safe_where_wrapped, problem, rich_plan, run};
use crate::settings::Environment;
use crate::ui::error::Error;
use crate::ui::text::failure;
use crate::ui::views::outcome::{Continuation, NextCommands, Rows, outcome};
use crate::ui::views::sweep::{Evidences, Swept};
use crate::ui::views::{state, sweep};
use crate::ui::{problems, progress};
use pinpoint_streams_executor::Outcome;
use pinpoint_streams_executor::execute::{NotWritten, StateWrite, StepOutcome, StepResult};
use pinpoint_streams_model::event::{Ending, Event, EventKind, StepFailure, StepRef};
use pinpoint_streams_model::ids::{Serial, StepId};
use pinpoint_streams_model::plan::Plan;
use pinpoint_streams_model::recorded::Recorded;
use pinpoint_streams_model::sweep::{BundleFile, Finding, Findings, SweepAction, SweptAccount, Unread};
use pinpoint_streams_store::state::State;
use pinpoint_streams_testkit::hostile::{Places, STRINGS};

/// A state with every kind of content.
pub(super) fn recorded() -> Recorded {
    let json = include_bytes!("../../../../../tests/formats/state/v1.json");
    State::from_json("v1.json", json, &"growth".parse().unwrap()).unwrap().recorded()
}

#[test]
fn records() {
    let workspace = "growth".parse().unwrap();
    let places = Places::of(&recorded().resources);
    for text in STRINGS {
        let recorded = Recorded { resources: places.filled(text), ..recorded() };
        for width in [None, Some(60)] {
            is_safe(&state::text(&workspace, &recorded, 60, width));
        }
        is_safe_json(&state::json(&workspace, &recorded));
        is_safe_json(&state::list_json(&recorded));
        for (address, resource) in &recorded.resources {
            is_safe(&state::resource(address, resource, 60));
            is_safe_json(&state::resource_json(address, resource));
        }
    }
}

fn failed(text: &str) -> StepFailure {
    let text = text.to_owned();
    let (code, message, request_id) = (text.clone(), text.clone(), Some(text.clone()));
    StepFailure { code, message, request_id, details: vec![text.clone()], hints: vec![text] }
}

#[test]
fn outcomes_failures_and_problems() {
    let step = |result| StepOutcome { address: "role.shop".parse().unwrap(), op: "create_role", result };
    let next = NextCommands {
        purpose: "to look",
        plan: Some("`plan`".to_owned()),
        continuation: Continuation::SameCommand("`apply`".to_owned()),
        restore: None,
        push: None,
    };
    for text in STRINGS {
        let results = [
            StepResult::Done { request_id: Some(text.to_owned()) },
            StepResult::Failed(failed(text)),
            StepResult::Unfinished(failed(text)),
            StepResult::NotStarted { reason: text.to_owned() },
        ];
        let mut done = Outcome {
            ending: Ending::Failed,
            steps: (1..).map(StepId).zip(results.map(step)).collect(),
            recorded: Recorded::default(),
            state: None,
            state_written: Ok(StateWrite::Serial(Serial(2))),
        };
        is_safe(&outcome(&done, &next, Rows::All, 60));
        done.state_written = Err(NotWritten::NothingBegun { reason: text.to_owned() });
        is_safe(&outcome(&done, &next, Rows::All, 60));
        is_safe(&failure(&failed(text)));
        is_safe(&problems::text(&vec![problem(text); 6]));
        is_safe_json(&Error::Problems(vec![problem(text)]).json(&Environment::default(), str::to_owned));
    }
}

#[test]
fn events_of_every_kind() {
    let step = StepRef { step: StepId(2), address: "role.shop".parse().unwrap(), op: "create_role" };
    let places = Places::of(&rich_plan());
    for text in STRINGS {
        let all = [
            EventKind::Version { format: 1, tool_version: text.to_owned() },
            EventKind::Plan { plan: Plan::into(places.filled(text)) },
            EventKind::Problems { problems: vec![problem(text)] },
            EventKind::StepWaiting { step: step.clone(), reason: text.to_owned(), waited_ms: 1 },
            EventKind::StepRetried { step: step.clone(), attempt: 2, reason: text.to_owned() },
            EventKind::StepFailed { step: step.clone(), failure: failed(text) },
        ];
        for what in all {
            let event = Event { what, seq: 0, time: jiff::Timestamp::UNIX_EPOCH, elapsed_ms: 1 };
            let record = progress::record(&event);
            is_safe_json(&record);
            assert_eq!(record.lines().count(), 1);
            if let Some(line) = progress::line(&event, &progress::Tracker::default()) {
                is_safe(&line);
                assert_eq!(line.lines().count(), 1);
            }
        }
    }
}

/// Sweeps of a run with every kind of finding.
pub(super) struct Sweeps {
    roles: Places<Vec<Finding>>,
    unread: Places<Vec<Unread>>,
    accounts: Places<Vec<SweptAccount>>,
    plan: Places<Plan>,
}

impl Sweeps {
    pub(super) fn new() -> Sweeps {
        let (header, _) = run();
        let about = header.about.unwrap();
        let reading = about.reading.clone().unwrap();
        Sweeps {
            roles: Places::of(&about.findings),
            unread: Places::of(&reading.unread),
            accounts: Places::of(&reading.accounts),
            plan: Places::of(&rich_plan()),
        }
    }

    pub(super) fn with(&self, text: &str) -> Swept {
        let (digest, finished) = (text.to_owned().into(), jiff::Timestamp::UNIX_EPOCH);
        Swept {
            accounts: self.accounts.filled(text),
            findings: Findings { roles: self.roles.filled(text), unread: self.unread.filled(text) },
            action: SweepAction::Quarantine,
            bundles: vec![BundleFile { file: text.to_owned(), digest, finished }],
            plan: Ok(self.plan.filled(text)),
        }
    }
}

#[test]
fn sweeps() {
    let sweeps = Sweeps::new();
    for text in STRINGS {
        let swept = sweeps.with(text);
        for evidences in [Evidences::Common, Evidences::Each] {
            is_safe_where_wrapped(&sweep::text(&swept, evidences, "sweep", 60));
            is_safe_where_wrapped(&sweep::for_approval(&swept, evidences, 60));
        }
        is_safe_json(&sweep::json(&swept));
        is_safe_json(&sweep::json(&Swept { plan: Err(vec![problem(text)]), ..swept }));
    }
}
