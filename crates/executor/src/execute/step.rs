//! The life of a step: durable intent, calls and retries, durable outcome. Operations use its [`StepContext`].
use super::diagnose::diagnose;
use super::retry::{Next, RetryState, THROTTLED};
use super::shared::{JournalEntry, JournalLost, Report, RunShared};
use super::step_error::{INTERRUPTED, LOCK_LOST, NOT_STARTED, StepError, stopped_before_retry};
use crate::clock::Clock;
use crate::cloud::{Cloud, CloudError, Written};
use crate::pace::{CallSlot, Waiting};
use crate::stop::Level;
use pinpoint_streams_model::error::one_line;
use pinpoint_streams_model::event::StepRef;
use pinpoint_streams_model::{
    Address, EventKind, EventStreamOp, FailureKind, LiveRole, Op, Output, Question, Resolved, RoleArn, RoleOp,
    StepFailure, StepId, Unreadable,
};
use pinpoint_streams_store::archive::{self, ArchiveStore, Entry};
use pinpoint_streams_store::journal::{EndResult, Failed, STOPPED};
use std::pin::pin;
use std::sync::{Arc, PoisonError};
use std::time::Duration;
use tokio::sync::{OwnedSemaphorePermit, oneshot};
use tokio::time::sleep;

#[derive(Debug)]
pub(super) struct Finished {
    pub(super) step: StepId,
    pub(super) end: End,
}

#[derive(Debug)]
pub(super) enum End {
    Done {
        output: Output,
        request_id: Option<String>,
    },
    Failed(StepFailure),
    /// The run was stopped while it waited, or lost its lock between its calls.
    Unfinished(StepFailure),
    /// It could not be recorded, or the run was stopped before AWS accepted its call.
    NotStarted {
        reason: String,
    },
}

pub(super) async fn carry_out<C: Cloud, A: ArchiveStore, K: Clock>(
    mut context: StepContext<'_, C, A, K>,
    op: Op<Resolved>,
) -> Finished {
    let step = context.step.step;
    let begin = match context.begin(&op).await {
        Ok(begin) => begin,
        Err(lost) => return Finished { step, end: End::NotStarted { reason: lost.to_string() } },
    };
    context.emit(EventKind::StepStarted { step: context.step.clone() });
    let (shared, reference, slot) = (context.shared, context.step.clone(), context.slot.clone());
    let result = {
        let mut performed = pin!(slot.during(context.perform(&op)));
        loop {
            tokio::select! {
                biased;
                waiting = slot.waiting() => match waiting {
                    Waiting::For(waited) => shared.emit(EventKind::StepWaiting {
                        step: reference.clone(),
                        reason: THROTTLED.to_owned(),
                        waited_ms: u64::try_from(waited.as_millis()).unwrap_or(u64::MAX),
                    }),
                    // Dropping the future cancels the step before its call is made.
                    Waiting::LockLost if slot.is_accepted() => break Err(StepError::LockLost),
                    Waiting::Cancelled | Waiting::LockLost => break Err(StepError::NotStarted { was_sent: slot.was_sent() }),
                },
                result = &mut performed => break result,
            }
        }
    };
    context.slot.release();
    // If the outcome cannot be recorded, no new step starts.
    let _ = context.end(begin, &result).await;
    let end = match result {
        Ok(Written { output, request_id }) => End::Done { output, request_id },
        Err(StepError::NotStarted { .. }) => End::NotStarted { reason: NOT_STARTED.to_owned() },
        Err(error @ (StepError::Stopped(_) | StepError::LockLost)) => End::Unfinished(error.failure()),
        Err(error) => End::Failed(error.with_permissions(shared.mode).failure()),
    };
    Finished { step, end }
}

/// What carrying out one step needs.
pub(super) struct StepContext<'a, C, A, K> {
    pub(super) shared: &'a RunShared<'a, C, A, K>,
    step: StepRef,
    slot: CallSlot,
    waited: Duration,
    attempt: u32,
}

