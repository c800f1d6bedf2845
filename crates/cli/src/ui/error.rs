//! What can go wrong, and for each of it the exit code, the message and what a person can do.
mod hints;
mod manifest;
#[cfg(test)]
mod tests;

pub(crate) use manifest::{diagnostics, warnings};

use crate::plan_file::{SavedPlanError, Stale};
use crate::settings::Environment;
use crate::ui::escape::{escape, escape_lines};
use crate::ui::exit::Exit;
use crate::ui::style::{ERROR, HELP, paint};
use crate::ui::views::problems;
use pinpoint_streams_aws::s3::{S3Error, UnlockError};
use pinpoint_streams_aws::{ConnectError, ConnectErrorKind};
use pinpoint_streams_executor::cloud::CloudError;
use pinpoint_streams_model::address::Address;
use pinpoint_streams_model::manifest::ManifestErrors;
use pinpoint_streams_model::policy::PolicyError;
use pinpoint_streams_model::problem::Problem;
use pinpoint_streams_store::archive::ArchiveError;
use pinpoint_streams_store::lock::LockError;
use pinpoint_streams_store::session::SessionError;
use std::fmt::Write as _;
use std::io;
use std::path::PathBuf;

/// Why a command did not do what it was asked for.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
    /// What was typed cannot be meant.
    #[error("{message}")]
    Usage {
        /// What is wrong with it.
        message: String,
        /// What to type instead.
        hint: String,
    },
    /// There is no manifest.
    #[error("no {} here or above", crate::settings::FILE_NAME)]
    NoManifest,
    /// A file or folder cannot be read or written.
    #[error("failed to {doing} {}", path.display())]
    File {
        /// What was being done, as a verb.
        doing: &'static str,
        /// To what.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The manifest is not right.
    #[error("the manifest is not right")]
    Manifest(#[from] ManifestErrors),
    /// Nobody can be asked, and nobody has approved.
    #[error("this needs approval, and there is no terminal to ask on")]
    NobodyToAsk {
        /// Whether everything is to be destroyed.
        destroy: bool,
    },
    /// A sweep touches roles that nobody said are ours, so a flag alone does not approve it.
    #[error("a sweep is approved on a terminal, by typing each account's id, or as a plan that was reviewed")]
    SweepNeedsWord,
    /// The answer was no.
    #[error("not approved; nothing was done")]
    Declined,
    /// Writing is forbidden.
    #[error("nothing may be written: {because}")]
    ReadOnly {
        /// Who says so.
        because: &'static str,
    },
    /// An account cannot be called.
    #[error("{}", connecting(.0))]
    Connect(Box<ConnectError>),
    /// A call failed.
    #[error("failed to {doing}{}: {error}", address.as_ref().map(|a| format!(" {a}")).unwrap_or_default())]
    Cloud {
        /// What was being done, as a verb: "read".
        doing: &'static str,
        /// To what.
        address: Option<Address>,
        /// What AWS answered.
        error: Box<CloudError>,
    },
    /// The bucket of the state cannot be called.
    #[error(transparent)]
    Bucket(Box<S3Error>),
    /// The lock on a state in a bucket was not taken away.
    #[error(transparent)]
    Unlock(Box<UnlockError>),
    /// Another run holds the lock, or it cannot be had.
    #[error(transparent)]
    Lock(#[from] LockError),
    /// State and journal cannot be used.
    #[error(transparent)]
    Session(#[from] SessionError),
    /// An archive cannot be read.
    #[error(transparent)]
    Archive(#[from] ArchiveError),
    /// A saved plan cannot be used.
    #[error(transparent)]
    SavedPlan(#[from] SavedPlanError),
    /// The plan no longer holds.
    #[error("{0}")]
    Stale(#[from] Stale),
    /// There is no such thing.
    #[error("{what}")]
    NotThere {
        /// What is missing.
        what: String,
        /// Where to look.
        hint: String,
    },
    /// What stands in the way of a plan.
    #[error("{} problems", .0.len())]
    Problems(Vec<Problem>),
    /// A file holds no policy.
    #[error("{} holds no policy: {source}", path.display())]
    Policy {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        source: PolicyError,
    },
    /// A file or folder is not what it is taken for.
    #[error("{} {problem}", path.display())]
    Unusable {
        path: PathBuf,
        /// What is wrong with it: "is not a Terraform state file: …".
        problem: String,
        hint: String,
    },
    /// The system does not say what the current folder is.
    #[error("the current folder does not exist, or may not be read")]
    NoFolder,
    /// The embedded account cannot be used.
    #[cfg(feature = "sandbox")]
    #[error(transparent)]
    Sandbox(#[from] pinpoint_streams_sandbox::StoreError),
    /// A signal came before anything was done.
    #[error("stopped; nothing was done")]
    Stopped,
    /// Nobody reads the results any more.
    #[error("the output is gone")]
    OutputGone,
    /// Results cannot be written.
    #[error("failed to write the result")]
    Output(#[source] io::Error),
}

impl From<pinpoint_streams_executor::Stopped> for Error {
    fn from(_: pinpoint_streams_executor::Stopped) -> Error {
        Error::Stopped
    }
}

impl From<ConnectError> for Error {
    fn from(error: ConnectError) -> Error {
        Error::Connect(Box::new(error))
    }
}

impl From<S3Error> for Error {
    fn from(error: S3Error) -> Error {
        Error::Bucket(Box::new(error))
    }
}

impl From<UnlockError> for Error {
    fn from(error: UnlockError) -> Error {
        Error::Unlock(Box::new(error))
    }
}

impl Error {
    /// A result that could not be written.
    pub(crate) fn of_output(source: io::Error) -> Error {
        match source.kind() {
            io::ErrorKind::BrokenPipe => Error::OutputGone,
            _ => Error::Output(source),
        }
    }

    /// Signals that cannot be listened to.
    pub(crate) fn of_signals(source: io::Error) -> Error {
        Error::File { doing: "listen to", path: "signals".into(), source }
    }

    /// The code that the process exits with.
    pub(crate) fn exit(&self) -> Exit {
        match self {
            Error::Manifest(errors) if errors.only_content() => Exit::Problems,
            Error::Problems(_) | Error::ReadOnly { .. } => Exit::Problems,
            Error::Lock(LockError::Held { .. }) | Error::Stale(_) => Exit::Stale,
            Error::SavedPlan(SavedPlanError::Edited { .. }) => Exit::Stale,
            Error::Unlock(error) if is_still_held(error) => Exit::Stale,
            Error::Stopped => Exit::Stopped,
            // A reader that has what it wanted, `head` for instance, is no failure.
            Error::OutputGone => Exit::Done,
            Error::Usage { .. }
            | Error::NoManifest
            | Error::File { .. }
            | Error::Manifest(_)
            | Error::NobodyToAsk { .. }
            | Error::SweepNeedsWord
            | Error::Declined
            | Error::Connect(_)
            | Error::Cloud { .. }
            | Error::Bucket(_)
            | Error::Unlock(_)
            | Error::Lock(_)
            | Error::Session(_)
            | Error::Archive(_)
            | Error::SavedPlan(_)
            | Error::NotThere { .. }
            | Error::Policy { .. }
            | Error::Unusable { .. }
            | Error::NoFolder
            | Error::Output(_) => Exit::Error,
            #[cfg(feature = "sandbox")]
            Error::Sandbox(_) => Exit::Error,
        }
    }

    /// The same for programs, where it is about the content of the manifest or the plan.
    pub(crate) fn json(&self) -> Option<String> {
        match self {
            Error::Problems(found) => Some(problems::json(found)),
            Error::Manifest(errors) => Some(manifest::json(&errors.sources, &errors.errors)),
            _ => None,
        }
    }

    /// What is worth knowing only to who asked for more.
    pub(crate) fn details(&self) -> Option<&str> {
        match self {
            Error::Connect(error) if error.kind == ConnectErrorKind::NoCredentials => Some(&error.message),
            _ => None,
        }
    }

    /// The whole message as it is shown, hints included.
    pub(crate) fn text(&self, environment: &Environment) -> String {
        match self {
            Error::Manifest(errors) => return diagnostics(&errors.sources, &errors.errors, environment.width()),
            Error::Problems(found) => return problems::text(found),
            Error::OutputGone => return String::new(),
            _ => {}
        }
        let words = match self {
            // Its lines are of our own making; what is in them is JSON.
            Error::Stale(Stale::Steps { .. }) => escape_lines(&self.to_string()),
            _ => escape(&self.shortened(self.to_string(), environment)).into_owned(),
        };
        let mut text = format!("{} {words}\n", paint(ERROR, "error:"));
        let mut cause = beneath(self);
        while let Some(error) = cause {
            let line = self.shortened(error.to_string(), environment);
            // What a message holds already is not said twice.
            if !text.contains(&line) {
                let _ = writeln!(text, "  because: {}", escape(&line));
            }
            cause = beneath(error);
        }
        if let Some(id) = self.request_id() {
            let _ = writeln!(text, "  request id: {}", escape(id));
        }
        for hint in self.hints() {
            let _ = writeln!(text, "{} {}", paint(HELP, "help:"), escape(&hint));
        }
        text
    }

    /// The text with the path that it is about as a person here would write it.
    fn shortened(&self, text: String, environment: &Environment) -> String {
        match self.path() {
            Some(path) => text.replace(&path.display().to_string(), &environment.shown(path).to_string()),
            None => text,
        }
    }

    fn request_id(&self) -> Option<&str> {
        match self {
            Error::Connect(error) => error.request_id.as_deref(),
            Error::Cloud { error, .. } => error.request_id.as_deref(),
            _ => S3Error::beneath(self)?.request_id.as_deref(),
        }
    }
}

/// What stands between us and an account, with what AWS said where AWS was reached.
fn connecting(error: &ConnectError) -> String {
    let ConnectError { alias, kind, operation, code, message, .. } = error;
    match kind {
        ConnectErrorKind::NoCredentials => format!("no credentials for account `{alias}`"),
        ConnectErrorKind::UnknownProfile(_) | ConnectErrorKind::ProfileFile => {
            format!("no credentials for account `{alias}`: {message}")
        }
        ConnectErrorKind::Unreachable => format!("no connection to AWS for account `{alias}`: {message}"),
        _ => format!("failed to connect to account `{alias}`: {operation} answered {code}: {message}"),
    }
}

/// A lock that somebody keeps up is as good as one that is held.
fn is_still_held(error: &UnlockError) -> bool {
    matches!(error, UnlockError::TooYoung { .. } | UnlockError::OtherId { .. } | UnlockError::Changed { .. })
}

/// What stands behind an error. What stands behind the answer of a bucket are the SDK's words for the same.
pub(crate) fn beneath<'a>(
    error: &'a (dyn std::error::Error + 'static),
) -> Option<&'a (dyn std::error::Error + 'static)> {
    let is_an_answer = S3Error::beneath(error).is_some_and(|answer| answer.to_string() == error.to_string());
    if is_an_answer { None } else { error.source() }
}
