//! Which refusals pass by themselves, how long they are waited for, and what people are told meanwhile.
use crate::cloud::CloudError;
use pinpoint_streams_model::live::FailureKind;
use std::time::Duration;
use tokio::time::Instant;

/// How long a refusal that passes by itself is waited for, from the first of its kind. IAM's changes usually
/// reach its data plane in seconds and have been seen to take a minute.
pub(super) const PATIENCE: Duration = Duration::from_secs(120);
/// How often a call without an answer is made again, of those that the transport has repeated by then.
const UNSURE_ATTEMPTS: u32 = 3;
/// The same for a call that the transport sends once.
const UNSURE_ATTEMPTS_ALONE: u32 = 9;
/// The first wait; each next one is twice as long.
const FIRST_WAIT: Duration = Duration::from_secs(1);
/// The longest wait.
const LONGEST_WAIT: Duration = Duration::from_secs(15);
/// The longest wait for a role: most are ready within seconds, and a person is watching.
const LONGEST_WAIT_FOR_A_ROLE: Duration = Duration::from_secs(3);
/// Why a call waits that AWS refused for want of capacity.
pub(super) const THROTTLED: &str = "AWS asks for fewer calls";

/// What to do about a refusal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Next {
    /// Wait this long, then go on.
    Again { wait: Duration, reason: &'static str },
    /// It will not pass.
    GiveUp,
}

/// How long a refusal may take to pass.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Passes {
    InTime(&'static str),
    Perhaps(&'static str),
    Never,
}

/// What one step has gone through so far.
#[derive(Debug)]
pub(super) struct RetryState {
    /// Whether the role that a call names changed so lately that "not ready" may pass.
    pub(super) role_is_fresh: bool,
    /// When refusals of a kind that passes in time began.
    since: Option<(FailureKind, Instant)>,
    unsure: u32,
    unsure_attempts: u32,
    waits: u32,
    /// Whether an attempt may have been carried out.
    in_doubt: bool,
}

impl RetryState {
    pub(super) fn new() -> RetryState {
        let unsure_attempts = UNSURE_ATTEMPTS;
        RetryState { role_is_fresh: false, since: None, unsure: 0, unsure_attempts, waits: 0, in_doubt: false }
    }

    /// For a call that the transport never repeats.
    pub(super) fn alone() -> RetryState {
        RetryState { unsure_attempts: UNSURE_ATTEMPTS_ALONE, ..RetryState::new() }
    }

    /// A refusal in the light of those before it: once an attempt may have been carried out, no later refusal says
    /// that it was not.
    pub(super) fn observe(&mut self, error: CloudError) -> CloudError {
        self.in_doubt |= !error.definitely_refused;
        error.after(self.in_doubt)
    }

    /// What to do about this refusal, now. `jitter` is from 0 to 1.
    pub(super) fn next(&mut self, error: &CloudError, jitter: f64) -> Next {
        let longest = match error.kind {
            FailureKind::RoleNotReady => LONGEST_WAIT_FOR_A_ROLE,
            _ => LONGEST_WAIT,
        };
        let wait = (FIRST_WAIT * 2u32.saturating_pow(self.waits)).min(longest).mul_f64(0.75 + 0.25 * jitter);
        match self.passes(error) {
            Passes::Never => Next::GiveUp,
            Passes::Perhaps(reason) => {
                self.unsure += 1;
                self.waits += 1;
                if self.unsure > self.unsure_attempts { Next::GiveUp } else { Next::Again { wait, reason } }
            }
            Passes::InTime(reason) => {
                let now = Instant::now();
                let since = match self.since {
                    Some((kind, since)) if kind == error.kind => since,
                    _ => now,
                };
                self.since = Some((error.kind, since));
                self.waits += 1;
                let left = PATIENCE.saturating_sub(now - since);
                if left.is_zero() { Next::GiveUp } else { Next::Again { wait: wait.min(left), reason } }
            }
        }
    }

    fn passes(&self, error: &CloudError) -> Passes {
        match error.kind {
            FailureKind::ConcurrentModification => Passes::InTime("another change to the same role is under way"),
            FailureKind::DeleteConflict => Passes::InTime("IAM still sees something on what is to be deleted"),
            FailureKind::InvalidPrincipal => Passes::InTime("IAM does not know a principal of the policy yet"),
            FailureKind::Throttled => Passes::InTime(THROTTLED),
            FailureKind::RoleNotReady if self.role_is_fresh => {
                Passes::InTime("the role changed moments ago and is not ready yet")
            }
            FailureKind::Server => Passes::Perhaps("the service failed"),
            FailureKind::Timeout => Passes::Perhaps("no answer came in time"),
            FailureKind::Connection => Passes::Perhaps("the connection failed"),
            FailureKind::Unintelligible => Passes::Perhaps("the answer could not be understood"),
            FailureKind::Other if !error.definitely_refused => {
                Passes::Perhaps("no answer that says what was done")
            }
            FailureKind::RoleNotReady
            | FailureKind::NotFound
            | FailureKind::AlreadyExists
            | FailureKind::Denied
            | FailureKind::Credentials
            | FailureKind::ServiceEnded
            | FailureKind::LimitExceeded
            | FailureKind::Invalid
            | FailureKind::Other => Passes::Never,
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
        let (mut retry, began) = (RetryState { role_is_fresh, ..RetryState::new() }, Instant::now());
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
        assert_eq!((attempts(RetryState::new()), attempts(RetryState::alone())), (4, 10));
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
