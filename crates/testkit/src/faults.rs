//! What goes wrong in a run, as data, so that it can be written in a table, generated and shrunk: calls that are refused,
//! lost or never answered, a program that crashes or is stopped, stores that are full.
use crate::cloud::{Cut, FakeCloud, Fault, When};
use crate::memory::Memory;
use pinpoint_streams_executor::stop::{Level, Stopper};
use pinpoint_streams_model::live::FailureKind;
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::{Just, Strategy, any, prop_oneof};
use proptest::sample::select;
use std::collections::BTreeMap;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;
use tokio::time::sleep;

/// After this long a person tells a run to stop that does not end.
pub(crate) const HOUR: Duration = Duration::from_secs(60 * 60);

/// All that goes wrong in one run; nothing by default.
#[derive(Debug, Clone, Default)]
pub struct Faults {
    pub calls: Vec<(When, Fault)>,
    pub random: Option<Random>,
    /// The answer to a list lacks an item.
    pub missing: Option<MissingItem>,
    pub latency: Duration,
    pub propagation: Duration,
    pub crash: Option<Cut>,
    pub signals: Option<Signals>,
    pub killed_after: Option<Duration>,
    /// How many more writes the stores take.
    pub room: Room,
}

/// How many more writes each store takes; any number where there is none.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Room {
    pub state: Option<usize>,
    pub journal: Option<usize>,
    pub archive: Option<usize>,
}

/// The answer to the nth list that is read, from 1, lacks its item of this index.
#[derive(Debug, Clone, Copy)]
pub struct MissingItem {
    pub list: usize,
    pub item: usize,
}

/// Calls that go wrong by chance. Which they are depends on what is called how often, not on the order of arrival.
#[derive(Debug, Clone)]
pub struct Random {
    pub seed: u64,
    /// How many calls in a thousand, and what becomes of them.
    pub shares: Vec<(u64, Fault)>,
}

#[derive(Debug, Clone)]
pub struct Signals {
    pub first: FirstSignal,
    /// How long after the one before each further signal comes.
    pub then: Vec<Duration>,
}

#[derive(Debug, Clone, Copy)]
pub enum FirstSignal {
    /// With the nth write that arrives, from 1.
    AtWrite(usize),
    /// This long after the run began to carry out its plan.
    After(Duration),
}

impl From<(When, Fault)> for Faults {
    fn from(call: (When, Fault)) -> Faults {
        Faults { calls: vec![call], ..Faults::default() }
    }
}

impl From<MissingItem> for Faults {
    fn from(missing: MissingItem) -> Faults {
        Faults { missing: Some(missing), ..Faults::default() }
    }
}

impl From<Random> for Faults {
    fn from(random: Random) -> Faults {
        Faults { random: Some(random), ..Faults::default() }
    }
}

impl From<Cut> for Faults {
    fn from(crash: Cut) -> Faults {
        Faults { crash: Some(crash), ..Faults::default() }
    }
}

impl Faults {
    /// Signals at these times after the run began.
    pub fn signals(times: &[Duration]) -> Faults {
        let then = times.windows(2).map(|pair| pair[1] - pair[0]).collect();
        let signals = times.first().map(|first| Signals { first: FirstSignal::After(*first), then });
        Faults { signals, ..Faults::default() }
    }

    /// Lets all of it happen from now on, but for signals and kills, which are the run's.
    pub(crate) fn begin(&self, cloud: &FakeCloud, memory: &Memory) {
        let Faults { calls, random, missing: _, latency, propagation, crash, signals: _, killed_after: _, room } =
            self;
        if !latency.is_zero() {
            cloud.set_latency(*latency);
        }
        if !propagation.is_zero() {
            cloud.set_propagation(*propagation);
        }
        calls.iter().for_each(|(when, fault)| cloud.fail(when.clone(), fault.clone()));
        random.iter().for_each(|random| random.set(cloud));
        crash.iter().for_each(|cut| cloud.crash_at(cut.clone()));
        let Room { state, journal, archive } = room;
        state.iter().for_each(|room| memory.state.has_room_for(*room));
        journal.iter().for_each(|room| memory.journal.has_room_for(*room));
        archive.iter().for_each(|room| memory.archive.has_room_for(*room));
    }

