//! The codes of errors of the command line, of files, and of AWS.
mod aws;
mod files;
#[cfg(test)]
mod tests;
mod usage;

use super::Error;
use pinpoint_streams_model::error_code::{ErrorCode, manifest, problem};

/// Every code, in the order of `docs/errors.md`, by area.
#[cfg(test)]
pub(crate) fn all() -> Vec<(&'static str, Vec<&'static ErrorCode>)> {
    vec![
        ("The command line", usage::ALL.to_vec()),
        ("The manifest", manifest::ALL.to_vec()),
        ("Plans", problem::ALL.to_vec()),
        ("State, lock, journal, archives and evidence", files::ALL.to_vec()),
        ("AWS", aws::ALL.to_vec()),
    ]
}

/// The code of a usage error that the parser of the arguments found.
pub(crate) use usage::USAGE;

impl Error {
    /// The stable code. Of several mistakes in the manifest or problems of a plan, that of the first.
    pub(crate) fn code(&self) -> &'static ErrorCode {
        match self {
            Error::Manifest(errors) => errors.errors.first().map_or(&manifest::INTERNAL, |error| error.code),
            Error::Problems(found) => found.first().map_or(&problem::UNREADABLE, |one| one.code.error_code()),
            Error::Usage { .. } => &usage::USAGE,
            Error::NoManifest => &usage::NO_MANIFEST,
            Error::File { .. } => &usage::FILE,
            Error::ForeignManifest { .. } => &usage::FOREIGN_MANIFEST,
            Error::InvalidFile { .. } => &usage::INVALID_FILE,
            Error::NoCurrentFolder => &usage::NO_CURRENT_DIRECTORY,
            Error::Output(_) | Error::OutputClosed => &usage::OUTPUT,
            Error::NotFound { .. } => &usage::NOT_FOUND,
            Error::Policy { .. } => &usage::NOT_A_POLICY,
            Error::ApprovalRequired { .. } => &usage::APPROVAL_REQUIRED,
            Error::SweepApprovalRequired { .. } => &usage::SWEEP_APPROVAL_REQUIRED,
            Error::Declined => &usage::DECLINED,
            Error::ReadOnly { .. } => &usage::READ_ONLY,
            Error::Stopped | Error::Interrupted | Error::NotReleased => &usage::STOPPED,
            Error::ClockSkew { .. } => &usage::CLOCK_SKEW,
            Error::NoServiceTime => &usage::NO_SERVICE_TIME,
            #[cfg(feature = "sandbox")]
            Error::Sandbox(_) => &usage::SANDBOX,
            Error::Session(error) => files::of_session(error),
            Error::Lock(error) => files::of_lock(error),
            Error::Archive(error) => files::of_archive(error),
            Error::Bundle(error) => files::of_bundle(error),
            Error::SavedPlan(error) => files::of_saved_plan(error),
            Error::Stale(error) => files::of_stale(error),
            Error::EditedRunLogs(_) => &files::EDITED_RUN_LOGS,
            Error::Unlock(error) => files::of_unlock(error),
            Error::Connect(error) => aws::of_connect(error),
            Error::Cloud { error, .. } => aws::of_failure(error.kind),
            Error::Bucket(error) => aws::of_bucket(error),
        }
    }
}
