//! What the scenarios share: a cloud, a folder for the stores, and plans built by hand.
use pinpoint_streams_executor::clock::Clock as _;
use pinpoint_streams_executor::{Outcome, Paced, RunContext, RunEvents, StepResult, Stop, Stores, execute};
use pinpoint_streams_model::digest::Digest;
use pinpoint_streams_model::plan::{Basis, FORMAT_VERSION, Summary};
use pinpoint_streams_model::sorted_set::SortedSet;
use pinpoint_streams_model::{
    AccountId, AppArn, AppId, AppOp, CreateApp, CreateRole, Ending, Event, EventKind, EventStreamOp, Mode, Op,
    Options, Origin, Owner, Plan, Planned, PutEventStream, Recorded, Region, RoleArn, RoleKind, RoleOp, Serial,
    Slot, Step, StepFailure, StepId, StreamArn, StreamTarget, Tags, Text,
};
use pinpoint_streams_store::archive::FileArchive;
use pinpoint_streams_store::journal::{FileJournal, JournalStore};
use pinpoint_streams_store::state::{FileStateStore, State, StateStore};
use pinpoint_streams_store::{Loaded, session};
use pinpoint_streams_testkit::{FakeCloud, parsed};
use std::collections::BTreeMap;
use std::path::PathBuf;

pub(crate) const KIND: RoleKind = RoleKind::for_event_streams();

pub(crate) fn account() -> AccountId {
    parsed("123456789012")
}

pub(crate) fn region() -> Region {
    parsed("eu-west-1")
}

pub(crate) fn stream() -> StreamArn {
    parsed("arn:aws:kinesis:eu-west-1:123456789012:stream/clicks")
}

pub(crate) fn role_arn(key: &str) -> RoleArn {
    parsed(&format!("arn:aws:iam::123456789012:role/ps-{key}"))
}

pub(crate) fn app_arn(key: &str) -> AppArn {
    AppArn { region: region(), account: account(), id: parsed(key) }
}

/// A cloud, a folder and the events.
pub(crate) struct World {
    pub(crate) cloud: FakeCloud,
    pub(crate) folder: tempfile::TempDir,
    pub(crate) events: Vec<Event>,
    pub(crate) parallelism: usize,
    pub(crate) is_paced: bool,
    pub(crate) stop: Stop,
}

impl World {
    /// An account with one stream.
    pub(crate) fn new() -> World {
        let (cloud, folder) = (FakeCloud::new(), tempfile::tempdir().unwrap());
        cloud.add_account(&account());
        cloud.add_stream(&stream());
        World { cloud, folder, events: Vec::new(), parallelism: 10, is_paced: false, stop: Stop::never() }
    }

    /// A new world, and the plan that onboards these apps: four steps each.
    pub(crate) fn onboarding<K: AsRef<str>>(keys: &[K]) -> (World, Plan) {
        let mut steps = Steps::default();
        keys.iter().for_each(|key| steps.onboard(key.as_ref()));
        (World::new(), steps.plan())
    }

    /// The same for this many apps, from `app00`.
    pub(crate) fn onboarding_each(apps: usize) -> (World, Plan) {
        World::onboarding(&(0..apps).map(|n| format!("app{n:02}")).collect::<Vec<_>>())
    }

    pub(crate) fn state_path(&self) -> PathBuf {
        self.folder.path().join("growth.state.json")
    }

    pub(crate) fn state_store(&self) -> FileStateStore {
        FileStateStore::new(self.state_path(), parsed("growth"))
    }

    pub(crate) fn journal(&self) -> FileJournal {
        FileJournal::beside(&self.state_path()).kept_in(self.runs_folder())
    }

    pub(crate) fn runs_folder(&self) -> PathBuf {
        self.folder.path().join("runs")
    }

    pub(crate) fn archive_folder(&self) -> PathBuf {
        self.folder.path().join("archive")
    }

    /// Runs a plan from what an earlier run has left.
    pub(crate) async fn run(&mut self, plan: &Plan) -> Outcome {
        let journal = self.journal();
        self.run_with(plan, &journal).await
    }

    pub(crate) async fn run_with(&mut self, plan: &Plan, journal: &impl JournalStore) -> Outcome {
        let state = self.state_store();
        self.run_in(&state, plan, journal).await
    }

    pub(crate) async fn run_in(
        &mut self,
        state: &impl StateStore,
        plan: &Plan,
        journal: &impl JournalStore,
    ) -> Outcome {
        let start = session::open(state, journal, self.cloud.clock().now()).await.unwrap();
        self.run_from(start, state, plan, journal).await
    }

    pub(crate) async fn run_from(
        &mut self,
        start: Loaded,
        state: &impl StateStore,
        plan: &Plan,
        journal: &impl JournalStore,
    ) -> Outcome {
        let (archive, clock, stop) =
            (FileArchive::new(self.archive_folder()), self.cloud.clock(), self.stop.clone());
        let context = RunContext::new(parsed("r1"), self.parallelism, &clock, 7);
        let context = RunContext { approved_by: Some("ann".to_owned()), ..context };
        let (cloud, seen) = (self.cloud.clone(), &mut self.events);
        let mut events = RunEvents::begin(&clock, "0.1.0", |event: &Event| seen.push(event.clone()));
        let stores = Stores { state, journal, archive: &archive };
        if self.is_paced {
            execute(plan.clone().into(), &Paced::new(cloud), stores, start, context, stop, &mut events).await
        } else {
            execute(plan.clone().into(), &cloud, stores, start, context, stop, &mut events).await
        }
    }