    pub(crate) fn end(&self, cloud: &FakeCloud, memory: &Memory) {
        let Faults { calls, random, missing: _, latency, propagation, crash, signals: _, killed_after: _, room } =
            self;
        if !calls.is_empty() || random.is_some() || !latency.is_zero() {
            cloud.heal();
        }
        if !propagation.is_zero() {
            cloud.set_propagation(Duration::ZERO);
        }
        if crash.is_some() {
            cloud.restart();
        }
        if *room != Room::default() {
            memory.has_room();
        }
    }

    /// Whether nothing goes wrong, though it may be slow: a role is waited for for two minutes.
    pub fn is_calm(&self) -> bool {
        let Faults { calls, random, missing, latency: _, propagation, crash, signals, killed_after, room } = self;
        let is_cut_short = signals.is_some() || killed_after.is_some() || *propagation > Duration::from_secs(60);
        calls.is_empty()
            && random.is_none()
            && missing.is_none()
            && crash.is_none()
            && !is_cut_short
            && *room == Room::default()
    }

    /// Raises the stop level with each signal, after an hour in any case, and in the end to `Level::ExitNow`. Does not return.
    pub(crate) async fn send_signals(&self, cloud: &FakeCloud, stopper: &Stopper) {
        let then = match &self.signals {
            None => {
                sleep(HOUR).await;
                [7500, 2500].map(Duration::from_millis).to_vec()
            }
            Some(Signals { first, then }) => {
                let first = async {
                    match first {
                        FirstSignal::AtWrite(n) => cloud.nth_write(*n).await,
                        FirstSignal::After(time) => sleep(*time).await,
                    }
                };
                // Whether it comes or not: a run that hangs is stopped in the end.
                drop(tokio::time::timeout(HOUR, first).await);
                then.clone()
            }
        };
        stopper.raise();
        for pause in then {
            sleep(pause).await;
            stopper.raise();
        }
        sleep(HOUR).await;
        while stopper.raise() < Level::ExitNow {}
        std::future::pending::<()>().await;
    }
}

impl Random {
    fn set(&self, cloud: &FakeCloud) {
        let mut from = 0;
        for (width, fault) in &self.shares {
            let (seed, band) = (self.seed, from..from + width);
            from += width;
            let seen = Mutex::new(BTreeMap::new());
            let strikes = When::matching(move |call| {
                let mut seen = seen.lock().unwrap_or_else(PoisonError::into_inner);
                let times: &mut u64 = seen.entry((call.operation, call.subject.clone())).or_default();
                *times += 1;
                let mut hasher = DefaultHasher::new();
                (seed, call.operation, &call.subject, *times).hash(&mut hasher);
                band.contains(&(hasher.finish() % 1000))
            });
            cloud.fail(strikes, fault.clone());
        }
    }
}

/// What may go wrong in one run: often nothing, mostly one thing, sometimes much.
pub fn faults() -> impl Strategy<Value = Faults> {
    let latencies = prop_oneof![2 => Just(0), 1 => Just(20), 1 => Just(400)].prop_map(Duration::from_millis);
    let propagations = prop_oneof![5 => Just(0), 1 => Just(4), 1 => Just(60)].prop_map(Duration::from_secs);
    let calls = prop_oneof![
        3 => Just((Vec::new(), None)),
        3 => vec(faulty_calls(), 1..4).prop_map(|calls| (calls, None)),
        1 => doubtful_calls().prop_map(|calls| (calls, None)),
        1 => randoms().prop_map(|random| (Vec::new(), Some(random))),
    ];
    let end = prop_oneof![
        4 => Just((None, None)),
        4 => crashes().prop_map(|crash| (Some(crash), None)),
        1 => signals().prop_map(|signals| (None, Some(signals))),
    ];
    let room = option::weighted(0.05, 0..12usize).prop_map(|room| Room {
        state: room.map(|room| room / 2),
        journal: room,
        archive: room.map(|room| room / 2),
    });
    (latencies, propagations, calls, end, room).prop_map(
        |(latency, propagation, (calls, random), (crash, signals), room)| Faults {
            calls,
            random,
            missing: None,
            latency,
            propagation,
            crash,
            signals,
            killed_after: None,
            room,
        },
    )
}

