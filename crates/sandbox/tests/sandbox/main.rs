//! The sandbox through its HTTP client, as the SDK sees it, but with requests written by hand.
#![expect(clippy::unwrap_used, reason = "what a test takes for granted may end it")]

mod authorization;
mod caller;
mod decorators;
mod disk;
mod ended;
mod event_streams;
mod iam;
mod organizations;
mod pages;
mod pinpoint;
mod residue;
mod seeds;
mod sources;
mod stacks;
mod streams;
