//! Pinpoint: apps, their tags and channels, their event streams, and what else names roles.
mod ended;

pub(crate) mod read;
pub(crate) mod residue;
pub(crate) mod write;
