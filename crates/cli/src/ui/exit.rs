//! The exit codes. They are part of the contract.
use std::process::ExitCode;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exit {
    /// Success, no changes, or equal.
    Done,
    /// An error; nothing was done.
    Error,
    /// Changes, drift, findings or a difference.
    Differs,
    /// Problems in the manifest's content or the plan; nothing was done.
    Problems,
    /// Locked by another run, or the plan is stale.
    Stale,
    /// Some steps were done.
    Partial,
    /// Something that a sweep needs to know is unknown.
    Unknown,
    /// Stopped by a signal; the state was written.
    Stopped,
}

impl Exit {
    pub fn code(self) -> u8 {
        match self {
            Exit::Done => 0,
            Exit::Error => 1,
            Exit::Differs => 2,
            Exit::Problems => 3,
            Exit::Stale => 4,
            Exit::Partial => 5,
            Exit::Unknown => 6,
            Exit::Stopped => 130,
        }
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> ExitCode {
        ExitCode::from(exit.code())
    }
}
