//! A job in its account, in which others have apps and roles too, and a second account with the same names.
use crate::account::{connect, presumed_by, try_connect};
use crate::leftovers::seed;
use pinpoint_streams_aws::Aws;
use pinpoint_streams_executor::clock::Clock;
use pinpoint_streams_executor::cloud::WriteCloud;
use pinpoint_streams_executor::execute::{Outcome, RunContext, execute};
use pinpoint_streams_executor::{Paced, RunEvents, Stop};
use pinpoint_streams_model::desired::Desired;
use pinpoint_streams_model::op::{Op, RoleOp};
use pinpoint_streams_model::ownership::PREFIX;
use pinpoint_streams_model::plan::{Mode, Options, Plan};
use pinpoint_streams_model::problem::Problems;
use pinpoint_streams_model::sweep::{Detach, SweepAction, SweepOptions, Verdict};
use pinpoint_streams_planner::{Inputs, PlanResult, Planned, Restore, Sweep};
use pinpoint_streams_sandbox::decorators::{Garble, Garbled, Others};
use pinpoint_streams_sandbox::{
    Sandbox, Seed, SeedAccount, SeedApp, SeedEventStream, SeedRole, SeedStream, Settings,
};
use pinpoint_streams_store::session;
use pinpoint_streams_testkit::clock::START;
use pinpoint_streams_testkit::desired::{ACCOUNT, REGION, app_id};
use pinpoint_streams_testkit::leftovers::{Leftovers, asked, two_hundred_roles};
use pinpoint_streams_testkit::{FakeClock, Memory, ask, desired, parsed, reconcile};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

/// The account whose answers are given in place of ours.
pub(super) const TWIN: &str = "999999999999";
const TRUST: &str = r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":{"Service":"SERVICE.amazonaws.com"},"Action":"sts:AssumeRole"}}"#;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Job {
    FirstApply,
    /// Creates, updates, replaces and deletes.
    Edit,
    Destroy,
    Adopt,
    Quarantine,
    Reap,
    Restore,
}

