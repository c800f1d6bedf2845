//! The script of what goes wrong: which calls, and what becomes of them.
use super::call::{Call, service_of};
use pinpoint_streams_model::ids::AccountId;
use pinpoint_streams_model::live::FailureKind;
use pinpoint_streams_model::live::question::Service;
use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::Instant;

/// Which calls something happens to. Calls are counted from when the fault is set.
#[derive(Clone)]
pub struct When {
    /// What is matched, in words.
    calls: &'static str,
    matches: Arc<dyn Fn(&Call) -> bool + Send + Sync>,
    which: Which,
}

#[derive(Debug, Clone, Copy)]
enum Which {
    Every,
    Nth(usize),
    First(usize),
    From(usize),
}

impl fmt::Debug for When {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?} of {}", self.which, self.calls)
    }
}

impl When {
    pub fn matching(matches: impl Fn(&Call) -> bool + Send + Sync + 'static) -> When {
        When { calls: "some calls", matches: Arc::new(matches), which: Which::Every }
    }

    pub fn any() -> When {
        When::matching(|_| true).called("calls")
    }

    pub fn write() -> When {
        When::matching(|call| call.is_write).called("writes")
    }

    pub fn read() -> When {
        When::matching(|call| !call.is_write).called("reads")
    }

    #[track_caller]
    pub fn operation(name: &'static str) -> When {
        service_of(name);
        When::matching(move |call| call.operation == name).called(name)
    }

    pub fn service(service: Service) -> When {
        When::matching(move |call| call.service() == service)
    }

    /// Of these calls, those about this role, app or stream.
    pub fn about(self, subject: impl Into<String>) -> When {
        let subject = subject.into();
        self.and(move |call| call.subject == subject)
    }

    pub fn in_account(self, account: &AccountId) -> When {
        let account = account.clone();
        self.and(move |call| call.account == account)
    }

    fn and(self, also: impl Fn(&Call) -> bool + Send + Sync + 'static) -> When {
        let When { calls, matches, which } = self;
        When { calls, matches: Arc::new(move |call| matches(call) && also(call)), which }
    }

    fn called(self, calls: &'static str) -> When {
        When { calls, ..self }
    }

    /// Of these calls, the nth alone, from 1.
    pub fn nth(self, n: usize) -> When {
        When { which: Which::Nth(n), ..self }
    }

    pub fn first(self, n: usize) -> When {
        When { which: Which::First(n), ..self }
    }

    /// Of these calls, the nth and all after it.
    pub fn from(self, n: usize) -> When {
        When { which: Which::From(n), ..self }
    }
}

/// What becomes of a call.
#[derive(Debug, Clone)]
pub enum Fault {
    /// It is not done, and answered with an error of this kind and the usual code.
    Refuse(FailureKind),
    /// A read of one thing answers that it is not there. Writes and lists are answered truly.
    Overlook,
    /// It is done, and its answer is lost: a timeout.
    LoseAnswer,
    /// It is done, and answered with an error of this kind.
    DoneBut(FailureKind),
    /// The same, after this long.
    Late(Duration, Box<Fault>),
    /// It is not done and never answered.
    NeverAnswer,
    /// It takes this much longer.
    Delay(Duration),
}

#[derive(Debug, Clone)]
pub(crate) struct Watch {
    when: When,
    seen: usize,
}

impl Watch {
    pub(crate) fn new(when: When) -> Watch {
        Watch { when, seen: 0 }
    }

    /// Takes note of the call, and says whether it is one of those meant.
    pub(crate) fn strikes(&mut self, call: &Call) -> bool {
        if !(self.when.matches)(call) {
            return false;
        }
        self.seen += 1;
        match self.when.which {
            Which::Every => true,
            Which::Nth(n) => self.seen == n,
            Which::First(n) => self.seen <= n,
            Which::From(n) => self.seen >= n,
        }
    }
}

#[derive(Debug, Default)]
pub(crate) struct Script {
    faults: Vec<(Watch, Fault)>,
    rates: BTreeMap<Service, Rate>,
    buckets: BTreeMap<(AccountId, Service), Bucket>,
    pub(crate) latency: Duration,
    /// How many calls went wrong.
    pub(crate) struck: usize,
}

#[derive(Debug, Clone, Copy)]
struct Rate {
    per_second: f64,
    burst: f64,
}

/// What is left of an account's rate, and when that was reckoned.
#[derive(Debug, Clone, Copy)]
struct Bucket {
    tokens: f64,
    at: Instant,
}

impl Script {
    pub(crate) fn slow_by(latency: Duration) -> Script {
        Script { latency, ..Script::default() }
    }

    pub(crate) fn add(&mut self, when: When, fault: Fault) {
        self.faults.push((Watch::new(when), fault));
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.faults.is_empty() && self.rates.is_empty()
    }

    pub(crate) fn clear(&mut self) {
        *self = Script { struck: self.struck, ..Script::default() };
    }

    pub(crate) fn limit(&mut self, service: Service, per_second: u32, burst: u32) {
        self.rates.insert(service, Rate { per_second: per_second.into(), burst: burst.into() });
    }

    /// What becomes of this call: the first fault set that is meant for it. Delays add up. Every fault counts
    /// every call, whatever the others do.
    pub(crate) fn decide(&mut self, call: &Call) -> (Duration, Option<Fault>) {
        let (mut delay, mut decided) = (self.latency, None);
        for (watch, fault) in &mut self.faults {
            if watch.strikes(call) {
                match fault {
                    Fault::Delay(longer) => delay += *longer,
                    _ if decided.is_some() => {}
                    Fault::Late(longer, fault) => {
                        delay += *longer;
                        decided = Some((**fault).clone());
                    }
                    other => decided = Some(other.clone()),
                }
            }
        }
        if decided.is_none() && !self.is_within_rate(call) {
            decided = Some(Fault::Refuse(FailureKind::Throttled));
        }
        self.struck += usize::from(decided.is_some());
        (delay, decided)
    }

    fn is_within_rate(&mut self, call: &Call) -> bool {
        let Some(Rate { per_second, burst }) = self.rates.get(&call.service()).copied() else { return true };
        let key = (call.account.clone(), call.service());
        let bucket = self.buckets.entry(key).or_insert(Bucket { tokens: burst, at: call.at });
        let refilled = bucket.tokens + call.at.duration_since(bucket.at).as_secs_f64() * per_second;
        *bucket = Bucket { tokens: refilled.min(burst), at: call.at };
        let allowed = bucket.tokens >= 1.0;
        if allowed {
            bucket.tokens -= 1.0;
        }
        allowed
    }
}
