//! Carries a plan out against a cloud and loses nothing: the ports to the cloud and to what is kept on
//! disk, the survey that reads what a plan needs, the journal, the state, the lock and the run itself.
pub mod clock;
pub mod cloud;
