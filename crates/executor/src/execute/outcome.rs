//! What an apply did, whole or in part.
use pinpoint_streams_model::{Address, Ending, Recorded, Serial, StepFailure, StepId};
use pinpoint_streams_store::state::{State, StateError};
use std::collections::BTreeMap;
use std::sync::Arc;

/// What an apply did. Not a `Result`: a failure does not undo completed steps.
#[must_use = "what was done and what was not must reach the caller"]
#[derive(Debug)]
pub struct Outcome {
    pub ending: Ending,
    pub steps: BTreeMap<StepId, StepOutcome>,
    /// The record after the run, whether or not it could be written.
    pub recorded: Recorded,
    /// The last state to write; `None` if there was none. If it could not be written, it must be saved elsewhere.
    pub state: Option<State>,
    /// Whether that state was written.
    pub state_written: Result<StateWrite, NotWritten>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StepOutcome {
    pub address: Address,
    pub op: &'static str,
    pub result: StepResult,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum StepResult {
    Done {
        /// `None` if AWS was not called.
        request_id: Option<String>,
    },
    /// It failed, or its outcome is unknown.
    Failed(StepFailure),
    /// The run was stopped while it waited or its call was pending. The next run goes on with it.
    Unfinished(StepFailure),
    /// Not started, because `because_of` failed.
    Skipped { because_of: StepId },
    /// Not started, for another reason.
    NotStarted { reason: String },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StateWrite {
    /// Nothing had changed.
    Unchanged,
    Serial(Serial),
}

#[derive(Debug, Clone, thiserror::Error)]
pub enum NotWritten {
    /// Nothing was started, because the state or the journal could not be written first.
    #[error("nothing was started, because it could not have been recorded: {reason}")]
    NothingBegun { reason: String },
    /// The journal has every step, if it could be written.
    #[error("the state could not be written")]
    State(#[from] StateError),
    /// The third signal. The journal has every step.
    #[error("the run was stopped before the state was written; the journal has every step")]
    ExitedNow,
    /// The next run sees that the state holds the whole journal.
    #[error("the state was written, but its journal could not be removed")]
    Journal(#[source] Arc<pinpoint_streams_store::journal::JournalError>),
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Tally {
    pub done: usize,
    pub failed: usize,
    pub unfinished: usize,
    pub skipped: usize,
    pub not_started: usize,
}

impl Tally {
    pub fn is_all_done(&self) -> bool {
        let Tally { done: _, failed, unfinished, skipped, not_started } = self;
        failed + unfinished + skipped + not_started == 0
    }

    pub fn of<'a>(results: impl IntoIterator<Item = &'a StepResult>) -> Tally {
        let mut tally = Tally::default();
        for result in results {
            match result {
                StepResult::Done { .. } => tally.done += 1,
                StepResult::Failed(_) => tally.failed += 1,
                StepResult::Unfinished(_) => tally.unfinished += 1,
                StepResult::Skipped { .. } => tally.skipped += 1,
                StepResult::NotStarted { .. } => tally.not_started += 1,
            }
        }
        tally
    }
}

impl Outcome {
    pub fn tally(&self) -> Tally {
        Tally::of(self.steps.values().map(|step| &step.result))
    }
}
