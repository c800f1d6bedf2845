//! The stores in files: what older versions wrote is read, and every store of states keeps the same contract.
#![expect(clippy::unwrap_used, reason = "in tests")]
mod bundles;
mod formats;
mod state_lines;
mod states;
