//! A cloud in memory, as strict as AWS where it matters: what a role, an app and an event stream do, and how long
//! a change of a role takes to reach Pinpoint. It logs every call, injects scripted faults, and detects
//! when a write of the program stops an event stream.
mod access;
mod account;
mod call;
mod crash;
mod faults;
mod iam;
mod iam_rules;
mod outage;
mod outside_changes;
mod pinpoint;
mod port;
mod refusal;
mod residue;
mod setup;
mod snapshot;
mod spelling;
mod watcher;

pub use access::Hindrance;
pub use account::Limits;
pub use call::{Call, OPERATIONS, service_of};
pub(crate) use crash::{At, Side};
pub use crash::{Cut, ProcessId};
pub use faults::{Fault, When};
pub use outage::Outage;
pub use outside_changes::OutsideChanges;
pub use pinpoint_streams_model::live::question::Service;
pub use snapshot::Snapshot;

use crate::clock::FakeClock;
use crate::recorder::Recorder;
use account::{Accounts, Moment};
use call::Request;
use faults::Script;
use pinpoint_streams_executor::clock::Clock;
use pinpoint_streams_executor::cloud::CloudError;
use pinpoint_streams_model::live::FailureKind;
use refusal::Refusal;
use std::collections::BTreeMap;
use std::future::{Future, pending};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::sync::watch;
use tokio::time::Instant;
use watcher::Watcher;

/// A cloud in memory. Clones are handles to one cloud. A new one has no accounts; [`FakeCloud::presumed_by`] makes
/// one with all that a manifest takes to be there, [`FakeCloud::applied`] one as an apply leaves it.
#[derive(Debug, Clone)]
pub struct FakeCloud {
    inner: Arc<Mutex<Inner>>,
    crashed: watch::Sender<bool>,
    writes_shown: watch::Sender<usize>,
    clock: FakeClock,
    pub(crate) recorder: Recorder,
}

#[derive(Debug, Default)]
struct Inner {
    accounts: Accounts,
    script: Script,
    calls: Vec<Call>,
    numbered: usize,
    under_way: usize,
    most_under_way: usize,
    outages: Vec<Outage>,
    cut: Option<Cut>,
    watcher: Option<Watcher>,
    /// How often the program has crashed. What an earlier process asked is never answered.
    crashes: usize,
}

/// A call under way; no longer, once it is answered or its asker is gone.
struct UnderWay(FakeCloud);

impl Drop for UnderWay {
    fn drop(&mut self) {
        self.0.lock().under_way -= 1;
    }
}

impl FakeCloud {
    /// A cloud without accounts, in which a change of a role reaches Pinpoint at once.
    pub fn new() -> FakeCloud {
        FakeCloud {
            inner: Arc::default(),
            crashed: watch::Sender::new(false),
            writes_shown: watch::Sender::new(0),
            clock: FakeClock::new(),
            recorder: Recorder::default(),
        }
    }

    /// A cloud of its own that begins as this one is: with all that is in it and as slow, without its log, its faults
    /// and its crashes.
    pub(crate) fn fork(&self) -> FakeCloud {
        let inner = self.lock();
        let script = Script::slow_by(inner.script.latency);
        let begun = Inner { accounts: inner.accounts.clone(), script, ..Inner::default() };
        FakeCloud { inner: Arc::new(Mutex::new(begun)), clock: self.clock.fork(), ..FakeCloud::new() }
    }

    /// Whether all that is in it is as in another.
    pub(crate) fn holds_the_same_as(&self, other: &FakeCloud) -> bool {
        let theirs = other.lock().accounts.clone();
        self.lock().accounts == theirs
    }

    pub fn clock(&self) -> FakeClock {
        self.clock.clone()
    }

    /// Makes something go wrong. Of several faults meant for one call the one set first is done; delays add up.
    pub fn fail(&self, when: When, fault: Fault) {
        self.lock().script.add(when, fault);
    }

    /// Takes back all faults, rates and latency.
    pub fn heal(&self) {
        self.lock().script.clear();
    }

