//! The real adapter over the embedded account: the same behaviours as the fake cloud, through the AWS
//! SDK's own wire formats, and what a plan costs in calls.
#![expect(clippy::unwrap_used, reason = "what a test takes for granted and is not so fails it")]
mod account;
mod calls;
mod ended;
mod flaky;
mod garbled;
mod leftovers;
mod organization;
mod permissions;
mod residue;
mod sources;

mod contract {
    pinpoint_streams_testkit::contract_tests!(crate::account::contract_world().await);
}
