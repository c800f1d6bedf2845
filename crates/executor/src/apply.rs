//! One change of AWS under the lock, from opening the record to writing it: the one pipeline that every command goes
//! through. What the commands differ in is a [`Proposal`].
use crate::clock::Clock;
use crate::cloud::{Cloud, ReadCloud};
use crate::events::EventStream;
use crate::execute::{Outcome, RunContext, Stores, execute};
use crate::stop::{Level, Stop};
use pinpoint_streams_model::event::Event;
use pinpoint_streams_model::plan::Plan;
use pinpoint_streams_model::sweep::Finding;
use pinpoint_streams_planner::{Inquiry, Planned};
use pinpoint_streams_store::archive::ArchiveStore;
use pinpoint_streams_store::journal::{JournalStore, Reading};
use pinpoint_streams_store::session::{self, Loaded, SessionError};
use pinpoint_streams_store::state::StateStore;

/// A change that a command proposes: what is asked of AWS, which plan is expected, and who approves it.
pub trait Proposal {
    type Inquiry: Inquiry;
    type Cloud: Cloud;
    type Error: From<SessionError> + From<Stopped>;

    /// Refuses a change that must not begin, before the record is opened.
    fn admit(&self) -> impl Future<Output = Result<(), Self::Error>>;

    /// Connects to the accounts, and says what is asked of them. `start` is the record.
    fn prepare(
        &mut self,
        start: &Loaded,
    ) -> impl Future<Output = Result<(Self::Inquiry, Self::Cloud), Self::Error>>;

    /// Asks AWS. Handed a [`ReadCloud`] alone, so nothing can be written.
    fn ask(
        &self,
        inquiry: &Self::Inquiry,
        cloud: &impl ReadCloud,
    ) -> impl Future<Output = <Self::Inquiry as Inquiry>::Output>;

    /// The plan that was concluded, if it is the one that is expected.
    fn check(&mut self, concluded: <Self::Inquiry as Inquiry>::Output) -> Result<Planned, Self::Error>;

    /// Shows the plan, and returns once it is approved. Only then is anything written to AWS.
    fn approve(&mut self, plan: &Plan) -> impl Future<Output = Result<Approval, Self::Error>>;
}

/// That a plan is approved, and what is kept about that with the run.
#[derive(Debug, Clone, Default)]
pub struct Approval {
    /// Who approved it, and how, in a few words; none where that is not known.
    pub by: Option<String>,
    /// What a sweep found.
    pub findings: Vec<Finding>,
    /// How far a sweep's reading reached.
    pub reading: Option<Reading>,
}

/// A signal came before the plan was approved, so nothing was begun.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("stopped before anything was begun")]
pub struct Stopped;

/// What may end a run before it is done.
pub trait Interrupts {
    /// Returns with the next request to stop.
    fn signal(&mut self) -> impl Future<Output = ()>;

    /// Returns when the lock is found to be held by another run; never, where that cannot happen.
    fn lock_lost(&self) -> impl Future<Output = ()> + use<Self>;

    /// Says that a run which has begun is ending early, and how urgently.
    fn stopping(&mut self, because: Interrupt, level: Level);
}

/// Why a run ends early.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Interrupt {
    Signal,
    LockLost,
}

/// Opens the record, asks, concludes, compares with what is expected, has the plan approved, and carries it out. The
/// lock is held by the caller, who releases it whatever the result is.
pub async fn apply<P, S, J, A, K, F, I>(
    proposal: &mut P,
    stores: Stores<'_, S, J, A>,
    run: RunContext<'_, K>,
    interrupts: &mut I,
    events: &mut EventStream<'_, K, F>,
) -> Result<Outcome, P::Error>
where
    P: Proposal,
    S: StateStore,
    J: JournalStore,
    A: ArchiveStore,
    K: Clock,
    F: FnMut(&Event),
    I: Interrupts,
{
    // Nothing is written to AWS before the plan is approved, so until then the first signal ends it at once.
    let approved = tokio::select! {
        approved = Box::pin(propose(proposal, stores.state, stores.journal)) => approved?,
        () = interrupts.signal() => return Err(Stopped.into()),
    };
    let Approved { plan, cloud, start, approval: Approval { by: approved_by, findings, reading } } = approved;
    let run = RunContext { approved_by, findings, reading, ..run };

    // From here on every step is written down before it is done. Each signal raises the urgency to end, and so does
    // the loss of the lock; the state is written all the same.
    let (stopper, stop) = Stop::channel();
    let mut running = Box::pin(execute(&plan, &cloud, stores, start, run, stop, events));
    let mut lock_lost = Box::pin(interrupts.lock_lost());
    let mut is_lost = false;
    loop {
        tokio::select! {
            outcome = &mut running => return Ok(outcome),
            () = &mut lock_lost, if !is_lost => {
                is_lost = true;
                interrupts.stopping(Interrupt::LockLost, stopper.raise());
            }
            () = interrupts.signal() => interrupts.stopping(Interrupt::Signal, stopper.raise()),
        }
    }
}

/// An approved plan with all that carrying it out takes.
struct Approved<C> {
    plan: Plan,
    cloud: C,
    start: Loaded,
    approval: Approval,
}

/// Everything that comes before the first write to AWS.
async fn propose<P: Proposal>(
    proposal: &mut P,
    state: &impl StateStore,
    journal: &impl JournalStore,
) -> Result<Approved<P::Cloud>, P::Error> {
    proposal.admit().await?;
    // What an earlier run left in its journal goes into the state before anything rests on the record.
    let start = session::open(state, journal).await?;
    let (inquiry, cloud) = proposal.prepare(&start).await?;
    // The conclusion begins by settling pending operations, whose outcome is unknown until AWS has answered.
    let concluded = proposal.ask(&inquiry, &cloud).await;
    // A person sees the plan only if it is the one that was reviewed before, where one was.
    let Planned { plan, recorded } = proposal.check(concluded)?;
    let approval = proposal.approve(&plan).await?;
    Ok(Approved { plan, cloud, start: Loaded { recorded, ..start }, approval })
}
