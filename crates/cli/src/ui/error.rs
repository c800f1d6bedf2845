//! Errors of all commands, each with its exit code, message and hint.
mod annotations;
mod codes;
#[cfg(test)]
mod every_tests;
mod hints;
mod json;
mod manifest;
mod page;
#[cfg(test)]
mod tests;

pub(crate) use annotations::{Severity, annotations};
pub(crate) use codes::USAGE;
pub(crate) use hints::Work;
pub(crate) use json::entries;
pub(crate) use manifest::{diagnostics, warnings};

use crate::plan_file::{SavedPlanError, Stale};
use crate::settings::Environment;
use crate::ui::escape::{escape, escape_lines};
use crate::ui::exit::Exit;
use crate::ui::problems;
use crate::ui::style::{ERROR, HELP, paint};
use crate::ui::text::causes;
use jiff::Timestamp;
use pinpoint_streams_aws::s3::{S3Error, UnlockError};
use pinpoint_streams_aws::{ConnectError, ConnectErrorKind};
use pinpoint_streams_executor::cloud::CloudError;
use pinpoint_streams_model::address::Address;
use pinpoint_streams_model::ids::RunId;
use pinpoint_streams_model::manifest::ManifestErrors;
use pinpoint_streams_model::policy::PolicyError;
use pinpoint_streams_model::problem::Problem;
use pinpoint_streams_store::archive::ArchiveError;
use pinpoint_streams_store::bundle::BundleError;
use pinpoint_streams_store::journal::JournalError;
use pinpoint_streams_store::lock::LockError;
use pinpoint_streams_store::session::SessionError;
use pinpoint_streams_store::state::StateError;
use std::fmt::Write as _;
use std::io;
use std::path::PathBuf;

