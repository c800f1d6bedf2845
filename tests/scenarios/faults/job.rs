//! What the program is asked, and the ground it is asked on: a cloud, and what earlier runs have kept.
use super::truth::must_be_true;
use super::weather::{Sky, Weather};
use pinpoint_streams_executor::execute::{Outcome, RunContext, execute};
use pinpoint_streams_executor::pace::Paced;
use pinpoint_streams_executor::{EventStream, Stop};
use pinpoint_streams_model::desired::Desired;
use pinpoint_streams_model::event::Ending;
use pinpoint_streams_model::ownership::PREFIX;
use pinpoint_streams_model::plan::{Detach, Mode, Options, Plan};
use pinpoint_streams_model::problem::Problems;
use pinpoint_streams_model::recorded::Recorded;
use pinpoint_streams_model::sweep::{SweepAction, SweepOptions, Verdict};
use pinpoint_streams_planner::{Inputs, PlanResult, Planned, Sweep};
use pinpoint_streams_store::session;
use pinpoint_streams_testkit::executor::clock::Clock;
use pinpoint_streams_testkit::leftovers::{asked, two_hundred_roles};
use pinpoint_streams_testkit::{FakeCloud, Memory, ask, desired, parsed, reconcile};
use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

/// What the program is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Job {
    FirstApply,
    /// Creates, updates, replaces and deletes.
    Edit,
    Destroy,
    Adopt,
    Quarantine,
    Reap,
}

impl Job {
    pub(crate) const ALL: [Job; 6] =
        [Job::FirstApply, Job::Edit, Job::Destroy, Job::Adopt, Job::Quarantine, Job::Reap];
}

/// Where a job is done.
pub(crate) struct Ground {
    pub(crate) cloud: FakeCloud,
    job: Job,
    desired: Desired,
    memory: Memory,
    options: Options,
    sweep: Option<SweepOptions>,
    runs: u32,
}

/// What came of a run.
pub(crate) struct Ran {
    pub(crate) plan: Plan,
    pub(crate) outcome: Outcome,
    /// What the state says after it.
    pub(crate) kept: Recorded,
}

/// Four apps: one with a role of its own, two with one that they share, one of them created, one with another.
fn start() -> Desired {
    desired()
        .shared_role("shared", |role| role)
        .shared_role("kept", |role| role)
        .app("red", |app| app.kinesis("clicks").role("kept"))
        .app("shop", |app| app.kinesis("clicks"))
        .app("blue", |app| app.kinesis("clicks").role("shared"))
        .app("blog", |app| app.created("Blog").firehose("lake").role("shared"))
        .build()
}

/// The shared role gets another name, `blog` another stream and a role of its own, `shop` goes, and `green` is let in
/// by the role that stays.
fn end() -> Desired {
    desired()
        .shared_role("shared", |role| role.name("Renamed"))
        .shared_role("kept", |role| role)
        .app("red", |app| app.kinesis("clicks").role("kept"))
        .app("green", |app| app.kinesis("clicks").role("kept"))
        .app("blue", |app| app.kinesis("clicks").role("shared").tag("team", "growth"))
        .app("blog", |app| app.created("Blog").kinesis("other").own_role(|role| role.description("its own")))
        .build()
}

impl Ground {
    pub(crate) async fn new(job: Job) -> Ground {
        let mut ground = match job {
            Job::FirstApply => Ground::over(FakeCloud::presumed_by(&start()), start()),
            Job::Edit | Job::Destroy => {
                let mut ground = Ground::over(FakeCloud::presumed_by(&start()), start());
                ground.job = Job::FirstApply;
                ground.must_converge().await;
                if job == Job::Edit {
                    ground.cloud.presume(&end());
                    ground.desired = end();
                }
                ground
            }
            Job::Adopt => Ground::over(made_by_hand(&start()), start()),
            Job::Quarantine | Job::Reap => Ground::left_over().await,
        };
        ground.options.adopt = job == Job::Adopt;
        ground.options.delete_apps = job == Job::Destroy;
        ground.options.allow_mass_delete = job == Job::Destroy;
        ground.job = job;
        if job == Job::Reap {
            ground.job = Job::Quarantine;
            ground.must_converge().await;
            ground.cloud.clock().advance(Duration::from_secs(31 * 24 * 60 * 60));
            ground.job = job;
            if let Some(sweep) = &mut ground.sweep {
                sweep.action = SweepAction::Reap { after_days: 30 };
                sweep.now = ground.cloud.clock().now();
            }
        }
        ground
    }

    fn over(cloud: FakeCloud, desired: Desired) -> Ground {
        let (memory, options) = (Memory::new(), Options::default());
        Ground { cloud, job: Job::FirstApply, desired, memory, options, sweep: None, runs: 0 }
    }

