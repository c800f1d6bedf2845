//! Shared by `apply`, `destroy`, `sweep --apply` and `restore --apply`: the lock, the pipeline and the result. Each command
//! is a [`Request`]; a dry run stops after its conclusion.
mod approval;
mod expected;
mod interrupts;
mod proposed;
mod report;
mod versions;

pub(super) use approval::ApplyArgs;
#[cfg(test)]
pub(super) use approval::AutoApprove;
pub(super) use expected::Expected;

use crate::commands::on_heap;
use crate::ui::progress::Progress;
use crate::ui::signals::Signals;
use crate::ui::{CommandContext, Error, Exit};
use crate::workspace::{HeldLock, Store, Workspace, announce_interrupted_run, locking};
use approval::Approver;
use interrupts::RunInterrupts;
use pinpoint_streams_aws::Aws;
use pinpoint_streams_executor::clock::SystemClock;
use pinpoint_streams_executor::{Paced, RunContext, RunEvents, Stores, apply as pipeline};
use pinpoint_streams_model::event::{Ending, Event};
use pinpoint_streams_model::ids::{AccountAlias, AccountId, RunId};
use pinpoint_streams_model::plan::{Access, Mode, Plan};
use pinpoint_streams_model::sweep::{Findings, SweptAccount};
use pinpoint_streams_planner::{Inquiry, PlanResult, SweepReport};
use pinpoint_streams_store::Loaded;
use proposed::Proposed;
use std::collections::BTreeMap;
use std::time::Duration;
use tokio::time::Instant;
use uuid::Uuid;

/// Where the inputs of a sweep or restore come from.
#[derive(Debug)]
pub(super) enum Source<F, O> {
    Flags(F),
    SavedPlan(SavedInputs<O>),
}

/// The inputs of a saved sweep or restore.
#[derive(Debug)]
pub(super) struct SavedInputs<O> {
    pub(super) options: O,
    pub(super) access: Access,
    pub(super) accounts: BTreeMap<AccountAlias, AccountId>,
}

/// The inquiry of a command, and its workspace.
pub(super) trait Request {
    type Inquiry: Inquiry<Output: IntoPlan>;

    fn mode(&self) -> Mode;

    fn workspace(&self) -> &Workspace;

    /// The command that plans the same change again and applies it.
    fn again(&self) -> String {
        if self.mode() == Mode::Destroy { "destroy".to_owned() } else { "apply".to_owned() }
    }

    /// The command that shows what is left to do.
    fn look(&self) -> String;

    /// What it is good for: `to …`.
    fn purpose(&self) -> &'static str {
        "to check that nothing is left to do"
    }

    /// The run ID of a saved plan, if it has one.
    fn run(&self) -> Option<RunId> {
        None
    }

    /// Connects and builds the inquiry. `run` is `None` in a dry run.
    async fn prepare(
        &self,
        start: &Loaded,
        run: Option<&RunId>,
        expected: &Expected,
        context: &CommandContext<'_>,
    ) -> Result<Prepared<Self::Inquiry>, Error>;
}

/// An inquiry and the connected accounts.
#[derive(Debug)]
pub(super) struct Prepared<I> {
    pub(super) inquiry: I,
    pub(super) cloud: Paced<Aws>,
    pub(super) access: Access,
    /// All selected accounts, including unreachable ones.
    pub(super) accounts: Vec<SweptAccount>,
}

/// The output of an inquiry: a plan and, for a sweep, findings.
pub(super) trait IntoPlan {
    fn into_parts(self) -> (Option<Findings>, PlanResult);

    /// None if there are problems instead.
    fn plan_mut(&mut self) -> Option<&mut Plan>;
}

impl IntoPlan for PlanResult {
    fn into_parts(self) -> (Option<Findings>, PlanResult) {
        (None, self)
    }

    fn plan_mut(&mut self) -> Option<&mut Plan> {
        self.as_mut().ok().map(|planned| &mut planned.plan)
    }
}

impl IntoPlan for SweepReport {
    fn into_parts(self) -> (Option<Findings>, PlanResult) {
        let SweepReport { findings, bundles: _, planned } = self;
        (Some(findings), planned)
    }

    fn plan_mut(&mut self) -> Option<&mut Plan> {
        self.planned.plan_mut()
    }
}

/// The output of a dry run.
#[derive(Debug)]
pub(super) struct Concluded<T> {
    pub(super) output: T,
    /// Of a plan with problems, what does not depend on them.
    pub(super) standing: Option<Plan>,
    pub(super) accounts: Vec<SweptAccount>,
}

/// Runs the inquiry without the lock and with read-only access.
pub(super) async fn conclude<R: Request>(
    request: &R,
    context: &CommandContext<'_>,
) -> Result<Concluded<<R::Inquiry as Inquiry>::Output>, Error> {
    let start = request.workspace().load().await?;
    announce_interrupted_run(&start, context);
    let Prepared { inquiry, cloud, access, accounts } =
        request.prepare(&start, None, &Expected::default(), context).await?;
    let (mut output, live) = context.ask_with_answers(&accounts, &inquiry, &cloud).await;
    let standing = match output.plan_mut() {
        Some(plan) => {
            set_access(plan, access);
            None
        }
        None => inquiry.standing(&live),
    };
    Ok(Concluded { output, standing, accounts })
}

