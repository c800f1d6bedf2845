//! The event stream of an apply. Progress bars, plain lines and NDJSON are all rendered from it. The JSON is a
//! public contract.
use crate::{Address, Plan, Problem, StepId};
use jiff::Timestamp;
use serde::Serialize;
use std::sync::Arc;

/// The format of the NDJSON that `apply --events` writes. Since 2, the plan holds facts for notes and warnings. Since 3,
/// a step that a stop cut short is unfinished and no longer failed.
pub const FORMAT: u32 = 3;

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Event {
    #[serde(flatten)]
    pub what: EventKind,
    /// Sequence number within the run, from 0, without gaps.
    pub seq: u64,
    /// Wall clock.
    pub time: Timestamp,
    /// Milliseconds since the start of the run, by a monotonic clock.
    pub elapsed_ms: u64,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum EventKind {
    // Always the first.
    Version {
        format: u32,
        tool_version: String,
    },
    Plan {
        plan: Arc<Plan>,
    },
    Problems {
        problems: Vec<Problem>,
    },
    // Sent before the API call.
    StepStarted {
        #[serde(flatten)]
        step: StepRef,
    },
    // The step continues by itself after the wait. `waited_ms` is the total so far.
    StepWaiting {
        #[serde(flatten)]
        step: StepRef,
        reason: String,
        waited_ms: u64,
    },
    // Attempts are counted from 1, so the first retry is 2.
    StepRetried {
        #[serde(flatten)]
        step: StepRef,
        attempt: u32,
        reason: String,
    },
    // Sent after the result is on disk.
    StepDone {
        #[serde(flatten)]
        step: StepRef,
    },
    // Sent after the failure is on disk.
    StepFailed {
        #[serde(flatten)]
        step: StepRef,
        #[serde(flatten)]
        failure: StepFailure,
    },
    // The run was stopped while the step waited or its call was pending. The next run goes on with it.
    StepUnfinished {
        #[serde(flatten)]
        step: StepRef,
        #[serde(flatten)]
        failure: StepFailure,
    },
    // Not started because a step it depends on failed.
    StepSkipped {
        #[serde(flatten)]
        step: StepRef,
        because_of: StepId,
    },
    // Every ten seconds.
    Heartbeat {
        done: usize,
        total: usize,
        running: usize,
    },
    // Always the last. `skipped` steps depend on a failed one; `not_started` were cut off by an interruption.
    Summary {
        outcome: Ending,
        done: usize,
        failed: usize,
        unfinished: usize,
        skipped: usize,
        not_started: usize,
    },
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct StepRef {
    pub step: StepId,
    pub address: Address,
    pub op: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct StepFailure {
    /// The AWS error code, or the kind of failure.
    pub code: String,
    pub message: String,
    pub request_id: Option<String>,
    /// What is known about the cause, and what was restored after the failure. Omitted from JSON if empty.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub details: Vec<String>,
    /// What to do about it.
    pub hints: Vec<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Ending {
    Done,
    NoChanges,
    Failed,
    Stopped,
    /// Nothing was done: there were problems, the plan was stale, or it was not approved.
    Refused,
}
