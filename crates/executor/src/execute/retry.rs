//! Which refusals are retried, and for how long.
use crate::cloud::CloudError;
use pinpoint_streams_model::FailureKind;
use std::time::Duration;
use tokio::time::Instant;

/// How long a temporary refusal is retried, from the first of its kind. IAM changes usually propagate in seconds, but
/// have been seen to take a minute.
pub(super) const RETRY_FOR: Duration = Duration::from_secs(120);
/// How often a call without an answer is repeated, after the SDK's own retries.
const MAX_UNSURE: u32 = 3;
/// The same for a call that the SDK never repeats.
const MAX_UNSURE_WITHOUT_SDK: u32 = 9;
/// The usual first wait before a call is made again; each following wait is twice as long.
pub const FIRST_WAIT: Duration = Duration::from_secs(1);
const MAX_WAIT: Duration = Duration::from_secs(15);
/// The longest wait for a role: most are ready within seconds.
const MAX_ROLE_WAIT: Duration = Duration::from_secs(3);
/// The reason of a wait for a throttled call.
pub(super) const THROTTLED: &str = "throttled by AWS";

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Next {
    Again { wait: Duration, reason: &'static str },
    GiveUp,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Retryable {
    UntilDeadline(&'static str),
    FewTimes(&'static str),
    Never,
}

/// The attempts of one step so far.
#[derive(Debug)]
pub(super) struct RetryState {
    /// Whether the role of the call changed so recently that "not ready" is temporary.
    pub(super) role_is_fresh: bool,
    /// The kind and start of the current series of temporary refusals.
    since: Option<(FailureKind, Instant)>,
    unsure: u32,
    max_unsure: u32,
    first_wait: Duration,
    waits: u32,
    /// Whether AWS may have carried out an attempt.
    in_doubt: bool,
}

impl RetryState {
    pub(super) fn new(first_wait: Duration) -> RetryState {
        let max_unsure = MAX_UNSURE;
        RetryState {
            role_is_fresh: false,
            since: None,
            unsure: 0,
            max_unsure,
            first_wait,
            waits: 0,
            in_doubt: false,
        }
    }

    /// For a call that the SDK never repeats.
    pub(super) fn without_sdk_retries(first_wait: Duration) -> RetryState {
        RetryState { max_unsure: MAX_UNSURE_WITHOUT_SDK, ..RetryState::new(first_wait) }
    }

    /// Takes earlier attempts into account: once one may have been carried out, later refusals do not prove otherwise.
    pub(super) fn observe(&mut self, error: CloudError) -> CloudError {
        self.in_doubt |= !error.definitely_refused;
        error.after(self.in_doubt)
    }

    /// What to do about this refusal now. `jitter` is in `0.0..1.0`.
    pub(super) fn next(&mut self, error: &CloudError, jitter: f64) -> Next {
        let longest = match error.kind {
            FailureKind::RoleNotReady => MAX_ROLE_WAIT,
            _ => MAX_WAIT,
        };
        let wait = (self.first_wait * 2u32.saturating_pow(self.waits)).min(longest).mul_f64(0.75 + 0.25 * jitter);
        match self.retryable(error) {
            Retryable::Never => Next::GiveUp,
            Retryable::FewTimes(reason) => {
                self.unsure += 1;
                self.waits += 1;
                if self.unsure > self.max_unsure { Next::GiveUp } else { Next::Again { wait, reason } }
            }
            Retryable::UntilDeadline(reason) => {
                let now = Instant::now();
                let since = match self.since {
                    Some((kind, since)) if kind == error.kind => since,
                    _ => now,
                };
                self.since = Some((error.kind, since));
                self.waits += 1;
                let left = RETRY_FOR.saturating_sub(now - since);
                if left.is_zero() { Next::GiveUp } else { Next::Again { wait: wait.min(left), reason } }
            }
        }
    }

    fn retryable(&self, error: &CloudError) -> Retryable {
        match error.kind {
            FailureKind::ConcurrentModification => {
                Retryable::UntilDeadline("another change to the role is in progress")
            }
            FailureKind::DeleteConflict => Retryable::UntilDeadline("IAM still sees something attached"),
            FailureKind::InvalidPrincipal => {
                Retryable::UntilDeadline("a principal of the policy has not propagated yet")
            }
            FailureKind::Throttled => Retryable::UntilDeadline(THROTTLED),
            FailureKind::RoleNotReady if self.role_is_fresh => {
                Retryable::UntilDeadline("the role was just changed and is not ready yet")
            }
            FailureKind::Server => Retryable::FewTimes("AWS returned a server error"),
            FailureKind::Timeout => Retryable::FewTimes("the call timed out"),
            FailureKind::Connection => Retryable::FewTimes("the connection failed"),
            FailureKind::Unintelligible => Retryable::FewTimes("the answer could not be parsed"),
            FailureKind::Other if !error.definitely_refused => Retryable::FewTimes("the outcome is unknown"),
            FailureKind::RoleNotReady
            | FailureKind::NotFound
            | FailureKind::AlreadyExists
            | FailureKind::Denied
            | FailureKind::Credentials
            | FailureKind::ServiceEnded
            | FailureKind::LimitExceeded
            | FailureKind::Invalid
            | FailureKind::Other => Retryable::Never,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn error(kind: FailureKind) -> CloudError {
        CloudError {
            kind,
            operation: "PutEventStream".into(),
            code: "Code".to_owned(),
            message: "no".to_owned(),
            request_id: None,
            definitely_refused: true,
            source: None,
        }
    }

    async fn seconds_until_given_up(kind: FailureKind, role_is_fresh: bool) -> u64 {
        let (mut retry, began) = (RetryState { role_is_fresh, ..RetryState::new(FIRST_WAIT) }, Instant::now());
        while let Next::Again { wait, .. } = retry.next(&error(kind), 0.5) {
            tokio::time::sleep(wait).await;
        }
        began.elapsed().as_secs()
    }

    #[tokio::test(start_paused = true)]
    async fn what_the_transport_sends_once_is_tried_as_often_as_what_it_repeats() {
        let attempts = |mut retry: RetryState| {
            let again = (1..).take_while(|_| retry.next(&error(FailureKind::Server), 0.5) != Next::GiveUp);
            again.count() + 1
        };
        assert_eq!(
            (attempts(RetryState::new(FIRST_WAIT)), attempts(RetryState::without_sdk_retries(FIRST_WAIT))),
            (4, 10)
        );
    }

    #[tokio::test(start_paused = true)]
    async fn what_passes_by_itself_is_waited_for_two_minutes() {
        for kind in
            [FailureKind::ConcurrentModification, FailureKind::DeleteConflict, FailureKind::InvalidPrincipal]
        {
            assert_eq!(seconds_until_given_up(kind, false).await, 120, "{kind:?}");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_role_that_is_not_ready_is_waited_for_only_if_it_is_fresh() {
        assert_eq!(seconds_until_given_up(FailureKind::RoleNotReady, true).await, 120);
        assert_eq!(seconds_until_given_up(FailureKind::RoleNotReady, false).await, 0);
    }

    #[tokio::test(start_paused = true)]
    async fn a_refusal_that_means_it_is_not_argued_with() {
        for kind in [FailureKind::Denied, FailureKind::Invalid, FailureKind::LimitExceeded, FailureKind::Other] {
            assert_eq!(seconds_until_given_up(kind, true).await, 0, "{kind:?}");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_call_without_an_answer_is_made_again_a_few_times() {
        assert!((1..15).contains(&seconds_until_given_up(FailureKind::Timeout, false).await));
    }
}
