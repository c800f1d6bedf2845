//! What all steps of a run share, and their reports to the dispatcher.
use super::planned::{Quarantines, Teardowns};
use super::roles::RoleChanges;
use crate::stop::Stop;
use jiff::Timestamp;
use pinpoint_streams_model::address::Address;
use pinpoint_streams_model::digest::Digest;
use pinpoint_streams_model::event::What;
use pinpoint_streams_model::ids::{Lineage, RunId, StepId, Workspace};
use pinpoint_streams_model::op::{Op, Resolved};
use pinpoint_streams_store::journal::EndResult;
use std::sync::{Arc, Mutex};
use tokio::sync::{Semaphore, mpsc, oneshot};

pub(super) struct RunShared<'a, C, A, K> {
    pub(super) cloud: &'a C,
    pub(super) archive: &'a A,
    pub(super) clock: &'a K,
    pub(super) workspace: &'a Workspace,
    pub(super) lineage: &'a Lineage,
    pub(super) run: &'a RunId,
    pub(super) stop: Stop,
    /// A permit for each concurrent call.
    pub(super) slots: Arc<Semaphore>,
    pub(super) reports: mpsc::UnboundedSender<Report>,
    pub(super) jitter: Mutex<fastrand::Rng>,
    pub(super) roles: RoleChanges,
    pub(super) teardowns: Teardowns,
    pub(super) quarantines: Quarantines,
}

impl<C, A, K> RunShared<'_, C, A, K> {
    pub(super) fn emit(&self, what: What) {
        // Fails only if the run has ended.
        let _ = self.reports.send(Report::Event(what));
    }
}

#[derive(Debug)]
pub(super) enum Report {
    /// A record to write durably. The answer is its number.
    Record(JournalEntry, oneshot::Sender<Result<u64, JournalLost>>),
    Event(What),
}

#[derive(Debug)]
pub(super) enum JournalEntry {
    Begin { step: StepId, address: Address, op: Box<Op<Resolved>>, time: Timestamp },
    End { begin: u64, result: EndResult, request_id: Option<String>, time: Timestamp },
    Archived { step: StepId, path: String, digest: Digest, time: Timestamp },
}

/// The journal can no longer be written: no step may start.
#[derive(Debug, Clone, thiserror::Error)]
#[error("the journal cannot be written: {0}")]
pub(super) struct JournalLost(pub(super) String);
