//! A wall clock that moves with tokio's time, so that a test that pauses and advances one moves both.
use jiff::{SignedDuration, Timestamp};
use pinpoint_streams_executor::clock::Clock;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::time::Instant;

/// The time at which every [`FakeClock`] starts: 2026-11-23T09:00:00Z.
pub const START: Timestamp = Timestamp::constant(1_795_424_400, 0);

/// A clock that reads [`START`] when made, and moves as `tokio::time` does: not at all while tokio's clock is
/// paused and no task sleeps. Clones are one clock.
#[derive(Debug, Clone)]
pub struct FakeClock(Arc<Mutex<Reading>>);

#[derive(Debug, Clone, Copy)]
struct Reading {
    time: Timestamp,
    /// When the clock read that.
    at: Instant,
}

impl FakeClock {
    /// A clock that starts now, at [`START`].
    pub fn new() -> FakeClock {
        FakeClock(Arc::new(Mutex::new(Reading { time: START, at: Instant::now() })))
    }

    /// A clock of its own that goes on from where this one stands.
    pub(crate) fn fork(&self) -> FakeClock {
        FakeClock(Arc::new(Mutex::new(*self.reading())))
    }

    fn reading(&self) -> MutexGuard<'_, Reading> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Sets the clock; it goes on from there as it did before.
    pub fn set(&self, time: Timestamp) {
        *self.reading() = Reading { time, at: Instant::now() };
    }

    /// Moves this clock alone, not tokio's: records age without a wait.
    pub fn advance(&self, by: Duration) {
        self.reading().time += by;
    }
}

impl Default for FakeClock {
    fn default() -> FakeClock {
        FakeClock::new()
    }
}

impl Clock for FakeClock {
    fn now(&self) -> Timestamp {
        let Reading { time, at } = *self.reading();
        time + SignedDuration::try_from(at.elapsed()).unwrap_or(SignedDuration::MAX)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn the_clock_moves_with_tokio() {
        let clock = FakeClock::new();
        assert_eq!(clock.now(), START);
        tokio::time::sleep(Duration::from_secs(90)).await;
        assert_eq!(clock.now().to_string(), "2026-11-23T09:01:30Z");
        clock.advance(Duration::from_secs(30));
        assert_eq!(clock.now().to_string(), "2026-11-23T09:02:00Z");
        clock.set("2027-01-01T00:00:00Z".parse().unwrap());
        assert_eq!(clock.now().to_string(), "2027-01-01T00:00:00Z");
    }
}
