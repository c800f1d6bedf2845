//! State, lock and archives over an embedded bucket that answers one request at a time, is disturbed as a test tells it,
//! and keeps what it was asked.
mod applies;
mod archives;
mod bucket;
mod locks;
mod permissions;
mod refusals;
mod states;
mod unlocking;
