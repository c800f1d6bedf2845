//! Holds the state lock during an operation. S3 locks outlive the process, so the lock is released on every exit path.
use crate::settings::Environment;
use crate::ui::signals::Signals;
use crate::ui::{CommandContext, Error};
use crate::workspace::{HeldLock, Store};
use pinpoint_streams_executor::clock::{Clock as _, SystemClock};
use pinpoint_streams_store::lock::{Holder, LockError, LockStore};
use std::time::Duration;
use tokio::time::{Instant, sleep, sleep_until};

/// Retry interval for a local lock.
const FILE_RETRY_INTERVAL: Duration = Duration::from_millis(200);
/// Retry interval for an S3 lock, where each attempt is a call.
const S3_RETRY_INTERVAL: Duration = Duration::from_secs(2);

/// Acquires the lock. Waits for `--lock-timeout` if another run holds it.
pub(crate) async fn acquire(
    store: &Store,
    signals: &mut Signals,
    context: &CommandContext<'_>,
) -> Result<HeldLock, Error> {
    let every = if store.remote().is_some() { S3_RETRY_INTERVAL } else { FILE_RETRY_INTERVAL };
    acquire_every(every, store, signals, context).await
}

/// This process.
pub(crate) fn holder(environment: &Environment) -> Holder {
    Holder {
        who: environment.who.clone(),
        host: environment.host.clone(),
        pid: std::process::id(),
        since: SystemClock.now(),
    }
}

async fn acquire_every<S: LockStore>(
    every: Duration,
    store: &S,
    signals: &mut Signals,
    context: &CommandContext<'_>,
) -> Result<S::Held, Error> {
    let holder = holder(context.environment);
    let (began, timeout) = (Instant::now(), context.settings.lock_timeout.unwrap_or_default());
    loop {
        match attempt(store, &holder, signals, context).await {
            Err(Error::Lock(LockError::Held { .. })) if began.elapsed() < timeout => tokio::select! {
                () = sleep(every.min(timeout.saturating_sub(began.elapsed()))) => {}
                () = signals.next() => return Err(Error::Stopped),
            },
            result => return result,
        }
    }
}

/// A canceled attempt may have acquired the lock, so a signal waits for the attempt and then releases the lock.
async fn attempt<S: LockStore>(
    store: &S,
    holder: &Holder,
    signals: &mut Signals,
    context: &CommandContext<'_>,
) -> Result<S::Held, Error> {
    let attempt = store.acquire(holder);
    tokio::pin!(attempt);
    tokio::select! {
        result = &mut attempt => return Ok(result?),
        () = signals.next() => context.printer.note("stopping after the pending lock request\n"),
    }
    tokio::select! {
        result = &mut attempt => {
            if let Ok(held) = result {
                store.release(held).await?;
            }
        }
        () = signals.next() => {}
    }
    Err(Error::Stopped)
}

/// Releases the lock. Another signal aborts the release, or this time.
pub(crate) async fn release(
    store: &Store,
    held: HeldLock,
    signals: &mut Signals,
    by: Option<Instant>,
) -> Result<(), Error> {
    let aborted = async {
        tokio::select! {
            () = signals.next() => {}
            () = until(by) => {}
        }
    };
    release_unless(aborted, store, held).await
}

async fn until(time: Option<Instant>) {
    match time {
        Some(time) => sleep_until(time).await,
        None => std::future::pending().await,
    }
}

/// A lock that is released at once is released although a signal has already arrived.
async fn release_unless<S: LockStore>(
    signal: impl Future<Output = ()>,
    store: &S,
    held: S::Held,
) -> Result<(), Error> {
    tokio::select! {
        biased;
        released = store.release(held) => Ok(released?),
        () = signal => Err(Error::NotReleased),
    }
}

