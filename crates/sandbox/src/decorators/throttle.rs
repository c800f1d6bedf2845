//! Slows calls down: a fixed latency, and a rate limit with the throttling error of each service.
use super::{CallResult, Middleware, wrap};
use crate::operation::Operation;
use crate::wire::Reply;
use crate::world_store::lock;
use aws_smithy_runtime_api::client::http::{HttpConnector, SharedHttpClient, SharedHttpConnector};
use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use pinpoint_streams_model::live::question::Service;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::time::Instant;

/// A fixed delay before every call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Latency(pub Duration);

impl Latency {
    pub fn around(self, client: SharedHttpClient) -> SharedHttpClient {
        wrap(client, Arc::new(self))
    }
}

impl Middleware for Latency {
    async fn call(self: Arc<Self>, request: HttpRequest, next: SharedHttpConnector) -> CallResult {
        tokio::time::sleep(self.0).await;
        next.call(request).await
    }
}

/// A token bucket over all calls or those of one service.
#[derive(Debug)]
pub struct Throttle {
    per_second: f64,
    burst: f64,
    /// None for all.
    service: Option<Service>,
    bucket: Mutex<Option<Bucket>>,
}

#[derive(Debug)]
struct Bucket {
    tokens: f64,
    filled: Instant,
}

impl Throttle {
    /// Allows `per_second` calls per second with bursts of `burst`.
    pub fn new(per_second: f64, burst: u32) -> Throttle {
        Throttle { per_second, burst: f64::from(burst), service: None, bucket: Mutex::new(None) }
    }

    #[must_use]
    pub fn only(self, service: Service) -> Throttle {
        let service = Some(service);
        Throttle { service, ..self }
    }

    pub fn around(self, client: SharedHttpClient) -> SharedHttpClient {
        wrap(client, Arc::new(self))
    }

    fn take_token(&self) -> bool {
        let now = Instant::now();
        let mut bucket = lock(&self.bucket);
        let bucket = bucket.get_or_insert(Bucket { tokens: self.burst, filled: now });
        let gained = (now - bucket.filled).as_secs_f64() * self.per_second;
        bucket.tokens = (bucket.tokens + gained).min(self.burst);
        bucket.filled = now;
        let available = bucket.tokens >= 1.0;
        if available {
            bucket.tokens -= 1.0;
        }
        available
    }
}

impl Middleware for Throttle {
    async fn call(self: Arc<Self>, request: HttpRequest, next: SharedHttpConnector) -> CallResult {
        let operation = Operation::of(&request);
        if (self.service.is_none() || self.service == operation.service) && !self.take_token() {
            return Ok(throttled(&operation).into_http());
        }
        next.call(request).await
    }
}

/// The throttling error of a service. Sources: AWS's repost article "iam-sts-throttling-error" for IAM; the Pinpoint
/// model, TooManyRequestsException 429; the common errors of the Kinesis API, ThrottlingException 400.
pub(super) fn throttled(operation: &Operation) -> Reply {
    let (status, code, message) = match operation.service {
        Some(Service::Pinpoint) => (429, "TooManyRequestsException", "Too many requests"),
        Some(Service::Organizations) => (400, "TooManyRequestsException", "Too many requests"),
        Some(Service::Kinesis | Service::Firehose) => (400, "ThrottlingException", "Rate exceeded"),
        _ => (400, "Throttling", "Rate exceeded"),
    };
    Reply::error(operation.protocol(), status, code, message, "00000000-0000-4000-a000-000000000429")
}
