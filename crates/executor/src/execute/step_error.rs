//! Why a step failed, and how that is recorded and shown.
use crate::cloud::CloudError;
use pinpoint_streams_model::plan::Mode;
use pinpoint_streams_model::{FailureKind, LiveRole, StepFailure, Unreadable};
use pinpoint_streams_store::journal::STOPPED;

/// The reason of a step that was cancelled while it waited for its turn.
pub(super) const NOT_STARTED: &str = "the run was stopped before its call was made";
/// The reason of a step that had made some of its calls when the lock was lost.
pub(super) const LOCK_LOST: &str = "the state lock was lost between its calls; the next run checks its outcome";
/// The code of a step whose call was pending when the run was abandoned.
pub(super) const INTERRUPTED: &str = "Interrupted";

#[derive(Debug)]
pub(super) enum StepError {
    /// AWS refused, or the outcome is unknown.
    Cloud(Box<CloudError>, Notes),
    /// The run was abandoned while the step waited to retry.
    Stopped(Box<CloudError>),
    /// The run was stopped before AWS accepted the call.
    NotStarted {
        /// Whether the call was sent and throttled.
        was_sent: bool,
    },
    /// The lock of the state was lost after AWS had accepted a call of the step.
    LockLost,
    /// The resource is not as planned, so it is left alone.
    Refused { code: &'static str, message: String, notes: Notes },
}

/// What a failed step reports besides its error, as in [`StepFailure`].
#[derive(Debug, Default)]
pub(super) struct Notes {
    details: Vec<String>,
    hints: Vec<String>,
}

/// The message of a call that was not made again, because the run was stopped.
pub(super) fn stopped_before_retry(error: &CloudError) -> String {
    format!("stopped while waiting to retry: {error}")
}

impl StepError {
    pub(super) fn refused(code: &'static str, message: String) -> StepError {
        StepError::Refused { code, message, notes: Notes::default() }
    }

    /// The resource is no longer as planned.
    pub(super) fn changed(code: &'static str, message: String) -> StepError {
        StepError::refused(code, message).hint("plan again".to_owned())
    }

    pub(super) fn role_replaced(live: &LiveRole, planned: &impl std::fmt::Display) -> StepError {
        StepError::changed("RoleChanged", format!("the role was replaced: its id is {}, not {planned}", live.id))
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
            StepError::LockLost => true,
            StepError::Refused { .. } => false,
        }
    }

    /// Adds to a denial which command prints the permissions that a plan of this mode takes.
    pub(super) fn with_permissions(self, mode: Mode) -> StepError {
        let StepError::Cloud(error, _) = &self else { return self };
        if error.kind != FailureKind::Denied {
            return self;
        }
        let work = match mode {
            Mode::Converge | Mode::Destroy | Mode::Drift => "apply",
            Mode::Sweep => "teardown",
            Mode::Restore => "restore",
        };
        let hint = format!(
            "allow {} for these credentials: `pinpoint-streams permissions --for {work}` prints the required policy",
            error.operation
        );
        self.hint(hint)
    }

    pub(super) fn hint(self, hint: String) -> StepError {
        self.note(|notes| notes.hints.push(hint))
    }

    /// Adds a finding about the cause, or a result of the attempt.
    pub(super) fn detail(self, detail: String) -> StepError {
        self.note(|notes| notes.details.push(detail))
    }

    fn note(mut self, add: impl FnOnce(&mut Notes)) -> StepError {
        match &mut self {
            StepError::Cloud(_, notes) | StepError::Refused { notes, .. } => add(notes),
            StepError::Stopped(_) | StepError::NotStarted { .. } | StepError::LockLost => {}
        }
        self
    }

    pub(super) fn failure(self) -> StepFailure {
        let (code, message, request_id, notes) = match self {
            StepError::Cloud(error, notes) => {
                let message = error.to_string();
                (error.code, message, error.request_id, notes)
            }
            StepError::Stopped(error) => {
                let message = stopped_before_retry(&error);
                (STOPPED.to_owned(), message, error.request_id, Notes::default())
            }
            StepError::NotStarted { .. } => (STOPPED.to_owned(), NOT_STARTED.to_owned(), None, Notes::default()),
            StepError::LockLost => (INTERRUPTED.to_owned(), LOCK_LOST.to_owned(), None, Notes::default()),
            StepError::Refused { code, message, notes } => (code.to_owned(), message, None, notes),
        };
        let Notes { details, hints } = notes;
        StepFailure { code, message, request_id, details, hints }
    }
}

impl From<CloudError> for StepError {
    fn from(error: CloudError) -> Self {
        StepError::Cloud(Box::new(error), Notes::default())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn failure(kind: FailureKind, mode: Mode) -> StepFailure {
        let error = CloudError {
            kind,
            operation: "PutRolePolicy".into(),
            code: "AccessDenied".to_owned(),
            message: "not authorized".to_owned(),
            request_id: None,
            definitely_refused: true,
            source: None,
        };
        StepError::from(error).with_permissions(mode).failure()
    }

    #[test]
    fn a_denial_names_the_command_that_prints_the_permissions_of_the_work() {
        for (mode, work) in [(Mode::Converge, "apply"), (Mode::Sweep, "teardown"), (Mode::Restore, "restore")] {
            let hints = failure(FailureKind::Denied, mode).hints;
            assert_eq!(hints.len(), 1);
            assert!(hints[0].contains("allow PutRolePolicy"), "{hints:?}");
            assert!(hints[0].contains(&format!("`pinpoint-streams permissions --for {work}`")), "{hints:?}");
        }
        assert!(failure(FailureKind::Throttled, Mode::Converge).hints.is_empty());
    }
}
