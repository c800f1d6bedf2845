//! The slot that a step holds while it calls AWS. While a call waits for its turn in `Paced`, the step releases its
//! slot and reports long waits. If the run is stopped, the wait is cancelled, unless AWS has accepted a write of the
//! step.
//!
//! The slot is a task-local that `execute::step` sets and `Paced` reads, because the ports to AWS do not know steps.
use crate::stop::{Level, Stop};
use futures::FutureExt;
use std::pin::pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::sync::{Notify, OwnedSemaphorePermit, Semaphore};
use tokio::time::{Instant, sleep};

/// The interval between reports that a step is waiting.
const REPORT_EVERY: Duration = Duration::from_secs(5);

tokio::task_local! {
    /// The slot of the current step. There is none before the plan.
    static CALL_SLOT: CallSlot;
}

/// The slot of one step. Clones share it.
#[derive(Debug, Clone)]
pub(crate) struct CallSlot(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    slots: Arc<Semaphore>,
    permit: Mutex<Option<OwnedSemaphorePermit>>,
    /// Held while waiting for a permit: the concurrent calls of one read share one.
    reacquiring: tokio::sync::Mutex<()>,
    stop: Stop,
    is_in_line: AtomicBool,
    was_sent: AtomicBool,
    is_accepted: AtomicBool,
    /// Whether a stop of the run leaves its waits alone.
    outlives_stop: AtomicBool,
    wait: Mutex<Wait>,
    waits_long: Notify,
    cancelled: Notify,
    lock_lost: Notify,
}

/// How long a step has waited in total, and when the next report is due.
#[derive(Debug, Clone, Copy)]
struct Wait {
    so_far: Duration,
    next_report: Duration,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Waiting {
    For(Duration),
    /// The run starts nothing new.
    Cancelled,
    /// The run no longer holds its lock: the step makes no further write.
    LockLost,
}

impl CallSlot {
    pub(crate) fn new(slots: Arc<Semaphore>, slot: OwnedSemaphorePermit, stop: Stop) -> CallSlot {
        CallSlot(Arc::new(Inner {
            slots,
            permit: Mutex::new(Some(slot)),
            reacquiring: tokio::sync::Mutex::default(),
            stop,
            is_in_line: AtomicBool::new(false),
            was_sent: AtomicBool::new(false),
            is_accepted: AtomicBool::new(false),
            outlives_stop: AtomicBool::new(false),
            wait: Mutex::new(Wait { so_far: Duration::ZERO, next_report: REPORT_EVERY }),
            waits_long: Notify::new(),
            cancelled: Notify::new(),
            lock_lost: Notify::new(),
        }))
    }

    /// Does this work with the slot: calls in it release the slot while they wait for their turn.
    pub(crate) async fn during<F: Future>(&self, work: F) -> F::Output {
        CALL_SLOT.scope(self.clone(), work).await
    }

    /// Releases the slot to another step.
    pub(crate) fn release(&self) {
        self.permit().take();
    }

    /// Waits for a slot again.
    pub(crate) async fn reacquire(&self) {
        let _alone = self.0.reacquiring.lock().await;
        if self.permit().is_some() {
            return;
        }
        // The semaphore is never closed.
        let slot = Arc::clone(&self.0.slots).acquire_owned().await.ok();
        *self.permit() = slot;
    }

    /// From now on the step is finished even if the run is stopped.
    pub(crate) fn must_finish(&self) {
        self.0.is_accepted.store(true, Ordering::Relaxed);
    }

    /// A stop of the run does not cancel the step while it waits for its turn.
    pub(crate) fn outlive_stop(&self) {
        self.0.outlives_stop.store(true, Ordering::Relaxed);
    }

    /// Whether a write was sent. If so, AWS may have carried it out even if it was throttled: the SDK may have sent it
    /// twice.
    pub(crate) fn was_sent(&self) -> bool {
        self.0.was_sent.load(Ordering::Relaxed)
    }

    pub(crate) fn is_accepted(&self) -> bool {
        self.0.is_accepted.load(Ordering::Relaxed)
    }

    /// Whether the step waits for its turn and AWS has accepted none of its writes.
    pub(crate) fn is_not_started(&self) -> bool {
        self.0.is_in_line.load(Ordering::Relaxed) && !self.0.is_accepted.load(Ordering::Relaxed)
    }

    /// Returns if the run still holds its lock. If not, the step drops this future on `LockLost`.
    pub(crate) async fn must_hold_lock(&self) {
        if !self.0.stop.holds_lock().await {
            self.0.lock_lost.notify_one();
            std::future::pending::<()>().await;
        }
    }

    /// The next event of a wait for a turn.
    pub(crate) async fn waiting(&self) -> Waiting {
        tokio::select! {
            biased;
            () = self.0.lock_lost.notified() => Waiting::LockLost,
            () = self.0.cancelled.notified() => Waiting::Cancelled,
            () = self.0.waits_long.notified() => Waiting::For(self.wait().so_far),
        }
    }

    async fn wait_without_slot<T>(&self, turn: impl Future<Output = T>) -> T {
        self.release();
        self.0.is_in_line.store(true, Ordering::Relaxed);
        let mut turn = pin!(async {
            let turn = turn.await;
            self.reacquire().await;
            self.0.is_in_line.store(false, Ordering::Relaxed);
            turn
        });
        let mut stopped = pin!(self.0.stop.reached(Level::Drain));
        let may_be_cancelled =
            !self.0.is_accepted.load(Ordering::Relaxed) && !self.0.outlives_stop.load(Ordering::Relaxed);
        loop {
            let (Wait { so_far, next_report }, began) = (*self.wait(), Instant::now());
            tokio::select! {
                biased;
                () = &mut stopped, if may_be_cancelled => {
                    self.0.cancelled.notify_one();
                    // The step drops this future on `Cancelled`.
                    return std::future::pending().await;
                }
                turn = &mut turn => {
                    self.wait().so_far = so_far + began.elapsed();
                    return turn;
                }
                () = sleep(next_report.saturating_sub(so_far)) => {
                    *self.wait() = Wait { so_far: next_report, next_report: next_report + REPORT_EVERY };
                    self.0.waits_long.notify_one();
                }
            }
        }
    }

    fn wait(&self) -> MutexGuard<'_, Wait> {
        self.0.wait.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn permit(&self) -> MutexGuard<'_, Option<OwnedSemaphorePermit>> {
        self.0.permit.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Waits for a call's turn without the current step's slot.
pub(super) async fn wait_for_turn<T>(turn: impl Future<Output = T>) -> T {
    let Ok(slot) = CALL_SLOT.try_with(CallSlot::clone) else { return turn.await };
    let mut turn = pin!(turn);
    match turn.as_mut().now_or_never() {
        Some(turn) => turn,
        None => slot.wait_without_slot(turn).await,
    }
}

/// Records that a write of the current step is sent, if the run still holds its lock after the wait for its turn.
pub(super) async fn note_sent() {
    let Ok(slot) = CALL_SLOT.try_with(CallSlot::clone) else { return };
    slot.must_hold_lock().await;
    slot.0.was_sent.store(true, Ordering::Relaxed);
}

/// Records that AWS did not throttle a write of the current step.
pub(super) fn note_accepted() {
    let _ = CALL_SLOT.try_with(CallSlot::must_finish);
}
