//! The executor against a cloud in memory that fails, loses answers and lets the program die.
#![expect(clippy::unwrap_used, reason = "in tests")]
mod ask;
mod clock;
mod creation;
mod deletion;
mod durability;
mod order;
mod pacing;
mod pipeline;
mod quarantine;
mod restoring;
mod retries;
mod runs;
mod stopping;
mod world;
