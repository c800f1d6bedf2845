//! Pinpoint: apps, their tags and channels, and their event streams.
mod ended;

pub(crate) mod read;
pub(crate) mod write;
