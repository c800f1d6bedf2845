//! Reads what a plan needs and carries plans out.
//!
//! | module | what it is responsible for |
//! | --- | --- |
//! | `cloud`, `clock` | the ports to AWS and to time |
//! | `pace` | rate and concurrency limits, by operation |
//! | `ask` | asking what an inquiry needs to know, in few calls, until it can conclude |
//! | `capture` | keeping what AWS answers in a bundle of evidence |
//! | `apply` | the one pipeline under the lock, from opening the record to writing it |
//! | `execute` | carrying out a plan: order, retries, records, events, outcome |
//! | `events`, `stop` | the events of a run, and how it is stopped |
pub mod apply;
pub mod ask;
pub mod capture;
pub mod clock;
pub mod cloud;
pub mod events;
pub mod execute;
pub mod pace;
pub mod stop;

pub use apply::{Approval, Interrupt, Interrupts, Proposal, Stopped, apply};
pub use ask::{AskOptions, InquiryResult, ask};
pub use capture::Capturing;
pub use events::RunEvents;
pub use execute::{Outcome, RunContext, StepResult, Stores, execute};
pub use pace::Paced;
pub use stop::{Level, Stop, Stopper};
