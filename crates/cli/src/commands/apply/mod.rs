//! `apply`: lock, read, plan, check, show, ask, do. Nothing is written to AWS before the plan is approved.
mod expected;
mod report;

use super::stores;
use crate::args::{Approval, Doing};
use crate::confirm::{self, Answer};
use crate::connection::{Connection, connect};
use crate::context::Context;
use crate::error::Error;
use crate::exit::Exit;
use crate::planning::{self, Asked, Planned};
use crate::progress::Progress;
use crate::project::Project;
use crate::signals::Signals;
use crate::view::plan::{Detail, plan as view_plan};
use crate::view::problems;
use expected::Expected;
use pinpoint_streams_aws::Aws;
use pinpoint_streams_executor::archive::FileArchive;
use pinpoint_streams_executor::clock::{Clock as _, SystemClock};
use pinpoint_streams_executor::lock::{FileLock, Holder, LockStore as _};
use pinpoint_streams_executor::{
    EventStream, Level, Loaded, Outcome, Paced, RunContext, Stop, Stores, execute, session,
};
use pinpoint_streams_model::event::{Ending, Event, What};
use pinpoint_streams_model::ids::RunId;
use pinpoint_streams_model::plan::{Mode, Options, Plan};
use std::path::PathBuf;
use uuid::Uuid;

/// Where the plan comes from.
#[derive(Debug)]
pub(super) enum Source {
    /// It is made now.
    Fresh {
        /// Which question it answers.
        mode: Mode,
        /// What shapes it.
        options: Box<Options>,
    },
    /// It was saved, and must still hold.
    Saved(PathBuf),
}

/// A plan with all that it takes to carry it out.
#[derive(Debug)]
struct Ready<'a> {
    project: &'a Project,
    plan: Plan,
    start: Loaded,
    cloud: Paced<Aws>,
}

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
    let approval = doing.approval();
    if approval == Approval::Ask && !environment.can_ask() {
        let destroy = matches!(source, Source::Fresh { mode: Mode::Destroy, .. });
        return Err(Error::NobodyToAsk { destroy });
    }
    let project = context.project()?;
    if settings.read_only {
        return Err(Error::ReadOnly { because: "PINPOINT_STREAMS_READ_ONLY is set" });
    }
    if project.manifest.safety().read_only {
        return Err(Error::ReadOnly { because: "the manifest says `[safety] read_only = true`" });
    }
    let expected = Expected::of(source, doing.expect_digest.clone(), &environment.folder)?;
    let lock = FileLock::beside(&project.places.state);
    let holder = Holder {
        who: environment.who.clone(),
        host: environment.host.clone(),
        pid: std::process::id(),
        since: clock.now(),
    };
    let (id, seed) = draw();
    // At the question a signal ends the process by itself; where nobody is asked it is heeded from here on.
    let mut signals = match approval {
        Approval::Ask => None,
        Approval::Given | Approval::GivenIfSafe => Some(Signals::listen().map_err(Error::of_signals)?),
    };
    let begin = async {
        // Given up when dropped, whichever way this ends.
        let held = lock.acquire(&holder, settings.lock_timeout.unwrap_or_default()).await?;
        Ok::<_, Error>((held, prepare(&expected, &project, &id, context).await?))
    };
    let (held, ready) = tokio::select! {
        begun = begin => begun?,
        () = next(&mut signals) => return Err(Error::Stopped),
    };
    approve(&ready.plan, approval, doing, context)?;
    let signals = match signals {
        Some(signals) => signals,
        None => Signals::listen().map_err(Error::of_signals)?,
    };
    let run = RunContext {
        run: id,
        parallelism: settings.parallelism,
        clock,
        seed,
        approved_by: None,
        findings: Vec::new(),
    };
    let outcome = carry_out(ready, run, signals, events, context).await;
    // Whatever becomes of the lock, what was done is what counts.
    if let Err(error) = lock.release(held).await {
        printer.message(&Error::from(error).text(environment.width()));
    }
    Ok(report::show(&outcome, expected.mode, doing.events, context))
}

async fn next(signals: &mut Option<Signals>) {
    match signals {
        Some(signals) => signals.next().await,
        None => std::future::pending().await,
    }
}

/// An id for the run, and where the jitter of its waits starts from.
fn draw() -> (RunId, u64) {
    let id = Uuid::new_v4().simple().to_string();
    let (_, seed) = Uuid::new_v4().as_u64_pair();
    #[expect(clippy::expect_used, reason = "hexadecimal digits, of which a run id may consist")]
    let run = id[..12].parse().expect("a run id");
    (run, seed)
}

/// Opens the record under the lock, reads, plans, and compares with what is expected.
async fn prepare<'a>(
    expected: &Expected,
    project: &'a Project,
    run: &RunId,
    context: &Context<'_>,
) -> Result<Ready<'a>, Error> {
    let (state, journal) = stores(project);
    let start = session::open(&state, &journal).await?;
    let Connection { cloud, desired } = connect(project, Some(run.clone()), context).await?;
    expected.check_ground(&desired, &start.recorded)?;
    let asked = Asked { mode: expected.mode, options: &expected.options };
    let Planned { plan, start } = planning::plan(asked, &desired, start, &cloud, context).await?;
    expected.check_plan(&plan)?;
    Ok(Ready { project, plan, start, cloud })
}

/// Shows the plan, and lets whoever may approve it do so.
fn approve(plan: &Plan, approval: Approval, doing: &Doing, context: &Context<'_>) -> Result<(), Error> {
    let printer = context.printer;
    let detail = if doing.diff { Detail::Everything } else { Detail::Changes };
    printer.aside(&problems::warnings(&plan.warnings));
    if doing.events {
        // Whoever reads stdout gets the plan as an event.
        if approval == Approval::Ask {
            printer.message(&view_plan(plan, detail));
        }
    } else {
        // An apply goes on where nobody reads any more.
        let _ = printer.result(&view_plan(plan, detail));
    }
    if plan.is_empty() {
        return Ok(());
    }
    match approval {
        Approval::Given => Ok(()),
        Approval::GivenIfSafe => match confirm::unsafe_changes(plan) {
            objections if objections.is_empty() => Ok(()),
            objections => Err(Error::Problems(objections)),
        },
        Approval::Ask => {
            let details = || view_plan(plan, Detail::Everything);
            match confirm::ask(printer, &confirm::word(plan), details) {
                Ok(Answer::Approved) => Ok(()),
                Ok(Answer::Declined) => Err(Error::Declined),
                Err(source) => Err(Error::File { doing: "read the answer from", path: "stdin".into(), source }),
            }
        }
    }
}

/// Executes the plan; each signal raises the urgency to end.
async fn carry_out<F: FnMut(&Event)>(
    ready: Ready<'_>,
    run: RunContext<'_, SystemClock>,
    mut signals: Signals,
    events: &mut EventStream<'_, SystemClock, F>,
    context: &Context<'_>,
) -> Outcome {
    let Ready { project, plan, start, cloud } = ready;
    let (state, journal) = stores(project);
    let archive = FileArchive::new(&project.places.archive);
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