#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
    #[error("{message}")]
    Usage { message: String, hint: String },
    #[error("no {} in this directory or its parents", crate::settings::FILE_NAME)]
    NoManifest,
    #[error("failed to {operation} {}", path.display())]
    File { operation: &'static str, path: PathBuf, source: io::Error },
    #[error("invalid manifest")]
    Manifest(#[from] ManifestErrors),
    #[error("approval required, but no terminal to prompt on")]
    ApprovalRequired { destroy: bool },
    /// A sweep changes roles that pinpoint-streams did not create, so a flag alone does not approve it.
    #[error("a sweep must be approved on a terminal by typing each account ID, or as a reviewed plan")]
    SweepApprovalRequired { hint: String },
    #[error("Not approved. Nothing was done.")]
    Declined,
    #[error("writes are disabled: {reason}")]
    ReadOnly { reason: &'static str },
    #[error("{}", connect_message(.0))]
    Connect(Box<ConnectError>),
    #[error("failed to {operation}{}: {error}", address.as_ref().map(|a| format!(" {a}")).unwrap_or_default())]
    Cloud { operation: &'static str, address: Option<Address>, error: Box<CloudError> },
    #[error(transparent)]
    Bucket(Box<S3Error>),
    /// `state unlock` did not release the lock.
    #[error(transparent)]
    Unlock(Box<UnlockError>),
    #[error(transparent)]
    Lock(#[from] LockError),
    #[error(transparent)]
    Session(#[from] SessionError),
    #[error(transparent)]
    Archive(#[from] ArchiveError),
    #[error(transparent)]
    Bundle(#[from] BundleError),
    #[error(transparent)]
    SavedPlan(#[from] SavedPlanError),
    #[error("{0}")]
    Stale(#[from] Stale),
    #[error("{message}")]
    NotFound { message: String, hint: String },
    #[error("the manifest {}, found in a parent directory, is not used: {why}", path.display())]
    ForeignManifest { path: PathBuf, why: io::Error },
    /// Only of commands that measure ages.
    #[error("no response from AWS had a `Date` header, so this machine's clock cannot be checked")]
    NoServiceTime,
    /// Only of commands that measure ages.
    #[error("this machine's clock shows {here:.0}, that of AWS {now:.0}")]
    ClockSkew { here: Timestamp, now: Timestamp },
    /// `report` has shown what the logs say.
    #[error("{}", edited_logs(.0))]
    EditedRunLogs(Vec<RunId>),
    #[error("{} problems", .0.len())]
    Problems(Vec<Problem>),
    #[error("{} is not a policy document: {source}", path.display())]
    Policy { path: PathBuf, source: PolicyError },
    /// A file or directory is not what the command needs.
    #[error("{} {problem}", path.display())]
    InvalidFile {
        path: PathBuf,
        /// A predicate: "is not a Terraform state file: …".
        problem: String,
        hint: String,
    },
    #[error("the current directory does not exist or cannot be read")]
    NoCurrentFolder,
    #[cfg(feature = "sandbox")]
    #[error(transparent)]
    Sandbox(#[from] pinpoint_streams_sandbox::StoreError),
    /// A signal arrived before the first step.
    #[error("stopped; nothing was done")]
    Stopped,
    /// A signal arrived while a command was writing its result.
    #[error("stopped before the command was complete; run it again")]
    Interrupted,
    /// A signal arrived while the lock was released.
    #[error("stopped before the state lock was released")]
    NotReleased,
    /// The reader of stdout closed it.
    #[error("output closed")]
    OutputClosed,
    #[error("failed to write the result")]
    Output(#[source] io::Error),
}

/// The text of a usage error that the parser of the arguments found, with our answer to a word of another tool.
pub(crate) fn usage_text(parsed: &str, ours: Option<&str>) -> String {
    let plain = anstream::adapter::strip_str(parsed).to_string();
    // Without arguments, the help is printed.
    if !plain.starts_with("error:") {
        return parsed.to_owned();
    }
    let coded = parsed.replacen("error:", &format!("error[{}]:", USAGE.id), 1);
    match ours {
        None => coded,
        // The parser's tip and usage are about something else.
        Some(ours) => {
            let first = coded.lines().next().unwrap_or_default();
            format!("{first}\n{} {}\n", paint(HELP, "help:"), escape(ours))
        }
    }
}

/// The same as a JSON document.
pub(crate) fn usage_json(text: &str) -> String {
    let plain = anstream::adapter::strip_str(text).to_string();
    let message = plain.split_once("]:").map_or(plain.as_str(), |(_, message)| message).trim();
    let (message, hint) = match message.split_once("\nhelp: ") {
        Some((message, hint)) => (message, Some(hint.to_owned())),
        None => (message, None),
    };
    json::usage(&USAGE, message.to_owned(), hint)
}

impl From<pinpoint_streams_executor::Stopped> for Error {
    fn from(_: pinpoint_streams_executor::Stopped) -> Error {
        Error::Stopped
    }
}

macro_rules! from_boxed {
    ($($variant:ident($error:ty)),*) => {$(
        impl From<$error> for Error {
            fn from(error: $error) -> Error {
                Error::$variant(Box::new(error))
            }
        }
    )*};
}

from_boxed!(Connect(ConnectError), Bucket(S3Error), Unlock(UnlockError));

impl Error {
    /// Classifies an error from writing to stdout.
    pub(crate) fn of_output(source: io::Error) -> Error {
        match source.kind() {
            io::ErrorKind::BrokenPipe => Error::OutputClosed,
            _ => Error::Output(source),
        }
    }

    pub(crate) fn of_signals(source: io::Error) -> Error {
        Error::File { operation: "listen to", path: "signals".into(), source }
    }

    pub(crate) fn exit(&self) -> Exit {
        match self {
            Error::Manifest(errors) if errors.only_content() => Exit::Problems,
            Error::Problems(_) | Error::ReadOnly { .. } => Exit::Problems,
            Error::Lock(LockError::Held { .. }) | Error::Stale(_) => Exit::Stale,
            Error::Session(
                SessionError::Journal(JournalError::InUse { .. }) | SessionError::State(StateError::InUse { .. }),
            ) => Exit::Stale,
            Error::SavedPlan(SavedPlanError::Edited { .. } | SavedPlanError::Misleading { .. }) => Exit::Stale,
            Error::Unlock(error) if is_still_held(error) => Exit::Stale,
            Error::Stopped | Error::Interrupted | Error::NotReleased => Exit::Stopped,
            // A reader that stops early, such as `head`, is not a failure.
            Error::OutputClosed => Exit::Done,
            Error::Usage { .. }
            | Error::NoManifest
            | Error::File { .. }
            | Error::Manifest(_)
            | Error::ApprovalRequired { .. }
            | Error::SweepApprovalRequired { .. }
            | Error::Declined
            | Error::Connect(_)
            | Error::Cloud { .. }
            | Error::Bucket(_)
            | Error::Unlock(_)
            | Error::Lock(_)
            | Error::Session(_)
            | Error::Archive(_)
            | Error::Bundle(_)
            | Error::SavedPlan(_)
            | Error::NotFound { .. }
            | Error::ForeignManifest { .. }
            | Error::NoServiceTime
            | Error::ClockSkew { .. }
            | Error::EditedRunLogs(_)
            | Error::Policy { .. }
            | Error::InvalidFile { .. }
            | Error::NoCurrentFolder
            | Error::Output(_) => Exit::Error,
            #[cfg(feature = "sandbox")]
            Error::Sandbox(_) => Exit::Error,
        }
    }

    /// The mistakes in the manifest as annotations; nothing outside of GitHub Actions.
    pub(crate) fn annotations(&self, environment: &Environment) -> String {
        match self {
            Error::Manifest(errors) => annotations(Severity::Error, &errors.sources, &errors.errors, environment),
            _ => String::new(),
        }
    }

    /// Details that are shown with `--verbose`.
    pub(crate) fn details(&self) -> Option<&str> {
        match self {
            Error::Connect(error) if error.kind == ConnectErrorKind::NoCredentials => Some(&error.message),
            _ => None,
        }
    }

    /// The message as it is printed, with causes and hint.
    pub(crate) fn text(&self, environment: &Environment) -> String {
        self.text_for(None, environment)
    }

    /// The same of a command for this kind of work.
    pub(crate) fn text_for(&self, work: Option<Work>, environment: &Environment) -> String {
        match self {
            Error::Manifest(errors) => return diagnostics(&errors.sources, &errors.errors, environment.width()),
            Error::Problems(found) => return problems::text(found),
            Error::OutputClosed => return String::new(),
            // An answer, and no failure.
            Error::Declined => return format!("{self}\n"),
            _ => {}
        }
        let words = match self {
            // The differences are on lines of their own.
            Error::Stale(Stale::Steps { .. } | Stale::Changes { .. }) => escape_lines(&self.to_string()),
            _ => escape(&self.shortened(self.to_string(), environment)).into_owned(),
        };
        let mut text = format!("{} {words}\n", paint(ERROR, format_args!("error[{}]:", self.code())));
        for cause in self.causes(&text, environment) {
            let _ = writeln!(text, "  caused by: {}", escape(&cause));
        }
        if let Some(id) = self.request_id() {
            let _ = writeln!(text, "  request id: {}", escape(id));
        }
        if let Some(hint) = self.hint_for(work) {
            let _ = writeln!(text, "{} {}", paint(HELP, "help:"), escape(&hint));
        }
        text
    }

    /// The causes that the message does not contain.
    fn causes(&self, message: &str, environment: &Environment) -> Vec<String> {
        let mut shown = message.to_owned();
        let mut lines = Vec::new();
        for error in causes(self) {
            let line = self.shortened(error.to_string(), environment);
            if !shown.contains(&line) {
                shown.push_str(&line);
                lines.push(line);
            }
        }
        lines
    }

    /// Replaces the path that the error is about by the path relative to the current directory.
    fn shortened(&self, text: String, environment: &Environment) -> String {
        match self.path() {
            Some(path) => text.replace(&path.display().to_string(), &environment.display_path(path).to_string()),
            None => text,
        }
    }

    fn request_id(&self) -> Option<&str> {
        match self {
            Error::Connect(error) => error.request_id.as_deref(),
            Error::Cloud { error, .. } => error.request_id.as_deref(),
            // These are no causes of themselves.
            Error::Bucket(error) => error.request_id.as_deref(),
            Error::Unlock(error) => match error.as_ref() {
                UnlockError::Store(error) => error.request_id.as_deref(),
                _ => None,
            },
            _ => S3Error::find(self)?.request_id.as_deref(),
        }
    }
}

fn edited_logs(runs: &[RunId]) -> String {
    let names = runs.iter().map(RunId::as_str).collect::<Vec<_>>().join(", ");
    let logs = if runs.len() == 1 { "log of run" } else { "logs of runs" };
    format!("the {logs} {names} changed after the run: the state holds another digest")
}

/// The message of a connection error, with the AWS error code and message if AWS responded.
fn connect_message(error: &ConnectError) -> String {
    let ConnectError { alias, kind, operation, code, message, .. } = error;
    match kind {
        ConnectErrorKind::NoCredentials => format!("no credentials for account `{alias}`"),
        ConnectErrorKind::UnknownProfile(_) | ConnectErrorKind::ProfileFile | ConnectErrorKind::Credentials(_) => {
            format!("no credentials for account `{alias}`: {message}")
        }
        ConnectErrorKind::Unreachable => format!("no connection to AWS for account `{alias}`: {message}"),
        ConnectErrorKind::CaBundle | ConnectErrorKind::Endpoint => {
            format!("failed to connect to account `{alias}`: {message}")
        }
        _ => format!("failed to connect to account `{alias}`: {operation} returned {code}: {message}"),
    }
}

/// Whether the lock belongs to a run that may still be alive.
fn is_still_held(error: &UnlockError) -> bool {
    matches!(error, UnlockError::TooYoung { .. } | UnlockError::OtherId { .. } | UnlockError::Changed { .. })
}
