//! Why a step failed, and how that is recorded and shown.
use crate::cloud::CloudError;
use pinpoint_streams_model::event::StepFailure;
use pinpoint_streams_model::live::Unreadable;

/// The code of a step that was waiting to retry when the run was abandoned.
pub(super) const STOPPED: &str = "Stopped";
/// The reason of a step that was cancelled while it waited for its turn.
pub(super) const NOT_STARTED: &str = "the run was stopped before its call was made";
/// The code of a step whose call was pending when the run was abandoned.
pub(super) const INTERRUPTED: &str = "Interrupted";

#[derive(Debug)]
pub(super) enum StepError {
    /// AWS refused, or the outcome is unknown.
    Cloud(Box<CloudError>, Vec<String>),
    /// The run was abandoned while the step waited to retry.
    Stopped(Box<CloudError>),
    /// The run was stopped before AWS accepted the call.
    NotStarted {
        /// Whether the call was sent and throttled.
        was_sent: bool,
    },
    /// The resource is not as planned, so it is left alone.
    Refused { code: &'static str, message: String, hints: Vec<String> },
}

impl StepError {
    pub(super) fn refused(code: &'static str, message: String) -> StepError {
        StepError::Refused { code, message, hints: Vec::new() }
    }

    /// The resource is no longer as planned.
    pub(super) fn changed(code: &'static str, message: String) -> StepError {
        StepError::refused(code, message).hint("plan again".to_owned())
    }

    /// A read that must precede the write failed: nothing was done.
    pub(super) fn unread(why: Unreadable) -> StepError {
        StepError::from(CloudError { definitely_refused: true, ..CloudError::unread(why) })
    }

    /// Whether AWS may have carried it out anyway.
    pub(super) fn is_in_doubt(&self) -> bool {
        match self {
            StepError::Cloud(error, _) | StepError::Stopped(error) => !error.definitely_refused,
            StepError::NotStarted { was_sent } => *was_sent,
            StepError::Refused { .. } => false,
        }
    }

    /// Adds a hint.
    pub(super) fn hint(mut self, hint: String) -> StepError {
        match &mut self {
            StepError::Cloud(_, hints) | StepError::Refused { hints, .. } => hints.push(hint),
            StepError::Stopped(_) | StepError::NotStarted { .. } => {}
        }
        self
    }

    pub(super) fn failure(self) -> StepFailure {
        match self {
            StepError::Cloud(error, hints) => {
                let message = error.to_string();
                StepFailure { code: error.code, message, request_id: error.request_id, hints }
            }
            StepError::Stopped(error) => {
                let message = format!("stopped while waiting to retry: {error}");
                StepFailure { code: STOPPED.to_owned(), message, request_id: error.request_id, hints: Vec::new() }
            }
            StepError::NotStarted { .. } => {
                let message = NOT_STARTED.to_owned();
                StepFailure { code: STOPPED.to_owned(), message, request_id: None, hints: Vec::new() }
            }
            StepError::Refused { code, message, hints } => {
                StepFailure { code: code.to_owned(), message, request_id: None, hints }
            }
        }
    }
}

impl From<CloudError> for StepError {
    fn from(error: CloudError) -> Self {
        StepError::Cloud(Box::new(error), Vec::new())
    }
}