impl<'a, C: Cloud, A: ArchiveStore, K: Clock> StepContext<'a, C, A, K> {
    pub(super) fn new(shared: &'a RunShared<'a, C, A, K>, step: StepRef, slot: OwnedSemaphorePermit) -> Self {
        let slot = CallSlot::new(Arc::clone(&shared.slots), slot, shared.stop.clone());
        StepContext { shared, step, slot, waited: Duration::ZERO, attempt: 1 }
    }

    pub(super) fn slot(&self) -> &CallSlot {
        &self.slot
    }

    pub(super) fn step(&self) -> &StepRef {
        &self.step
    }

    /// Makes the call, if the run still holds its lock. A changed role counts as fresh from now on.
    pub(super) async fn call(&self, op: &Op<Resolved>) -> Result<Written, CloudError> {
        self.slot.must_hold_lock().await;
        let written = self.shared.cloud.write(op).await?;
        self.shared.roles.note(op);
        Ok(written)
    }

    pub(super) async fn role(&self, arn: &RoleArn) -> Result<Option<Arc<LiveRole>>, Unreadable> {
        let question = Question::role_directly(&arn.account, &arn.name);
        self.shared.cloud.read_as(&question).await.known()
    }

    /// Records durably that the operation is about to start.
    pub(super) async fn begin(&self, op: &Op<Resolved>) -> Result<u64, JournalLost> {
        self.begin_at(self.step.address.clone(), op).await
    }

    /// The same under another address than the step's.
    pub(super) async fn begin_at(&self, address: Address, op: &Op<Resolved>) -> Result<u64, JournalLost> {
        let (step, time) = (self.step.step, self.shared.clock.now());
        self.record(JournalEntry::Begin { step, address, op: Box::new(op.clone()), time }).await
    }

    /// Records the outcome durably.
    pub(super) async fn end(&self, begin: u64, result: &Result<Written, StepError>) -> Result<u64, JournalLost> {
        let (result, request_id) = match result {
            Ok(Written { output, request_id }) => (EndResult::Output(output.clone()), request_id.clone()),
            Err(error) => {
                let in_doubt = error.is_in_doubt();
                let (code, message, request_id) = match error {
                    StepError::Cloud(error, _) => {
                        (error.code.clone(), error.message.clone(), error.request_id.clone())
                    }
                    StepError::Stopped(error) => {
                        (STOPPED.to_owned(), stopped_before_retry(error), error.request_id.clone())
                    }
                    StepError::NotStarted { .. } => (STOPPED.to_owned(), NOT_STARTED.to_owned(), None),
                    StepError::LockLost => (INTERRUPTED.to_owned(), LOCK_LOST.to_owned(), None),
                    StepError::Refused { code, message, notes: _ } => ((*code).to_owned(), message.clone(), None),
                };
                (EndResult::Error(Failed { code, message, in_doubt }), request_id)
            }
        };
        self.record(JournalEntry::End { begin, result, request_id, time: self.shared.clock.now() }).await
    }

    /// Archives what is about to be deleted or quarantined; on failure, it must be left alone.
    pub(super) async fn archive(&self, object: archive::Object) -> Result<String, StepError> {
        let shared = self.shared;
        let entry = Entry {
            format: archive::FORMAT,
            workspace: shared.workspace.clone(),
            lineage: shared.lineage.clone(),
            run: shared.run.clone(),
            time: shared.clock.now(),
            address: self.step.address.clone(),
            object,
        };
        let not_kept = |reason: String| {
            let message = format!("it could not be archived, so it was not changed: {reason}");
            StepError::refused("ArchiveFailed", message)
        };
        let kept = shared.archive.keep(&entry).await.map_err(|error| not_kept(one_line(&error)))?;
        let (step, path) = (self.step.step, kept.path.clone());
        let draft = JournalEntry::Archived { step, path: kept.path, digest: kept.digest, time: entry.time };
        self.record(draft).await.map_err(|lost| not_kept(lost.to_string()))?;
        Ok(path)
    }

