//! Renders results as styled text and JSON. Nothing is printed here.
pub(crate) mod applied;
pub(crate) mod diff;
pub(crate) mod outcome;
pub(crate) mod plan;
pub(crate) mod report;
pub(crate) mod residue;
pub(crate) mod state;
pub(crate) mod status;
pub(crate) mod sweep;

pub(crate) use super::text::{count, json};
pub(crate) use plan::Detail;

#[cfg(test)]
mod tests;
