//! What the tests of every crate share: a stateful cloud that can be disturbed, made to fail and cut off, a clock
//! that follows tokio's, builders of what is desired and recorded, generated cases, and the suite of behaviours
//! that every cloud must show.
pub mod applied;
pub mod clock;
pub mod cloud;
pub mod contract;
pub mod desired;
pub mod disturbance;
pub mod memory;
pub mod strategies;

pub use applied::recorded_from;
pub use clock::FakeClock;
pub use cloud::FakeCloud;
pub use desired::{app_id, desired};
pub use memory::Memory;

/// Reads a checked value (an id, an ARN, a region) from text that the test knows to be right.
///
/// # Panics
/// If the text is wrong.
#[track_caller]
pub fn parsed<T: std::str::FromStr<Err: std::fmt::Display>>(text: &str) -> T {
    text.parse().unwrap_or_else(|error| panic!("the test is wrong: {error}"))
}