    async fn record(&self, draft: JournalEntry) -> Result<u64, JournalLost> {
        let (durable, answer) = oneshot::channel();
        let gone = || JournalLost("the run has ended".to_owned());
        self.shared.reports.send(Report::Record(draft, durable)).map_err(|_| gone())?;
        answer.await.unwrap_or_else(|_| Err(gone()))
    }

    pub(super) fn emit(&self, what: EventKind) {
        self.shared.emit(what);
    }

    pub(super) async fn retry_or_fail(&mut self, next: Next, error: CloudError) -> Result<(), StepError> {
        let reason = self.wait_or_fail(next, error).await?;
        self.count_retry(reason);
        Ok(())
    }

    /// Counts and announces the next attempt of the write. Reads in between are not attempts.
    pub(super) fn count_retry(&mut self, reason: &str) {
        self.attempt += 1;
        let (step, attempt) = (self.step.clone(), self.attempt);
        self.emit(EventKind::StepRetried { step, attempt, reason: reason.to_owned() });
    }

    /// Waits without the slot and returns the reason, or fails.
    pub(super) async fn wait_or_fail(&mut self, next: Next, error: CloudError) -> Result<&'static str, StepError> {
        let Next::Again { wait, reason } = next else { return Err(error.into()) };
        self.slot.release();
        let waited_ms = u64::try_from(self.waited.as_millis()).unwrap_or(u64::MAX);
        self.emit(EventKind::StepWaiting { step: self.step.clone(), reason: reason.to_owned(), waited_ms });
        self.waited += wait;
        let slot_again = async {
            sleep(wait).await;
            self.slot.reacquire().await;
        };
        tokio::select! {
            biased;
            () = self.shared.stop.reached(Level::Abandon) => Err(StepError::Stopped(Box::new(error))),
            () = slot_again => Ok(reason),
        }
    }

    pub(super) fn jitter(&self) -> f64 {
        self.shared.jitter.lock().unwrap_or_else(PoisonError::into_inner).f64()
    }

    /// Makes an idempotent call and retries it: any call except those that create something without a name of its own.
    pub(super) async fn write(&mut self, op: &Op<Resolved>) -> Result<Written, StepError> {
        let mut retry = RetryState::new(self.shared.first_wait);
        loop {
            let error = match self.call(op).await {
                Ok(written) => return Ok(written),
                Err(error) => retry.observe(error),
            };
            if error.kind == FailureKind::NotFound && op.call().is_some_and(|call| call.removes) {
                return Box::pin(self.confirm_gone(op, error)).await;
            }
            // An attempt whose answer was lost has added it: a profile that has the role refuses it too.
            if error.kind == FailureKind::LimitExceeded
                && let Op::Role(RoleOp::AddToProfile { role, instance_profile }) = op
                && let Ok(Some(role)) = Box::pin(self.role(role)).await
                && role.instance_profiles.contains(instance_profile)
            {
                return Ok(Written { output: Output::Done, request_id: error.request_id });
            }
            let refused_role = match op {
                Op::EventStream(EventStreamOp::Put(put)) if error.kind == FailureKind::RoleNotReady => Some(put),
                _ => None,
            };
            if let Some(put) = refused_role {
                retry.role_is_fresh |= self.shared.roles.is_fresh(&put.role_arn);
            }
            match (retry.next(&error, self.jitter()), refused_role) {
                (Next::GiveUp, Some(put)) => {
                    let details = Box::pin(diagnose(self.shared.cloud, put)).await;
                    return Err(details.into_iter().fold(error.into(), StepError::detail));
                }
                (next, _) => Box::pin(self.retry_or_fail(next, error)).await?,
            }
        }
    }
}

/// The outcome of a delete whose object does not exist.
pub(super) fn done() -> Written {
    Written { output: Output::Done, request_id: None }
}
