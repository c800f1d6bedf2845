//! Output and input: results, progress, prompts and errors.
mod context;
pub(crate) mod error;
pub(crate) mod escape;
pub(crate) mod exit;
pub(crate) mod facts;
pub(crate) mod page;
pub(crate) mod printer;
pub(crate) mod problems;
pub(crate) mod progress;
pub(crate) mod prompts;
mod reading;
pub(crate) mod reason;
pub(crate) mod review;
pub(crate) mod signals;
pub(crate) mod style;
pub(crate) mod table;
pub(crate) mod text;
pub(crate) mod views;
pub(crate) mod wrap;

pub(crate) use context::{CommandClock, CommandContext};
pub(crate) use error::Error;
pub(crate) use escape::escape;
pub(crate) use exit::Exit;

#[cfg(test)]
pub(crate) mod hostile_tests;
