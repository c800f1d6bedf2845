//! The real program, run in folders of its own against the embedded account.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on should say where")]
mod applied;
#[cfg(all(target_os = "linux", target_env = "gnu"))]
mod asked;
mod bad_input;
mod carried_states;
mod columns;
mod discover;
mod ended_service;
mod events;
mod evidence;
mod export;
mod full_disk;
mod hostile_files;
mod main_job;
mod offline;
mod output_gone;
mod owners;
#[cfg(unix)]
mod pages;
#[cfg(unix)]
mod plan_formats;
mod planted;
#[cfg(all(target_os = "linux", target_env = "gnu"))]
mod power_cut;
mod profiles;
mod questions;
mod read_only;
mod real_accounts;
mod recover;
mod report;
mod residue;
mod restore;
#[cfg(all(target_os = "linux", target_env = "gnu"))]
mod review;
mod saved_plans;
#[cfg(unix)]
mod shells;
mod signals;
mod state_files;
mod status;
mod support;
mod surroundings;
mod sweep;
mod terminal;
mod undo;
mod verify;

#[cfg(not(all(target_os = "linux", target_env = "gnu")))]
#[test]
#[ignore = "power cuts, and two processes at once, need LD_PRELOAD as on Linux with the GNU C library"]
fn power_cut() {}
