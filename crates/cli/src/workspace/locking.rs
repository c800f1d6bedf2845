//! Holding the lock of a state while something is done. A lock on an object outlives the process, so it is given
//! up in order, whatever becomes of what was done and whoever asks it to stop.
use crate::ui::CommandContext;
use crate::ui::error::Error;
use crate::ui::signals::Signals;
use crate::workspace::{Held, Store};
use pinpoint_streams_executor::clock::{Clock as _, SystemClock};
use pinpoint_streams_store::lock::{Holder, LockError, LockStore as _};
use std::time::Duration;
use tokio::time::{Instant, sleep};

/// How often a lock that another run holds is tried again.
const TRY_EVERY: Duration = Duration::from_millis(200);
/// The same where each try is a call.
const CALL_EVERY: Duration = Duration::from_secs(2);

/// Takes the lock, or waits for it as long as the settings say.
pub(crate) async fn acquire(
    store: &Store,
    signals: &mut Signals,
    context: &CommandContext<'_>,
) -> Result<Held, Error> {
    let CommandContext { settings, environment, .. } = *context;
    let holder = Holder {
        who: environment.who.clone(),
        host: environment.host.clone(),
        pid: std::process::id(),
        since: SystemClock.now(),
    };
    let (began, timeout) = (Instant::now(), settings.lock_timeout.unwrap_or_default());
    let every = if store.remote().is_some() { CALL_EVERY } else { TRY_EVERY };
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

/// A try that is cut off could have taken the lock without anybody knowing, so a signal lets it end first.
async fn attempt(
    store: &Store,
    holder: &Holder,
    signals: &mut Signals,
    context: &CommandContext<'_>,
) -> Result<Held, Error> {
    let attempt = store.acquire(holder);
    tokio::pin!(attempt);
    tokio::select! {
        result = &mut attempt => return Ok(result?),
        () = signals.next() => context.printer.aside("stopping, once it is known whether the lock was taken\n"),
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

/// Gives the lock up. One more signal does not wait for that.
pub(crate) async fn release(store: &Store, held: Held, signals: &mut Signals) -> Result<(), Error> {
    tokio::select! {
        released = store.release(held) => Ok(released?),
        () = signals.next() => Err(Error::Stopped),
    }
}

/// Does this while no other run may write the state. A signal stops it; what it wrote by then is written.
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
