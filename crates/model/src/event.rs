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
    /// What happened.
    #[serde(flatten)]
    pub what: What,
    /// Its number in this run, from 0, without a gap.
    pub seq: u64,
    /// When, by the wall clock.
    pub time: Timestamp,
    /// Milliseconds since the run began, by a clock that does not jump.
    pub elapsed_ms: u64,
}

/// What happened.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum What {
    /// Always the first.
    Version {
        /// [`FORMAT`].
        format: u32,
        /// Which version of the program speaks.
        tool_version: String,
    },
    /// The plan that is carried out.
    Plan {
        /// As `plan --format json` prints it.
        plan: Box<Plan>,
    },
    /// What stands in the way of a plan.
    Problems {
        /// As `plan --format json` prints them.
        problems: Vec<crate::problem::Problem>,
    },
    /// A step's call is about to be made.
    StepStarted {
        /// Which.
        #[serde(flatten)]
        step: StepRef,
    },
    /// A step waits and will go on by itself.
    StepWaiting {
        /// Which.
        #[serde(flatten)]
        step: StepRef,
        /// Why.
        reason: String,
        /// How long it has waited so far.
        waited_ms: u64,
    },
    /// A step's call is made again.
    StepRetried {
        /// Which.
        #[serde(flatten)]
        step: StepRef,
        /// Which attempt this is, from 2.
        attempt: u32,
        /// Why.
        reason: String,
    },
    /// A step is done, and that is on disk.
    StepDone {
        /// Which.
        #[serde(flatten)]
        step: StepRef,
    },
    /// A step failed, and that is on disk.
    StepFailed {
        /// Which.
        #[serde(flatten)]
        step: StepRef,
        /// Why.
        #[serde(flatten)]
        failure: StepFailure,
    },
    /// A step was not started because one that it needs failed.
    StepSkipped {
        /// Which.
        #[serde(flatten)]
        step: StepRef,
        /// The step that failed.
        because_of: StepId,
    },
    /// Every ten seconds.
    Heartbeat {
        /// Steps done.
        done: usize,
        /// Steps in all.
        total: usize,
        /// Steps that run or wait now.
        running: usize,
    },
    /// Always the last.
    Summary {
        /// How it ended.
        outcome: Ending,
        /// Steps done.
        done: usize,
        /// Steps failed.
        failed: usize,
        /// Steps skipped because another failed.
        skipped: usize,
        /// Steps not started because the run was stopped.
        not_started: usize,
    },
}

/// Which step an event is about.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct StepRef {
    /// Its number.
    pub step: StepId,
    /// What it is part of.
    pub address: Address,
    /// The operation's name.
    pub op: &'static str,
}

/// Why a step failed, in words for people.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct StepFailure {
    /// AWS's error code, or the kind of failure.
    pub code: String,
    /// What went wrong.
    pub message: String,
    /// AWS's request id.
    pub request_id: Option<String>,
    /// What a person can do.
    pub hints: Vec<String>,
}

/// How a run ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Ending {
    /// Everything was done.
    Done,
    /// Nothing was to do.
    NoChanges,
    /// Some steps failed.
    Failed,
    /// A signal stopped it.
    Stopped,
    /// Problems, a stale plan or a refusal: nothing was done.
    Refused,
}