    pub fn has_faults(&self) -> bool {
        !self.lock().script.is_empty()
    }

    /// Refuses, in each account, calls of this service beyond so many a second (and so many at once) as throttled.
    pub fn limit_rate(&self, service: Service, per_second: u32, burst: u32) {
        self.lock().script.limit(service, per_second, burst);
    }

    /// How long every call takes: half of it before it is done, half of it after.
    pub fn set_latency(&self, latency: Duration) {
        self.lock().script.latency = latency;
    }

    /// Lets the program crash there, once; counted from now. See [`FakeCloud::until_crash`].
    pub fn crash_at(&self, cut: Cut) {
        self.lock().cut = Some(cut);
    }

    /// Resolves once the program has crashed. Until then and thereafter: nothing that it asked is answered.
    async fn crashed(&self) {
        // The sender lives as long as `self`, so that waiting cannot fail.
        drop(self.crashed.subscribe().wait_for(|crashed| *crashed).await);
    }

    /// What `run` gives; none if it crashed first, in which case it has been dropped. Then [`FakeCloud::restart`] lets
    /// the next program call the same accounts.
    pub async fn until_crash<F: Future>(&self, run: F) -> Option<F::Output> {
        tokio::select! {
            biased;
            () = self.crashed() => None,
            output = run => Some(output),
        }
    }

    /// Lets a new program call. What the crashed one asked is still never answered.
    pub fn restart(&self) {
        self.lock().cut = None;
        self.crashed.send_replace(false);
    }

    /// Every call since the log was last cleared, in the order of arrival.
    pub fn calls(&self) -> Vec<Call> {
        self.lock().calls.clone()
    }

    pub fn writes(&self) -> Vec<Call> {
        self.calls().into_iter().filter(|call| call.is_write).collect()
    }

