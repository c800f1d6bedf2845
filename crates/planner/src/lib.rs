//! Deciding, apart from doing: values in, a plan or all problems out. No clock, no environment, no
//! files, no network; the same inputs give the same plan, byte for byte.
//!
//! | module | what it decides |
//! | --- | --- |
//! | `inquiry` | what an inquiry is: the questions for AWS and the conclusion from the answers |
//! | `reconcile` | converge, destroy and drift: manifest, record and AWS compared |
//! | `sweep` | which roles nothing uses any more, and what is done about them |
//! | `restore` | how what an archive holds is put back |
//! | `discover` | which manifest declares what is live |
//! | `recover` | what a lost record held, by the tags of what is live |
//! | `settle` | what became of pending operations, whose outcome is unknown |
//! | `selection` | which addresses a partial plan covers |
//! | `moves`, `forget` | `[[moved]]` and `[[forget]]`, before anything is compared |
//! | `app`, `role`, `event_stream` | what happens to each address, and why |
//! | `change`, `differences`, `protection`, `tags` | what changes in an address, and why |
//! | `naming`, `lineage`, `reach` | whether a role keeps its name, whose an object is, which apps may use a role |
//! | `usage` | which event stream uses which role, before and after |
//! | `preflight`, `guard` | what stands in the way |
//! | `lost` | what bears our tags and is neither recorded nor wanted |
//! | `drift` | what differs between the record and AWS |
//! | `finish` | the plan of a draft |
//! | `record` | the record, edited by hand |
mod app;
mod change;
mod context;
mod differences;
pub mod discover;
mod draft;
mod drift;
mod event_stream;
mod finish;
mod forget;
mod guard;
mod inquiry;
mod lineage;
mod lost;
mod moves;
mod naming;
mod preflight;
mod protection;
mod reach;
mod reconcile;
pub mod record;
pub mod recover;
mod restore;
mod role;
mod selection;
mod settle;
mod sweep;
mod tags;
mod usage;

pub use discover::Discover;
pub use inquiry::{Inquiry, PlanResult, Planned};
pub use reconcile::{Converge, Destroy, Drift, Inputs};
pub use recover::Recover;
pub use restore::Restore;
pub use sweep::{Sweep, SweepReport};
