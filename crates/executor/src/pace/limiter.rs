//! The rate of calls to one operation in one account and region, found as TCP finds the width of a path. Until the first
//! refusal only the number of concurrent calls is limited: it starts low and grows by one with each answer, so that it
//! doubles in the time of a call. From then on the rate is limited: each refusal multiplies it by a factor, down to a
//! floor, and time adds to it.
use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::sync::Notify;
use tokio::time::{Instant, sleep_until};

/// The number of concurrent calls at first.
const FIRST_WINDOW: usize = 8;

/// The factor of the rate after a refusal.
const FALL: f64 = 0.85;
/// The gain a second right after a refusal, as a share of the rate then. It grows with the third power of the time: slow
/// where the limit is near, and fast where other calls leave room.
const RISE: f64 = 0.008;
/// The window over which the answered rate is measured.
const WINDOW: Duration = Duration::from_secs(1);

#[derive(Debug, Default)]
pub(super) struct Limiter {
    pace: Mutex<Pace>,
    /// Its holder is next in line.
    queue: tokio::sync::Mutex<()>,
    /// A call has ended or was answered.
    room: Notify,
}

/// A call that has its turn, until it is dropped.
#[derive(Debug)]
pub(super) struct Pass {
    limiter: Arc<Limiter>,
}

impl Drop for Pass {
    fn drop(&mut self) {
        self.limiter.pace().running -= 1;
        self.limiter.room.notify_one();
    }
}

#[derive(Debug)]
struct Pace {
    limit: Option<Limit>,
    /// How many calls run.
    running: usize,
    /// How many may run, as long as there is no limit.
    window: usize,
    /// Whether at least half of it ran when the last call began.
    is_window_used: bool,
    /// The rate that AWS documents, which is never exceeded.
    most: Option<f64>,
    floor: Floor,
    /// When calls were answered, as far back as [`WINDOW`].
    answered: VecDeque<Instant>,
}

#[derive(Debug)]
struct Limit {
    rate: f64,
    /// The rate when it last fell.
    ceiling: f64,
    /// The earliest time of the next call.
    next: Instant,
    /// When the rate last fell.
    fell: Instant,
    /// Up to when the rate has risen.
    rose: Instant,
    /// Whether the rate has fallen only once. The rate measured then may be too low, so it doubles every second until
    /// the next refusal.
    is_probing: bool,
}

impl Default for Pace {
    fn default() -> Pace {
        let floor = Floor::default();
        let (running, window, answered) = (0, FIRST_WINDOW, VecDeque::new());
        Pace { limit: None, running, window, is_window_used: false, most: None, floor, answered }
    }
}

impl Limiter {
    /// Limited from the first call on, and never faster.
    pub(super) fn at_most(rate: f64) -> Limiter {
        let now = Instant::now();
        let limit = Limit { rate, ceiling: rate, next: now, fell: now, rose: now, is_probing: false };
        let pace = Pace { limit: Some(limit), most: Some(rate), ..Pace::default() };
        Limiter { pace: Mutex::new(pace), ..Limiter::default() }
    }

    /// Waits for a call's turn. Calls get their turn in order.
    pub(super) async fn turn(self: &Arc<Limiter>) -> Pass {
        let _next_in_line = self.queue.lock().await;
        loop {
            let room = self.room.notified();
            let wait = match self.pace().pass(Instant::now()) {
                Ok(()) => return Pass { limiter: Arc::clone(self) },
                Err(wait) => wait,
            };
            match wait {
                Wait::Until(next) => sleep_until(next).await,
                Wait::ForRoom => room.await,
            }
        }
    }

    /// A call was not throttled.
    pub(super) fn answered(&self) {
        let (mut pace, now) = (self.pace(), Instant::now());
        pace.answered.push_back(now);
        pace.forget(now);
        // A window that is not used says nothing of what AWS allows.
        pace.window += usize::from(pace.is_window_used);
        let Pace { limit, most, floor, .. } = &mut *pace;
        self.room.notify_one();
        if let Some(limit) = limit {
            floor.note(limit.rate, false);
            let seconds = (now - limit.rose).as_secs_f64();
            limit.rate = if limit.is_probing {
                limit.rate * seconds.min(1.0).exp2()
            } else {
                let calm = (now - limit.fell).as_secs_f64();
                limit.rate + RISE * (1.0 + calm.powi(3)) * limit.ceiling.max(1.0) * seconds
            };
            limit.rate = limit.rate.max(floor.rate()).min(most.unwrap_or(f64::INFINITY));
            limit.rose = now;
        }
    }

