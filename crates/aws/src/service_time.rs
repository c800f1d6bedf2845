//! AWS's clock, from the `Date` of its responses. The age of a lock, a role or a quarantine is computed on another machine
//! than the one that recorded its time, and their clocks may differ or jump.
use aws_smithy_runtime_api::box_error::BoxError;
use aws_smithy_runtime_api::client::interceptors::Intercept;
use aws_smithy_runtime_api::client::interceptors::context::BeforeDeserializationInterceptorContextRef;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::config_bag::ConfigBag;
use aws_smithy_types::date_time::{DateTime, Format};
use jiff::Timestamp;
use std::sync::{Arc, Mutex, PoisonError};
use tokio::time::Instant;

/// As of the latest response. Clones share it.
#[derive(Debug, Clone, Default)]
pub struct ServiceTime {
    seen: Arc<Mutex<Option<(Timestamp, Instant)>>>,
}

impl ServiceTime {
    /// `here`, this machine's time, until a response has shown the service's.
    pub fn now(&self, here: Timestamp) -> Timestamp {
        self.shown().unwrap_or(here)
    }

    /// `None` until a response has shown it.
    pub fn shown(&self) -> Option<Timestamp> {
        let (then, at) = (*self.seen.lock().unwrap_or_else(PoisonError::into_inner))?;
        then.checked_add(at.elapsed()).ok()
    }
}

impl Intercept for ServiceTime {
    fn name(&self) -> &'static str {
        "service time"
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
