//! Roles: what happens to each, and why. Changes never stop a stream that can go on: expand, move,
//! contract. So a role's steps come in two stages, before and after the event streams move.
//!
//! | module | what it answers |
//! | --- | --- |
//! | `wanted` | which documents and tags a role should have |
//! | `compare` | what differs, and which steps mend it |
//! | `staging` | whether a policy may change at once, or must first grant both |
//! | `adopt` | whose a role is that the state does not know |
//! | `delete` | whether a role is free, and what is taken off it first |
mod adopt;
mod compare;
mod decide;
mod delete;
mod staging;
mod wanted;

pub(crate) use decide::{RoleArns, arns, decide};
pub(crate) use delete::{delete_steps, recorded_role_of, role_reach};
pub(crate) use staging::{late_steps, size};
