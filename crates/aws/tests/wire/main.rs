//! What goes over the wire and what is made of what comes back, against scripted answers and no network.
#![expect(clippy::unwrap_used, reason = "what a test builds upon is there, or the test has failed")]

mod access;
mod again;
mod canned;
mod connecting;
mod ended;
mod errors;
mod lists;
mod organizations;
mod policies;
mod residue;
mod roles;
mod s3;
mod sources;
mod stacks;
mod streams;
mod writes;
