//! What goes wrong on the way: every fault in every job of the program. It converges, or it stops with a table that is
//! true, and the next run without faults converges; nothing is made twice.
//!
//! | module | what it is |
//! | --- | --- |
//! | `job` | what the program is asked: apply, edit, destroy, adopt, quarantine, reap |
//! | `weather` | what becomes of its calls |
//! | `truth` | the table and the record, held against the cloud |
//! | `one_call` | each call of each job goes wrong once, for good |
//! | `bad_weather` | a share of all calls goes wrong |
//! | `lasting` | faults that have a time of their own |
//! | `told` | single faults, and what is told of them |
mod bad_weather;
mod job;
mod lasting;
mod one_call;
mod told;
mod truth;
mod weather;
