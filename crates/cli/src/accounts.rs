//! From flags, a manifest or a saved plan to accounts that answer: credentials, profiles, organizations and the sandbox.
mod connection;
mod reach;
#[cfg(feature = "sandbox")]
pub(crate) mod sandbox;
mod selector;

pub(crate) use connection::{Connection, connect};
pub(crate) use reach::{Reached, reach, reach_again};
pub(crate) use selector::AccountSelector;