    /// A call that was sent at this time was throttled.
    pub(super) fn refused(&self, sent: Instant) {
        let (mut pace, now) = (self.pace(), Instant::now());
        pace.forget(now);
        let Pace { limit, most, floor, answered, .. } = &mut *pace;
        let measured = (answered.len() as f64 / WINDOW.as_secs_f64()).max(floor.rate());
        match limit {
            // Sent before the rate last fell: not a new signal.
            Some(limit) if sent <= limit.fell => {}
            Some(limit) => {
                limit.ceiling =
                    if limit.is_probing { limit.rate.min(measured.max(limit.rate / 2.0)) } else { limit.rate };
                limit.is_probing = false;
                floor.note(limit.rate, true);
                limit.rate = (limit.ceiling * FALL).max(floor.rate()).min(most.unwrap_or(f64::INFINITY));
                limit.next = now + Duration::from_secs_f64(limit.rate.recip());
                limit.fell = now;
                limit.rose = now;
            }
            None => {
                let next = now + Duration::from_secs_f64(measured.recip());
                *limit = Some(Limit {
                    rate: measured,
                    ceiling: measured,
                    next,
                    fell: now,
                    rose: now,
                    is_probing: true,
                });
            }
        }
    }

    fn pace(&self) -> MutexGuard<'_, Pace> {
        self.pace.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What a call waits for.
#[derive(Debug, Clone, Copy)]
enum Wait {
    Until(Instant),
    ForRoom,
}

impl Pace {
    /// Takes a turn now, or returns when to try again.
    fn pass(&mut self, now: Instant) -> Result<(), Wait> {
        match &mut self.limit {
            Some(limit) if limit.next > now => return Err(Wait::Until(limit.next)),
            Some(limit) => {
                // Timers are late by up to a millisecond; counting from the due time keeps that from adding up.
                let apart = Duration::from_secs_f64(limit.rate.recip());
                limit.next = (limit.next + apart).max(now);
            }
            None if self.running >= self.window => return Err(Wait::ForRoom),
            None => {}
        }
        self.running += 1;
        self.is_window_used = self.running * 2 >= self.window;
        Ok(())
    }

    fn forget(&mut self, now: Instant) {
        while self.answered.front().is_some_and(|answered| now - *answered > WINDOW) {
            self.answered.pop_front();
        }
    }
}

const MIN_RATE: f64 = 2.0;
/// How many calls at the floor are counted before it is moved.
const SAMPLE: u32 = 8;
/// The largest sample, reached where moving the floor did not help.
const MAX_SAMPLE: u32 = 256;
/// The share of refusals at the floor from which it is moved. At an allowed rate there are few.
const TOO_MANY_REFUSED: f64 = 0.1;
/// How much more must be answered at twice the rate to keep that rate.
const IMPROVEMENT: f64 = 1.15;

#[derive(Debug)]
struct Floor {
    rate: f64,
    sample: u32,
    answered: u32,
    refused: u32,
    /// Calls a second answered at half this floor; `None` if the floor was not just raised.
    before: Option<f64>,
}

impl Default for Floor {
    fn default() -> Floor {
        Floor { rate: MIN_RATE, sample: SAMPLE, answered: 0, refused: 0, before: None }
    }
}

impl Floor {
    fn rate(&self) -> f64 {
        self.rate
    }