#[derive(Debug)]
pub(super) enum Ran {
    NotConnected,
    Refused(#[expect(dead_code, reason = "it is printed")] Problems),
    Done(Box<Plan>, Box<Outcome>),
}

pub(super) struct Ground {
    pub(super) job: Job,
    pub(super) sandbox: Sandbox,
    pub(super) garbled: Arc<Garbled>,
    pub(super) desired: Desired,
    pub(super) memory: Memory,
    pub(super) left: Leftovers,
    clock: FakeClock,
    runs: u32,
}

pub(super) fn start() -> Desired {
    let builder = desired().shared_role("shared", |role| role);
    builder
        .app("shop", |app| app.kinesis("clicks"))
        .app("blue", |app| app.kinesis("clicks").role("shared"))
        .app("blog", |app| app.created("Blog").firehose("lake").role("shared"))
        .build()
}

/// `shop` goes, `blog` gets another stream and a role of its own, the shared role another name, and `green` is made.
fn end() -> Desired {
    let builder = desired().shared_role("shared", |role| role.name("Renamed").tag("team", "growth"));
    builder
        .app("blue", |app| app.kinesis("clicks").role("shared"))
        .app("blog", |app| {
            app.created("Blog").tag("team", "blog").kinesis("other").own_role(|role| role.description("its own"))
        })
        .app("green", |app| app.created("Green").kinesis("clicks").role("shared"))
        .build()
}

fn given() -> Desired {
    let builder = desired().shared_role("shared", |role| role);
    builder
        .app("shop", |app| app.kinesis("clicks"))
        .app("blue", |app| app.firehose("lake").role("shared"))
        .app("red", |app| app.firehose("lake").role("shared"))
        .build()
}

fn elsewhere(is_more: bool) -> Desired {
    let builder = desired().workspace("elsewhere");
    let builder = builder
        .app("theirs", |app| app.kinesis("clicks"))
        .app("others", |app| app.created("Theirs").kinesis("clicks"));
    match is_more {
        true => builder.app("extra", |app| app.created("Extra").kinesis("clicks")).build(),
        false => builder.build(),
    }
}

fn everything() -> Options {
    Options { delete_apps: true, allow_mass_delete: true, ..Options::default() }
}

/// Two roles that nothing uses any more, and two that are in use.
fn left_over() -> Leftovers {
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
    left.apps.retain(|app| app.event_stream.as_ref().is_some_and(|(_, role)| named.contains(&role.to_string())));
    left
}

/// All that is there before anybody does anything: streams, given apps, and a role and an event stream of nobody.
fn seeded(job: Job, left: &Leftovers) -> Seed {
    let mut account = SeedAccount::new(ACCOUNT);
    let mut seeds: Vec<Seed> = [start(), end(), given(), elsewhere(true)].iter().map(presumed_by).collect();
    if matches!(job, Job::Quarantine | Job::Reap) {
        seeds.insert(0, seed(left));
    }
    for more in seeds.into_iter().flat_map(|seed| seed.accounts) {
        let apps: Vec<_> = more.apps.into_iter().filter(|app| !account.apps.contains(app)).collect();
        account.apps.extend(apps);
        for stream in more.streams {
            if !account.streams.iter().any(|known| known.arn == stream.arn) {
                account.streams.push(stream);
            }
        }
        account.roles.extend(more.roles);
        account.managed_policies.extend(more.managed_policies);
        account.event_streams.extend(more.event_streams);
    }
    let role = |name: &str, service: &str| {
        let arn = parsed(&format!("arn:aws:iam::{ACCOUNT}:role/{name}"));
        SeedRole { created: Some(START), ..SeedRole::new(arn, TRUST.replace("SERVICE", service)) }
    };
    account.roles.extend([role("Machines", "ec2"), role("Legacy", "pinpoint")]);
    account.apps.push(SeedApp::new(REGION, "foreign0", "Foreign"));
    account.event_streams.push(SeedEventStream {
        region: REGION.to_owned(),
        app: "foreign0".to_owned(),
        destination: format!("arn:aws:kinesis:{REGION}:{ACCOUNT}:stream/clicks"),
        role: format!("arn:aws:iam::{ACCOUNT}:role/Legacy"),
    });
    Seed { accounts: vec![account] }
}

/// An account with everything of the first under the same names.
fn twin(sandbox: &Sandbox) -> Seed {
    let there = |text: &str| text.replace(ACCOUNT, TWIN);
    let contents = sandbox.contents().unwrap().accounts[ACCOUNT].clone();
    let mut account = SeedAccount::new(TWIN);
    account.roles = contents
        .roles
        .iter()
        .map(|role| SeedRole::new(parsed(&there(&role.arn)), there(&role.trust_policy.to_string())))
        .collect();
    for (region, held) in &contents.regions {
        for app in &held.apps {
            account.apps.push(SeedApp::new(region, &app.id, &app.name));
            account.event_streams.extend(app.event_stream.as_ref().map(|stream| SeedEventStream {
                region: region.clone(),
                app: app.id.clone(),
                destination: there(&stream.destination),
                role: there(&stream.role),
            }));
        }
        for arn in held.kinesis.iter().chain(&held.firehose) {
            account.streams.push(SeedStream { arn: parsed(&there(arn)), kms_key: None, created: None });
        }
    }
    Seed { accounts: vec![account] }
}

impl Ground {
    pub(super) async fn new(job: Job) -> Ground {
        let left = left_over();
        let settings = Settings { propagation: Duration::ZERO, ids: Some(7), ..Settings::new(|| START) };
        let sandbox = Sandbox::in_memory(settings);
        sandbox.seed(&seeded(job, &left)).unwrap();
        let theirs = app_id("theirs").to_string();
        let others = Others {
            apps: [theirs.as_str(), "foreign0"].map(str::to_owned).into_iter().chain(known_apps(&left)).collect(),
            roles: ["PinpointEventStream-theirs".to_owned(), "Legacy".to_owned()]
                .into_iter()
                .chain(known_roles(&left))
                .collect(),
            streams: ["clicks", "other", "lake"].map(str::to_owned).into(),
            account: (ACCOUNT.to_owned(), TWIN.to_owned()),
            region: (REGION.to_owned(), "eu-west-1".to_owned()),
        };
        let garbled = Arc::new(Garbled::new(others));
        let (clock, memory) = (FakeClock::new(), Memory::new());
        let mut ground = Ground { job, sandbox, garbled, desired: start(), memory, left, clock, runs: 0 };
        ground.theirs_is_applied().await;
        match job {
            Job::FirstApply | Job::Quarantine => {}
            Job::Edit => {
                ground.prepare(Mode::Converge, Options::default()).await;
                ground.desired = end();
            }
            Job::Destroy => ground.prepare(Mode::Converge, Options::default()).await,
            Job::Adopt => {
                ground.desired = given();
                ground.prepare(Mode::Converge, Options::default()).await;
                ground.untag_ours().await;
                ground.memory = Memory::new();
            }
            Job::Reap => {
                ground.job = Job::Quarantine;
                ground.is_done().await;
                ground.job = Job::Reap;
                ground.clock.advance(Duration::from_secs(31 * 24 * 60 * 60));
            }
            Job::Restore => {
                ground.desired = given();
                ground.prepare(Mode::Converge, Options::default()).await;
                let options = Options { allow_mass_delete: true, ..Options::default() };
                ground.prepare(Mode::Destroy, options).await;
            }
        }
        let twin = twin(&ground.sandbox);
        ground.sandbox.seed(&twin).unwrap();
        ground
    }

    /// Another workspace has an app and a role more, and then no longer.
    async fn theirs_is_applied(&mut self) {
        let (ours, memory) = (self.desired.clone(), std::mem::take(&mut self.memory));
        for is_more in [true, false] {
            self.desired = elsewhere(is_more);
            self.prepare(Mode::Converge, everything()).await;
        }
        (self.desired, self.memory, self.runs) = (ours, memory, 0);
    }

