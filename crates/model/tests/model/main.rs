//! The model through its public interface.
#![expect(clippy::unwrap_used, reason = "what a test takes for granted and is not so fails it")]
mod policy;
mod questions;
mod resources;
mod role_kind;
