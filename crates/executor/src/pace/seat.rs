//! What a step of a run does while a call of its stands in line: it leaves its slot to others and says so where it
//! takes long. Once the run is told to start nothing new it goes home, unless AWS has taken a write of it.
use crate::stop::{Level, Stop};
use futures::FutureExt;
use std::pin::pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::sync::{Notify, OwnedSemaphorePermit, Semaphore};
use tokio::time::{Instant, sleep};

/// How long a step stands in line, all in all, before that is worth a word, and then another.
const WORTH_A_WORD: Duration = Duration::from_secs(5);

tokio::task_local! {
    /// The seat of the step that is being carried out; a survey's calls have none, and wait.
    static SEAT: Seat;
}

/// One step's place among those that may call AWS. Clones are one seat.
#[derive(Debug, Clone)]
pub(crate) struct Seat(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    slots: Arc<Semaphore>,
    slot: Mutex<Option<OwnedSemaphorePermit>>,
    stop: Stop,
    was_asked: AtomicBool,
    is_under_way: AtomicBool,
    standing: Mutex<Standing>,
    stands_long: Notify,
    goes_home: Notify,
}

/// How long a step has stood in line, and when the next word of it is due.
#[derive(Debug, Clone, Copy)]
struct Standing {
    so_far: Duration,
    next_word: Duration,
}

/// What a step that stands in line has to say.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum InLine {
    /// It has stood there for so long.
    For(Duration),
    /// The run starts nothing new, so its call is not made.
    GoesHome,
}

impl Seat {
    /// A seat with one of these slots.
    pub(crate) fn new(slots: Arc<Semaphore>, slot: OwnedSemaphorePermit, stop: Stop) -> Seat {
        Seat(Arc::new(Inner {
            slots,
            slot: Mutex::new(Some(slot)),
            stop,
            was_asked: AtomicBool::new(false),
            is_under_way: AtomicBool::new(false),
            standing: Mutex::new(Standing { so_far: Duration::ZERO, next_word: WORTH_A_WORD }),
            stands_long: Notify::new(),
            goes_home: Notify::new(),
        }))
    }

    /// Does this with the seat: calls in it leave the slot while they stand in line.
    pub(crate) async fn during<F: Future>(&self, work: F) -> F::Output {
        SEAT.scope(self.clone(), work).await
    }

    /// Gives the slot to whoever is next.
    pub(crate) fn rest(&self) {
        self.slot().take();
    }

    /// Waits for a slot again.
    pub(crate) async fn resume(&self) {
        // The slots are never closed; were they, the call would be made without one.
        let slot = Arc::clone(&self.0.slots).acquire_owned().await.ok();
        *self.slot() = slot;
    }

    /// What was begun is brought to its end, unless the run is told to stop waiting.
    pub(crate) fn must_finish(&self) {
        self.0.is_under_way.store(true, Ordering::Relaxed);
    }

    /// Whether AWS was asked for a write at all. Where it was, it may have been done, whatever AWS answered: the
    /// transport may have asked twice.
    pub(crate) fn was_asked(&self) -> bool {
        self.0.was_asked.load(Ordering::Relaxed)
    }

    /// The next thing that is to be said of standing in line.
    pub(crate) async fn in_line(&self) -> InLine {
        tokio::select! {
            biased;
            () = self.0.goes_home.notified() => InLine::GoesHome,
            () = self.0.stands_long.notified() => InLine::For(self.standing().so_far),
        }
    }

    async fn stand<T>(&self, turn: impl Future<Output = T>) -> T {
        self.rest();
        let mut turn = pin!(async {
            let turn = turn.await;
            self.resume().await;
            turn
        });
        let mut stopped = pin!(self.0.stop.reached(Level::Drain));
        let is_under_way = self.0.is_under_way.load(Ordering::Relaxed);
        loop {
            let (Standing { so_far, next_word }, began) = (*self.standing(), Instant::now());
            tokio::select! {
                biased;
                () = &mut stopped, if !is_under_way => {
                    self.0.goes_home.notify_one();
                    // Whoever carries the step out lets go of it here.
                    return std::future::pending().await;
                }
                turn = &mut turn => {
                    self.standing().so_far = so_far + began.elapsed();
                    return turn;
                }
                () = sleep(next_word.saturating_sub(so_far)) => {
                    *self.standing() = Standing { so_far: next_word, next_word: next_word + WORTH_A_WORD };
                    self.0.stands_long.notify_one();
                }
            }
        }
    }

    fn standing(&self) -> MutexGuard<'_, Standing> {
        self.0.standing.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn slot(&self) -> MutexGuard<'_, Option<OwnedSemaphorePermit>> {
        self.0.slot.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Waits for a call's turn as the step in hand wants it; where there is none, patiently.
pub(super) async fn stand_in_line<T>(turn: impl Future<Output = T>) -> T {
    let Ok(seat) = SEAT.try_with(Seat::clone) else { return turn.await };
    let mut turn = pin!(turn);
    match turn.as_mut().now_or_never() {
        Some(turn) => turn,
        None => seat.stand(turn).await,
    }
}

/// A write of the step in hand is put to AWS.
pub(super) fn note_asked() {
    let _ = SEAT.try_with(|seat| seat.0.was_asked.store(true, Ordering::Relaxed));
}

/// AWS has answered a write of the step in hand with more than a wish for fewer calls.
pub(super) fn note_under_way() {
    let _ = SEAT.try_with(Seat::must_finish);
}
