//! There and back: what a destroy or a sweep took away comes back from its archives as it was, but for what no
//! restore can bring back, the role ids and dates.
use pinpoint_streams_executor::execute::{Outcome, RunContext, StepResult, Stores, execute};
use pinpoint_streams_executor::{Paced, RunEvents, Stop};
use pinpoint_streams_model::archive::Archived;
use pinpoint_streams_model::desired::Desired;
use pinpoint_streams_model::event::Ending;
use pinpoint_streams_model::live::{LastUsed, LiveRole};
use pinpoint_streams_model::plan::{Mode, Options, Plan};
use pinpoint_streams_model::problem::ProblemCode;
use pinpoint_streams_model::sweep::{Detach, SweepAction, SweepOptions, is_quarantine};
use pinpoint_streams_planner::{Inputs, Restore, Sweep};
use pinpoint_streams_store::archive::{FileArchive, read_all};
use pinpoint_streams_store::journal::FileJournal;
use pinpoint_streams_store::state::FileStateStore;
use pinpoint_streams_store::{Loaded, session};
use pinpoint_streams_testkit::clock::START;
use pinpoint_streams_testkit::executor::clock::Clock;
use pinpoint_streams_testkit::leftovers::{self, Leftovers, two_hundred_roles};
use pinpoint_streams_testkit::{FakeCloud, ask, desired, parsed, reconcile, run_logs};
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;
use tempfile::TempDir;

/// A folder with all that runs keep, over a cloud in memory.
pub(crate) struct Ground {
    pub(crate) cloud: FakeCloud,
    pub(crate) desired: Desired,
    folder: TempDir,
}

impl Ground {
    pub(crate) fn new(cloud: FakeCloud, desired: Desired) -> Ground {
        Ground { cloud, desired, folder: tempfile::tempdir().unwrap() }
    }

    fn state(&self) -> FileStateStore {
        FileStateStore::new(self.folder.path().join("state.json"), self.desired.workspace.clone())
    }

    pub(crate) fn runs(&self) -> PathBuf {
        self.folder.path().join("runs")
    }

    fn journal(&self) -> FileJournal {
        FileJournal::beside(&self.folder.path().join("state.json")).kept_in(self.runs())
    }

    pub(crate) fn archive(&self) -> PathBuf {
        self.folder.path().join("archive")
    }

    pub(crate) async fn loaded(&self) -> Loaded {
        session::load(&self.state(), &self.journal(), START).await.unwrap()
    }

    async fn carry_out(&self, run: &str, plan: &Plan) -> Outcome {
        let (state, journal, archive) = (self.state(), self.journal(), FileArchive::new(self.archive()));
        let (clock, cloud) = (self.cloud.clock(), Paced::new(self.cloud.clone()));
        let start = session::open(&state, &journal, START).await.unwrap();
        let run = RunContext::new(parsed(run), 10, &clock, 7);
        let mut events = RunEvents::begin(&clock, "0.0.0", |_| {});
        let stores = Stores { state: &state, journal: &journal, archive: &archive };
        execute(plan.clone().into(), &cloud, stores, start, run, Stop::never(), &mut events).await
    }

    pub(crate) async fn done(&self, run: &str, plan: &Plan) {
        let outcome = self.carry_out(run, plan).await;
        let failed = outcome.steps.values().find(|step| !matches!(step.result, StepResult::Done { .. }));
        let expected = if plan.steps.is_empty() { Ending::NoChanges } else { Ending::Done };
        assert!(outcome.ending == expected && failed.is_none(), "{:?} {failed:#?}", outcome.ending);
    }

    pub(crate) async fn plan(&self, mode: Mode, options: &Options) -> Plan {
        let recorded = self.loaded().await.recorded;
        let inputs = Inputs { desired: self.desired.clone().into(), recorded, options: options.clone() };
        ask(&reconcile(mode, inputs), &self.cloud).await.output.unwrap().plan
    }

    pub(crate) async fn sweep(&self, options: SweepOptions) -> Plan {
        let recorded = self.loaded().await.recorded;
        let Desired { workspace, accounts, .. } = self.desired.clone();
        let sweep = Sweep::live(workspace, accounts, recorded, options);
        ask(&sweep, &self.cloud).await.output.planned.unwrap().plan
    }

    async fn archives_of(&self, run: &str) -> Vec<Archived> {
        let mut folders = std::fs::read_dir(self.archive()).unwrap().map(|folder| folder.unwrap().path());
        let folder = folders.find(|folder| folder.to_string_lossy().ends_with(run)).unwrap();
        read_all(&folder, self.loaded().await.state.as_ref()).unwrap()
    }

    async fn restore(&self, archives: &[Archived]) -> Result<Plan, Vec<ProblemCode>> {
        let recorded = self.loaded().await.recorded;
        let (archives, desired) = (archives.to_vec(), self.desired.clone());
        let restore = Restore { archives, desired: desired.into(), recorded, unverified: false };
        let planned = ask(&restore, &self.cloud).await.output;
        planned
            .map(|planned| planned.plan)
            .map_err(|problems| problems.into_iter().map(|problem| problem.code).collect())
    }

