//! `apply`: lock, read, plan, check, show, ask, do. Nothing is written to AWS before the plan is approved.
mod approval;
mod expected;
mod report;
mod task;

pub(super) use task::Source;

use crate::args::Doing;
use crate::context::Context;
use crate::error::Error;
use crate::exit::Exit;
use crate::progress::Progress;
use crate::project::Home;
use crate::signals::Signals;
use approval::{Approval, approve};
use pinpoint_streams_executor::archive::FileArchive;
use pinpoint_streams_executor::clock::{Clock as _, SystemClock};
use pinpoint_streams_executor::journal::Reading;
use pinpoint_streams_executor::lock::{FileLock, Holder, LockStore as _};
use pinpoint_streams_executor::{EventStream, Level, Outcome, RunContext, Stop, Stores, execute};
use pinpoint_streams_model::event::{Ending, Event, What};
use pinpoint_streams_model::ids::RunId;
use task::{Job, Ready};
use uuid::Uuid;

pub(super) async fn run(source: Source, doing: Doing, context: &Context<'_>) -> Result<Exit, Error> {
    let Context { settings, environment, printer } = *context;
    let mut progress = Progress::fitting(doing.events, settings.verbosity, environment);
    let clock = SystemClock;
    let sink = |event: &Event| progress.show(event, printer);
    let mut events = EventStream::begin(&clock, env!("CARGO_PKG_VERSION"), sink);
    let result = apply(source, &doing, context, &mut events, &clock).await;
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
    doing: &Doing,
    context: &Context<'_>,
    events: &mut EventStream<'_, SystemClock, F>,
    clock: &SystemClock,
) -> Result<Exit, Error> {
    let Context { settings, environment, printer } = *context;
    let job = Job::of(source, doing.expect_digest.clone(), context)?;
    let approval = Approval::of(&job, doing, context)?;
    job.ground.must_be_writable(context)?;
    let home = &job.ground.home;
    let lock = FileLock::beside(&home.places.state);
    let holder = Holder {
        who: environment.who.clone(),
        host: environment.host.clone(),
        pid: std::process::id(),
        since: clock.now(),
    };
    let (drawn, seed) = draw();
    let id = job.run().unwrap_or(drawn);
    // At the question a signal ends the process by itself; where nobody is asked it is heeded from here on.
    let mut signals = match approval {
        Approval::Ask => None,
        Approval::Given | Approval::GivenIfSafe | Approval::ForAccounts(_) => {
            Some(Signals::listen().map_err(Error::of_signals)?)
        }
    };
    let begin = async {
        // Given up when dropped, whichever way this ends.
        let held = lock.acquire(&holder, settings.lock_timeout.unwrap_or_default()).await?;
        Ok::<_, Error>((held, job.prepare(&id, context).await?))
    };
    let (held, ready) = tokio::select! {
        begun = begin => begun?,
        () = next(&mut signals) => return Err(Error::Stopped),
    };
    let read_at = clock.now();
    approve(&ready, &approval, doing, context)?;
    let signals = match signals {
        Some(signals) => signals,
        None => Signals::listen().map_err(Error::of_signals)?,
    };
    let findings = ready.swept.as_ref().map(|swept| swept.findings.roles.clone()).unwrap_or_default();
    let reading = ready.swept.as_ref().map(|swept| Reading {
        at: read_at,
        accounts: swept.accounts.clone(),
        unread: swept.findings.unread.clone(),
    });
    let approved_by = Some(approval.words(context));
    let run =
        RunContext { run: id, parallelism: settings.parallelism, clock, seed, approved_by, findings, reading };
    let outcome = carry_out(ready, home, run, signals, events, context).await;
    // Whatever becomes of the lock, what was done is what counts.
    if let Err(error) = lock.release(held).await {
        printer.message(&Error::from(error).text(environment.width()));
    }
    Ok(report::show(&outcome, job.mode(), doing.events, context))
}

async fn next(signals: &mut Option<Signals>) {
    match signals {
        Some(signals) => signals.next().await,
        None => std::future::pending().await,
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

/// Executes the plan; each signal raises the urgency to end.
async fn carry_out<F: FnMut(&Event)>(
    ready: Ready,
    home: &Home,
    run: RunContext<'_, SystemClock>,
    mut signals: Signals,
    events: &mut EventStream<'_, SystemClock, F>,
    context: &Context<'_>,
) -> Outcome {
    let Ready { plan, start, cloud, swept: _ } = ready;
    let (state, journal) = home.stores();
    let archive = FileArchive::new(&home.places.archive);
    let stores = Stores { state: &state, journal: &journal, archive: &archive };
    let (stopper, stop) = Stop::channel();
    let running = execute(&plan, &cloud, stores, start, run, stop, events);
    tokio::pin!(running);
    loop {
        tokio::select! {
            outcome = &mut running => return outcome,
            () = signals.next() => context.printer.aside(match stopper.raise() {
                Level::Run | Level::Drain => "stopping: nothing new is started, what runs is finished\n",
                Level::Abandon => "stopping now: nothing is waited for, the state is written\n",
                Level::Leave => "leaving: the journal has what was done\n",
            }),
        }
    }
}
