//! Below what rate a service is not called slower. It is low, and doubles where slowing down is seen not to help: where
//! calls are refused whatever the rate, only calling more often gets the work done.

/// The floor to begin with, in calls a second.
const LEAST: f64 = 2.0;
/// How many calls at the floor are looked at before it is moved.
const LOOK: u32 = 8;
/// The most that this grows to, where moving the floor did no good.
const LONGEST_LOOK: u32 = 256;
/// The share of refusals at the floor from which something is amiss. At a rate that a service allows there are few.
const AMISS: f64 = 0.1;
/// How much more must be answered at twice the rate for that rate to be the better one.
const BETTER: f64 = 1.15;

/// The least rate of one service of one account.
#[derive(Debug)]
pub(super) struct Floor {
    rate: f64,
    look: u32,
    answered: u32,
    refused: u32,
    /// The calls a second that were answered at half this floor; none where the floor was not just raised.
    before: Option<f64>,
}

impl Default for Floor {
    fn default() -> Floor {
        Floor { rate: LEAST, look: LOOK, answered: 0, refused: 0, before: None }
    }
}

impl Floor {
    /// In calls a second.
    pub(super) fn rate(&self) -> f64 {
        self.rate
    }

    /// A call was made at this rate, and answered or refused.
    pub(super) fn note(&mut self, rate: f64, is_refused: bool) {
        if rate > self.rate * 1.5 {
            return;
        }
        *(if is_refused { &mut self.refused } else { &mut self.answered }) += 1;
        let calls = self.answered + self.refused;
        if calls < self.look {
            return;
        }
        let share = f64::from(self.refused) / f64::from(calls);
        let answered_a_second = (1.0 - share) * self.rate;
        (self.answered, self.refused) = (0, 0);
        match self.before.take() {
            _ if share < AMISS => {}
            // A service that takes nothing at all says nothing of what it would take.
            _ if answered_a_second == 0.0 => self.rate = (self.rate / 2.0).max(LEAST),
            Some(before) if answered_a_second < before * BETTER => {
                self.rate = (self.rate / 2.0).max(LEAST);
                self.look = (self.look * 2).min(LONGEST_LOOK);
            }
            Some(_) | None => {
                self.look = LOOK;
                self.rate *= 2.0;
                self.before = Some(answered_a_second);
            }
        }
    }
}
