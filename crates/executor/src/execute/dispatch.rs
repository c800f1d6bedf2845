//! The task of a run that starts steps, writes the journal, emits events and counts results. Workers report to it.
use super::LAST_WRITE;
use super::outcome::{StepOutcome, StepResult, Tally};
use super::recorder::Recorder;
use super::schedule::Schedule;
use super::shared::{Report, RunShared};
use super::step::{End, Finished, StepContext, carry_out};
use super::step_error::{INTERRUPTED, NOT_STARTED};
use crate::clock::Clock;
use crate::cloud::Cloud;
use crate::events::RunEvents;
use crate::pace::CallSlot;
use crate::stop::{Level, Stop};
use futures::StreamExt;
use futures::stream::FuturesUnordered;
use pinpoint_streams_model::event::StepRef;
use pinpoint_streams_model::sweep::{QUARANTINED_ID, is_quarantine};
use pinpoint_streams_model::{Event, EventKind, Op, Outputs, Plan, RoleOp, Step, StepFailure, StepId};
use pinpoint_streams_store::archive::ArchiveStore;
use pinpoint_streams_store::journal::Log;
use pinpoint_streams_store::state::{State, StateError, StateStore};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::mpsc::UnboundedReceiver;
use tokio::time::{Instant, MissedTickBehavior, interval_at, sleep_until};

/// The interval of heartbeat events.
const HEARTBEAT: Duration = Duration::from_secs(10);
/// How long pending calls are awaited once the run is abandoned.
const LAST_CALLS: Duration = Duration::from_secs(1);

pub(super) struct Dispatcher<'r, 'e, L, K, F> {
    steps: BTreeMap<StepId, &'r Step>,
    schedule: Schedule,
    pub(super) recorder: Recorder<L>,
    events: &'r mut RunEvents<'e, K, F>,
    pub(super) results: BTreeMap<StepId, StepOutcome>,
    running: BTreeMap<StepId, CallSlot>,
    outputs: Outputs,
    done: usize,
    /// The last steps of quarantines and releases. Each is started even if the run is stopped, so that a role is left
    /// either as it was or whole: the steps before it are done.
    closing: BTreeSet<StepId>,
    /// The state that was last written.
    pub(super) written: State,
    /// A state of this run that may or may not have been written.
    unconfirmed: Option<State>,
}

impl<'r, 'e, L: Log, K: Clock, F: FnMut(&Event)> Dispatcher<'r, 'e, L, K, F> {
    pub(super) fn new(
        plan: &'r Plan,
        recorder: Recorder<L>,
        written: State,
        events: &'r mut RunEvents<'e, K, F>,
    ) -> Self {
        let closing = plan.steps.iter().filter(|step| is_closing(step)).map(|step| step.id).collect();
        let mut schedule = Schedule::of(&plan.steps);
        schedule.prefer(&closing);
        Dispatcher {
            steps: plan.steps.iter().map(|step| (step.id, step)).collect(),
            schedule,
            recorder,
            events,
            results: BTreeMap::new(),
            running: BTreeMap::new(),
            outputs: Outputs::new(),
            done: 0,
            closing,
            written,
            unconfirmed: None,
        }
    }

