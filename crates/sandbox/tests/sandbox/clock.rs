//! A wall clock that stands until it is moved.

use jiff::{SignedDuration, Timestamp};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

#[derive(Debug, Clone)]
pub(crate) struct Clock(Arc<AtomicI64>);

impl Default for Clock {
    fn default() -> Self {
        let start: Timestamp = "2026-11-23T09:30:00Z".parse().unwrap();
        Clock(Arc::new(AtomicI64::new(start.as_millisecond())))
    }
}

impl Clock {
    pub(crate) fn reader(&self) -> impl Fn() -> Timestamp + Send + Sync + 'static {
        let clock = self.clone();
        move || Timestamp::from_millisecond(clock.0.load(Ordering::SeqCst)).unwrap()
    }

    pub(crate) fn advance(&self, by: Duration) {
        let by = SignedDuration::try_from(by).unwrap();
        self.0.fetch_add(by.as_millis() as i64, Ordering::SeqCst);
    }
}
