//! `apply`: lock, read, plan, check, show, ask, do. Nothing is written to AWS before the plan is approved.
mod approval;
pub(super) mod arguments;
mod expected;
mod report;
mod task;
mod unpushed;
mod versions;

pub(super) use arguments::{Apply, ApplyArgs, Destroy};
pub(super) use task::Source;

use crate::commands::on_heap;
use crate::ui::CommandContext;
use crate::ui::error::Error;
use crate::ui::exit::Exit;
use crate::ui::progress::Progress;
use crate::ui::signals::Signals;
use crate::workspace::locking;
use crate::workspace::{Held, Store, Workspace};
use approval::{Approval, approve};
use pinpoint_streams_executor::clock::{Clock as _, SystemClock};
use pinpoint_streams_executor::journal::Reading;
use pinpoint_streams_executor::{EventStream, Level, Outcome, RunContext, Stop, Stores, execute};
use pinpoint_streams_model::event::{Ending, Event, What};
use pinpoint_streams_model::ids::RunId;
use task::{Job, Ready};
use uuid::Uuid;

pub(super) async fn run(source: Source, doing: ApplyArgs, context: &CommandContext<'_>) -> Result<Exit, Error> {
    let CommandContext { settings, environment, printer } = *context;
    let mut progress = Progress::fitting(doing.events, settings.verbosity, environment);
    let clock = SystemClock;
    let sink = |event: &Event| progress.show(event, printer);
    let mut events = EventStream::begin(&clock, env!("CARGO_PKG_VERSION"), sink);
    let result = on_heap(|| apply(source, &doing, context, &mut events, &clock)).await;
    // What came to its steps has said itself how it ended.
    match &result {
        Ok(_) => {}
        Err(Error::Problems(found)) => events.refuse(found.clone()),
        Err(Error::Stopped) => {
            events.emit(What::Summary { outcome: Ending::Stopped, done: 0, failed: 0, skipped: 0, not_started: 0 })
        }
        Err(_) => events.refuse(Vec::new()),
    }
    result
}

async fn apply<F: FnMut(&Event)>(
    source: Source,
    doing: &ApplyArgs,
    context: &CommandContext<'_>,
    events: &mut EventStream<'_, SystemClock, F>,
    clock: &SystemClock,
) -> Result<Exit, Error> {
    let job = Job::of(source, doing.expect_digest.clone(), context)?;
    let approval = Approval::of(&job, doing, context)?;
    job.workspace.must_be_writable(context.settings)?;
    let workspace = &job.workspace;
    let (drawn, seed) = draw();
    let id = job.run().unwrap_or(drawn);
    let mut signals = Signals::listen().map_err(Error::of_signals)?;
    let store = tokio::select! {
        store = Store::of(workspace) => store?,
        () = signals.next() => return Err(Error::Stopped),
    };
    let held = locking::acquire(&store, &mut signals, context).await?;
    let begin = async {
        versions::check(&store, job.mode(), context).await?;
        let ready = on_heap(|| job.prepare(&store, &id, context)).await?;
        let read_at = clock.now();
        approve(&ready, &approval, doing, context).await?;
        Ok((ready, read_at))
    };
    let begun = tokio::select! {
        begun = begin => begun,
        () = signals.next() => Err(Error::Stopped),
    };
    let (ready, read_at) = match begun {
        Ok(begun) => begun,
        Err(error) => {
            give_up(&store, held, &mut signals, context).await;
            return Err(error);
        }
    };
    let findings = ready.swept.as_ref().map(|swept| swept.findings.roles.clone()).unwrap_or_default();
    let reading = ready.swept.as_ref().map(|swept| Reading {
        at: read_at,
        accounts: swept.accounts.clone(),
        unread: swept.findings.unread.clone(),
    });
    let approved_by = Some(approval.words(context));
    let run = RunContext {
        run: id,
        parallelism: context.settings.parallelism,
        clock,
        seed,
        approved_by,
        findings,
        reading,
    };
    let (outcome, is_lost) =
        carry_out(ready, (&store, &held), workspace, run, &mut signals, events, context).await;
    let unpushed = unpushed::keep(&store, &outcome, workspace, context).await;
    // Whatever becomes of the lock, what was done is what counts.
    give_up(&store, held, &mut signals, context).await;
    let exit = report::show(&outcome, job.mode(), doing.events, unpushed.as_deref(), context);
    Ok(if is_lost && exit == Exit::Stopped { Exit::Partial } else { exit })
}

/// Gives up the lock; what stands in the way is said and changes nothing.
async fn give_up(store: &Store, held: Held, signals: &mut Signals, context: &CommandContext<'_>) {
    if let Err(error) = locking::release(store, held, signals).await {
        context.printer.message(&error.text(context.environment));
    }
}

/// An id for the run, and where the jitter of its waits starts from.
pub(super) fn draw() -> (RunId, u64) {
    let id = Uuid::new_v4().simple().to_string();
    let (_, seed) = Uuid::new_v4().as_u64_pair();
    #[expect(clippy::expect_used, reason = "hexadecimal digits, of which a run id may consist")]
    let run = id[..12].parse().expect("a run id");
    (run, seed)
}

/// Executes the plan; each signal raises the urgency to end, and so does a lock that another took. Says also
/// whether that happened.
async fn carry_out<F: FnMut(&Event)>(
    ready: Ready,
    (store, held): (&Store, &Held),
    workspace: &Workspace,
    run: RunContext<'_, SystemClock>,
    signals: &mut Signals,
    events: &mut EventStream<'_, SystemClock, F>,
    context: &CommandContext<'_>,
) -> (Outcome, bool) {
    let Ready { plan, start, cloud, swept: _ } = ready;
    let (journal, archive) = (workspace.journal(), store.archive());
    let stores = Stores { state: store, journal: &journal, archive: &archive };
    let (stopper, stop) = Stop::channel();
    let mut running = on_heap(|| execute(&plan, &cloud, stores, start, run, stop, events));
    let lost = held.lost();
    tokio::pin!(lost);
    let mut is_lost = false;
    loop {
        tokio::select! {
            outcome = &mut running => return (outcome, is_lost),
            () = &mut lost, if !is_lost => {
                is_lost = true;
                let _ = stopper.raise();
                context.printer.message("the lock is no longer ours: nothing new is started, what runs is finished\n");
            }
            () = signals.next() => context.printer.aside(match stopper.raise() {
                Level::Run | Level::Drain => "stopping: nothing new is started, what runs is finished\n",
                Level::Abandon => "stopping now: nothing is waited for, the state is written\n",
                Level::Leave => "leaving: the journal has what was done\n",
            }),
        }
    }
}
