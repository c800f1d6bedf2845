//! Carries a plan out against a cloud and loses nothing: the ports to the cloud, the survey that reads what a plan
//! needs, and the run itself.
//!
//! | module | what it is responsible for |
//! | --- | --- |
//! | `cloud`, `clock` | the ports to AWS and to time |
//! | `pace` | a cloud that slows down when AWS asks for it |
//! | `inquiry` | asking an inquiry of a cloud |
//! | `survey` | reading what a plan needs to know, in few calls |
//! | `apply` | the one pipeline under the lock, from opening the record to writing it |
//! | `execute` | carrying out a plan: order, retries, records, events, outcome |
//! | `events`, `stop` | what a run says, and how it is told to end |
pub mod apply;
pub mod clock;
pub mod cloud;
pub mod events;
pub mod execute;
pub mod inquiry;
pub mod pace;
pub mod stop;
pub mod survey;

pub use apply::{Approval, Interrupt, Interrupts, Proposal, Stopped, apply};
pub use events::EventStream;
pub use execute::{Outcome, RunContext, StepResult, Stores, execute};
pub use inquiry::{Asked, ask};
pub use pace::Paced;
pub use stop::{Level, Stop, Stopper};
pub use survey::{Survey, SurveyOptions, survey};