/// The manifest alone says how to connect for the other modes.
fn set_access(plan: &mut Plan, access: Access) {
    if matches!(plan.mode, Mode::Sweep | Mode::Restore) {
        plan.set_access(Some(access));
    }
}

/// Applies a request and emits its events, which end with a summary even if the request is an error.
pub(super) async fn run<R: Request>(
    request: Result<(R, Expected), Error>,
    args: &ApplyArgs,
    context: &CommandContext<'_>,
) -> Result<Exit, Error> {
    let mut events = events(args, context);
    let result = match request {
        Ok((request, expected)) => on_heap(|| apply(&request, expected, args, &mut events, context)).await,
        Err(error) => Err(error),
    };
    // The pipeline emits the summary of a run that reached its steps.
    match &result {
        Ok(_) => {}
        Err(Error::Problems(found)) => events.refuse(found.clone()),
        Err(Error::Stopped) => events.end(Ending::Stopped),
        Err(_) => events.refuse(Vec::new()),
    }
    result
}

type Events<'a> = RunEvents<'a, SystemClock, Box<dyn FnMut(&Event) + 'a>>;

fn events<'a>(args: &ApplyArgs, context: &CommandContext<'a>) -> Events<'a> {
    let CommandContext { settings, environment, printer } = *context;
    let mut progress = Progress::new(args.events, settings.verbosity, environment);
    let sink = Box::new(move |event: &Event| progress.show(event, printer));
    RunEvents::begin(&SystemClock, env!("CARGO_PKG_VERSION"), sink)
}

async fn apply<R: Request>(
    request: &R,
    expected: Expected,
    args: &ApplyArgs,
    events: &mut Events<'_>,
    context: &CommandContext<'_>,
) -> Result<Exit, Error> {
    let (mode, workspace) = (request.mode(), request.workspace());
    let approver = Approver::of(request, &expected, args, context)?;
    workspace.check_writable(context.settings)?;
    let id = request.run().unwrap_or_else(new_run_id);
    let (_, jitter_seed) = Uuid::new_v4().as_u64_pair();
    let mut signals = Signals::listen().map_err(Error::of_signals)?;
    let store = tokio::select! {
        store = Store::open(workspace) => store?,
        () = signals.next() => return Err(Error::Stopped),
    };
    let held = locking::acquire(&store, &mut signals, context).await?;

    let (journal, archive) = (workspace.journal(), store.archive());
    let stores = Stores { state: &store, journal: &journal, archive: &archive };
    let run = RunContext::new(id.clone(), context.settings.parallelism, &SystemClock, jitter_seed);
    let first_wait = if context.settings.sandbox { FIRST_WAIT_IN_SANDBOX } else { run.first_wait };
    let run = RunContext { first_wait, ..run };
    let saved = expected.saved_plan().map(|(file, _)| file.to_owned());
    let mut proposed = Proposed::new(request, expected, approver, args, &store, &id, context);
    let mut interrupts = RunInterrupts::new(&mut signals, &held, context);
    let applied = on_heap(|| pipeline(&mut proposed, stores, run, &mut interrupts, events)).await;
    let (is_lost, abandoned_at) = (interrupts.is_lock_lost(), interrupts.abandoned_at());

    let unpushed = match &applied {
        Ok(outcome) => report::keep_unpushed(&store, outcome, workspace, context).await,
        Err(_) => None,
    };
    // A failure to release the lock does not change the result.
    let release_by = abandoned_at.map(|at| at + ENDS_WITHIN);
    release(&store, held, &mut signals, release_by, context).await;
    let outcome = applied?;
    let finished = report::Finished {
        run: &id,
        plan: proposed.approved_plan(),
        outcome: &outcome,
        next: report::next_commands(request, saved.as_deref(), args, context),
        unpushed: unpushed.as_deref(),
    };
    let exit = finished.show(mode, args, context);
    Ok(if is_lost && exit == Exit::Stopped { Exit::Partial } else { exit })
}

/// The first wait before a refused call is made again in the sandbox: roles propagate there within three quarters of it, the
/// least that chance makes of it.
const FIRST_WAIT_IN_SANDBOX: Duration = Duration::from_millis(400);
/// How long after the second signal a run ends, also if the bucket does not answer.
const ENDS_WITHIN: Duration = Duration::from_secs(2);

/// Releases the lock. Reports a failure and continues.
async fn release(
    store: &Store,
    held: HeldLock,
    signals: &mut Signals,
    by: Option<Instant>,
    context: &CommandContext<'_>,
) {
    if let Err(error) = locking::release(store, held, signals, by).await {
        context.printer.message(&error.text(context.environment));
    }
}

pub(super) fn new_run_id() -> RunId {
    let id = Uuid::new_v4().simple().to_string();
    #[expect(clippy::expect_used, reason = "a run ID may consist of hexadecimal digits")]
    id[..12].parse().expect("a run ID")
}