    /// Two roles that nothing uses any more, and two that are in use.
    async fn left_over() -> Ground {
        let mut left = two_hundred_roles();
        for verdict in [Verdict::Obsolete, Verdict::InUse] {
            let mut room = 3;
            left.roles.retain(|role| {
                let is_one = role.verdict == Some(verdict);
                room -= usize::from(is_one && room > 0);
                !is_one || room > 0
            });
        }
        left.roles.retain(|role| matches!(role.verdict, Some(Verdict::Obsolete | Verdict::InUse)));
        let named: BTreeSet<String> = left.roles.iter().map(|role| role.arn.to_string()).collect();
        left.apps
            .retain(|app| app.event_stream.as_ref().is_some_and(|(_, role)| named.contains(&role.to_string())));
        let accounts = BTreeMap::from([(parsed("main"), left.account.clone())]);
        let mut ground = Ground::over(left.cloud(), Desired::nothing(parsed("growth"), accounts));
        ground.sweep = Some(SweepOptions {
            action: SweepAction::Quarantine,
            now: ground.cloud.clock().now(),
            allow_detach: [Detach::Managed, Detach::Inline, Detach::Profile].into(),
            terraform: left.terraform(),
            ..asked()
        });
        ground
    }

    fn mode(&self) -> Mode {
        match self.job {
            Job::FirstApply | Job::Edit | Job::Adopt => Mode::Converge,
            Job::Destroy => Mode::Destroy,
            Job::Quarantine | Job::Reap => Mode::Sweep,
        }
    }

    async fn planned(&self, cloud: &Paced<Weather>, recorded: Recorded) -> PlanResult {
        let desired = self.desired.clone();
        if let Some(options) = self.sweep.clone() {
            let Desired { workspace, accounts, .. } = desired;
            return ask(&Sweep { workspace, accounts, recorded, options }, cloud).await.output.planned;
        }
        let inputs = Inputs { desired, recorded, options: self.options.clone() };
        ask(&reconcile(self.mode(), inputs), cloud).await.output
    }

    /// One run; what stood in the way where it came to no plan.
    pub(crate) async fn run(&mut self, weather: &Weather) -> Result<Ran, Problems> {
        self.runs += 1;
        let Memory { state, journal, .. } = &self.memory;
        let cloud = Paced::new(weather.clone());
        let mut loaded = session::open(state, journal).await.unwrap();
        let Planned { plan, recorded } = self.planned(&cloud, loaded.recorded).await?;
        loaded.recorded = recorded;
        let clock = self.cloud.clock();
        let run = RunContext {
            run: parsed(&format!("run-{}", self.runs)),
            parallelism: 4,
            clock: &clock,
            seed: 7,
            approved_by: None,
            findings: Vec::new(),
            reading: None,
        };
        let mut events = EventStream::begin(&clock, "0.0.0", |_| {});
        let outcome = execute(&plan, &cloud, self.memory.stores(), loaded, run, Stop::never(), &mut events).await;
        let kept = session::load(state, journal).await.unwrap().recorded;
        Ok(Ran { plan, outcome, kept })
    }

    /// Runs in clear weather and demands that everything is done, and that a second run finds nothing to do.
    pub(crate) async fn must_converge(&mut self) {
        let clear = Weather::new(&self.cloud, Sky::Clear, 0);
        let ran = self.run(&clear).await.unwrap_or_else(|problems| panic!("{:?}: {problems:#?}", self.job));
        let is_done = matches!(ran.outcome.ending, Ending::Done | Ending::NoChanges);
        assert!(is_done && ran.outcome.state_written.is_ok(), "{:?}: {:#?}", self.job, ran.outcome.steps);
        must_be_true(&ran, &clear, &self.cloud, &format!("{:?}", self.job));
        let again = self.run(&clear).await.unwrap_or_else(|problems| panic!("{:?}: {problems:#?}", self.job));
        assert!(again.plan.is_empty(), "{:?}: there is something left to do: {:#?}", self.job, again.plan.changes);
        assert!(again.kept.pending.is_empty(), "{:#?}", again.kept.pending);
    }
}

/// A cloud in which all that this manifest asks for was made by hand, and bears no tags.
fn made_by_hand(desired: &Desired) -> FakeCloud {
    let (cloud, _) = FakeCloud::applied(desired);
    let snapshot = cloud.snapshot();
    let hand = cloud.another_hand();
    for (arn, role) in &snapshot.roles {
        role.tags.keys().filter(|key| key.starts_with(PREFIX)).for_each(|key| hand.untag_role(arn, key));
    }
    for (arn, app) in &snapshot.apps {
        for key in app.tags.iter().flat_map(|tags| tags.keys()).filter(|key| key.starts_with(PREFIX)) {
            hand.untag_app(arn, key);
        }
    }
    cloud
}