    /// Runs until no step is running and none may start, or until the run is abandoned.
    pub(super) async fn run<C: Cloud, A: ArchiveStore, S: StateStore>(
        &mut self,
        shared: &RunShared<'_, C, A, K>,
        mut reports: UnboundedReceiver<Report>,
        store: &S,
    ) {
        let (mut workers, mut pushes) = (FuturesUnordered::new(), FuturesUnordered::new());
        let mut heartbeat = interval_at(Instant::now() + HEARTBEAT, HEARTBEAT);
        heartbeat.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let every = store.push_every();
        let mut push_at = every.map(|every| Instant::now() + every);
        let mut deadline: Option<Instant> = None;
        loop {
            while self.may_start(&shared.stop)
                && let Ok(slot) = Arc::clone(&shared.slots).try_acquire_owned()
                && let Some(step) = self.start(shared.stop.level())
            {
                let Some(step) = self.steps.get(&step).copied() else { continue };
                match step.op.clone().resolve(&self.outputs, shared.lineage) {
                    Ok(op) => {
                        let context = StepContext::new(shared, reference(step), slot);
                        if self.closing.contains(&step.id) {
                            context.slot().outlive_stop();
                        }
                        self.running.insert(step.id, context.slot().clone());
                        workers.push(carry_out(context, op));
                    }
                    Err(unresolved) => self.fail(step.id, failure("Unresolved", unresolved.to_string())),
                }
            }
            if workers.is_empty() && !self.recorder.is_writing() && !self.may_start(&shared.stop) {
                break;
            }
            tokio::select! {
                biased;
                () = shared.stop.reached(Level::ExitNow) => return,
                () = shared.stop.reached(Level::Abandon), if deadline.is_none() => {
                    deadline = Some(Instant::now() + LAST_CALLS);
                }
                () = self.recorder.written() => {}
                Some(report) = reports.recv() => self.on_report(report),
                Some(finished) = workers.next() => self.on_step_finished(finished),
                Some(pushed) = pushes.next() => {
                    self.take_push(pushed);
                    push_at = every.map(|every| Instant::now() + every);
                }
                _ = heartbeat.tick() => self.heartbeat(),
                () = until(deadline) => {
                    workers.clear();
                    break;
                }
                () = until(push_at), if pushes.is_empty() => {
                    push_at = None;
                    if self.recorder.last() > self.written_up_to(shared) {
                        pushes.push(push(store, &shared.stop, self.unconfirmed.take(), self.recorder.state(&self.written)));
                    } else {
                        push_at = every.map(|every| Instant::now() + every);
                    }
                }
            }
            while let Ok(report) = reports.try_recv() {
                self.on_report(report);
            }
            self.recorder.start_writing();
        }
        drop(workers);
        while let Ok(report) = reports.try_recv() {
            self.on_report(report);
        }
        self.recorder.finish().await;
        // A pending write must end before the state is written again.
        let settled = async {
            while let Some(pushed) = pushes.next().await {
                self.take_push(pushed);
            }
            if let Some(unconfirmed) = self.unconfirmed.take()
                && is_written(store, &unconfirmed).await.unwrap_or_default()
            {
                self.written = unconfirmed;
            }
        };
        tokio::select! {
            biased;
            () = shared.stop.reached(Level::ExitNow) => {}
            () = settled => {}
            () = shared.stop.abandoned_for(LAST_WRITE) => {}
        }
    }

    fn take_push(&mut self, pushed: PushResult) {
        match pushed {
            PushResult::Written(state) => self.written = state,
            PushResult::OutcomeUnknown(state) => self.unconfirmed = Some(state),
            PushResult::LockLost => {}
        }
    }

    /// Reports the steps that no worker finished: interrupted or not started.
    pub(super) fn close(&mut self, level: Level) -> Tally {
        for (step, slot) in std::mem::take(&mut self.running) {
            if slot.is_not_started() {
                self.result(step, StepResult::NotStarted { reason: NOT_STARTED.to_owned() });
                continue;
            }
            let message = "its call was pending when the run was stopped; the next run checks its outcome";
            self.leave_unfinished(step, failure(INTERRUPTED, message.to_owned()));
        }
        let reason = match (self.recorder.lost(), level) {
            (Some(lost), _) => lost.to_string(),
            (None, Level::Run) => "a step that it depends on is not in the plan".to_owned(),
            (None, _) => "the run was stopped".to_owned(),
        };
        for step in self.schedule.rest().collect::<Vec<_>>() {
            self.result(step, StepResult::NotStarted { reason: reason.clone() });
        }
        Tally::of(self.results.values().map(|step| &step.result))
    }

    fn may_start(&self, stop: &Stop) -> bool {
        if self.recorder.lost().is_some() {
            return false;
        }
        match stop.level() {
            Level::Run => self.schedule.is_any_ready(),
            Level::Drain | Level::Abandon => !stop.is_lock_lost() && self.schedule.is_one_ready(&self.closing),
            Level::ExitNow => false,
        }
    }

    fn start(&mut self, level: Level) -> Option<StepId> {
        match level {
            Level::Run => self.schedule.start(),
            Level::Drain | Level::Abandon | Level::ExitNow => self.schedule.start_one_of(&self.closing),
        }
    }

    fn written_up_to<C, A>(&self, shared: &RunShared<'_, C, A, K>) -> u64 {
        if self.written.last_run.as_ref() == Some(shared.run) { self.written.journal_seq } else { 0 }
    }

