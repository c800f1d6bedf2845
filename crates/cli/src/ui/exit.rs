//! The exit codes, which are a contract.
use std::process::ExitCode;

/// How the process ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exit {
    /// Done, or nothing to do, or equal.
    Done,
    /// An error; nothing was done.
    Error,
    /// There is something to do, to see, or different.
    Differs,
    /// Problems in the manifest's content or the plan; nothing was done.
    Problems,
    /// Locked by another run, or the plan is stale.
    Stale,
    /// Part was done.
    Partial,
    /// Something that a sweep would have to know is unknown.
    Unknown,
    /// A signal stopped it; the state is written.
    Stopped,
}

impl Exit {
    /// As the system sees it.
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
