//! What goes wrong on the way: every fault in every job of the program. It converges, or it stops with a table that is
//! true, and the next run without faults converges; nothing is made twice.
//!
//! | module | what it is |
//! | --- | --- |
//! | `job` | what the program is asked: apply, edit, destroy, adopt, quarantine, reap |
//! | `one_call` | each call of each job goes wrong once, for good |
//! | `shares` | a share of all calls goes wrong |
//! | `lasting` | faults that have a time of their own |
//! | `single` | single faults, and what is reported of them |
mod job;
mod lasting;
mod one_call;
mod shares;
mod single;
