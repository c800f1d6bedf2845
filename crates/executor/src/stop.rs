//! How a run is told to end before it is done: each signal raises the level by one.
use tokio::sync::watch;

/// How urgently the run is to end.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// Go on.
    #[default]
    Run,
    /// Start nothing new, finish what runs.
    Drain,
    /// Stop waiting: give up waits and retries, write the state.
    Abandon,
    /// Leave now. The journal has it.
    Leave,
}

impl Level {
    fn raised(self) -> Level {
        match self {
            Level::Run => Level::Drain,
            Level::Drain => Level::Abandon,
            Level::Abandon | Level::Leave => Level::Leave,
        }
    }
}

/// The end that raises the level; a signal handler holds it.
#[derive(Debug, Clone)]
pub struct Stopper {
    level: watch::Sender<Level>,
}

impl Stopper {
    /// Raises the level by one and says what it is now.
    pub fn raise(&self) -> Level {
        let mut now = Level::Leave;
        self.level.send_modify(|level| {
            *level = level.raised();
            now = *level;
        });
        now
    }
}

/// The end that a run watches.
#[derive(Debug, Clone)]
pub struct Stop {
    level: watch::Receiver<Level>,
}

impl Stop {
    /// Both ends.
    pub fn channel() -> (Stopper, Stop) {
        let (sender, receiver) = watch::channel(Level::Run);
        (Stopper { level: sender }, Stop { level: receiver })
    }

    /// A run that nobody stops.
    pub fn never() -> Stop {
        Stop::channel().1
    }

    /// The level now.
    pub fn level(&self) -> Level {
        *self.level.borrow()
    }

    /// Returns once the level is at least this; never, if it cannot be raised any more.
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
            [Level::Drain, Level::Abandon, Level::Leave, Level::Leave]
        );
        stop.reached(Level::Drain).await;
    }
}
