//! Carries a plan out against a cloud and loses nothing: the ports to the cloud and to what is kept on
//! disk, the survey that reads what a plan needs, the journal, the state, the lock and the run itself.
//!
//! | module | what it is responsible for |
//! | --- | --- |
//! | `cloud`, `clock` | the ports to AWS and to time |
//! | `pace` | a cloud that slows down when AWS asks for it |
//! | `inquiry` | asking an inquiry of a cloud |
//! | `survey` | reading what a plan needs to know, in few calls |
//! | `state`, `journal`, `lock`, `archive` | what is kept on disk |
//! | `disk` | how a file is read with an end to it, and written whole, private and not through a link |
//! | `journal::runs` | the runs there were: what `report` is made from |
//! | `session` | what a run starts from: state and journal together |
//! | `apply` | the one pipeline under the lock, from opening the record to writing it |
//! | `execute` | carrying out a plan: order, retries, records, events, outcome |
//! | `events`, `stop` | what a run says, and how it is told to end |
pub mod apply;
pub mod archive;
pub mod clock;
pub mod cloud;
pub mod disk;
pub mod events;
pub mod execute;
pub mod inquiry;
pub mod journal;
pub mod lock;
pub mod pace;
pub mod session;
pub mod state;
pub mod stop;
pub mod survey;

pub use apply::{Approval, Interrupt, Interrupts, Proposal, Stopped, apply};
pub use disk::DiskError;
pub use events::EventStream;
pub use execute::{Outcome, RunContext, StepResult, Stores, execute};
pub use inquiry::{Asked, ask};
pub use pace::Paced;
pub use session::Loaded;
pub use stop::{Level, Stop, Stopper};
pub use survey::{Survey, SurveyOptions, survey};
