//! The planner against a cloud in memory: what is planned is also carried out, and planned again.
mod drift;
mod expand_move_contract;
mod guard_rails;
mod moved_and_forgotten;
mod preflight;
mod presence;
mod removal;
mod replace;
mod selection;
mod settling;
mod workspace;
