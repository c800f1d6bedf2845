//! The minimum rate of calls to a service. It starts low and doubles while slowing down does not help: if calls are
//! refused at any rate, only more calls get the work done.

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
pub(super) struct Floor {
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
    pub(super) fn rate(&self) -> f64 {
        self.rate
    }

    /// Counts a call made at this rate.
    pub(super) fn note(&mut self, rate: f64, is_refused: bool) {
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