    async fn untag_ours(&self) {
        let admin = connect(self.sandbox.http_client()).await;
        for role in self.sandbox.contents().unwrap().accounts[ACCOUNT].clone().roles {
            let is_ours = role.tags.get(&format!("{PREFIX}workspace")).is_some_and(|name| name == "growth");
            if is_ours {
                let untag = RoleOp::Untag { role: parsed(&role.arn), tag_keys: role.tags.into_keys().collect() };
                admin.write(&Op::Role(untag)).await.unwrap();
            }
        }
    }

    async fn prepare(&mut self, mode: Mode, options: Options) {
        let cloud = self.cloud().await;
        let planned = self.reconciled(&cloud, mode, options).await;
        self.ends_done(planned, &cloud).await;
    }

    async fn is_done(&mut self) {
        let cloud = self.cloud().await;
        let planned = self.plan(&cloud).await;
        self.ends_done(planned, &cloud).await;
    }

    async fn ends_done(&mut self, planned: PlanResult, cloud: &Paced<Aws>) {
        let Ran::Done(_, outcome) = self.carry_out(planned, cloud).await else { panic!("refused") };
        let is_done = outcome.tally().is_all_done();
        assert!(is_done, "{:#?}", outcome.steps);
    }

    async fn cloud(&self) -> Paced<Aws> {
        Paced::new(connect(self.garbled.around(self.sandbox.http_client())).await)
    }

    async fn recorded(&self) -> pinpoint_streams_model::recorded::Recorded {
        session::load(&self.memory.state, &self.memory.journal, START).await.unwrap().recorded
    }

    async fn reconciled(&self, cloud: &Paced<Aws>, mode: Mode, options: Options) -> PlanResult {
        let (desired, recorded) = (self.desired.clone(), self.recorded().await);
        ask(&reconcile(mode, Inputs { desired: desired.into(), recorded, options }), cloud).await.output
    }

    async fn plan(&self, cloud: &Paced<Aws>) -> PlanResult {
        let sweep = async |action| {
            let allow_detach = [Detach::Managed, Detach::Inline, Detach::Profile].into();
            let (now, run) = (self.clock.now(), format!("run-{}", self.runs + 1));
            let options =
                SweepOptions { action, now, run, allow_detach, terraform: self.left.terraform(), ..asked() };
            let accounts = BTreeMap::from([(parsed("main"), parsed(ACCOUNT))]);
            let sweep = Sweep::live(parsed("growth"), accounts, self.recorded().await, options);
            ask(&sweep, cloud).await.output.planned
        };
        match self.job {
            Job::FirstApply | Job::Edit => self.reconciled(cloud, Mode::Converge, everything()).await,
            Job::Destroy => self.reconciled(cloud, Mode::Destroy, everything()).await,
            Job::Adopt => {
                self.reconciled(cloud, Mode::Converge, Options { adopt: true, ..Options::default() }).await
            }
            Job::Quarantine => sweep(SweepAction::Quarantine).await,
            Job::Reap => sweep(SweepAction::Reap { after_days: 30 }).await,
            Job::Restore => {
                let loaded = session::load(&self.memory.state, &self.memory.journal, START).await.unwrap();
                let runs = BTreeSet::from([parsed("run-2")]);
                let archives = self.memory.archive.archived_by(&runs, loaded.state.as_ref());
                assert!(!archives.is_empty());
                let (desired, recorded) = (self.desired.clone(), loaded.recorded);
                let restore = Restore { archives, desired: desired.into(), recorded, unverified: false };
                ask(&restore, cloud).await.output
            }
        }
    }

    async fn carry_out(&mut self, planned: PlanResult, cloud: &Paced<Aws>) -> Ran {
        let Planned { plan, recorded, last_look } = match planned {
            Ok(planned) => planned,
            Err(problems) => return Ran::Refused(problems),
        };
        self.runs += 1;
        let mut start = session::open(&self.memory.state, &self.memory.journal, START).await.unwrap();
        start.recorded = recorded;
        let clock = self.clock.clone();
        let context = RunContext::new(parsed(&format!("run-{}", self.runs)), 4, &clock, self.runs.into());
        let context = RunContext { last_look, ..context };
        let mut events = RunEvents::begin(&clock, "0.0.0", |_| {});
        let outcome =
            execute(plan.clone().into(), cloud, self.memory.stores(), start, context, Stop::never(), &mut events)
                .await;
        Ran::Done(Box::new(plan), Box::new(outcome))
    }

    /// The job, as the program does it, while these answers are odd.
    pub(super) async fn run(&mut self, garble: Option<Garble>) -> Ran {
        self.garbled.set(garble);
        let Ok(cloud) = try_connect(self.garbled.around(self.sandbox.http_client()), None).await else {
            return Ran::NotConnected;
        };
        let cloud = Paced::new(cloud);
        let planned = self.plan(&cloud).await;
        self.carry_out(planned, &cloud).await
    }
}

fn known_apps(left: &Leftovers) -> Vec<String> {
    left.apps.iter().map(|app| app.arn.id.to_string()).collect()
}

fn known_roles(left: &Leftovers) -> Vec<String> {
    let ours = ["shop", "shared", "blog", "blue"].map(|key| format!("PinpointEventStream-{key}"));
    ours.into_iter().chain(left.roles.iter().map(|role| role.arn.name.to_string())).collect()
}
