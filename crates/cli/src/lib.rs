//! The command line of pinpoint-streams.
pub mod args;
pub mod confirm;
pub mod environment;
pub mod printer;
pub mod progress;
pub mod view;

#[cfg(test)]
mod testing;
