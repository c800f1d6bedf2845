//! What goes wrong on the way, as data, so that it can be generated and shrunk: calls that are refused, lost or never
//! answered, a program that dies or is told to stop, stores that are full.
use crate::cloud::{Cut, FakeCloud, Fault, When};
use pinpoint_streams_model::live::FailureKind;
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::{Just, Strategy, any, prop_oneof};
use proptest::sample::select;
use std::collections::BTreeMap;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

/// All that goes wrong in one run.
#[derive(Debug, Clone, Default)]
pub struct Mishaps {
    /// Single calls that go wrong.
    pub slips: Vec<Slip>,
    /// Calls that go wrong by chance.
    pub storm: Option<Storm>,
    /// How long every call takes.
    pub latency: Duration,
    /// How long a change of a role takes to reach Pinpoint.
    pub propagation: Duration,
    /// Where the program dies.
    pub death: Option<Death>,
    /// When it is told to stop.
    pub signals: Option<Signals>,
    /// How many more writes the stores take.
    pub room: Option<usize>,
}

/// One call that goes wrong.
#[derive(Debug, Clone, Copy)]
pub struct Slip {
    /// Which calls are counted.
    pub on: On,
    /// Which of them, from 1.
    pub nth: usize,
    /// What becomes of it.
    pub trouble: Trouble,
}

/// Which calls are counted.
#[derive(Debug, Clone, Copy)]
pub enum On {
    /// Reads.
    Reads,
    /// Writes.
    Writes,
    /// Calls of this operation.
    Operation(&'static str),
}

/// What becomes of a call that goes wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Trouble {
    /// It is not done, and refused so.
    Refused(FailureKind),
    /// It is done, and its answer is lost.
    AnswerLost,
    /// It is not done and never answered.
    NeverAnswered,
}

/// Calls that go wrong by chance, each in a thousand. Which they are depends on what is called how often, not on the
/// order in which calls arrive.
#[derive(Debug, Clone, Copy)]
pub struct Storm {
    /// Where chance starts from.
    pub seed: u64,
    /// Refused as throttled.
    pub throttled: u64,
    /// Refused with a failure of the service.
    pub failed: u64,
    /// Done, and their answer lost.
    pub lost: u64,
}

/// Where the program dies, relative to something that it does.
#[derive(Debug, Clone, Copy)]
pub enum Death {
    /// Before the nth call, from 1.
    BeforeCall(usize),
    /// Before the nth write.
    BeforeWrite(usize),
    /// After the nth write, before its answer arrives.
    AfterWrite(usize),
    /// Before the nth write to what it keeps.
    BeforeKeeping(usize),
    /// In the middle of that.
    WithinKeeping(usize),
    /// After that.
    AfterKeeping(usize),
}

/// When the program is told to stop.
#[derive(Debug, Clone, Copy)]
pub struct Signals {
    /// With the nth write that arrives, from 1.
    pub at_write: usize,
    /// How often; a cancelled job sends the second after 7.5 seconds, the third 2.5 seconds later.
    pub times: usize,
    /// Whether all come at once.
    pub at_once: bool,
}

impl Mishaps {
    /// Lets all of it happen from now on, but for signals and room, which are the runner's.
    pub fn befall(&self, cloud: &FakeCloud) {
        let Mishaps { slips, storm, latency, propagation, death, signals: _, room: _ } = self;
        cloud.set_latency(*latency);
        cloud.set_propagation(*propagation);
        for Slip { on, nth, trouble } in slips {
            let when = match on {
                On::Reads => When::read(),
                On::Writes => When::write(),
                On::Operation(operation) => When::operation(operation),
            };
            cloud.fail(when.nth(*nth), trouble.fault());
        }
        if let Some(storm) = storm {
            storm.rage(cloud);
        }
        if let Some(death) = death {
            cloud.die_at(death.cut());
        }
    }

    /// Whether nothing at all goes wrong.
    pub fn is_calm(&self) -> bool {
        let Mishaps { slips, storm, latency: _, propagation: _, death, signals, room } = self;
        slips.is_empty() && storm.is_none() && death.is_none() && signals.is_none() && room.is_none()
    }
}

impl Trouble {
    fn fault(self) -> Fault {
        match self {
            Trouble::Refused(kind) => Fault::Refuse(kind),
            Trouble::AnswerLost => Fault::LoseAnswer,
            Trouble::NeverAnswered => Fault::NeverAnswer,
        }
    }
}

