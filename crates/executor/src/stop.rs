//! Stopping a run early: each signal raises the level by one, and a run whose lock is lost writes nothing more.
use pinpoint_streams_store::lock::LockCheck;
use std::sync::{Arc, OnceLock};
use std::time::Duration;
use tokio::sync::watch;
use tokio::time::{Instant, sleep_until};

/// How urgently the run must end.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    #[default]
    Run,
    /// Start nothing new, finish running steps.
    Drain,
    /// Give up waits and retries, write the state.
    Abandon,
    /// Exit now. The journal has every step.
    ExitNow,
}

impl Level {
    fn raised(self) -> Level {
        match self {
            Level::Run => Level::Drain,
            Level::Drain => Level::Abandon,
            Level::Abandon | Level::ExitNow => Level::ExitNow,
        }
    }
}

/// Raises the level; held by the signal handler.
#[derive(Debug, Clone)]
pub struct Stopper {
    level: watch::Sender<Level>,
    abandoned_at: Arc<OnceLock<Instant>>,
}

impl Stopper {
    /// Raises the level by one and returns it.
    pub fn raise(&self) -> Level {
        let mut now = Level::ExitNow;
        self.level.send_modify(|level| {
            *level = level.raised();
            if *level == Level::Abandon {
                let _ = self.abandoned_at.set(Instant::now());
            }
            now = *level;
        });
        now
    }
}

/// Watched by a run.
#[derive(Debug, Clone)]
pub struct Stop {
    level: watch::Receiver<Level>,
    abandoned_at: Arc<OnceLock<Instant>>,
    lock: Option<Arc<dyn LockCheck>>,
    is_lock_lost: watch::Sender<bool>,
}

impl Stop {
    pub fn channel() -> (Stopper, Stop) {
        let (sender, receiver) = watch::channel(Level::Run);
        let abandoned_at = Arc::<OnceLock<Instant>>::default();
        let stopper = Stopper { level: sender, abandoned_at: Arc::clone(&abandoned_at) };
        let is_lock_lost = watch::Sender::new(false);
        (stopper, Stop { level: receiver, abandoned_at, lock: None, is_lock_lost })
    }

    /// Never stops a run.
    pub fn never() -> Stop {
        Stop::channel().1
    }

    /// The same for a run that holds this lock.
    #[must_use]
    pub fn guarded_by(self, lock: Arc<dyn LockCheck>) -> Stop {
        Stop { lock: Some(lock), ..self }
    }

    pub fn level(&self) -> Level {
        let level = *self.level.borrow();
        if self.is_lock_lost() { level.max(Level::Drain) } else { level }
    }

    /// Whether the run still holds its lock. If not, it starts nothing new. Asked before each write to AWS.
    pub async fn holds_lock(&self) -> bool {
        let Some(lock) = &self.lock else { return true };
        if !self.is_lock_lost() && lock.is_held().await {
            return true;
        }
        self.is_lock_lost.send_replace(true);
        false
    }

    pub(crate) fn is_lock_lost(&self) -> bool {
        *self.is_lock_lost.borrow()
    }

    /// Returns once [`Stop::holds_lock`] has been false.
    pub(crate) async fn lock_lost(&self) {
        // The sender is our own, so this does not fail.
        let _ = self.is_lock_lost.subscribe().wait_for(|is_lost| *is_lost).await;
    }

    /// Returns this long after the level has reached [`Level::Abandon`].
    pub(crate) async fn abandoned_for(&self, time: Duration) {
        self.reached(Level::Abandon).await;
        let since = self.abandoned_at.get().copied().unwrap_or_else(Instant::now);
        sleep_until(since + time).await;
    }

    /// Returns once the level is at least this; never, if the [`Stopper`] is dropped.
    pub async fn reached(&self, level: Level) {
        let mut watched = self.level.clone();
        if watched.wait_for(|now| *now >= level).await.is_err() {
            std::future::pending::<()>().await;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn each_signal_raises_the_level_by_one() {
        let (stopper, stop) = Stop::channel();
        assert_eq!(stop.level(), Level::Run);
        assert_eq!(
            [stopper.raise(), stopper.raise(), stopper.raise(), stopper.raise()],
            [Level::Drain, Level::Abandon, Level::ExitNow, Level::ExitNow]
        );
        stop.reached(Level::Drain).await;
    }
}
