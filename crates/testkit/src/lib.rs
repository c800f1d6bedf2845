//! What the tests of every crate share. Nothing here is part of the program.
//!
//! | module | what it is |
//! | --- | --- |
//! | `cloud` | a stateful cloud that is slow, fails, dies and is disturbed as it is told |
//! | `clock` | a wall clock that follows tokio's |
//! | `memory` | state, journal and archives in memory |
//! | `history` | every moment at which a run can end, with the world as it was then |
//! | `mortal` | the same, as a program keeps them that can die of it |
//! | `desired`, `applied` | builders: what a manifest asks for; the cloud and the record around it |
//! | `strategies`, `disturbance`, `mishaps` | generated manifests, acts of another hand, and what goes wrong on the way |
//! | `inquiries` | asking an inquiry of a cloud, as the program does |
//! | `leftovers` | an account full of roles that Pinpoint left behind |
//! | `hostile` | texts that mean harm, put wherever a text may stand |
//! | `contract` | the behaviours that every cloud must show, the fake one too |
//! | `state_contract` | the behaviours that every store of states must show |
pub mod applied;
pub mod clock;
pub mod cloud;
pub mod contract;
pub mod desired;
pub mod disturbance;
pub mod history;
pub mod hostile;
pub mod inquiries;
pub mod leftovers;
pub mod memory;
pub mod mishaps;
pub mod mortal;
pub mod nightly;
pub mod state_contract;
pub mod strategies;

pub use applied::recorded_from;
pub use clock::FakeClock;
pub use cloud::FakeCloud;
pub use desired::{app_id, desired};
pub use history::World;
pub use inquiries::{ask, reconcile};
pub use memory::Memory;
pub use mortal::Mortal;
/// The ports that the fake implements: one dev edge to this crate is all that a test needs.
pub use pinpoint_streams_executor as executor;

/// Reads a checked value (an id, an ARN, a region) from text that the test knows to be right.
///
/// # Panics
/// If the text is wrong.
#[track_caller]
pub fn parsed<T: std::str::FromStr<Err: std::fmt::Display>>(text: &str) -> T {
    text.parse().unwrap_or_else(|error| panic!("the test is wrong: {error}"))
}
