//! What all steps of a run share, and how they report to the one task that writes the journal and the events.
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

/// What all workers of a run share.
pub(super) struct RunShared<'a, C, A, K> {
    pub(super) cloud: &'a C,
    pub(super) archive: &'a A,
    pub(super) clock: &'a K,
    pub(super) workspace: &'a Workspace,
    pub(super) lineage: &'a Lineage,
    pub(super) run: &'a RunId,
    pub(super) stop: Stop,
    /// As many permits as calls may be under way.
    pub(super) slots: Arc<Semaphore>,
    pub(super) reports: mpsc::UnboundedSender<Report>,
    pub(super) jitter: Mutex<fastrand::Rng>,
    pub(super) roles: RoleChanges,
    pub(super) teardowns: Teardowns,
    pub(super) quarantines: Quarantines,
}

impl<C, A, K> RunShared<'_, C, A, K> {
    pub(super) fn emit(&self, what: What) {
        // Nobody listens once the run has ended; then there is nobody to tell.
        let _ = self.reports.send(Report::Event(what));
    }
}

/// What a worker tells.
#[derive(Debug)]
pub(super) enum Report {
    /// This is to be on disk. The answer is the record's number.
    Record(JournalEntry, oneshot::Sender<Result<u64, JournalLost>>),
    /// This is to be said.
    Event(What),
}

/// A record without its number.
#[derive(Debug)]
pub(super) enum JournalEntry {
    Begin { step: StepId, address: Address, op: Box<Op<Resolved>>, time: Timestamp },
    End { begin: u64, result: EndResult, request_id: Option<String>, time: Timestamp },
    Archived { step: StepId, path: String, digest: Digest, time: Timestamp },
}

/// The journal cannot be written any more: nothing new may begin.
#[derive(Debug, Clone, thiserror::Error)]
#[error("the journal cannot be written: {0}")]
pub(super) struct JournalLost(pub(super) String);
