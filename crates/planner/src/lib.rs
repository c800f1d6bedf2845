//! Values in; a plan, or all problems, out. No clock, environment, files or network: the same inputs give the same plan,
//! byte for byte.
//!
//! | module | what it decides |
//! | --- | --- |
//! | `reconcile` | converge, destroy and drift: manifest, state and AWS compared |
//! | `sweep` | which roles nothing uses any more, and what is done about them |
//! | `restore` | how the contents of archives are restored |
//! | `undo` | how a past run is reversed |
//! | `discover` | the manifest that declares what is live |
//! | `recover` | the contents of a lost state, from the tags of what is live |
//! | `verify` | whether the event stream of each app can work |
//! | `settle` | the outcome of pending operations |
//! | `selection` | which addresses a partial plan covers |
//! | `moves` | `[[moved]]` and `[[forget]]`, before anything is compared |
//! | `app`, `role`, `event_stream` | what happens to each address, and why |
//! | `context`, `draft` | the inputs of all decisions; the plan under construction |
//! | `change`, `differences` | what changes at an address, and why |
//! | `usage` | which event stream uses which role, before and after; which apps may use a role |
//! | `preflight`, `guard` | what prevents a plan |
//! | `lost` | what has the workspace's tags and is neither recorded nor desired |
//! | `drift` | what differs between the state and AWS |
//! | `record` | `state mv` and `state rm` |
mod app;
mod change;
mod context;
mod differences;
pub mod discover;
mod draft;
mod drift;
mod event_stream;
mod guard;
mod moves;
mod orphans;
mod preflight;
mod reconcile;
pub mod record;
pub mod recover;
mod restore;
mod role;
mod selection;
mod settle;
mod sweep;
mod undo;
mod usage;
pub mod verify;

pub use discover::Discover;
pub use reconcile::{Converge, Destroy, Drift, Inputs};
pub use recover::Recover;
pub use restore::{BegunDeletes, Restore, whole_archives};
pub use sweep::{Basis, Bundle, Capture, FindResidue, LastLook, PRICES_AS_OF, PRICES_SOURCE, Sweep, SweepReport};
pub use undo::{DoneOp, PastRun, Undo};
pub use verify::Verify;

use pinpoint_streams_model::{Live, Plan, Problems, Question, Recorded};
use std::collections::BTreeSet;

/// What is asked of AWS, and what follows from the answers. The same answers give the same output.
pub trait Inquiry {
    type Output;

    /// What must be asked, given what has been answered so far; may include questions that have an answer. Computed again as
    /// answers come, until nothing new comes: what is read depends on what was found.
    fn questions(&self, live: &Live) -> BTreeSet<Question>;

    /// Whether answers may be followed up while others are outstanding: whatever is asked given some of the answers is also
    /// asked given more of them, or has been answered. Otherwise calls would be made that a later answer makes needless.
    fn may_ask_ahead(&self) -> bool {
        false
    }

    /// What follows, once every question has an answer. A read that failed is an answer too.
    fn conclude(&self, live: &Live) -> Self::Output;

    /// Of a plan with problems, what does not depend on them: to be read, not applied. None if nothing can be said.
    fn standing(&self, _live: &Live) -> Option<Plan> {
        None
    }
}

impl<I: Inquiry + ?Sized> Inquiry for Box<I> {
    type Output = I::Output;

    fn questions(&self, live: &Live) -> BTreeSet<Question> {
        (**self).questions(live)
    }

    fn may_ask_ahead(&self) -> bool {
        (**self).may_ask_ahead()
    }

    fn conclude(&self, live: &Live) -> I::Output {
        (**self).conclude(live)
    }

    fn standing(&self, live: &Live) -> Option<Plan> {
        (**self).standing(live)
    }
}

/// A plan, and the record that it starts from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Planned {
    pub plan: Plan,
    /// The record with pending operations settled as far as the answers tell.
    pub recorded: Recorded,
    pub last_look: LastLook,
}

/// A plan with the record that it starts from, or all problems.
pub type PlanResult = Result<Planned, Problems>;
