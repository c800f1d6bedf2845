//! What can go wrong, and for each of it the exit code, the message and what a person can do.
mod manifest;
#[cfg(test)]
mod tests;

pub(crate) use manifest::{diagnostics, warnings};

use crate::plan_file::{SavedPlanError, Stale};
use crate::ui::escape::{escape, escape_lines};
use crate::ui::exit::Exit;
use crate::ui::style::{ERROR, HELP, paint};
use crate::ui::views::problems;
use pinpoint_streams_aws::s3::{S3Error, UnlockError};
use pinpoint_streams_aws::{ConnectError, ConnectErrorKind};
use pinpoint_streams_executor::archive::ArchiveError;
use pinpoint_streams_executor::cloud::CloudError;
use pinpoint_streams_executor::journal::JournalError;
use pinpoint_streams_executor::lock::LockError;
use pinpoint_streams_executor::session::SessionError;
use pinpoint_streams_executor::state::StateError;
use pinpoint_streams_model::address::Address;
use pinpoint_streams_model::manifest::ManifestErrors;
use pinpoint_streams_model::policy::PolicyError;
use pinpoint_streams_model::problem::Problem;
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
    /// A file is no Terraform state.
    #[error("{} is no Terraform state: {reason}", path.display())]
    Terraform {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
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
            | Error::Terraform { .. }
            | Error::Output(_) => Exit::Error,
            #[cfg(feature = "sandbox")]
            Error::Sandbox(_) => Exit::Error,
        }
    }

    /// What a person can do about it.
    pub(crate) fn hints(&self) -> Vec<String> {
        let one = |hint: &str| vec![hint.to_owned()];
        match self {
            Error::Usage { hint, .. } | Error::NotThere { hint, .. } => vec![hint.clone()],
            Error::NoManifest => one("`pinpoint-streams init` writes one; `--config FILE` names another"),
            Error::File { source, .. } => of_io(source),
            Error::NobodyToAsk { destroy: true } => one("--auto-approve approves without asking"),
            Error::NobodyToAsk { destroy: false } => {
                one("--auto-approve=safe approves plans without delete, replace and wider policies, \
                 --auto-approve approves every plan")
            }
            Error::SweepNeedsWord => {
                one("save the plan with `pinpoint-streams sweep --out FILE`, review it, then \
                 `pinpoint-streams apply FILE --expect-digest DIGEST --approve-accounts ID,…`")
            }
            Error::ReadOnly { .. } => one("`plan` shows what would be done"),
            Error::Connect(error) => vec![error.hint()],
            Error::Cloud { error, .. } => of_cloud(error),
            Error::Bucket(error) => vec![error.hint()],
            Error::Unlock(error) => vec![error.hint()],
            Error::Lock(LockError::Held { beat: Some(beat), .. }) if beat.is_abandoned() => vec![format!(
                "if that run is dead, `pinpoint-streams state unlock {}` takes its lock away; what it did is found \
                 by the next apply",
                beat.id
            )],
            Error::Lock(LockError::Held { .. }) => {
                one("wait until that run has ended, or let this one wait: --lock-timeout 5m")
            }
            Error::Lock(LockError::Lost { .. }) => {
                one("run `pinpoint-streams plan` to see where things stand once no other run is on")
            }
            Error::Lock(LockError::Store { source, .. }) => of_bucket(source.as_ref()),
            Error::Session(SessionError::State(error)) => of_state(error),
            Error::Lock(LockError::Disk(error)) => of_io(&error.source),
            Error::Session(SessionError::Journal(JournalError::Disk(error))) => of_io(&error.source),
            Error::Session(SessionError::Journal(_) | SessionError::Fold(_)) => one(
                "the journal is left as it is; move it away to go on without it: what it held is then found by looking",
            ),
            Error::Archive(ArchiveError::Disk(error)) => of_io(&error.source),
            Error::Archive(ArchiveError::NewerFormat { .. }) => one("use that version, or a newer one"),
            Error::Archive(ArchiveError::Store { source, .. }) => of_bucket(source.as_ref()),
            Error::Archive(_) => {
                one("archives are below .pinpoint-streams/archive/; take the file as it was written")
            }
            Error::SavedPlan(error) => vec![error.hint()],
            Error::Stale(stale) => vec![stale.hint()],
            Error::Terraform { .. } => {
                one("take the state from `terraform state pull`, or what `terraform show -json` prints")
            }
            Error::Manifest(_)
            | Error::Declined
            | Error::Lock(_)
            | Error::Problems(_)
            | Error::Policy { .. }
            | Error::Stopped
            | Error::OutputGone
            | Error::Output(_) => Vec::new(),
            #[cfg(feature = "sandbox")]
            Error::Sandbox(pinpoint_streams_sandbox::StoreError::Io { .. }) => {
                one("check who may read and write there, and whether the disk is full")
            }
            #[cfg(feature = "sandbox")]
            Error::Sandbox(_) => one("`pinpoint-streams sandbox reset` begins anew"),
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
    pub(crate) fn text(&self, width: usize) -> String {
        match self {
            Error::Manifest(errors) => return diagnostics(&errors.sources, &errors.errors, width),
            Error::Problems(found) => return problems::text(found),
            Error::OutputGone => return String::new(),
            _ => {}
        }
        let words = match self {
            // Its lines are of our own making; what is in them is JSON.
            Error::Stale(Stale::Steps { .. }) => escape_lines(&self.to_string()),
            _ => escape(&self.to_string()).into_owned(),
        };
        let mut text = format!("{} {words}\n", paint(ERROR, "error:"));
        let mut cause = beneath(self);
        while let Some(error) = cause {
            let line = error.to_string();
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

fn of_io(error: &io::Error) -> Vec<String> {
    let hint = match error.kind() {
        io::ErrorKind::PermissionDenied => "check who may read and write there",
        io::ErrorKind::NotFound => "check the path",
        io::ErrorKind::IsADirectory => "name a file, not a folder",
        io::ErrorKind::FileTooLarge => "check that this is the file that was meant",
        io::ErrorKind::StorageFull => "make room on the disk, then run the same command again",
        _ => return Vec::new(),
    };
    vec![hint.to_owned()]
}

fn of_cloud(error: &CloudError) -> Vec<String> {
    use pinpoint_streams_model::live::FailureKind as Kind;
    let hint = match error.kind {
        Kind::Denied => format!("allow {} to the credentials", error.operation),
        Kind::Credentials => "get fresh credentials, with `aws sso login` for instance".to_owned(),
        Kind::Connection | Kind::Timeout => {
            "check the network, the proxy, and AWS_ENDPOINT_URL if it is set; then try again".to_owned()
        }
        Kind::Throttled => "try again with a smaller --parallelism".to_owned(),
        Kind::ServiceEnded => {
            "Amazon Pinpoint's support ended on 30 October 2026; new events can go through End User \
            Messaging event destinations (SMS and voice) or be written to Kinesis directly"
                .to_owned()
        }
        _ => return Vec::new(),
    };
    vec![hint]
}

/// What stands behind an error. What stands behind the answer of a bucket are the SDK's words for the same.
pub(crate) fn beneath<'a>(
    error: &'a (dyn std::error::Error + 'static),
) -> Option<&'a (dyn std::error::Error + 'static)> {
    let is_an_answer = S3Error::beneath(error).is_some_and(|answer| answer.to_string() == error.to_string());
    if is_an_answer { None } else { error.source() }
}

/// What is to be done where a bucket did not do its part.
fn of_bucket(error: &(dyn std::error::Error + Send + Sync + 'static)) -> Vec<String> {
    S3Error::beneath(error).map(S3Error::hint).into_iter().collect()
}

fn of_state(error: &StateError) -> Vec<String> {
    let hint = match error {
        StateError::Store { source, .. } => return of_bucket(source.as_ref()),
        StateError::Broken { place, .. } if place.starts_with("s3://") => {
            "put back the last good version of the object; it is left as it is, and is never overwritten"
        }
        StateError::Disk(error) => return of_io(&error.source),
        StateError::NewerFormat { .. } => "use that version, or a newer one",
        StateError::Broken { .. } => {
            "put back the last good copy of the file; it is left as it is, and is never overwritten"
        }
        StateError::OtherWorkspace { .. } => {
            "give each workspace a state of its own with `[state]`, or correct `workspace`"
        }
        StateError::Conflict { .. } => "run `pinpoint-streams plan` to see where things stand",
        _ => return Vec::new(),
    };
    vec![hint.to_owned()]
}
