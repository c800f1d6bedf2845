//! What an apply did, as one JSON document. The JSON is a contract.
use crate::ui::text::json;
use pinpoint_streams_executor::execute::{Outcome, StateWrite, StepOutcome, StepResult, Tally};
use pinpoint_streams_model::address::Address;
use pinpoint_streams_model::event::{Ending, StepFailure};
use pinpoint_streams_model::ids::{RunId, Serial, StepId};
use pinpoint_streams_model::plan::Plan;
use serde::Serialize;

/// The format of `apply --format json`.
const FORMAT_VERSION: u32 = 1;

#[derive(Serialize)]
struct Document<'a> {
    format_version: u32,
    run: &'a RunId,
    plan: &'a Plan,
    outcome: Counts,
    /// Null if the state was not written.
    serial: Option<Serial>,
    /// Why the state was not written; null if it was.
    state_error: Option<String>,
    /// Every step that is not done.
    steps: Vec<NotDone<'a>>,
}

#[derive(Serialize)]
struct Counts {
    ending: Ending,
    done: usize,
    failed: usize,
    unfinished: usize,
    skipped: usize,
    not_started: usize,
}

#[derive(Serialize)]
struct NotDone<'a> {
    step: StepId,
    address: &'a Address,
    op: &'static str,
    #[serde(flatten)]
    result: Reason<'a>,
}

#[derive(Serialize)]
#[serde(tag = "result", rename_all = "snake_case")]
enum Reason<'a> {
    Failed(&'a StepFailure),
    Unfinished(&'a StepFailure),
    Skipped { because_of: StepId },
    NotStarted { reason: &'a str },
}

pub(crate) fn document<'a>(run: &RunId, plan: &Plan, outcome: &'a Outcome) -> String {
    let Tally { done, failed, unfinished, skipped, not_started } = outcome.tally();
    let Outcome { ending, steps, recorded, state: _, state_written } = outcome;
    let not_done = |(id, step): (&StepId, &'a StepOutcome)| {
        let StepOutcome { address, op, result } = step;
        let result = match result {
            StepResult::Done { request_id: _ } => return None,
            StepResult::Failed(failure) => Reason::Failed(failure),
            StepResult::Unfinished(failure) => Reason::Unfinished(failure),
            StepResult::Skipped { because_of } => Reason::Skipped { because_of: *because_of },
            StepResult::NotStarted { reason } => Reason::NotStarted { reason },
        };
        Some(NotDone { step: *id, address, op, result })
    };
    json(&Document {
        format_version: FORMAT_VERSION,
        run,
        plan,
        outcome: Counts { ending: *ending, done, failed, unfinished, skipped, not_started },
        serial: match state_written {
            Ok(StateWrite::Serial(serial)) => Some(*serial),
            Ok(StateWrite::Unchanged) => Some(recorded.serial),
            Err(_) => None,
        },
        state_error: state_written.as_ref().err().map(ToString::to_string),
        steps: steps.iter().filter_map(not_done).collect(),
    })
}
