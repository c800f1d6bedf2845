//! What goes over the wire and what is made of what comes back, against scripted answers and no network.
mod canned;
mod connecting;
mod errors;
mod lists;
mod roles;
mod streams;
mod writes;