    /// Runs a plan of which this step fails, and returns why.
    pub(crate) async fn failed(&mut self, plan: &Plan, step: StepId) -> StepFailure {
        failure(&self.run(plan).await, step).clone()
    }

    /// Runs a plan, expects every step to succeed, and returns the record.
    pub(crate) async fn done(&mut self, plan: &Plan) -> Recorded {
        let outcome = self.run(plan).await;
        assert!(outcome.steps.values().all(|step| matches!(step.result, StepResult::Done { .. })), "{outcome:#?}");
        outcome.state_written.as_ref().unwrap();
        assert_eq!(outcome.ending, Ending::Done);
        outcome.recorded
    }

    /// The record that a plan would start from.
    pub(crate) async fn recorded(&self) -> Recorded {
        session::load(&self.state_store(), &self.journal(), self.cloud.clock().now()).await.unwrap().recorded
    }

    pub(crate) async fn state(&self) -> State {
        session::load(&self.state_store(), &self.journal(), self.cloud.clock().now()).await.unwrap().state.unwrap()
    }

    /// How long steps had waited each time they waited, and why.
    pub(crate) fn waits(&self) -> Vec<(u64, &str)> {
        let waits = self.events.iter().filter_map(|event| match &event.what {
            EventKind::StepWaiting { waited_ms, reason, .. } => Some((*waited_ms, reason.as_str())),
            _ => None,
        });
        waits.collect()
    }
}

/// Why this step failed.
pub(crate) fn failure(outcome: &Outcome, step: StepId) -> &StepFailure {
    match &outcome.steps[&step].result {
        StepResult::Failed(failure) | StepResult::Unfinished(failure) => failure,
        other => panic!("step {step} did not fail: {other:?}"),
    }
}

/// The result of each step, in a word.
pub(crate) fn results(outcome: &Outcome) -> Vec<&'static str> {
    let word = |result: &StepResult| match result {
        StepResult::Done { .. } => "done",
        StepResult::Failed(_) => "failed",
        StepResult::Unfinished(_) => "unfinished",
        StepResult::Skipped { .. } => "skipped",
        StepResult::NotStarted { .. } => "not started",
    };
    outcome.steps.values().map(|step| word(&step.result)).collect()
}

/// A plan in the making.
#[derive(Default)]
pub(crate) struct Steps(Vec<Step>);

impl Steps {
    pub(crate) fn add(&mut self, address: &str, after: &[StepId], op: impl Into<Op<Planned>>) -> StepId {
        let id = StepId(self.0.len() as u32 + 1);
        self.0.push(Step { id, address: parsed(address), after: after.to_vec(), op: op.into() });
        id
    }

    pub(crate) fn plan(self) -> Plan {
        Plan {
            format_version: FORMAT_VERSION,
            tool_version: "0.1.0".to_owned(),
            workspace: parsed("growth"),
            mode: Mode::Converge,
            plan_digest: Digest::from(String::new()),
            options: Options::default(),
            basis: Basis {
                manifest_digest: Digest::from(String::new()),
                lineage: None,
                serial: Serial(0),
                accounts: BTreeMap::from([(parsed("main"), account())]),
            },
            changes: Vec::new(),
            steps: self.0,
            summary: Summary::default(),
            warnings: Vec::new(),
            access: None,
        }
    }

    /// An app, its role with a policy, and its event stream: four steps, each after the one before.
    pub(crate) fn onboard(&mut self, key: &str) {
        let app = self.add(&format!("app.{key}"), &[], create_app(key));
        let format = AppArn::with_id(&region(), &account(), "{}");
        let source = Text::After { after_step: app, format };
        let role = self.add(&format!("role.{key}"), &[app], create_role(key, source));
        let policy = self.add(&format!("role.{key}"), &[role], put_policy(key));
        let put = put_event_stream(key, Slot::After { after_step: app });
        self.add(&format!("event_stream.{key}"), &[policy], put);
    }
}

fn owner(address: &str) -> Owner<Planned> {
    Owner { workspace: parsed("growth"), lineage: None, address: parsed(address), origin: Origin::Created }
}

pub(crate) fn create_app(key: &str) -> AppOp<Planned> {
    let (name, owner) = (key.to_owned(), owner(&format!("app.{key}")));
    let (account, region) = (account(), region());
    AppOp::Create(CreateApp { account, region, name, tags: Tags::new(), owner, protect: false })
}

pub(crate) fn create_role(key: &str, source: Text) -> RoleOp<Planned> {
    RoleOp::Create(CreateRole {
        arn: role_arn(key),
        trust_policy: KIND.trust_policy(&account(), [source]),
        description: String::new(),
        max_session_duration: 3600,
        permissions_boundary: None,
        tags: Tags::new(),
        owner: Some(owner(&format!("role.{key}"))),
        protect: false,
    })
}

pub(crate) fn put_policy(key: &str) -> RoleOp<Planned> {
    let document = KIND.permissions(&SortedSet::from([StreamTarget { arn: stream(), kms_key: None }]));
    RoleOp::PutPolicy { role: role_arn(key), policy_name: parsed("write"), document }
}

pub(crate) fn put_event_stream(key: &str, app_id: Slot<AppId>) -> EventStreamOp<Planned> {
    EventStreamOp::Put(PutEventStream {
        account: account(),
        region: region(),
        app_id,
        destination: stream(),
        role_arn: role_arn(key),
        protect: false,
        record: true,
    })
}
