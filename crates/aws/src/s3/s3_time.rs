//! S3's clock, from the `Date` of its responses. The age of a lock is computed on another machine than the one that wrote
//! it, and their clocks may differ or jump.
use aws_sdk_s3::config::interceptors::BeforeDeserializationInterceptorContextRef;
use aws_sdk_s3::config::{ConfigBag, Intercept, RuntimeComponents};
use aws_sdk_s3::error::BoxError;
use aws_smithy_types::date_time::{DateTime, Format};
use jiff::Timestamp;
use std::sync::{Arc, Mutex, PoisonError};
use tokio::time::Instant;

/// As of the latest response.
#[derive(Debug, Clone, Default)]
pub(super) struct S3Time {
    seen: Arc<Mutex<Option<(Timestamp, Instant)>>>,
}

impl S3Time {
    /// `here`, this machine's time, until a response has shown S3's.
    pub(super) fn now(&self, here: Timestamp) -> Timestamp {
        let seen = *self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        seen.and_then(|(then, at)| then.checked_add(at.elapsed()).ok()).unwrap_or(here)
    }
}

impl Intercept for S3Time {
    fn name(&self) -> &'static str {
        "S3's clock"
    }

    fn read_before_deserialization(
        &self,
        context: &BeforeDeserializationInterceptorContextRef<'_>,
        _: &RuntimeComponents,
        _: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let date = context.response().headers().get("date");
        let date = date.and_then(|date| DateTime::from_str(date, Format::HttpDate).ok());
        if let Some(then) = date.and_then(|date| Timestamp::from_second(date.secs()).ok()) {
            *self.seen.lock().unwrap_or_else(PoisonError::into_inner) = Some((then, Instant::now()));
        }
        Ok(())
    }
}