    pub fn counts(&self) -> BTreeMap<&'static str, usize> {
        let mut counts = BTreeMap::new();
        for call in &self.lock().calls {
            *counts.entry(call.operation).or_default() += 1;
        }
        counts
    }

    #[track_caller]
    pub fn count(&self, operation: &str) -> usize {
        service_of(operation);
        self.counts().get(operation).copied().unwrap_or_default()
    }

    pub fn most_under_way(&self) -> usize {
        self.lock().most_under_way
    }

    /// The event streams that exist and were stopped by a write of the program.
    pub fn outages(&self) -> Vec<Outage> {
        self.lock().outages.clone()
    }

    pub fn struck(&self) -> usize {
        self.lock().script.struck
    }

    pub(crate) fn count_fault(&self) {
        self.lock().script.struck += 1;
    }

    /// Begins the log anew: calls, outages, faults, and the most that were under way.
    pub fn clear_log(&self) {
        let inner = &mut *self.lock();
        inner.calls.clear();
        inner.outages.clear();
        inner.script.struck = 0;
        inner.most_under_way = inner.under_way;
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn moment(&self, call: usize) -> Moment {
        Moment { instant: Instant::now(), time: self.clock.now(), call }
    }

    /// One call from arrival to answer. `overlook` is what a read answers that does not see what is there.
    async fn call<T>(
        &self,
        request: Request,
        overlook: Option<fn() -> T>,
        act: impl FnOnce(&mut Accounts, Moment) -> Result<T, Refusal>,
    ) -> Result<T, CloudError> {
        let Some(Arrival { call, process, delay, fault, _under_way }) = self.arrive(&request) else {
            return pending().await;
        };
        pause(delay / 2).await;
        let answer = match fault {
            Some(Fault::NeverAnswer) => return pending().await,
            Some(Fault::Refuse(kind)) => {
                Err(Refusal::new(kind, format!("the test refuses {} as {kind:?}", call.operation)))
            }
            fault => {
                let Some(done) = self.carry_out(&call, process, act) else { return pending().await };
                match (fault, overlook) {
                    (Some(Fault::DoneBut(kind)), _) => Err(Refusal::new(kind, "the answer was spoilt")),
                    (Some(Fault::LoseAnswer), _) => Err(Refusal::new(FailureKind::Timeout, "the answer was lost")),
                    (Some(Fault::Overlook), Some(overlook)) => Ok(overlook()),
                    _ => done,
                }
            }
        };
        pause(delay / 2).await;
        if !self.is_alive(process) {
            return pending().await;
        }
        self.note(&call, |call| call.answer = Some(answer.as_ref().map(drop).map_err(|refusal| refusal.kind)));
        answer.map_err(|refusal| refusal.into_error(&request, call.number))
    }

    /// Notes a call and decides what becomes of it; none if the program has crashed, or crashes of it.
    fn arrive(&self, request: &Request) -> Option<Arrival> {
        let inner = &mut *self.lock();
        if *self.crashed.borrow() {
            return None;
        }
        inner.numbered += 1;
        let call = request.arrives(inner.numbered, Instant::now());
        inner.calls.push(call.clone());
        let (delay, fault) = inner.script.decide(&call);
        if inner.strikes(Side::Before, &call) {
            self.crash_in(inner);
            return None;
        }
        inner.under_way += 1;
        inner.most_under_way = inner.most_under_way.max(inner.under_way);
        Some(Arrival { call, process: inner.crashes, delay, fault, _under_way: UnderWay(self.clone()) })
    }

    /// Does what is asked; none if the program has crashed by now, or crashes of it.
    fn carry_out<T>(
        &self,
        call: &Call,
        process: usize,
        act: impl FnOnce(&mut Accounts, Moment) -> Result<T, Refusal>,
    ) -> Option<Result<T, Refusal>> {
        let mut history = self.recorder.open();
        history.note(|| format!("before {call}"));
        let done = self.do_it(call, process, act);
        history.note(|| format!("after {call}"));
        done
    }

    fn do_it<T>(
        &self,
        call: &Call,
        process: usize,
        act: impl FnOnce(&mut Accounts, Moment) -> Result<T, Refusal>,
    ) -> Option<Result<T, Refusal>> {
        let now = self.moment(call.number);
        let inner = &mut *self.lock();
        if inner.crashes != process {
            return None;
        }
        let streaming = call.is_write.then(|| outage::before(&inner.accounts, call, now.instant));
        let done = act(&mut inner.accounts, now);
        if let Some(streaming) = streaming {
            inner.outages.extend(outage::after(&inner.accounts, &streaming, call, now.instant));
        }
        inner.note(call, |call| call.carried_out = done.is_ok());
        if inner.strikes(Side::After, call) {
            self.crash_in(inner);
            return None;
        }
        Some(done)
    }

    fn crash_in(&self, inner: &mut Inner) {
        inner.crashes += 1;
        inner.cut = None;
        self.crashed.send_replace(true);
    }

    fn is_alive(&self, process: usize) -> bool {
        self.lock().crashes == process
    }

    fn note(&self, call: &Call, note: impl FnOnce(&mut Call)) {
        self.lock().note(call, note);
    }
}

impl Default for FakeCloud {
    fn default() -> FakeCloud {
        FakeCloud::new()
    }
}

impl Inner {
    /// Whether the program crashes on this side of the call.
    fn strikes(&mut self, on: Side, call: &Call) -> bool {
        match &mut self.cut {
            Some(Cut { at: At::Call(watch), side }) if *side == on => watch.strikes(call),
            _ => false,
        }
    }

    fn note(&mut self, call: &Call, note: impl FnOnce(&mut Call)) {
        if let Some(logged) = self.calls.iter_mut().rev().find(|logged| logged.number == call.number) {
            note(logged);
        }
    }
}

struct Arrival {
    call: Call,
    /// The process that made it.
    process: usize,
    delay: Duration,
    fault: Option<Fault>,
    _under_way: UnderWay,
}

/// Lets others run, and time pass.
async fn pause(delay: Duration) {
    if delay.is_zero() {
        tokio::task::yield_now().await;
    } else {
        tokio::time::sleep(delay).await;
    }
}
