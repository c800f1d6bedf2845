//! How a call is made: how long it may take, and what the SDK repeats by itself.
//!
//! The SDK repeats what failed in transit and what AWS failed at (5xx). What AWS refused because of its
//! rate is not the SDK's to repeat: the executor paces all calls of a service in an account, and learns the
//! rate from the first refusal, so a refusal hidden here would cost more refusals. Inside a list, or a read made of
//! several calls, throttled calls are repeated here from the second call on, since to begin such a read again would
//! send every call of it a second time; each of them takes its turn with the executor's pace.
use crate::classify::transport;
use aws_sdk_iam::config::retry::{ClassifyRetry, RetryAction, RetryConfig, RetryPartition, TokenBucket};
use aws_smithy_runtime_api::box_error::BoxError;
use aws_smithy_runtime_api::client::interceptors::Intercept;
use aws_smithy_runtime_api::client::interceptors::context::{FinalizerInterceptorContextRef, InterceptorContext};
use aws_smithy_runtime_api::client::retries::classifiers::{RetryClassifierPriority, RetryReason};
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::config_bag::ConfigBag;
use aws_smithy_types::retry::ErrorKind;
use aws_smithy_types::timeout::TimeoutConfig;
use pinpoint_streams_executor::cloud::CloudError;
use pinpoint_streams_executor::pace::Turn;
use pinpoint_streams_model::live::FailureKind;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use tokio::time::{Instant, sleep};

/// How often one call is sent at most, where sending it twice does no harm.
const ATTEMPTS: u32 = 10;
/// The same while finding out whether the credentials work: a person waits.
const ATTEMPTS_TO_CONNECT: u32 = 3;
/// The wait before the second attempt.
const FIRST_WAIT: Duration = Duration::from_millis(200);

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

    /// For what may be sent again: so often before it is given up, and as often as it takes while it is throttled.
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

/// A service's client whose throttling surfaces at once. The generated builders share no trait.
macro_rules! client {
    ($sdk:ident, $config:expr) => {
        $sdk::Client::from_conf(
            $sdk::config::Builder::from($config)
                .retry_partition($crate::calling::without_budget())
                .retry_classifier($crate::calling::ThrottlingSurfaces)
                .build(),
        )
    };
}
pub(crate) use client;

/// Makes a call again while it is throttled, and only then: for calls in the middle of a read, which would lose what
/// they follow on, and for those that come before there is anything to be paced. Where the read is paced each attempt
/// waits for its turn; elsewhere the waits grow. How often does not count; how long does.
pub(crate) async fn patiently<T, F>(call: impl Fn() -> F) -> Result<T, CloudError>
where
    F: Future<Output = Result<T, CloudError>>,
{
    let Timeouts { operation: patience, between_attempts: longest, .. } = Timeouts::default();
    let (began, mut wait) = (Instant::now(), FIRST_WAIT);
    loop {
        let turn = Turn::next().await;
        let answer = call().await;
        let is_throttled = answer.as_ref().is_err_and(|error| error.kind == FailureKind::Throttled);
        let is_last = !is_throttled || began.elapsed() >= patience;
        match turn {
            Some(turn) if is_throttled => turn.refused(),
            Some(turn) => turn.answered(),
            None if is_last => {}
            None => {
                sleep(wait).await;
                wait = (wait * 2).min(longest);
            }
        }
        if is_last {
            return answer;
        }
    }
}

/// Sends a write and keeps in mind what became of each of its attempts.
macro_rules! sent {
    ($operation:expr, $request:expr) => {{
        let doubt = $crate::calling::Doubt::default();
        let answer = $request.customize().interceptor(doubt.clone()).send().await;
        answer.map_err(|error| $crate::classify::classify($operation, error).after(doubt.is_left()))
    }};
}
pub(crate) use sent;

/// Whether an attempt of a call was sent and not answered by a refusal, so that it may have been carried out. The SDK
/// itself tells of the last attempt alone.
#[derive(Debug, Clone, Default)]
pub(crate) struct Doubt(Arc<AtomicBool>);

impl Doubt {
    pub(crate) fn is_left(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}

impl Intercept for Doubt {
    fn name(&self) -> &'static str {
        "doubt"
    }

    fn read_after_attempt(
        &self,
        context: &FinalizerInterceptorContextRef<'_>,
        _: &RuntimeComponents,
        _: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let is_refused = match (context.response(), context.output_or_error()) {
            (Some(answer), _) => answer.status().is_client_error() && answer.status().as_u16() != 408,
            (None, Some(Err(error))) => error.as_connector_error().is_some_and(transport::was_not_sent),
            (None, _) => false,
        };
        if !is_refused {
            self.0.store(true, Ordering::Relaxed);
        }
        Ok(())
    }
}

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
