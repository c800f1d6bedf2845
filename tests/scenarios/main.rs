//! Planner and executor together, over the fake cloud and real files: whole lives of workspaces.
#![expect(clippy::unwrap_used, reason = "what a test takes for granted and is not so fails it")]
mod crash;
mod faults;
mod full_disk;
mod last_look;
mod life;
mod lifecycle;
mod matrix;
mod restore;
mod stopping;
mod undo;
