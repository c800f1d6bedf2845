//! Why a step did not succeed, and what is recorded and shown of it.
use crate::cloud::CloudError;
use pinpoint_streams_model::event::StepFailure;
use pinpoint_streams_model::live::Unreadable;

/// The code of a step that was waiting when the run was told to stop waiting.
pub(super) const STOPPED: &str = "Stopped";
/// Why a step that stood in line was not carried out.
pub(super) const NOT_STARTED: &str = "the run was stopped before its call was made";
/// The code of a step whose call was under way when the run let go of it.
pub(super) const INTERRUPTED: &str = "Interrupted";

/// Why a step did not succeed.
#[derive(Debug)]
pub(super) enum StepError {
    /// AWS refused, or nobody knows.
    Cloud(Box<CloudError>, Vec<String>),
    /// The run was told to stop waiting for this to pass.
    Stopped(Box<CloudError>),
    /// The run was told to start nothing new before AWS took its call.
    NotStarted {
        /// Whether AWS was asked for it, and asked for fewer calls.
        was_sent: bool,
    },
    /// It is not what was planned, so it is left alone.
    Refused { code: &'static str, message: String, hints: Vec<String> },
}

impl StepError {
    pub(super) fn refused(code: &'static str, message: String) -> StepError {
        StepError::Refused { code, message, hints: Vec::new() }
    }

    /// What had to be read before anything was written could not be: nothing was done.
    pub(super) fn unread(why: Unreadable) -> StepError {
        StepError::from(CloudError { definitely_refused: true, ..CloudError::unread(why) })
    }

    /// Whether AWS may have done it all the same.
    pub(super) fn is_in_doubt(&self) -> bool {
        match self {
            StepError::Cloud(error, _) | StepError::Stopped(error) => !error.definitely_refused,
            StepError::NotStarted { was_sent } => *was_sent,
            StepError::Refused { .. } => false,
        }
    }

    /// One more thing that a person can do or should know.
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
                let message = format!("stopped while waiting for this to pass: {error}");
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