    fn on_report(&mut self, report: Report) {
        match report {
            Report::Record(draft, acknowledge) => self.recorder.take(draft, acknowledge),
            Report::Event(what) => self.events.emit(what),
        }
    }

    fn on_step_finished(&mut self, finished: Finished) {
        let Finished { step, end } = finished;
        self.running.remove(&step);
        match end {
            End::Done { output, request_id } => {
                self.outputs.insert(step, output);
                self.done += 1;
                if let Some(step) = self.steps.get(&step) {
                    self.events.emit(EventKind::StepDone { step: reference(step) });
                }
                self.result(step, StepResult::Done { request_id });
                self.schedule.done(step);
            }
            End::Failed(failure) => self.fail(step, failure),
            End::Unfinished(failure) => self.leave_unfinished(step, failure),
            End::NotStarted { reason } => self.result(step, StepResult::NotStarted { reason }),
        }
    }

    fn fail(&mut self, id: StepId, failure: StepFailure) {
        if let Some(step) = self.steps.get(&id) {
            self.events.emit(EventKind::StepFailed { step: reference(step), failure: failure.clone() });
        }
        self.result(id, StepResult::Failed(failure));
        for skipped in self.schedule.failed(id) {
            if let Some(step) = self.steps.get(&skipped) {
                self.events.emit(EventKind::StepSkipped { step: reference(step), because_of: id });
            }
            self.result(skipped, StepResult::Skipped { because_of: id });
        }
    }

    /// What depends on it stays in the schedule, as not started.
    fn leave_unfinished(&mut self, id: StepId, failure: StepFailure) {
        if let Some(step) = self.steps.get(&id) {
            self.events.emit(EventKind::StepUnfinished { step: reference(step), failure: failure.clone() });
        }
        self.result(id, StepResult::Unfinished(failure));
    }

    fn result(&mut self, id: StepId, result: StepResult) {
        if let Some(step) = self.steps.get(&id) {
            let outcome = StepOutcome { address: step.address.clone(), op: step.op.name(), result };
            self.results.insert(id, outcome);
        }
    }

    fn heartbeat(&mut self) {
        let (done, total, running) = (self.done, self.steps.len(), self.running.len());
        self.events.emit(EventKind::Heartbeat { done, total, running });
    }
}

/// Whether the step completes a quarantine or release that an earlier step begins.
fn is_closing(step: &Step) -> bool {
    let is_last = match &step.op {
        Op::Role(RoleOp::Tag { tags, .. }) => tags.contains_key(QUARANTINED_ID),
        Op::Role(RoleOp::Untag { tag_keys, .. }) => tag_keys.iter().any(|key| is_quarantine(key)),
        _ => false,
    };
    is_last && !step.after.is_empty()
}

enum PushResult {
    Written(State),
    /// It may not have been written: the next write must find out.
    OutcomeUnknown(State),
    LockLost,
}

/// Writes the state during the run, under the lock. A failed write is repaired by the next one or by the final one. First finds out
/// whether an earlier write with an unknown outcome succeeded.
async fn push(store: &impl StateStore, stop: &Stop, before: Option<State>, state: State) -> PushResult {
    if !stop.holds_lock().await {
        return before.map_or(PushResult::LockLost, PushResult::OutcomeUnknown);
    }
    if let Some(before) = before {
        match is_written(store, &before).await {
            Ok(true) => return PushResult::Written(before),
            Ok(false) => {}
            Err(_) => return PushResult::OutcomeUnknown(before),
        }
    }
    match store.write(&state).await {
        Ok(()) => PushResult::Written(state),
        Err(_) => PushResult::OutcomeUnknown(state),
    }
}

/// Whether exactly this state is stored.
async fn is_written(store: &impl StateStore, state: &State) -> Result<bool, StateError> {
    Ok(store.read().await?.as_ref() == Some(state))
}

async fn until(time: Option<Instant>) {
    match time {
        Some(time) => sleep_until(time).await,
        None => std::future::pending().await,
    }
}

fn reference(step: &Step) -> StepRef {
    StepRef { step: step.id, address: step.address.clone(), op: step.op.name() }
}

fn failure(code: &str, message: String) -> StepFailure {
    StepFailure { code: code.to_owned(), message, request_id: None, details: Vec::new(), hints: Vec::new() }
}
