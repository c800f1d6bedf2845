//! The planner against a cloud in memory: what is planned is also carried out, and planned again.
#![expect(clippy::unwrap_used, reason = "what a test takes for granted and is not so fails it")]
mod discovered;
mod drift;
mod expand_move_contract;
mod guard_rails;
mod lost;
mod moved_and_forgotten;
mod preflight;
mod presence;
mod properties;
mod recovered;
mod removal;
mod replace;
mod residue;
mod restore;
mod selection;
mod settling;
mod sweep;
mod sweep_account;
mod sweep_actions;
mod sweep_bundles;
mod sweep_failures;
mod sweep_property;
mod sweep_sources;
mod sweep_world;
mod workspace;