    /// Counts a call made at this rate.
    fn note(&mut self, rate: f64, is_refused: bool) {
        if rate > self.rate * 1.5 {
            return;
        }
        *(if is_refused { &mut self.refused } else { &mut self.answered }) += 1;
        let calls = self.answered + self.refused;
        if calls < self.sample {
            return;
        }
        let share = f64::from(self.refused) / f64::from(calls);
        let answered_a_second = (1.0 - share) * self.rate;
        (self.answered, self.refused) = (0, 0);
        match self.before.take() {
            _ if share < TOO_MANY_REFUSED => {}
            // A service that refuses everything gives no hint of its rate.
            _ if answered_a_second == 0.0 => self.rate = (self.rate / 2.0).max(MIN_RATE),
            Some(before) if answered_a_second < before * IMPROVEMENT => {
                self.rate = (self.rate / 2.0).max(MIN_RATE);
                self.sample = (self.sample * 2).min(MAX_SAMPLE);
            }
            Some(_) | None => {
                self.sample = SAMPLE;
                self.rate *= 2.0;
                self.before = Some(answered_a_second);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::cell::Cell;

    /// A token bucket such as AWS keeps.
    struct Bucket {
        rate: f64,
        burst: f64,
        tokens: Cell<f64>,
        filled: Cell<Instant>,
        calls: Cell<usize>,
        refused: Cell<usize>,
    }

    impl Bucket {
        fn new(rate: f64, burst: f64) -> Bucket {
            let (tokens, filled) = (Cell::new(burst), Cell::new(Instant::now()));
            Bucket { rate, burst, tokens, filled, calls: Cell::new(0), refused: Cell::new(0) }
        }

        async fn call(&self) -> bool {
            let now = Instant::now();
            let filled = self.tokens.get() + (now - self.filled.replace(now)).as_secs_f64() * self.rate;
            let taken = filled.min(self.burst);
            let is_taken = taken >= 1.0;
            self.tokens.set(if is_taken { taken - 1.0 } else { taken });
            self.calls.set(self.calls.get() + 1);
            self.refused.set(self.refused.get() + usize::from(!is_taken));
            tokio::time::sleep(Duration::from_millis(50)).await;
            is_taken
        }
    }

    /// Seconds taken and the share refused when so many workers make so many calls.
    async fn work(bucket: &Bucket, workers: usize, calls: usize) -> (f64, f64) {
        let (limiter, left, began) = (Arc::new(Limiter::default()), Cell::new(calls), Instant::now());
        let worker = async || {
            while left.get() > 0 {
                left.set(left.get() - 1);
                loop {
                    let (_turn, sent) = (limiter.turn().await, Instant::now());
                    if bucket.call().await {
                        limiter.answered();
                        break;
                    }
                    limiter.refused(sent);
                }
            }
        };
        futures::future::join_all((0..workers).map(|_| worker())).await;
        (began.elapsed().as_secs_f64(), bucket.refused.get() as f64 / bucket.calls.get() as f64)
    }

    #[tokio::test(start_paused = true)]
    async fn refusals_that_slowing_down_does_not_help_do_not_slow_a_run_down_to_a_crawl() {
        for seed in 0..20 {
            let (limiter, began, mut luck) =
                (Arc::new(Limiter::default()), Instant::now(), fastrand::Rng::with_seed(seed));
            for _ in 0..600 {
                loop {
                    let (_turn, sent) = (limiter.turn().await, Instant::now());
                    if luck.f64() >= 0.3 {
                        break limiter.answered();
                    }
                    limiter.refused(sent);
                }
            }
            let seconds = began.elapsed().as_secs_f64();
            assert!(seconds < 60.0, "seed {seed}: {seconds:.0} s");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_service_that_takes_nothing_is_asked_twice_a_second_and_no_more() {
        let (limiter, began, mut calls) = (Arc::new(Limiter::default()), Instant::now(), 0);
        while began.elapsed() < Duration::from_secs(60) {
            let (_turn, sent) = (limiter.turn().await, Instant::now());
            limiter.refused(sent);
            calls += 1;
        }
        assert!(calls <= 125, "{calls} calls in a minute");
    }

    #[tokio::test(start_paused = true)]
    async fn a_service_that_takes_less_than_the_floor_is_not_pressed() {
        let (seconds, refused) = work(&Bucket::new(0.5, 1.0), 10, 100).await;
        assert!(seconds < 240.0 && refused < 0.85, "{seconds:.0} s, {refused:.3} refused");
    }

    #[tokio::test(start_paused = true)]
    async fn a_documented_rate_is_kept_from_the_first_call_on() {
        let (limiter, began) = (Arc::new(Limiter::at_most(2.0)), Instant::now());
        for _ in 0..600 {
            let _turn = limiter.turn().await;
            limiter.answered();
        }
        let seconds = began.elapsed().as_secs_f64();
        assert!((299.0..302.0).contains(&seconds), "{seconds}");
    }

    #[tokio::test(start_paused = true)]
    async fn calls_one_by_one_do_not_widen_the_window() {
        let limiter = Arc::new(Limiter::default());
        for _ in 0..1000 {
            let _turn = limiter.turn().await;
            limiter.answered();
        }
        assert_eq!(limiter.pace().window, FIRST_WINDOW);
    }

    #[tokio::test(start_paused = true)]
    async fn until_the_first_refusal_the_number_of_calls_doubles_in_the_time_of_one() {
        let (limiter, running, began) = (Arc::new(Limiter::default()), Cell::new(0), Instant::now());
        let most = std::cell::RefCell::new(std::collections::BTreeMap::new());
        let call = async || {
            let _turn = limiter.turn().await;
            running.set(running.get() + 1);
            let round = (began.elapsed().as_secs_f64() / 0.05).round() as usize;
            let known = most.borrow().get(&round).copied().unwrap_or_default();
            most.borrow_mut().insert(round, running.get().max(known));
            tokio::time::sleep(Duration::from_millis(50)).await;
            running.set(running.get() - 1);
            limiter.answered();
        };
        futures::future::join_all((0..1000).map(|_| call())).await;
        let most: Vec<usize> = most.into_inner().into_values().take(5).collect();
        assert_eq!(most, [8, 16, 32, 64, 128]);
    }

    #[tokio::test(start_paused = true)]
    async fn under_a_throttle_nine_tenths_of_what_is_allowed_are_used_and_few_calls_refused() {
        for (burst, workers) in [(5.0, 10), (20.0, 10), (100.0, 10), (5.0, 50), (20.0, 50)] {
            let calls = if workers == 50 { 2400.0 } else { 1200.0 };
            let (seconds, refused) = work(&Bucket::new(20.0, burst), workers, calls as usize).await;
            let used = (calls - burst) / 20.0 / seconds;
            assert!(used >= 0.9, "burst {burst}, {workers} workers: {used:.3} used, {refused:.3} refused");
            assert!(refused < 0.05, "burst {burst}, {workers} workers: {used:.3} used, {refused:.3} refused");
        }
    }
}
