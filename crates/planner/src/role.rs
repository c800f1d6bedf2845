//! Roles: what happens to each, and why. Changes never stop a stream that can go on: expand, move,
//! contract. So a role's steps come in two stages, before and after the event streams move.
//!
//! | module | what it answers |
//! | --- | --- |
//! | `arns` | which ARN a role has or gets |
//! | `decide` | which row of the presence table it is in |
//! | `declared` | what every decision on a role of the manifest looks at |
//! | `wanted` | which documents and tags it should have |
//! | `compare` | what differs |
//! | `staging` | whether a policy may change at once, or must first grant both |
//! | `create`, `update`, `replace` | which steps make it, mend it, or put another in its place |
//! | `adopt` | whose it is if the state does not know it |
//! | `unwanted` | what becomes of it when nothing wants it any more |
//! | `delete` | whether it is free, and what is taken off it first |
mod adopt;
mod arns;
mod compare;
mod create;
mod decide;
mod declared;
mod delete;
mod replace;
mod staging;
mod unwanted;
mod update;
mod wanted;

pub(crate) use arns::{RoleArns, arns};
pub(crate) use decide::decide;
pub(crate) use delete::{Deletion, delete_steps, recorded_role_of};
pub(crate) use staging::{late_steps, size};
pub(crate) use unwanted::lost;
