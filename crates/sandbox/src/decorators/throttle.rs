//! Refuses calls beyond a rate, in the words of each service.

use super::{Around, Called, around};
use crate::operation::{Operation, Service};
use crate::wire::Reply;
use aws_smithy_runtime_api::client::http::{HttpConnector, SharedHttpClient, SharedHttpConnector};
use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use std::sync::{Arc, Mutex, PoisonError};
use tokio::time::Instant;

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
            return Ok(refusal(service).into_http());
        }
        next.call(request).await
    }
}

/// Sources: AWS's repost article "iam-sts-throttling-error" for IAM; the Pinpoint model, TooManyRequestsException
/// 429; the common errors of the Kinesis API, ThrottlingException 400.
pub(super) fn refusal(service: Service) -> Reply {
    let id = "00000000-0000-4000-a000-000000000429";
    match service {
        Service::Iam | Service::Sts | Service::CloudFormation | Service::Other => {
            let body = format!(
                "<ErrorResponse><Error><Type>Sender</Type><Code>Throttling</Code><Message>Rate exceeded</Message></Error><RequestId>{id}</RequestId></ErrorResponse>"
            );
            Reply::xml(400, body, id)
        }
        Service::Pinpoint => Reply::rest_json_error(429, "TooManyRequestsException", "Too many requests", id),
        Service::Organizations => Reply::json11_error(400, "TooManyRequestsException", "Too many requests", id),
        Service::Kinesis | Service::Firehose => {
            Reply::json11_error(400, "ThrottlingException", "Rate exceeded", id)
        }
    }
}
