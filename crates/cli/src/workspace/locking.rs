//! Holds the state lock during an operation. S3 locks outlive the process, so the lock is released on every exit path.
use crate::ui::CommandContext;
use crate::ui::error::Error;
use crate::ui::signals::Signals;
use crate::workspace::{HeldLock, Store};
use pinpoint_streams_executor::clock::{Clock as _, SystemClock};
use pinpoint_streams_store::lock::{Holder, LockError, LockStore as _};
use std::time::Duration;
use tokio::time::{Instant, sleep};

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
    let CommandContext { settings, environment, .. } = *context;
    let holder = Holder {
        who: environment.who.clone(),
        host: environment.host.clone(),
        pid: std::process::id(),
        since: SystemClock.now(),
    };
    let (began, timeout) = (Instant::now(), settings.lock_timeout.unwrap_or_default());
    let every = if store.remote().is_some() { S3_RETRY_INTERVAL } else { FILE_RETRY_INTERVAL };
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
async fn attempt(
    store: &Store,
    holder: &Holder,
    signals: &mut Signals,
    context: &CommandContext<'_>,
) -> Result<HeldLock, Error> {
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

/// Releases the lock. Another signal aborts the release.
pub(crate) async fn release(store: &Store, held: HeldLock, signals: &mut Signals) -> Result<(), Error> {
    tokio::select! {
        released = store.release(held) => Ok(released?),
        () = signals.next() => Err(Error::Stopped),
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
        () = signals.next() => Err(Error::Stopped),
    };
    let released = release(store, held, &mut signals).await;
    let done = done?;
    released?;
    Ok(done)
}
