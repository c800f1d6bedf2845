//! What time it is by S3's own clock, from the `Date` of its answers. A lock's age is told by the one machine that
//! writes it to another that reads it, and their clocks need not agree, or may jump.
use aws_sdk_s3::config::interceptors::BeforeDeserializationInterceptorContextRef;
use aws_sdk_s3::config::{ConfigBag, Intercept, RuntimeComponents};
use aws_sdk_s3::error::BoxError;
use aws_smithy_types::date_time::{DateTime, Format};
use jiff::Timestamp;
use std::sync::{Arc, Mutex, PoisonError};
use tokio::time::Instant;

/// S3's clock, as the latest answer told it.
#[derive(Debug, Clone, Default)]
pub(super) struct S3Time {
    told: Arc<Mutex<Option<(Timestamp, Instant)>>>,
}

impl S3Time {
    /// The time by S3's clock; this machine's where no answer has told it.
    pub(super) fn now(&self, here: Timestamp) -> Timestamp {
        let told = *self.told.lock().unwrap_or_else(PoisonError::into_inner);
        told.and_then(|(then, at)| then.checked_add(at.elapsed()).ok()).unwrap_or(here)
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
            *self.told.lock().unwrap_or_else(PoisonError::into_inner) = Some((then, Instant::now()));
        }
        Ok(())
    }
}
