//! Planner and executor together, over the fake cloud and real files: whole lives of workspaces.
mod crash;
mod faults;
mod lifecycle;
mod workspace;
