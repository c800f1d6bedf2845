//! Renders results as styled text and JSON. Nothing is printed here.
pub(crate) mod diff;
mod field;
pub(crate) mod outcome;
pub(crate) mod plan;
pub(crate) mod report;
pub(crate) mod residue;
pub(crate) mod state;
pub(crate) mod sweep;

pub(crate) use super::text::{count, json};
pub(crate) use field::Detail;

#[cfg(test)]
mod tests;
