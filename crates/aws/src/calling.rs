//! Timeouts and retries of calls.
//!
//! The SDK retries connection failures and server errors (5xx), but not throttling: the executor paces all calls of an
//! operation in an account and region and learns the rate from the first throttled call, so hiding one here would cause more. Within a
//! list or a read of several calls, throttled calls are retried here from the second call on, since restarting the read
//! would repeat every call of it; each retry is paced by the executor.
use crate::classify::{ApiOperation, transport};
use aws_sdk_iam::config::retry::{ClassifyRetry, RetryAction, RetryConfig, RetryPartition, TokenBucket};
use aws_smithy_runtime_api::box_error::BoxError;
use aws_smithy_runtime_api::client::interceptors::Intercept;
use aws_smithy_runtime_api::client::interceptors::context::{
    BeforeDeserializationInterceptorContextRef, FinalizerInterceptorContextRef, InterceptorContext,
};
use aws_smithy_runtime_api::client::retries::classifiers::{RetryClassifierPriority, RetryReason};
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::config_bag::ConfigBag;
use aws_smithy_types::retry::ErrorKind;
use aws_smithy_types::timeout::TimeoutConfig;
use aws_types::request_id::RequestId as _;
use pinpoint_streams_executor::cloud::{CloudError, note_request_id};
use pinpoint_streams_executor::pace::Turn;
use pinpoint_streams_model::live::FailureKind;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use tokio::time::{Instant, sleep};

/// Maximum attempts of an idempotent call.
const ATTEMPTS: u32 = 10;
/// Maximum attempts while connecting, when a person waits.
const ATTEMPTS_TO_CONNECT: u32 = 3;
const FIRST_WAIT: Duration = Duration::from_millis(200);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Timeouts {
    pub connect: Duration,
    pub attempt: Duration,
    /// All attempts of a call.
    pub operation: Duration,
    /// Maximum wait between two attempts.
    pub between_attempts: Duration,
}

impl Default for Timeouts {
    fn default() -> Self {
        Timeouts {
            connect: Duration::from_secs(5),
            // IAM takes several seconds for a page of a thousand roles with policies.
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

    /// For idempotent calls.
    pub(crate) fn repeated(self) -> RetryConfig {
        RetryConfig::standard()
            .with_max_attempts(ATTEMPTS)
            .with_initial_backoff(FIRST_WAIT.min(self.between_attempts))
            .with_max_backoff(self.between_attempts)
    }
}

pub(crate) fn to_connect() -> RetryConfig {
    Timeouts::default().repeated().with_max_attempts(ATTEMPTS_TO_CONNECT)
}

/// For calls that are not idempotent.
pub(crate) fn once() -> RetryConfig {
    RetryConfig::disabled()
}

/// Retries without a budget. The SDK's default token bucket is shared by all clients of a service in the process and is
/// empty after about fifty failures, which would end a run within its timeouts.
pub(crate) fn without_budget() -> RetryPartition {
    RetryPartition::custom("pinpoint-streams").token_bucket(TokenBucket::unlimited()).build()
}

/// A service's client that does not retry throttling. The generated builders share no trait.
macro_rules! client {
    ($sdk:ident, $config:expr $(, $interceptor:expr)*) => {
        $sdk::Client::from_conf(
            $sdk::config::Builder::from($config)
                .retry_partition($crate::calling::without_budget())
                .retry_classifier($crate::calling::ThrottlingSurfaces)
                .interceptor($crate::calling::RequestIds)
                .interceptor($crate::answer_form::SizeLimit)
                $(.interceptor($interceptor))*
                .build(),
        )
    };
}
pub(crate) use client;

/// Retries a call while it is throttled: for calls in the middle of a read, and for those before pacing begins. In a paced
/// read each attempt waits for its turn, else with exponential backoff. Limited by time, not by attempts.
pub(crate) async fn patiently<T, F>(operation: ApiOperation, call: impl Fn() -> F) -> Result<T, CloudError>
where
    F: Future<Output = Result<T, CloudError>>,
{
    let Timeouts { operation: patience, between_attempts: longest, .. } = Timeouts::default();
    let (began, mut wait) = (Instant::now(), FIRST_WAIT);
    loop {
        let is_throttled = |answer: &Result<T, CloudError>| {
            answer.as_ref().is_err_and(|error| error.kind == FailureKind::Throttled)
        };
        let turn = Turn::next(operation).await;
        let is_paced = turn.is_some();
        // Boxed: the futures of calls within calls would each be held several times over.
        let call = Box::pin(call());
        let answer = match turn {
            Some(turn) => turn.during(call, is_throttled).await,
            None => call.await,
        };
        if !is_throttled(&answer) || began.elapsed() >= patience {
            return answer;
        }
        if !is_paced {
            sleep(wait).await;
            wait = (wait * 2).min(longest);
        }
    }
}

/// Sends a write and tracks the outcome of each attempt.
macro_rules! sent {
    ($operation:expr, $request:expr) => {{
        let doubt = $crate::calling::Doubt::default();
        let answer = $request.customize().interceptor(doubt.clone()).send().await;
        answer.map_err(|error| $crate::classify::classify($operation, error).after(doubt.is_left()))
    }};
}
pub(crate) use sent;

/// Whether an attempt of a call was sent and not rejected, so that it may have been executed. The SDK reports only the
/// last attempt.
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

/// Notes the request ID of every answer, for reads that keep them.
#[derive(Debug)]
pub(crate) struct RequestIds;

impl Intercept for RequestIds {
    fn name(&self) -> &'static str {
        "request IDs"
    }

    fn read_after_transmit(
        &self,
        context: &BeforeDeserializationInterceptorContextRef<'_>,
        _: &RuntimeComponents,
        _: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        if let Some(id) = context.response().request_id() {
            note_request_id(id);
        }
        Ok(())
    }
}

/// Prevents the SDK from retrying throttled calls.
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
