//! What is shown and asked: results, progress, questions and errors.
mod context;
pub(crate) mod error;
pub(crate) mod escape;
pub(crate) mod exit;
pub(crate) mod printer;
pub(crate) mod progress;
pub(crate) mod prompts;
pub(crate) mod signals;
pub(crate) mod style;
pub(crate) mod views;

pub(crate) use context::CommandContext;
