//! What may happen in the life of a workspace, as data that can be generated and shrunk.
use pinpoint_streams_model::desired::{AppIdentity, Desired, RoleRef};
use pinpoint_streams_model::plan::Mode;
use pinpoint_streams_model::sweep::SweepAction;
use pinpoint_streams_testkit::How;
use pinpoint_streams_testkit::disturbance::{Disturbance, Severity, disturbances_up_to};
use pinpoint_streams_testkit::faults::faults;
use pinpoint_streams_testkit::strategies::manifests_of_a_life;
use proptest::collection::vec;
use proptest::prelude::{Just, Strategy, any, prop_oneof};
use proptest::sample::{Index, select};
use std::fmt;
use std::time::Duration;

#[derive(Clone)]
pub(super) struct Life {
    pub(super) beginning: Beginning,
    pub(super) first: Desired,
    pub(super) acts: Vec<Act>,
}

/// How the accounts are found.
#[derive(Debug, Clone)]
pub(super) enum Beginning {
    /// Nothing of it is there.
    Bare,
    /// An earlier apply of this left it.
    Applied(Desired),
    /// Somebody set this up by hand.
    ByHand(Desired),
    /// An earlier apply of this left it, and the record has lost some of it.
    HalfForgotten(Desired, Vec<Index>),
}

#[derive(Debug, Clone)]
pub(super) enum Act {
    /// The program runs, and this goes wrong.
    Run(Run, How),
    Edit(Desired),
    Disturb(Vec<Disturbance>),
    Wait(Duration),
}

/// What the program is asked.
#[derive(Debug, Clone)]
pub(super) enum Run {
    /// `apply`, where `adopt` stands for `--adopt`.
    Apply {
        adopt: bool,
    },
    /// `apply --target` or `--exclude` of some addresses.
    Partial {
        picks: Vec<Index>,
        exclude: bool,
    },
    Destroy {
        delete_apps: bool,
        include_adopted: bool,
    },
    /// `plan`, `plan --destroy` or `drift`, which write nothing.
    Look(Mode),
    Sweep(SweepAction),
}

impl fmt::Debug for Life {
    /// One line for each thing that happens: a failing case is read, and a manifest has many lines.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Life { beginning, first, acts } = self;
        match beginning {
            Beginning::Bare => writeln!(f, "bare")?,
            Beginning::Applied(before) => writeln!(f, "applied {}", in_short(before))?,
            Beginning::ByHand(before) => writeln!(f, "by hand {}", in_short(before))?,
            Beginning::HalfForgotten(before, lost) => {
                writeln!(f, "applied {}, and forgotten {lost:?}", in_short(before))?;
            }
        }
        writeln!(f, "declares {}", in_short(first))?;
        for act in acts {
            match act {
                Act::Run(run, how) => writeln!(f, "{run:?} {how:?}")?,
                Act::Edit(desired) => writeln!(f, "declares {}", in_short(desired))?,
                Act::Disturb(deeds) => writeln!(f, "{deeds:?}")?,
                Act::Wait(time) => writeln!(f, "waits {time:?}")?,
            }
        }
        Ok(())
    }
}

fn in_short(desired: &Desired) -> String {
    let apps = desired.apps.iter().map(|(key, app)| {
        let identity = match &app.identity {
            AppIdentity::Existing(_) => "existing",
            AppIdentity::Owned { .. } => "created",
        };
        let stream = app.event_stream.as_ref().map_or_else(String::new, |stream| {
            let role = match &stream.role {
                RoleRef::Managed(key) => key.to_string(),
                RoleRef::Elsewhere(arn) => arn.to_string(),
            };
            format!(" to {} as {role}", stream.target.arn.name())
        });
        let (protect, adopt) =
            (if app.protect { " protected" } else { "" }, if app.adopt { " adopts" } else { "" });
        format!("{key}: {identity}{stream}{protect}{adopt}")
    });
    let roles = desired.roles.iter().map(|(key, role)| {
        let name = role.arn_under(key).map_or_else(|error| error.to_string(), |arn| arn.name.to_string());
        format!(
            "role {key}: {name} {:?} {} {:?} {:?} boundary {}",
            role.description,
            role.max_session_duration,
            role.tags,
            role.trust,
            role.permissions_boundary.is_some()
        )
    });
    format!("[{}]", apps.chain(roles).collect::<Vec<_>>().join("; "))
}

pub(super) fn lives(acts: impl Into<proptest::collection::SizeRange>) -> impl Strategy<Value = Life> {
    (beginnings(), manifests_of_a_life(), vec(an_act(), acts)).prop_map(|(beginning, first, acts)| Life {
        beginning,
        first,
        acts,
    })
}

fn beginnings() -> impl Strategy<Value = Beginning> {
    prop_oneof![
        3 => Just(Beginning::Bare),
        4 => manifests_of_a_life().prop_map(Beginning::Applied),
        1 => manifests_of_a_life().prop_map(Beginning::ByHand),
        1 => (manifests_of_a_life(), vec(any::<Index>(), 1..4))
            .prop_map(|(desired, lost)| Beginning::HalfForgotten(desired, lost)),
    ]
}

fn an_act() -> impl Strategy<Value = Act> {
    let waits = prop_oneof![Just(1), Just(60), Just(31 * 24 * 60 * 60)].prop_map(Duration::from_secs);
    prop_oneof![
        12 => (a_run(), how()).prop_map(|(run, how)| Act::Run(run, how)),
        4 => manifests_of_a_life().prop_map(Act::Edit),
        2 => vec(disturbances_up_to(Severity::Lost), 1..4).prop_map(Act::Disturb),
        1 => waits.prop_map(Act::Wait),
    ]
}

fn a_run() -> impl Strategy<Value = Run> {
    let actions = select(vec![
        SweepAction::Quarantine,
        SweepAction::Release,
        SweepAction::Reap { after_days: 30 },
        SweepAction::Delete,
    ]);
    prop_oneof![
        12 => proptest::bool::weighted(0.2).prop_map(|adopt| Run::Apply { adopt }),
        2 => (vec(any::<Index>(), 1..3), any::<bool>())
            .prop_map(|(picks, exclude)| Run::Partial { picks, exclude }),
        3 => (proptest::bool::weighted(0.8), any::<bool>())
            .prop_map(|(delete_apps, include_adopted)| Run::Destroy { delete_apps, include_adopted }),
        1 => select(vec![Mode::Converge, Mode::Destroy, Mode::Drift]).prop_map(Run::Look),
        3 => actions.prop_map(Run::Sweep),
    ]
}

fn how() -> impl Strategy<Value = How> {
    let parallelism = select(vec![1, 1, 3, 10]);
    let push_every = proptest::option::weighted(0.15, Just(Duration::from_secs(2)));
    (faults(), parallelism, push_every).prop_map(|(faults, parallelism, push_every)| How {
        parallelism,
        push_every,
        ..How::with(faults)
    })
}
