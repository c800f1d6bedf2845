//! What the tests of every crate share. Nothing here is part of the program.
//!
//! | module | what it is |
//! | --- | --- |
//! | `cloud` | a stateful cloud with scripted latency, faults and outside changes |
//! | `clock` | a wall clock that follows tokio's |
//! | `memory` | state, journal and archives in memory |
//! | `world`, `faults` | a workspace in its accounts; what is typed there, and what goes wrong meanwhile, as data |
//! | `oracle` | what must hold whatever was typed and whatever went wrong |
//! | `history` | every moment at which a run can end, with the world as it was then |
//! | `desired`, `applied` | builders: what a manifest asks for; the cloud and the record around it |
//! | `inquiries` | asking an inquiry of a cloud, as the program does and in other orders |
//! | `strategies`, `disturbance` | generated manifests, and changes made outside of the program |
//! | `leftovers` | an account full of roles that Pinpoint left behind |
//! | `hostile` | texts that mean harm, put wherever a text may stand |
//! | `reads` | reads by name, as tests ask them |
//! | `contract` | the behaviours that every cloud must show, the fake one too |
//! | `state_contract` | the behaviours that every store of states must show |
pub mod applied;
pub mod clock;
pub mod cloud;
pub mod contract;
pub mod desired;
pub mod disturbance;
pub mod faults;
pub mod history;
pub mod hostile;
pub mod inquiries;
pub mod leftovers;
pub mod memory;
pub mod nightly;
pub mod oracle;
pub mod reads;
mod recorder;
mod sdk;
pub mod state_contract;
pub mod strategies;
pub mod world;
mod write_checks;

pub use applied::recorded_from;
pub use clock::FakeClock;
pub use cloud::FakeCloud;
pub use desired::{app_id, desired};
pub use faults::How;
pub use inquiries::{Questions, ask, demand_same_in_any_order, first_plan, reconcile};
pub use memory::Memory;
pub use oracle::{Outside, Trial};
/// The ports that the fake implements: one dev edge to this crate is all that a test needs.
pub use pinpoint_streams_executor as executor;
pub use reads::Reads;
pub use world::{Command, RunEnd, World};

/// The program's allocator: with glibc's, the tests take a tenth more CPU time.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// All runs that are kept in a folder, oldest first.
#[track_caller]
pub fn run_logs(folder: &std::path::Path) -> Vec<pinpoint_streams_store::journal::RunLog> {
    let kept = pinpoint_streams_store::journal::kept_runs(folder).unwrap_or_else(|error| panic!("{error}"));
    kept.iter().filter_map(|kept| kept.load().unwrap_or_else(|error| panic!("{error}"))).collect()
}

/// Reads a checked value (an id, an ARN, a region) from text that the test knows to be right.
#[track_caller]
pub fn parsed<T: std::str::FromStr<Err: std::fmt::Display>>(text: &str) -> T {
    text.parse().unwrap_or_else(|error| panic!("the test is wrong: {error}"))
}

/// Whether a resource has all of these tags.
fn holds(tags: &pinpoint_streams_model::ownership::Tags, these: &pinpoint_streams_model::ownership::Tags) -> bool {
    these.iter().all(|(key, value)| tags.get(key) == Some(value))
}
