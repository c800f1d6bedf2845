//! Carrying out a plan.
//!
//! | module | what it is responsible for |
//! | --- | --- |
//! | `dispatch` | the task that starts steps, writes the journal, emits events and counts results |
//! | `step` | the life of a step, from durable intent to durable outcome |
//! | `perform` | operations that take more than one call: `create` (exactly once), `delete` (only what is archived), `gone` (only what a read confirms) |
//! | `shared`, `planned` | what all steps share: ports, what the plan deletes and quarantines, recently changed roles |
//! | `schedule`, `recorder` | which steps are ready; records made durable in batches |
//! | `retry`, `step_error`, `diagnose` | which refusals are retried, why a step failed, what is wrong with a role |
//! | `outcome` | what a run did |
mod create;
mod delete;
mod diagnose;
mod dispatch;
mod gone;
mod look_again;
mod outcome;
mod perform;
mod planned;
mod recorder;
mod retry;
mod schedule;
mod shared;
mod step;
mod step_error;

pub use outcome::{NotWritten, Outcome, StateWrite, StepOutcome, StepResult, Tally};

use crate::clock::Clock;
use crate::cloud::Cloud;
use crate::events::RunEvents;
use crate::stop::{Level, Stop};
use dispatch::Dispatcher;
use pinpoint_streams_model::error::one_line;
use pinpoint_streams_model::recorded::Resources;
use pinpoint_streams_model::{Ending, Event, EventKind, Finding, Lineage, Plan, Recorded, RunId, Serial};
use pinpoint_streams_planner::LastLook;
use pinpoint_streams_store::archive::ArchiveStore;
use pinpoint_streams_store::journal::{self, About, Fold, Header, JournalStore, Link, Reading};
use pinpoint_streams_store::session::Loaded;
use pinpoint_streams_store::state::{State, StateError, StateStore};
use planned::{Quarantines, Teardowns};
use recorder::Recorder;
pub use retry::FIRST_WAIT;
use shared::{RoleChanges, RunShared};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::sync::{Semaphore, mpsc};

#[derive(Debug)]
pub struct Stores<'a, S, J, A> {
    pub state: &'a S,
    pub journal: &'a J,
    pub archive: &'a A,
}

#[derive(Debug, Clone)]
pub struct RunContext<'a, K> {
    pub run: RunId,
    /// The maximum number of concurrent calls; at least 1.
    pub parallelism: usize,
    pub clock: &'a K,
    /// Seeds the jitter of waits.
    pub seed: u64,
    /// The first wait before a call is made again; each following wait is twice as long.
    pub first_wait: Duration,
    /// Kept in the run log; `None` if unknown.
    pub approved_by: Option<String>,
    /// What a sweep found, to be kept with the run.
    pub findings: Vec<Finding>,
    /// How far a sweep's reading reached, to be kept with the run.
    pub reading: Option<Reading>,
    /// What a sweep asks again before it quarantines or deletes a role.
    pub last_look: LastLook,
}