/// Runs an operation under the lock. A signal cancels it, but does not undo what it has written.
pub(crate) async fn locked<T>(
    store: &Store,
    context: &CommandContext<'_>,
    work: impl AsyncFnOnce() -> Result<T, Error>,
) -> Result<T, Error> {
    let mut signals = Signals::listen().map_err(Error::of_signals)?;
    let held = acquire(store, &mut signals, context).await?;
    let done = tokio::select! {
        done = work() => done,
        () = signals.next() => Err(Error::Interrupted),
    };
    let released = release(store, held, &mut signals, None).await;
    let done = done?;
    released?;
    Ok(done)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::settings::{Globals, Settings, Verbosity};
    use crate::ui::printer::{Printer, Streams};
    use std::sync::Mutex;

    /// A lock that another run holds until a time, and the attempts to acquire it.
    struct Bucket {
        free_at: Instant,
        release_takes: Duration,
        attempts: Mutex<Vec<Duration>>,
        began: Instant,
    }

    impl LockStore for Bucket {
        type Held = ();

        async fn acquire(&self, _: &Holder) -> Result<(), LockError> {
            self.attempts.lock().unwrap().push(self.began.elapsed());
            let held = LockError::Held { place: "s3://bucket/key.lock".to_owned(), holder: None, heartbeat: None };
            if Instant::now() >= self.free_at { Ok(()) } else { Err(held) }
        }

        async fn release(&self, (): ()) -> Result<(), LockError> {
            if !self.release_takes.is_zero() {
                sleep(self.release_takes).await;
            }
            Ok(())
        }
    }

    /// The seconds at which the lock was tried, and whether it was acquired.
    async fn tried(lock_timeout: Option<u64>, held_for: u64) -> (Vec<u64>, bool) {
        let environment = Environment::default();
        let globals = Globals { lock_timeout: lock_timeout.map(Duration::from_secs), ..Globals::default() };
        let settings = Settings::of(globals, &environment);
        let streams = Streams {
            stdin: Box::new(std::io::empty()),
            stdout: Box::new(std::io::sink()),
            stderr: Box::new(std::io::sink()),
        };
        let printer = Printer::new(streams, false, false, Verbosity::Normal);
        let context = CommandContext { settings: &settings, environment: &environment, printer: &printer };
        let began = Instant::now();
        let free_at = began + Duration::from_secs(held_for);
        let bucket = Bucket { free_at, release_takes: Duration::ZERO, attempts: Mutex::default(), began };
        let mut signals = Signals::listen().unwrap();
        let acquired = acquire_every(S3_RETRY_INTERVAL, &bucket, &mut signals, &context).await;
        let attempts = bucket.attempts.into_inner().unwrap();
        (attempts.iter().map(Duration::as_secs).collect(), acquired.is_ok())
    }

    #[tokio::test(start_paused = true)]
    async fn a_signal_during_the_release_of_the_lock_never_reads_as_if_nothing_was_done() {
        let now = Instant::now();
        let bucket =
            |release_takes| Bucket { free_at: now, release_takes, attempts: Mutex::default(), began: now };
        for _ in 0..20 {
            // The third of three quick signals is there before the release begins.
            release_unless(std::future::ready(()), &bucket(Duration::ZERO), ()).await.unwrap();
        }
        let slow = bucket(Duration::from_secs(9));
        let late = release_unless(until(Some(now + Duration::from_secs(2))), &slow, ()).await;
        assert_eq!((late.is_err(), now.elapsed().as_secs()), (true, 2));
        let cut = release_unless(std::future::ready(()), &slow, ()).await.unwrap_err();
        assert_eq!(
            (cut.to_string().as_str(), cut.exit().code()),
            ("stopped before the state lock was released", 130)
        );
    }

    #[tokio::test(start_paused = true)]
    async fn a_held_lock_in_a_bucket_is_tried_every_two_seconds_until_the_timeout() {
        assert_eq!(tried(None, 5).await, (vec![0], false));
        assert_eq!(tried(Some(20), 5).await, (vec![0, 2, 4, 6], true));
        assert_eq!(tried(Some(3), 5).await, (vec![0, 2, 3], false));
    }
}
