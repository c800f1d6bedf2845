//! Deciding, apart from doing: values in, a plan or all problems out. No clock, no environment, no
//! files, no network; the same inputs give the same plan, byte for byte.
//!
//! | module | what it decides |
//! | --- | --- |
//! | `wants` | which questions AWS must answer before a plan can be made |
//! | `settle` | what became of operations whose end nobody saw |
//! | `selection` | which addresses a partial plan covers |
//! | `moves`, `forget` | `[[moved]]` and `[[forget]]`, before anything is compared |
//! | `app`, `role`, `event_stream` | what happens to each address, and why |
//! | `change`, `differences`, `protection`, `tags` | what changes in an address, and why |
//! | `usage` | which event stream uses which role, before and after |
//! | `preflight`, `guard` | what stands in the way |
//! | `lost` | what bears our tags and nobody knows |
//! | `drift` | what differs between record and life |
//! | `discover` | which manifest declares what is live |
//! | `recover` | what a lost record held, by the tags of what is live |
//! | `record` | the record, edited by hand |
//! | `restore` | how what an archive holds comes back |
//! | `sweep` | which roles nothing uses any more, and what becomes of them |
mod app;
mod assemble;
mod change;
mod context;
mod differences;
pub mod discover;
mod draft;
mod drift;
mod event_stream;
mod forget;
mod guard;
mod lost;
mod moves;
mod preflight;
mod protection;
pub mod record;
pub mod recover;
mod restore;
mod role;
mod selection;
mod settle;
mod sweep;
mod tags;
mod usage;
mod wants;

pub use assemble::plan;
pub use restore::{restore_plan, restore_wants};
pub use settle::{Settled, settle};
pub use sweep::{Sweep, findings, sweep_plan, sweep_wants};
pub use wants::wants;