impl<'a, K> RunContext<'a, K> {
    /// Without an approval or findings.
    pub fn new(run: RunId, parallelism: usize, clock: &'a K, seed: u64) -> RunContext<'a, K> {
        let last_look = LastLook::default();
        RunContext {
            run,
            parallelism,
            clock,
            seed,
            first_wait: FIRST_WAIT,
            approved_by: None,
            findings: Vec::new(),
            reading: None,
            last_look,
        }
    }
}

/// Carries out a plan. The caller holds the lock, has opened `start` under it, and has settled pending operations.
/// Emits the plan first and the summary last.
pub async fn execute<C, S, J, A, K, F>(
    plan: Arc<Plan>,
    cloud: &C,
    stores: Stores<'_, S, J, A>,
    start: Loaded,
    run: RunContext<'_, K>,
    stop: Stop,
    events: &mut RunEvents<'_, K, F>,
) -> Outcome
where
    C: Cloud,
    S: StateStore,
    J: JournalStore,
    A: ArchiveStore,
    K: Clock,
    F: FnMut(&Event),
{
    events.emit(EventKind::Plan { plan: Arc::clone(&plan) });
    let plan = &plan;
    let Loaded { state: on_disk, recorded, resumed: _ } = start;
    let serial = on_disk.as_ref().map(|state| state.serial);
    let is_settled = on_disk.as_ref().is_some_and(|state| state.recorded() != recorded);
    if plan.steps.is_empty() && !is_settled {
        return nothing_to_do(recorded, on_disk, events);
    }

    // Before the first call, the state on disk identifies the run and its start.
    let beginning = async {
        if !stop.holds_lock().await {
            return Err(LOCK_REMOVED.to_owned());
        }
        let begun = begin(plan, &stores, on_disk, recorded.clone(), &run).await?;
        // From here on, another run is refused because the journal is in use. If it began before, this one withdraws.
        if stop.holds_lock().await {
            return Ok(begun);
        }
        let removed = stores.journal.remove().await;
        Err(removed.map_or_else(|error| one_line(&error), |()| LOCK_REMOVED.to_owned()))
    };
    let begun = tokio::select! {
        biased;
        begun = beginning => begun,
        () = stop.abandoned_for(LAST_WRITE) => Err("it was stopped first".to_owned()),
    };
    let (before, log, link) = match begun {
        Ok(begun) => begun,
        Err(reason) => return refused(plan, recorded, reason, events),
    };
    let recorded = before.recorded();
    let slots = Arc::new(Semaphore::new(run.parallelism.clamp(1, Semaphore::MAX_PERMITS)));
    let (sender, reports) = mpsc::unbounded_channel();
    let shared = RunShared {
        cloud,
        archive: stores.archive,
        clock: run.clock,
        workspace: &plan.workspace,
        lineage: &before.lineage.clone(),
        run: &run.run,
        mode: plan.mode,
        stop: stop.clone(),
        slots,
        reports: sender,
        jitter: Mutex::new(fastrand::Rng::with_seed(run.seed)),
        first_wait: run.first_wait,
        roles: RoleChanges::of(&recorded, &plan.steps, run.clock.now()),
        teardowns: Teardowns::of(&plan.steps, &recorded),
        quarantines: Quarantines::of(&plan.steps),
        last_look: &run.last_look,
        looked: Mutex::default(),
        asserted: Mutex::default(),
        silent: Mutex::default(),
    };
    let recorder = Recorder::new(log, link, Fold::new(run.run.clone(), recorded, before.archives.clone()));
    let mut dispatcher = Dispatcher::new(plan, recorder, before, events);
    dispatcher.run(&shared, reports, stores.state).await;
    let tally = dispatcher.close(stop.level());
    let Dispatcher { recorder, results: steps, written: before, .. } = dispatcher;

    let next = if recorder.is_empty() { before } else { recorder.state(&before) };
    let is_remote = stores.state.push_every().is_some();
    let state_written = tokio::select! {
        biased;
        () = stop.reached(Level::ExitNow) => Err(NotWritten::ExitedNow),
        () = stop.abandoned_for(LAST_WRITE), if is_remote => {
            Err(StateError::NotAnswered { place: stores.state.place() }.into())
        }
        written = finish(&stores, &stop, &next, recorder.is_empty()) => written,
    };
    let state_written = state_written.map(|()| match next.serial {
        unchanged if Some(unchanged) == serial => StateWrite::Unchanged,
        written => StateWrite::Serial(written),
    });
    let is_cut_short = tally.not_started + tally.unfinished > 0;
    // If only the journal could not be removed, the state is written and the next run removes it.
    let is_state_missing = matches!(&state_written, Err(why) if !matches!(why, NotWritten::Journal(_)));
    let ending = if stop.level() > Level::Run && is_cut_short {
        Ending::Stopped
    } else if !tally.is_all_done() || is_state_missing {
        Ending::Failed
    } else {
        Ending::Done
    };
    events.emit(summary(ending, tally));
    Outcome { ending, steps, recorded: next.recorded(), state: Some(next), state_written }
}

/// How long after the second signal a state that is kept elsewhere may still be written. The rest of two seconds is for
/// the release of the lock.
const LAST_WRITE: Duration = Duration::from_millis(1750);

/// The reason of a run that lost its lock before its first call.
const LOCK_REMOVED: &str = "the lock of the state was removed while this run held it";

/// Writes the state that the run starts from, unless it is on disk already, and creates the journal. The link is that
/// of its first line.
async fn begin<S: StateStore, J: JournalStore, A, K: Clock>(
    plan: &Arc<Plan>,
    stores: &Stores<'_, S, J, A>,
    on_disk: Option<State>,
    recorded: Recorded,
    run: &RunContext<'_, K>,
) -> Result<(State, J::Log, Link), String> {
    let mut state = match on_disk {
        Some(state) => state,
        None => State {
            format: pinpoint_streams_store::state::FORMAT,
            workspace: plan.workspace.clone(),
            lineage: new_lineage()?,
            serial: Serial(0),
            last_run: None,
            journal_seq: 0,
            accounts: BTreeMap::new(),
            resources: Resources::default(),
            pending: Vec::new(),
            archives: BTreeMap::new(),
            run_logs: Vec::new(),
            quarantined: BTreeMap::new(),
        },
    };
    let Recorded { lineage: _, serial: _, mut accounts, resources, pending, quarantined } = recorded;
    for (alias, account) in &plan.basis.accounts {
        accounts.entry(alias.clone()).or_insert_with(|| account.clone());
    }
    let is_on_disk = state.serial != Serial(0)
        && (&state.accounts, &state.resources, &state.pending) == (&accounts, &resources, &pending)
        && state.quarantined == quarantined;
    if !is_on_disk {
        state = State { serial: state.serial.next(), accounts, resources, pending, quarantined, ..state };
        stores.state.write(&state).await.map_err(|error| one_line(&error))?;
    }
    let about = About {
        began_at: run.clock.now(),
        approved_by: run.approved_by.clone(),
        findings: run.findings.clone(),
        reading: run.reading.clone(),
        plan: Arc::clone(plan),
    };
    let header = Header {
        format: journal::FORMAT,
        lineage: state.lineage.clone(),
        serial: state.serial,
        run: run.run.clone(),
        about: Some(Box::new(about)),
    };
    let first_line = journal::line(&header).map_err(|error| one_line(&error))?;
    let link = Link::first(&first_line);
    let log = stores.journal.create(first_line).await.map_err(|error| one_line(&error))?;
    Ok((state, log, link))
}

fn new_lineage() -> Result<Lineage, String> {
    uuid::Uuid::new_v4().simple().to_string().parse().map_err(|invalid| format!("{invalid}"))
}

/// Writes the state under the lock, unless it holds the whole journal already, and removes the journal.
async fn finish<S: StateStore, J: JournalStore, A>(
    stores: &Stores<'_, S, J, A>,
    stop: &Stop,
    state: &State,
    is_on_disk: bool,
) -> Result<(), NotWritten> {
    if !is_on_disk {
        if !stop.holds_lock().await {
            return Err(StateError::LockLost { place: stores.state.place() }.into());
        }
        stores.state.write(state).await?;
    }
    stores.journal.remove().await.map_err(|error| NotWritten::Journal(Arc::new(error)))
}

fn nothing_to_do<K: Clock, F: FnMut(&Event)>(
    recorded: Recorded,
    state: Option<State>,
    events: &mut RunEvents<'_, K, F>,
) -> Outcome {
    let ending = Ending::NoChanges;
    events.emit(summary(ending, Tally::default()));
    Outcome { ending, steps: BTreeMap::new(), recorded, state, state_written: Ok(StateWrite::Unchanged) }
}

/// Nothing was started, because nothing could be recorded.
fn refused<K: Clock, F: FnMut(&Event)>(
    plan: &Plan,
    recorded: Recorded,
    reason: String,
    events: &mut RunEvents<'_, K, F>,
) -> Outcome {
    let not_started = |step: &pinpoint_streams_model::plan::Step| StepOutcome {
        address: step.address.clone(),
        op: step.op.name(),
        result: StepResult::NotStarted { reason: reason.clone() },
    };
    let steps: BTreeMap<_, _> = plan.steps.iter().map(|step| (step.id, not_started(step))).collect();
    let (ending, tally) = (Ending::Refused, Tally { not_started: steps.len(), ..Tally::default() });
    events.emit(summary(ending, tally));
    Outcome { ending, steps, recorded, state: None, state_written: Err(NotWritten::NothingBegun { reason }) }
}

fn summary(outcome: Ending, tally: Tally) -> EventKind {
    let Tally { done, failed, unfinished, skipped, not_started } = tally;
    EventKind::Summary { outcome, done, failed, unfinished, skipped, not_started }
}
