//! How a call is made: how long it may take, and what the SDK repeats by itself.
//!
//! The SDK repeats what failed in transit and what AWS failed at (5xx). What AWS refused because of its
//! rate is not the SDK's to repeat: the executor paces all calls of a service in an account, and learns the
//! rate from the first refusal, so a refusal hidden here would cost more refusals. The one exception is
//! inside a list, or a read made of several calls: from its second call on the SDK repeats throttled calls
//! too, since to begin such a read again would send every call of it a second time.
use aws_sdk_iam::config::retry::{ClassifyRetry, RetryAction, RetryConfig, RetryPartition, TokenBucket};
use aws_smithy_runtime_api::client::interceptors::context::InterceptorContext;
use aws_smithy_runtime_api::client::retries::classifiers::{RetryClassifierPriority, RetryReason};
use aws_smithy_types::retry::ErrorKind;
use aws_smithy_types::timeout::TimeoutConfig;
use std::time::Duration;

/// How often one call is sent at most, where sending it twice does no harm.
const ATTEMPTS: u32 = 10;
/// The same while finding out whether the credentials work: a person waits.
const ATTEMPTS_TO_CONNECT: u32 = 3;
/// The wait before the second attempt.
const FIRST_WAIT: Duration = Duration::from_millis(200);

/// How long to wait for AWS.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Timeouts {
    /// For a connection to be made.
    pub connect: Duration,
    /// For one attempt of a call to be answered.
    pub attempt: Duration,
    /// For a call with all its attempts.
    pub operation: Duration,
    /// Between two attempts, at most.
    pub between_attempts: Duration,
}

impl Default for Timeouts {
    fn default() -> Self {
        Timeouts {
            connect: Duration::from_secs(5),
            // A page of a thousand roles with their policies takes IAM several seconds.
            attempt: Duration::from_secs(30),
            operation: Duration::from_secs(300),
            between_attempts: Duration::from_secs(5),
        }
    }
}

impl Timeouts {
    pub(crate) fn config(self) -> TimeoutConfig {
        let Timeouts { connect, attempt, operation, between_attempts: _ } = self;
        TimeoutConfig::builder()
            .connect_timeout(connect)
            .operation_attempt_timeout(attempt)
            .operation_timeout(operation)
            .build()
    }

    /// For what may be sent again.
    pub(crate) fn repeated(self) -> RetryConfig {
        RetryConfig::standard()
            .with_max_attempts(ATTEMPTS)
            .with_initial_backoff(FIRST_WAIT.min(self.between_attempts))
            .with_max_backoff(self.between_attempts)
    }
}

/// For the calls that find out whether the credentials work.
pub(crate) fn to_connect() -> RetryConfig {
    Timeouts::default().repeated().with_max_attempts(ATTEMPTS_TO_CONNECT)
}

/// For what is sent once, because nothing tells a second from a first.
pub(crate) fn once() -> RetryConfig {
    RetryConfig::disabled()
}

/// Repeats without a budget. The SDK's own bucket is shared by all clients of a service in the process and
/// is empty after some fifty failures; a bad minute would then end a run that its timeouts still allow.
pub(crate) fn without_budget() -> RetryPartition {
    RetryPartition::custom("pinpoint-streams").token_bucket(TokenBucket::unlimited()).build()
}

/// A service's client, in two ways to call it.
#[derive(Debug, Clone)]
pub(crate) struct Calls<C> {
    /// Throttling surfaces at once, to be paced.
    pub(crate) prompt: C,
    /// Throttled calls are repeated too: for the later calls of one read.
    pub(crate) patient: C,
}

impl<C> Calls<C> {
    /// The client for the next page: prompt for the first, patient once pages would be lost.
    pub(crate) fn page(&self, token: Option<&String>) -> &C {
        if token.is_none() { &self.prompt } else { &self.patient }
    }
}

/// A client whose throttling surfaces at once. The generated builders share no trait.
macro_rules! prompt {
    ($sdk:ident, $config:expr) => {
        $sdk::Client::from_conf(
            $sdk::config::Builder::from($config)
                .retry_partition($crate::calling::without_budget())
                .retry_classifier($crate::calling::ThrottlingSurfaces)
                .build(),
        )
    };
}
pub(crate) use prompt;

/// Both clients of a service from one configuration.
macro_rules! calls {
    ($sdk:ident, $config:expr) => {
        $crate::calling::Calls {
            prompt: $crate::calling::prompt!($sdk, $config),
            patient: $sdk::Client::from_conf(
                $sdk::config::Builder::from($config).retry_partition($crate::calling::without_budget()).build(),
            ),
        }
    };
}
pub(crate) use calls;

/// Takes back the SDK's verdict that a throttled call be sent again.
#[derive(Debug)]
pub(crate) struct ThrottlingSurfaces;

impl ClassifyRetry for ThrottlingSurfaces {
    fn classify_retry(&self, _: &InterceptorContext) -> RetryAction {
        RetryAction::NoActionIndicated
    }

    fn classify_retry_v2(&self, _: &InterceptorContext, verdict: &RetryAction) -> RetryAction {
        match verdict {
            RetryAction::RetryIndicated(RetryReason::RetryableError {
                kind: ErrorKind::ThrottlingError, ..
            }) => RetryAction::RetryForbidden,
            _ => RetryAction::NoActionIndicated,
        }
    }

    fn name(&self) -> &'static str {
        "throttling surfaces"
    }

    fn priority(&self) -> RetryClassifierPriority {
        let last_of_the_sdk = RetryClassifierPriority::transient_error_classifier();
        RetryClassifierPriority::run_after(RetryClassifierPriority::run_after(last_of_the_sdk))
    }
}