    /// The roles, but for their ids, their dates and their quarantines.
    pub(crate) fn roles(&self) -> BTreeMap<String, LiveRole> {
        let lasting = |mut role: LiveRole| {
            role.inline_policies.retain(|name, _| !is_quarantine(name.as_str()));
            role.tags.retain(|key, _| !is_quarantine(key));
            LiveRole { id: parsed("AROAAAAAAAAAAAAAAAAAA"), created: None, last_used: LastUsed::NotRead, ..role }
        };
        self.cloud.snapshot().roles.into_iter().map(|(arn, role)| (arn.to_string(), lasting(role))).collect()
    }
}

/// Of roles that nothing may hold back.
pub(crate) fn asked(action: SweepAction, left: &Leftovers, ground: &Ground, run: &str) -> SweepOptions {
    SweepOptions {
        action,
        now: ground.cloud.clock().now(),
        run: run.to_owned(),
        max_delete: 1000,
        allow_detach: [Detach::Managed, Detach::Inline, Detach::Profile].into(),
        terraform: left.terraform(),
        ..leftovers::asked()
    }
}

#[tokio::test(start_paused = true)]
async fn sweep_apply_reap_restore_leaves_the_account_as_it_was() {
    let left = two_hundred_roles();
    let desired = Desired::nothing(parsed("growth"), BTreeMap::from([(parsed("main"), left.account.clone())]));
    let ground = Ground::new(left.cloud(), desired);
    let before = (ground.roles(), ground.cloud.snapshot());

    let quarantined = ground.sweep(asked(SweepAction::Quarantine, &left, &ground, "r1")).await;
    assert!(quarantined.summary.quarantine > 0);
    ground.done("r1", &quarantined).await;
    assert_eq!(ground.archives_of("r1").await.len(), quarantined.summary.quarantine);

    ground.cloud.clock().advance(Duration::from_secs(31 * 24 * 60 * 60));
    let reaped = ground.sweep(asked(SweepAction::Reap { after_days: 30 }, &left, &ground, "r2")).await;
    assert!(reaped.summary.delete >= quarantined.summary.quarantine, "{:?}", reaped.summary);
    ground.done("r2", &reaped).await;
    assert_eq!(ground.roles().len(), before.0.len() - reaped.summary.delete);

    let archives = ground.archives_of("r2").await;
    assert!(archives.len() == reaped.summary.delete && archives.iter().all(|archive| archive.is_verified));
    let restored = ground.restore(&archives).await.unwrap();
    assert_eq!(restored.summary.create, archives.len());
    assert!(restored.changes.iter().flat_map(|change| &change.fields).all(|field| field.effect.is_none()));
    ground.done("r3", &restored).await;
    assert_eq!(ground.roles(), before.0);
    let after = ground.cloud.snapshot();
    assert_eq!((after.apps, after.event_streams), (before.1.apps, before.1.event_streams));
    assert!(ground.loaded().await.recorded.resources.is_empty(), "nothing of it became ours");
    assert!(ground.restore(&archives).await.unwrap().is_empty(), "and not twice");

    let logs = run_logs(&ground.runs());
    assert_eq!(logs.iter().map(|run| run.header.run.to_string()).collect::<Vec<_>>(), ["r1", "r2", "r3"]);
    for run in &logs {
        let about = run.header.about.as_ref().unwrap();
        assert_eq!(about.plan.plan_digest, about.plan.digest());
        assert_eq!(run.writes().count(), about.plan.steps.len());
        assert!(run.writes().all(|write| write.end.is_some_and(|end| end.request_id.is_some())));
    }
    assert_eq!(logs[1].archived().count(), archives.len());
}

#[tokio::test(start_paused = true)]
async fn an_archive_that_was_changed_is_no_longer_verified() {
    let ground = destroyed().await;
    for archive in ground.archives_of("r2").await {
        let text = std::fs::read_to_string(&archive.path).unwrap();
        std::fs::write(&archive.path, text.replace("kinesis:PutRecords", "kinesis:*")).unwrap();
    }
    let archives = ground.archives_of("r2").await;
    assert!(ground.restore(&archives).await.unwrap_err().contains(&ProblemCode::Unverified));
}

/// A workspace after an apply, `r1`, and a destroy, `r2`.
async fn destroyed() -> Ground {
    let desired =
        desired().app("shop", |app| app.kinesis("clicks")).app("blog", |app| app.firehose("lake")).build();
    let ground = Ground::new(FakeCloud::presumed_by(&desired), desired);
    let applied = ground.plan(Mode::Converge, &Options::default()).await;
    ground.done("r1", &applied).await;
    let destroyed = ground.plan(Mode::Destroy, &Options::default()).await;
    ground.done("r2", &destroyed).await;
    ground
}

#[tokio::test(start_paused = true)]
async fn what_a_destroy_took_away_comes_back_and_the_next_plan_is_empty() {
    let ground = destroyed().await;
    assert!(ground.cloud.snapshot().roles.is_empty());
    let archives = ground.archives_of("r2").await;
    let restored = ground.restore(&archives).await.unwrap();
    assert_eq!(restored.summary.create, 4, "two roles and their event streams");
    ground.done("r3", &restored).await;
    assert_eq!(ground.loaded().await.recorded.resources.len(), 4);
    let again = ground.plan(Mode::Converge, &Options::default()).await;
    assert!(again.is_empty(), "{:#?}", again.changes);
}