impl Storm {
    fn rage(self, cloud: &FakeCloud) {
        let Storm { seed, throttled, failed, lost } = self;
        let troubles = [
            (0, throttled, Trouble::Refused(FailureKind::Throttled)),
            (throttled, failed, Trouble::Refused(FailureKind::Server)),
            (throttled + failed, lost, Trouble::AnswerLost),
        ];
        for (from, width, trouble) in troubles {
            let seen = Mutex::new(BTreeMap::new());
            let strikes = When::matching(move |call| {
                let mut seen = seen.lock().unwrap_or_else(PoisonError::into_inner);
                let times: &mut u64 = seen.entry((call.operation, call.subject.clone())).or_default();
                *times += 1;
                let mut hasher = DefaultHasher::new();
                (seed, call.operation, &call.subject, *times).hash(&mut hasher);
                (from..from + width).contains(&(hasher.finish() % 1000))
            });
            cloud.fail(strikes, trouble.fault());
        }
    }
}

impl Death {
    fn cut(self) -> Cut {
        match self {
            Death::BeforeCall(n) => Cut::before(When::any().nth(n)),
            Death::BeforeWrite(n) => Cut::before_write(n),
            Death::AfterWrite(n) => Cut::after_write(n),
            Death::BeforeKeeping(n) => Cut::before_keeping(n),
            Death::WithinKeeping(n) => Cut::within_keeping(n),
            Death::AfterKeeping(n) => Cut::after_keeping(n),
        }
    }
}

/// What may go wrong in one run: often nothing, mostly one thing, sometimes much.
pub fn mishaps() -> impl Strategy<Value = Mishaps> {
    let latencies = prop_oneof![2 => Just(0), 1 => Just(20), 1 => Just(400)].prop_map(Duration::from_millis);
    let propagations = prop_oneof![5 => Just(0), 1 => Just(4), 1 => Just(60)].prop_map(Duration::from_secs);
    let trouble = prop_oneof![
        3 => Just((Vec::new(), None)),
        3 => vec(slips(), 1..4).prop_map(|slips| (slips, None)),
        1 => doubts().prop_map(|slips| (slips, None)),
        1 => storms().prop_map(|storm| (Vec::new(), Some(storm))),
    ];
    let end = prop_oneof![
        4 => Just((None, None)),
        4 => deaths().prop_map(|death| (Some(death), None)),
        1 => signals().prop_map(|signals| (None, Some(signals))),
    ];
    let room = option::weighted(0.05, 0..12usize);
    (latencies, propagations, trouble, end, room).prop_map(
        |(latency, propagation, (slips, storm), (death, signals), room)| Mishaps {
            slips,
            storm,
            latency,
            propagation,
            death,
            signals,
            room,
        },
    )
}

fn slips() -> impl Strategy<Value = Slip> {
    let kinds = select(vec![
        FailureKind::Throttled,
        FailureKind::Server,
        FailureKind::Timeout,
        FailureKind::Connection,
        FailureKind::Denied,
        FailureKind::ConcurrentModification,
        FailureKind::ServiceEnded,
    ]);
    let troubles = prop_oneof![
        5 => kinds.prop_map(Trouble::Refused),
        5 => Just(Trouble::AnswerLost),
        1 => Just(Trouble::NeverAnswered),
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
    let on = prop_oneof![
        1 => Just(On::Reads),
        3 => Just(On::Writes),
        4 => operations.prop_map(On::Operation),
    ];
    (on, 1..10usize, troubles).prop_map(|(on, nth, trouble)| Slip { on, nth, trouble })
}

/// A call whose answer is lost, and that is refused when it is made again: only the first says what was done.
fn doubts() -> impl Strategy<Value = Vec<Slip>> {
    let operations =
        select(vec!["CreateApp", "CreateRole", "PutRolePolicy", "PutEventStream", "DeleteEventStream"]);
    (operations, 1..4usize).prop_map(|(operation, nth)| {
        let slip = |nth, trouble| Slip { on: On::Operation(operation), nth, trouble };
        vec![slip(nth, Trouble::AnswerLost), slip(nth + 1, Trouble::Refused(FailureKind::Denied))]
    })
}

fn storms() -> impl Strategy<Value = Storm> {
    (any::<u64>(), select(vec![0, 100, 300]), select(vec![0, 100]), select(vec![0, 50, 200]))
        .prop_map(|(seed, throttled, failed, lost)| Storm { seed, throttled, failed, lost })
}

fn deaths() -> impl Strategy<Value = Death> {
    prop_oneof![
        1 => (1..40usize).prop_map(Death::BeforeCall),
        2 => (1..25usize).prop_map(Death::BeforeWrite),
        3 => (1..25usize).prop_map(Death::AfterWrite),
        1 => (1..40usize).prop_map(Death::BeforeKeeping),
        1 => (1..40usize).prop_map(Death::WithinKeeping),
        2 => (1..40usize).prop_map(Death::AfterKeeping),
    ]
}

fn signals() -> impl Strategy<Value = Signals> {
    (1..20usize, 1..4usize, any::<bool>()).prop_map(|(at_write, times, at_once)| Signals {
        at_write,
        times,
        at_once,
    })
}
