//! When the questions of an inquiry are computed again while some of them still wait for their answers. Computing them costs
//! more the larger the inquiry is, so the time that it takes decides how often it is done.
use std::time::Duration;
use tokio::time::Instant;

/// The least time between two computations.
const LEAST_PAUSE: Duration = Duration::from_millis(100);
/// How many times as long as a computation the pause after it is: computing takes at most a tenth of the time.
const PAUSE_PER_COST: u32 = 9;

#[derive(Debug)]
pub(super) struct Cadence {
    /// The earliest time of the next computation.
    next: Instant,
    /// Whether an answer has come since the last one.
    has_new_answers: bool,
}

impl Cadence {
    pub(super) fn new() -> Cadence {
        Cadence { next: Instant::now(), has_new_answers: false }
    }

    /// Runs the computation, and notes what it took.
    pub(super) fn timed<T>(&mut self, compute: impl FnOnce() -> T) -> T {
        let began = Instant::now();
        let computed = compute();
        let ended = Instant::now();
        let pause = LEAST_PAUSE.max((ended - began) * PAUSE_PER_COST);
        *self = Cadence { next: ended + pause, has_new_answers: false };
        computed
    }

    pub(super) fn answered(&mut self) {
        self.has_new_answers = true;
    }

    /// When to compute again; none while nothing new is known.
    pub(super) fn due(&self) -> Option<Instant> {
        self.has_new_answers.then_some(self.next)
    }
}
