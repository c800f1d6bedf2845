//! What an apply says while it runs: one stream of events, stamped once, from which bars, plain lines
//! and NDJSON are all made. Its JSON is a contract.
use crate::address::Address;
use crate::ids::StepId;
use crate::plan::Plan;
use jiff::Timestamp;
use serde::Serialize;

/// The format of the NDJSON that `apply --events` writes.
pub const FORMAT: u32 = 1;

/// One event, stamped and numbered at the source.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Event {
    #[serde(flatten)]
    pub what: What,
    /// Its number in this run, from 0, without a gap.
    pub seq: u64,
    /// When, by the wall clock.
    pub time: Timestamp,
    /// Milliseconds since the run began, by a clock that does not jump.
    pub elapsed_ms: u64,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum What {
    /// Always the first.
    Version {
        format: u32,
        tool_version: String,
    },
    Plan {
        plan: Box<Plan>,
    },
    /// What stands in the way of a plan.
    Problems {
        problems: Vec<crate::problem::Problem>,
    },
    /// A step's call is about to be made.
    StepStarted {
        #[serde(flatten)]
        step: StepRef,
    },
    /// A step waits and will go on by itself.
    StepWaiting {
        #[serde(flatten)]
        step: StepRef,
        reason: String,
        /// How long it has waited so far.
        waited_ms: u64,
    },
    /// A step's call is made again.
    StepRetried {
        #[serde(flatten)]
        step: StepRef,
        /// Which attempt this is, from 2.
        attempt: u32,
        reason: String,
    },
    /// A step is done, and that is on disk.
    StepDone {
        #[serde(flatten)]
        step: StepRef,
    },
    /// A step failed, and that is on disk.
    StepFailed {
        #[serde(flatten)]
        step: StepRef,
        #[serde(flatten)]
        failure: StepFailure,
    },
    /// A step was not started because one that it needs failed.
    StepSkipped {
        #[serde(flatten)]
        step: StepRef,
        /// The step that failed.
        because_of: StepId,
    },
    /// Every ten seconds.
    Heartbeat {
        done: usize,
        total: usize,
        running: usize,
    },
    /// Always the last.
    Summary {
        outcome: Ending,
        done: usize,
        failed: usize,
        /// Steps skipped because another failed.
        skipped: usize,
        /// Steps not started because the run was stopped.
        not_started: usize,
    },
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct StepRef {
    pub step: StepId,
    pub address: Address,
    pub op: &'static str,
}

/// Why a step failed, in words for people.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct StepFailure {
    /// AWS's error code, or the kind of failure.
    pub code: String,
    pub message: String,
    pub request_id: Option<String>,
    pub hints: Vec<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Ending {
    Done,
    NoChanges,
    Failed,
    Stopped,
    /// Problems, a stale plan or a refusal: nothing was done.
    Refused,
}
