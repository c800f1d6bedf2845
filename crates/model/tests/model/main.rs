//! The model through its public interface.
mod policy;
mod questions;
mod resources;
mod role_kind;
