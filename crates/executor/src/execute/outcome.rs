//! What an apply did, whole or in part.
use super::step_error::{INTERRUPTED, STOPPED};
use pinpoint_streams_model::address::Address;
use pinpoint_streams_model::event::{Ending, StepFailure};
use pinpoint_streams_model::ids::{Serial, StepId};
use pinpoint_streams_model::recorded::Recorded;
use pinpoint_streams_store::state::{State, StateError};
use std::collections::BTreeMap;
use std::sync::Arc;

/// What an apply did. It is no `Result`: what was done stays done whatever failed.
#[must_use = "what was done and what was not must reach whoever asked for it"]
#[derive(Debug)]
pub struct Outcome {
    /// How it ended.
    pub ending: Ending,
    /// What became of each step of the plan.
    pub steps: BTreeMap<StepId, StepOutcome>,
    /// What is recorded now, whether or not it could be written.
    pub recorded: Recorded,
    /// The state that was to be written last; none where there was nothing to write. Where writing failed it is
    /// what a person has to keep.
    pub state: Option<State>,
    /// Whether that state is where it belongs.
    pub state_written: Result<Written, NotWritten>,
}

/// What became of one step.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StepOutcome {
    /// What it is part of.
    pub address: Address,
    /// The operation's name.
    pub op: &'static str,
    /// What became of it.
    pub result: StepResult,
}

/// What became of a step.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum StepResult {
    /// It is done.
    Done {
        /// AWS's request id, where AWS was called.
        request_id: Option<String>,
    },
    /// It failed, or nobody knows.
    Failed(StepFailure),
    /// It was not started because this one failed.
    Skipped {
        /// The step that failed.
        because_of: StepId,
    },
    /// It was not started.
    NotStarted {
        /// Why.
        reason: String,
    },
}

impl StepResult {
    /// Whether the step counts as failed only because the run was stopped.
    pub fn is_unfinished(&self) -> bool {
        matches!(self, StepResult::Failed(failure) if failure.code == INTERRUPTED || failure.code == STOPPED)
    }
}

/// The state is where it belongs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Written {
    /// Nothing was to be written.
    Unchanged,
    /// It was written with this serial.
    Serial(Serial),
}

/// Why the state is not where it belongs.
#[derive(Debug, Clone, thiserror::Error)]
pub enum NotWritten {
    /// Nothing was begun, because the state or the journal could not be written first.
    #[error("nothing was begun, because what is done could not have been written down: {reason}")]
    NothingBegun {
        /// What stood in the way.
        reason: String,
    },
    /// The state could not be written; the journal, where it is whole, has it.
    #[error("the state could not be written")]
    State(#[from] StateError),
    /// The run was left before it was written; the journal has it.
    #[error("the run was left before the state was written; the journal has it")]
    Left,
    /// The state is written, but its journal could not be taken away. The next run sees that it is spent.
    #[error("the state is written, but its journal could not be taken away")]
    Journal(#[source] Arc<pinpoint_streams_store::journal::JournalError>),
}

/// How many steps ended how.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Tally {
    /// Done.
    pub done: usize,
    /// Failed.
    pub failed: usize,
    /// Skipped because another failed.
    pub skipped: usize,
    /// Not started.
    pub not_started: usize,
}

impl Tally {
    /// Counts results.
    pub fn of<'a>(results: impl IntoIterator<Item = &'a StepResult>) -> Tally {
        let mut tally = Tally::default();
        for result in results {
            match result {
                StepResult::Done { .. } => tally.done += 1,
                StepResult::Failed(_) => tally.failed += 1,
                StepResult::Skipped { .. } => tally.skipped += 1,
                StepResult::NotStarted { .. } => tally.not_started += 1,
            }
        }
        tally
    }
}

impl Outcome {
    /// How many steps ended how.
    pub fn tally(&self) -> Tally {
        Tally::of(self.steps.values().map(|step| &step.result))
    }
}
