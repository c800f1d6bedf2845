//! What all steps of a run share, and their reports to the dispatcher.
use super::planned::{Quarantines, Teardowns};
use super::retry::RETRY_FOR;
use crate::stop::Stop;
use jiff::Timestamp;
use pinpoint_streams_model::digest::Digest;
use pinpoint_streams_model::plan::Mode;
use pinpoint_streams_model::{
    AccountRegion, Address, Answer, AppId, EventKind, Lineage, LiveApp, Op, Question, Read, RecordOp, Recorded,
    Resolved, RoleArn, RunId, Step, StepId, Workspace,
};
use pinpoint_streams_planner::LastLook;
use pinpoint_streams_store::journal::EndResult;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::sync::{OnceCell, Semaphore, mpsc, oneshot};
use tokio::time::Instant;

/// The apps of a region.
pub(super) type LiveApps = BTreeMap<AppId, LiveApp>;

pub(super) struct RunShared<'a, C, A, K> {
    pub(super) cloud: &'a C,
    pub(super) archive: &'a A,
    pub(super) clock: &'a K,
    pub(super) workspace: &'a Workspace,
    pub(super) lineage: &'a Lineage,
    pub(super) run: &'a RunId,
    pub(super) mode: Mode,
    pub(super) stop: Stop,
    /// A permit for each concurrent call.
    pub(super) slots: Arc<Semaphore>,
    pub(super) reports: mpsc::UnboundedSender<Report>,
    pub(super) jitter: Mutex<fastrand::Rng>,
    /// The first wait before a call is made again.
    pub(super) first_wait: Duration,
    pub(super) roles: RoleChanges,
    pub(super) teardowns: Teardowns,
    pub(super) quarantines: Quarantines,
    pub(super) last_look: &'a LastLook,
    /// Answers of last looks, which several roles may rest on, and since when they are known.
    pub(super) looked: Mutex<BTreeMap<Question, (Instant, Read<Answer>)>>,
    /// Regions that an assertion stands in for, and that did not answer.
    pub(super) silent: Mutex<BTreeSet<AccountRegion>>,
    /// The apps of regions for which an assertion stands in. None where Pinpoint does not list them.
    pub(super) asserted: Mutex<BTreeMap<AccountRegion, Arc<OnceCell<Option<LiveApps>>>>>,
}

impl<C, A, K> RunShared<'_, C, A, K> {
    pub(super) fn emit(&self, what: EventKind) {
        // Fails only if the run has ended.
        let _ = self.reports.send(Report::Event(what));
    }
}

#[derive(Debug)]
pub(super) enum Report {
    /// A record to write durably. The answer is its number.
    Record(JournalEntry, oneshot::Sender<Result<u64, JournalLost>>),
    Event(EventKind),
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

/// Until when each role whose policies changed counts as fresh.
#[derive(Debug)]
pub(super) struct RoleChanges {
    fresh_until: Mutex<BTreeMap<RoleArn, Instant>>,
}

impl RoleChanges {
    /// The changes of earlier runs, and of roles that the plan records. A change dated in the future counts as just
    /// made: the clock was set back.
    pub(super) fn of(recorded: &Recorded, steps: &[Step], now: Timestamp) -> RoleChanges {
        let found = steps.iter().filter_map(|step| match &step.op {
            Op::Record(RecordOp::Write { resource }) => Some(&**resource),
            _ => None,
        });
        let fresh_until = recorded.resources.values().chain(found).filter_map(|resource| {
            let role = resource.object.as_role()?;
            let age = Duration::try_from(now.duration_since(resource.changed_at)).unwrap_or(Duration::ZERO);
            Some((role.arn.clone(), Instant::now() + RETRY_FOR.checked_sub(age)?))
        });
        RoleChanges { fresh_until: Mutex::new(fresh_until.collect()) }
    }

    /// Records that this was carried out just now.
    pub(super) fn note(&self, op: &Op<Resolved>) {
        if let Op::Role(op) = op
            && op.must_propagate()
        {
            self.fresh_until().insert(op.role().clone(), Instant::now() + RETRY_FOR);
        }
    }

    /// Whether this role changed so recently that Pinpoint may not see the change yet.
    pub(super) fn is_fresh(&self, role: &RoleArn) -> bool {
        self.fresh_until().get(role).is_some_and(|until| Instant::now() < *until)
    }

    fn fresh_until(&self) -> MutexGuard<'_, BTreeMap<RoleArn, Instant>> {
        self.fresh_until.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
