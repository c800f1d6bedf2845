//! Slows calls down: a fixed latency, and a rate limit with the throttling error of each service.

use super::{Around, Called, around};
use crate::operation::{Operation, Service};
use crate::wire::Reply;
use aws_smithy_runtime_api::client::http::{HttpConnector, SharedHttpClient, SharedHttpConnector};
use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::time::Instant;

/// A fixed time on top of every call, waited before the request is handed on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Latency(pub Duration);

impl Latency {
    /// The client, slowed down.
    pub fn around(self, client: SharedHttpClient) -> SharedHttpClient {
        around(client, Arc::new(self))
    }
}

impl Around for Latency {
    async fn call(self: Arc<Self>, request: HttpRequest, next: SharedHttpConnector) -> Called {
        tokio::time::sleep(self.0).await;
        next.call(request).await
    }
}

/// A token bucket over all calls, or over those of one service: so many a second, so many at once.
#[derive(Debug)]
pub struct Throttle {
    per_second: f64,
    burst: f64,
    /// None: all of them.
    service: Option<Service>,
    bucket: Mutex<Option<Bucket>>,
}

#[derive(Debug)]
struct Bucket {
    tokens: f64,
    filled: Instant,
}

impl Throttle {
    /// Allows `per_second` calls a second, and `burst` of them at once after a pause.
    pub fn new(per_second: f64, burst: u32) -> Throttle {
        Throttle { per_second, burst: f64::from(burst), service: None, bucket: Mutex::new(None) }
    }

    /// Throttles only the calls of one service.
    #[must_use]
    pub fn only(self, service: Service) -> Throttle {
        let service = Some(service);
        Throttle { service, ..self }
    }

    /// The client, throttled.
    pub fn around(self, client: SharedHttpClient) -> SharedHttpClient {
        around(client, Arc::new(self))
    }

    /// Takes a token, if there is one.
    fn admits(&self) -> bool {
        let now = Instant::now();
        let mut bucket = self.bucket.lock().unwrap_or_else(PoisonError::into_inner);
        let bucket = bucket.get_or_insert(Bucket { tokens: self.burst, filled: now });
        let gained = (now - bucket.filled).as_secs_f64() * self.per_second;
        bucket.tokens = (bucket.tokens + gained).min(self.burst);
        bucket.filled = now;
        let admits = bucket.tokens >= 1.0;
        if admits {
            bucket.tokens -= 1.0;
        }
        admits
    }
}

impl Around for Throttle {
    async fn call(self: Arc<Self>, request: HttpRequest, next: SharedHttpConnector) -> Called {
        let service = Operation::of(&request).service;
        if self.service.is_none_or(|only| only == service) && !self.admits() {
            return Ok(throttled(service).into_http());
        }
        next.call(request).await
    }
}

/// The throttling error of a service. Sources: AWS's repost article "iam-sts-throttling-error" for IAM; the Pinpoint model, TooManyRequestsException
/// 429; the common errors of the Kinesis API, ThrottlingException 400.
pub(super) fn throttled(service: Service) -> Reply {
    let (status, code, message) = match service {
        Service::Iam | Service::Sts | Service::CloudFormation | Service::Other => {
            (400, "Throttling", "Rate exceeded")
        }
        Service::Pinpoint => (429, "TooManyRequestsException", "Too many requests"),
        Service::Organizations => (400, "TooManyRequestsException", "Too many requests"),
        Service::Kinesis | Service::Firehose => (400, "ThrottlingException", "Rate exceeded"),
    };
    Reply::error(service.protocol(), status, code, message, "00000000-0000-4000-a000-000000000429")
}
