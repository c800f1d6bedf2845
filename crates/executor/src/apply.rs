//! The one pipeline that changes AWS, under the lock. The commands differ in their [`Proposal`].
use crate::clock::Clock;
use crate::cloud::{Cloud, ReadCloud};
use crate::events::RunEvents;
use crate::execute::{Outcome, RunContext, Stores, execute};
use crate::stop::{Level, Stop};
use jiff::Timestamp;
use pinpoint_streams_model::{Event, Finding, Plan};
use pinpoint_streams_planner::{Inquiry, LastLook, Planned};
use pinpoint_streams_store::archive::ArchiveStore;
use pinpoint_streams_store::journal::{JournalStore, Reading};
use pinpoint_streams_store::lock::LockCheck;
use pinpoint_streams_store::session::{self, Loaded, SessionError};
use pinpoint_streams_store::state::StateStore;
use std::sync::Arc;

/// A change that a command proposes: its inquiry, the expected plan and the approval.
pub trait Proposal {
    type Inquiry: Inquiry;
    type Cloud: Cloud;
    type Error: From<SessionError> + From<Stopped>;

    /// Rejects a change before the record is opened.
    fn admit(&self) -> impl Future<Output = Result<(), Self::Error>>;

    /// Connects to the accounts and returns the inquiry.
    fn prepare(
        &mut self,
        start: &Loaded,
    ) -> impl Future<Output = Result<(Self::Inquiry, Self::Cloud), Self::Error>>;

    /// Answers the inquiry. Nothing can be written through a [`ReadCloud`].
    fn ask(
        &self,
        inquiry: &Self::Inquiry,
        cloud: &impl ReadCloud,
    ) -> impl Future<Output = <Self::Inquiry as Inquiry>::Output>;

    /// The concluded plan, if it matches the expected one.
    fn check(&mut self, concluded: <Self::Inquiry as Inquiry>::Output) -> Result<Planned, Self::Error>;

    /// Shows the plan, and returns once it is approved. Only then is anything written to AWS.
    fn approve(&mut self, plan: &Plan) -> impl Future<Output = Result<Approval, Self::Error>>;
}

/// An approval, with what is kept about it in the run log.
#[derive(Debug, Clone, Default)]
pub struct Approval {
    /// Who approved the plan, and how; `None` if unknown.
    pub by: Option<String>,
    pub findings: Vec<Finding>,
    pub reading: Option<Reading>,
}

/// A signal arrived before the plan was approved.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("stopped before anything was changed")]
pub struct Stopped;

/// What may stop a run early.
pub trait Interrupts {
    fn signal(&mut self) -> impl Future<Output = ()>;

    /// Returns when another run holds the lock; never, if that cannot happen.
    fn lock_lost(&self) -> impl Future<Output = ()> + use<Self>;

    /// The lock of the run, asked before each write to AWS; `None` if there is none.
    fn lock(&self) -> Option<Arc<dyn LockCheck>> {
        None
    }

    /// Reports that a run which has started is stopping, and how urgently.
    fn stopping(&mut self, because: Interrupt, level: Level);
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Interrupt {
    Signal,
    LockLost,
}

/// Opens the record, asks, concludes, checks, gets approval, and executes. The caller holds and releases the lock.
pub async fn apply<P, S, J, A, K, F, I>(
    proposal: &mut P,
    stores: Stores<'_, S, J, A>,
    run: RunContext<'_, K>,
    interrupts: &mut I,
    events: &mut RunEvents<'_, K, F>,
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
    // Nothing is written to AWS before the plan is approved, so until then a signal ends the run at once.
    let approved = tokio::select! {
        approved = Box::pin(propose(proposal, stores.state, stores.journal, run.clock.now())) => approved?,
        () = interrupts.signal() => return Err(Stopped.into()),
    };
    let Approved { plan, cloud, start, last_look, approval } = approved;
    let Approval { by: approved_by, findings, reading } = approval;
    let run = RunContext { approved_by, findings, reading, last_look, ..run };

    // From here on, each signal and the loss of the lock raise the urgency to stop. The state is still written.
    let (stopper, stop) = Stop::channel();
    let stop = match interrupts.lock() {
        Some(lock) => stop.guarded_by(lock),
        None => stop,
    };
    let mut running = Box::pin(execute(plan, &cloud, stores, start, run, stop.clone(), events));
    let reported = interrupts.lock_lost();
    let mut lock_lost = Box::pin(async {
        tokio::select! {
            () = reported => {}
            () = stop.lock_lost() => {}
        }
    });
    let mut is_lost = false;
    loop {
        tokio::select! {
            outcome = &mut running => {
                if !is_lost && stop.is_lock_lost() {
                    interrupts.stopping(Interrupt::LockLost, stop.level());
                }
                return Ok(outcome);
            }
            () = &mut lock_lost, if !is_lost => {
                is_lost = true;
                interrupts.stopping(Interrupt::LockLost, stopper.raise());
            }
            () = interrupts.signal() => interrupts.stopping(Interrupt::Signal, stopper.raise()),
        }
    }
}

struct Approved<C> {
    plan: Arc<Plan>,
    cloud: C,
    start: Loaded,
    last_look: LastLook,
    approval: Approval,
}

/// Everything before the first write to AWS.
async fn propose<P: Proposal>(
    proposal: &mut P,
    state: &impl StateStore,
    journal: &impl JournalStore,
    now: Timestamp,
) -> Result<Approved<P::Cloud>, P::Error> {
    proposal.admit().await?;
    // The journal of an earlier run is applied before anything relies on the record.
    let start = session::open(state, journal, now).await?;
    let (inquiry, cloud) = proposal.prepare(&start).await?;
    // Concluding first settles pending operations, whose outcome is unknown until AWS has answered.
    let concluded = proposal.ask(&inquiry, &cloud).await;
    // The plan is shown only if it matches the reviewed one, if any.
    let Planned { plan, recorded, last_look } = proposal.check(concluded)?;
    let approval = proposal.approve(&plan).await?;
    Ok(Approved { plan: Arc::new(plan), cloud, start: Loaded { recorded, ..start }, last_look, approval })
}
