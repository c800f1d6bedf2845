//! One apply.
mod outcome;

pub use outcome::{NotWritten, Outcome, StepOutcome, StepResult, Tally, Written};

use crate::archive::ArchiveStore;
use crate::clock::Clock;
use crate::cloud::Cloud;
use crate::events::EventStream;
use crate::journal::JournalStore;
use crate::session::Loaded;
use crate::state::StateStore;
use crate::stop::Stop;
use pinpoint_streams_model::event::Event;
use pinpoint_streams_model::ids::RunId;
use pinpoint_streams_model::plan::Plan;

/// Where a run keeps what must not be lost.
#[derive(Debug)]
pub struct Stores<'a, S, J, A> {
    /// The state.
    pub state: &'a S,
    /// The journal.
    pub journal: &'a J,
    /// The archives.
    pub archive: &'a A,
}

/// What makes one run different from another.
#[derive(Debug, Clone)]
pub struct RunContext<'a, K> {
    /// Its id.
    pub run: RunId,
    /// How many calls may be under way at once; at least one.
    pub parallelism: usize,
    /// The wall clock.
    pub clock: &'a K,
    /// Where the jitter of waits starts from.
    pub seed: u64,
}

/// Carries out a plan. The lock is held, `start` was opened under it and its pending operations are settled as far
/// as they could be.
pub async fn execute<C, S, J, A, K, F>(
    plan: &Plan,
    cloud: &C,
    stores: Stores<'_, S, J, A>,
    start: Loaded,
    run: RunContext<'_, K>,
    stop: Stop,
    events: &mut EventStream<'_, K, F>,
) -> Outcome
where
    C: Cloud,
    S: StateStore,
    J: JournalStore,
    A: ArchiveStore,
    K: Clock,
    F: FnMut(&Event),
{
    let _ = (plan, cloud, stores, start, run, stop, events);
    std::future::pending().await
}