fn faulty_calls() -> impl Strategy<Value = (When, Fault)> {
    let kinds = select(vec![
        FailureKind::Throttled,
        FailureKind::Server,
        FailureKind::Timeout,
        FailureKind::Connection,
        FailureKind::Denied,
        FailureKind::ConcurrentModification,
        FailureKind::ServiceEnded,
    ]);
    let faults = prop_oneof![
        5 => kinds.prop_map(Fault::Refuse),
        5 => Just(Fault::LoseAnswer),
        1 => Just(Fault::NeverAnswer),
    ];
    let operations = select(vec![
        "CreateApp",
        "CreateRole",
        "PutRolePolicy",
        "UpdateAssumeRolePolicy",
        "TagRole",
        "PutEventStream",
        "DeleteEventStream",
        "DeleteRolePolicy",
        "DeleteRole",
        "DeleteApp",
        "GetApps",
        "GetRole",
        "GetEventStream",
    ]);
    let calls = prop_oneof![
        1 => Just(When::read()),
        3 => Just(When::write()),
        4 => operations.prop_map(When::operation),
    ];
    (calls, 1..10usize, faults).prop_map(|(calls, nth, fault)| (calls.nth(nth), fault))
}

/// A call whose answer is lost, and that is refused when it is made again: only the first says what was done.
fn doubtful_calls() -> impl Strategy<Value = Vec<(When, Fault)>> {
    let operations =
        select(vec!["CreateApp", "CreateRole", "PutRolePolicy", "PutEventStream", "DeleteEventStream"]);
    (operations, 1..4usize).prop_map(|(operation, nth)| {
        let when = |nth| When::operation(operation).nth(nth);
        vec![(when(nth), Fault::LoseAnswer), (when(nth + 1), Fault::Refuse(FailureKind::Denied))]
    })
}

fn randoms() -> impl Strategy<Value = Random> {
    (any::<u64>(), select(vec![0, 100, 300]), select(vec![0, 100]), select(vec![0, 50, 200])).prop_map(
        |(seed, throttled, failed, lost)| {
            let refuse = Fault::Refuse;
            let throttled = (throttled, refuse(FailureKind::Throttled));
            Random {
                seed,
                shares: vec![throttled, (failed, refuse(FailureKind::Server)), (lost, Fault::LoseAnswer)],
            }
        },
    )
}

fn crashes() -> impl Strategy<Value = Cut> {
    prop_oneof![
        1 => (1..40usize).prop_map(|n| Cut::before(When::any().nth(n))),
        2 => (1..25usize).prop_map(Cut::before_write),
        3 => (1..25usize).prop_map(Cut::after_write),
        1 => (1..40usize).prop_map(Cut::before_keeping),
        1 => (1..40usize).prop_map(Cut::within_keeping),
        2 => (1..40usize).prop_map(Cut::after_keeping),
    ]
}

/// Up to three: a cancelled CI job sends the second after 7.5 seconds and the third 2.5 seconds later, or all at once.
fn signals() -> impl Strategy<Value = Signals> {
    (1..20usize, 1..4usize, any::<bool>()).prop_map(|(at_write, times, at_once)| {
        let pauses = [7500, 2500].map(|pause| Duration::from_millis(if at_once { 0 } else { pause }));
        Signals { first: FirstSignal::AtWrite(at_write), then: pauses.into_iter().take(times - 1).collect() }
    })
}

#[derive(Debug, Clone)]
pub struct How {
    pub faults: Faults,
    pub parallelism: usize,
    /// How often the state is written while the run goes on, as one in a bucket.
    pub push_every: Option<Duration>,
    /// Whether beneath the program is an SDK that sends again what may be sent again.
    pub resends: bool,
}

impl How {
    pub fn with(faults: impl Into<Faults>) -> How {
        How { faults: faults.into(), parallelism: 4, push_every: None, resends: false }
    }
}

impl Default for How {
    /// Nothing goes wrong.
    fn default() -> How {
        How::with(Faults::default())
    }
}
