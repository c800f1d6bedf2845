//! A run, and the undo of it: a plan against what was there before finds nothing but what cannot come back.
mod not_reversed;

use crate::restore::{Ground, asked};
use pinpoint_streams_model::desired::Desired;
use pinpoint_streams_model::plan::{Action, Mode, Options, Plan};
use pinpoint_streams_model::sweep::SweepAction;
use pinpoint_streams_planner::{DoneOp, PastRun, PlanResult, Undo};
use pinpoint_streams_store::archive::read_all;
use pinpoint_streams_store::journal::{EndResult, Record, RunLog, Write};
use pinpoint_streams_testkit::applied::without_ownership_tags;
use pinpoint_streams_testkit::desired::DesiredBuilder;
use pinpoint_streams_testkit::leftovers::two_hundred_roles;
use pinpoint_streams_testkit::strategies::manifests;
use pinpoint_streams_testkit::{FakeCloud, ask, desired, parsed, run_logs};
use proptest::prelude::*;
use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

fn past(log: RunLog) -> PastRun {
    let done = log.writes().filter_map(|Write { begin, end }| {
        let output = match end.map(|end| &end.result) {
            Some(EndResult::Output(output)) => Some(output.clone()),
            Some(EndResult::Error(failed)) if !failed.in_doubt => return None,
            Some(EndResult::Error(_)) | None => None,
        };
        Some(DoneOp { address: begin.address.clone(), op: (*begin.op).clone(), output })
    });
    let done = done.collect();
    PastRun { run: log.header.run, plan: log.header.about.unwrap().plan, done }
}

impl Ground {
    fn log(&self, run: &str) -> RunLog {
        run_logs(&self.runs()).into_iter().find(|log| log.header.run.as_str() == run).unwrap()
    }

    /// The plan that undoes this run.
    async fn undo(&self, run: &str) -> PlanResult {
        self.undo_of(self.log(run)).await
    }

    async fn undo_of(&self, log: RunLog) -> PlanResult {
        let run = log.header.run.clone();
        let loaded = self.loaded().await;
        let folders = std::fs::read_dir(self.archive()).into_iter().flatten();
        let mut folders = folders.map(|folder| folder.unwrap().path());
        let folder = folders.find(|folder| folder.to_string_lossy().ends_with(&format!("-{run}")));
        let archives = folder.map(|folder| read_all(&folder, loaded.state.as_ref()).unwrap()).unwrap_or_default();
        let (desired, recorded) = (self.desired.clone(), loaded.recorded);
        let undo = Undo { past: past(log), archives, desired: desired.into(), recorded, delete_apps: true };
        ask(&undo, &self.cloud).await.output
    }

    /// Applies, as this run.
    async fn apply(&self, run: &str, options: &Options) -> Plan {
        let plan = self.plan(Mode::Converge, options).await;
        self.done(run, &plan).await;
        plan
    }

    /// Undoes a run.
    async fn undone(&self, run: &str) -> Plan {
        let plan = self.undo(run).await.unwrap_or_else(|problems| panic!("{problems:#?}")).plan;
        assert_eq!(plan.check_view(), Ok(()));
        self.done("undo", &plan).await;
        plan
    }
}

fn shop_and_blog() -> DesiredBuilder {
    desired().app("shop", |app| app.kinesis("clicks")).app("blog", |app| app.firehose("lake"))
}

fn fresh(desired: Desired) -> Ground {
    Ground::new(FakeCloud::presumed_by(&desired), desired)
}

async fn applied(desired: Desired) -> Ground {
    let ground = fresh(desired);
    ground.apply("r1", &Options::default()).await;
    ground
}

/// What a plan does to each address.
fn fates(plan: &Plan) -> BTreeMap<String, Action> {
    plan.changes.iter().map(|change| (change.address.to_string(), change.action)).collect()
}

#[tokio::test(start_paused = true)]
async fn after_the_undo_of_a_first_apply_nothing_is_left_of_it() {
    let ground = fresh(shop_and_blog().app("mail", |app| app.created("Mail").kinesis("clicks")).build());
    let before = (ground.roles(), ground.cloud.snapshot());
    let first = ground.apply("r1", &Options::default()).await;
    let undone = ground.undone("r1").await;
    assert_eq!(undone.summary.delete, first.summary.create);
    let after = ground.cloud.snapshot();
    assert_eq!(
        (ground.roles(), after.apps, after.event_streams),
        (before.0, before.1.apps, before.1.event_streams)
    );
    assert!(ground.loaded().await.recorded.resources.is_empty());
    let again = ground.plan(Mode::Converge, &Options::default()).await;
    assert_eq!(fates(&again), fates(&first));
}

/// An edit that moves, widens, narrows, retags, adds and removes.
#[tokio::test(start_paused = true)]
async fn after_the_undo_of_an_edit_the_former_manifest_has_nothing_to_do() {
    let mut ground = applied(shop_and_blog().app("old", |app| app.kinesis("clicks")).build()).await;
    let former = ground.desired.clone();
    let before = (ground.roles(), ground.cloud.snapshot().event_streams);
    let edited = desired()
        .app("shop", |app| app.kinesis("other").tag("team", "growth"))
        .app("blog", |app| {
            app.firehose("lake").own_role(|role| role.max_session_duration(7200).description("new"))
        })
        .app("new", |app| app.kinesis("clicks"));
    ground.desired = edited.build();
    ground.cloud.presume(&ground.desired);
    let edit = ground.apply("r2", &Options::default()).await;
    assert!(edit.summary.update > 1 && edit.summary.delete == 2 && edit.summary.create == 2, "{:?}", edit.summary);
    ground.undone("r2").await;
    assert_eq!((ground.roles(), ground.cloud.snapshot().event_streams), before);
    ground.desired = former;
    let again = ground.plan(Mode::Converge, &Options::default()).await;
    assert!(again.is_empty(), "{:#?}", again.changes);
}

#[tokio::test(start_paused = true)]
async fn after_the_undo_of_a_rename_or_of_a_protection_the_former_manifest_has_nothing_to_do() {
    let blog = || desired().app("blog", |app| app.firehose("lake"));
    let renamed = blog().app("shop", |app| app.kinesis("clicks").own_role(|role| role.name("Other")));
    let protected = blog().app("shop", |app| app.kinesis("clicks").protect());
    for edited in [renamed, protected] {
        let mut ground = applied(shop_and_blog().build()).await;
        let former = ground.desired.clone();
        let before = (ground.roles(), ground.cloud.snapshot().event_streams);
        ground.desired = edited.build();
        let edit = ground.apply("r2", &Options::default()).await;
        assert!(!edit.is_empty());
        ground.undone("r2").await;
        assert_eq!((ground.roles(), ground.cloud.snapshot().event_streams), before);
        ground.desired = former;
        let again = ground.plan(Mode::Converge, &Options::default()).await;
        assert!(again.is_empty(), "{:#?}", again.changes);
    }
}

#[tokio::test(start_paused = true)]
async fn after_the_undo_of_a_destroy_the_manifest_has_nothing_to_do() {
    let ground = applied(shop_and_blog().build()).await;
    let before = (ground.roles(), ground.cloud.snapshot().event_streams);
    let destroy = ground.plan(Mode::Destroy, &Options::default()).await;
    ground.done("r2", &destroy).await;
    let undone = ground.undone("r2").await;
    assert_eq!(undone.summary.create, destroy.summary.delete);
    assert_eq!((ground.roles(), ground.cloud.snapshot().event_streams), before);
    let again = ground.plan(Mode::Converge, &Options::default()).await;
    assert!(again.is_empty(), "{:#?}", again.changes);
}

#[tokio::test(start_paused = true)]
async fn after_the_undo_of_an_adoption_all_is_as_it_was_and_not_managed() {
    let desired = shop_and_blog().build();
    let (cloud, _) = FakeCloud::applied(&desired);
    without_ownership_tags(&cloud);
    let mut ground = Ground::new(cloud, desired);
    // One is adopted as it is, and one is changed.
    ground.desired = desired_with_another_stream();
    ground.cloud.presume(&ground.desired);
    let before = (ground.roles(), ground.cloud.snapshot().event_streams);
    let adopting = Options { adopt: true, ..Options::default() };
    let first = ground.apply("r1", &adopting).await;
    assert_eq!(first.summary.adopt, 4, "{:#?}", first.changes);
    ground.undone("r1").await;
    assert_eq!((ground.roles(), ground.cloud.snapshot().event_streams), before);
    assert!(ground.loaded().await.recorded.resources.is_empty());
    assert_eq!(fates(&ground.plan(Mode::Converge, &adopting).await), fates(&first));
}

fn desired_with_another_stream() -> Desired {
    desired().app("shop", |app| app.kinesis("other")).app("blog", |app| app.firehose("lake")).build()
}

#[tokio::test(start_paused = true)]
async fn after_the_undo_of_a_quarantine_and_of_a_reap_the_roles_are_as_they_were() {
    let left = two_hundred_roles();
    let desired = Desired::nothing(parsed("growth"), BTreeMap::from([(parsed("main"), left.account.clone())]));
    let ground = Ground::new(left.cloud(), desired);
    let (before, ids_before) = (ground.roles(), ids(&ground));
    let quarantined = ground.sweep(asked(SweepAction::Quarantine, &left, &ground, "r1")).await;
    ground.done("r1", &quarantined).await;
    let released = ground.undo("r1").await.unwrap().plan;
    assert_eq!(released.summary.release, quarantined.summary.quarantine);
    ground.done("r2", &released).await;
    assert_eq!((ground.roles(), ids(&ground)), (before.clone(), ids_before));
    let recorded = ground.loaded().await.recorded;
    assert!(recorded.quarantined.is_empty() && recorded.resources.is_empty());

    let quarantined = ground.sweep(asked(SweepAction::Quarantine, &left, &ground, "r3")).await;
    ground.done("r3", &quarantined).await;
    ground.cloud.clock().advance(Duration::from_secs(31 * 24 * 60 * 60));
    let reaped = ground.sweep(asked(SweepAction::Reap { after_days: 30 }, &left, &ground, "r4")).await;
    ground.done("r4", &reaped).await;
    let restored = ground.undo("r4").await.unwrap().plan;
    assert_eq!(restored.summary.create, reaped.summary.delete);
    ground.done("r5", &restored).await;
    assert_eq!(ground.roles(), before, "but for their ids");
}

/// Its log has no end of them: what is live tells whether they were carried out.
#[tokio::test(start_paused = true)]
async fn what_a_run_had_begun_to_delete_when_it_was_interrupted_comes_back_if_it_is_gone() {
    let mut ground = applied(shop_and_blog().build()).await;
    let before = (ground.roles(), ground.cloud.snapshot().event_streams);
    let former = ground.desired.clone();
    ground.desired = desired().app("blog", |app| app.firehose("lake")).build();
    ground.apply("r2", &Options { allow_mass_delete: true, ..Options::default() }).await;
    let mut log = ground.log("r2");
    let is_delete = |record: &Record| match record {
        Record::Begin(begin) => begin.op.name().starts_with("delete_").then_some(begin.seq),
        Record::End(_) | Record::Archived(_) => None,
    };
    let deletes: BTreeSet<u64> = log.records.iter().filter_map(is_delete).collect();
    assert_eq!(deletes.len(), 3, "an event stream, a role and its policy");
    log.records.retain(|record| !matches!(record, Record::End(end) if deletes.contains(&end.begin)));
    let plan = ground.undo_of(log).await.unwrap_or_else(|problems| panic!("{problems:#?}")).plan;
    ground.done("undo", &plan).await;
    assert_eq!((ground.roles(), ground.cloud.snapshot().event_streams), before);
    ground.desired = former;
    assert!(ground.plan(Mode::Converge, &Options::default()).await.is_empty());
}

fn ids(ground: &Ground) -> Vec<String> {
    ground.cloud.snapshot().roles.values().map(|role| role.id.to_string()).collect()
}

#[tokio::test(start_paused = true)]
async fn what_was_changed_since_the_run_is_not_undone() {
    let ground = applied(shop_and_blog().build()).await;
    let role = "arn:aws:iam::123456789012:role/pinpoint-streams/PinpointEventStream-shop";
    let app = ground.cloud.snapshot().event_streams.keys().next().unwrap().clone();
    ground.cloud.outside().put_event_stream(&app, "arn:aws:kinesis:us-east-1:123456789012:stream/theirs", role);
    let before = ground.cloud.snapshot();
    assert!(ground.undo("r1").await.is_err());
    assert_eq!(ground.cloud.snapshot(), before);
}

/// Every step of an undo alone, and then the undo again: it goes on from there.
#[tokio::test(start_paused = true)]
async fn an_undo_that_was_cut_short_is_completed_by_the_next() {
    let mut ground = applied(shop_and_blog().build()).await;
    let before = (ground.roles(), ground.cloud.snapshot().event_streams);
    let edited = desired().app("shop", |app| app.kinesis("other").tag("team", "growth"));
    ground.desired =
        edited.app("blog", |app| app.firehose("lake").own_role(|role| role.description("new"))).build();
    ground.cloud.presume(&ground.desired);
    ground.apply("r2", &Options::default()).await;
    for round in 0.. {
        let Ok(planned) = ground.undo("r2").await else { break };
        let mut first = planned.plan;
        first.steps.truncate(1);
        ground.done(&format!("u{round}"), &first).await;
        assert!(round < 20, "it does not come to an end");
    }
    assert_eq!((ground.roles(), ground.cloud.snapshot().event_streams), before);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]

    /// Any first apply, and its undo.
    #[test]
    fn whatever_a_first_apply_made_its_undo_takes_away(desired in manifests()) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().start_paused(true).build().unwrap();
        runtime.block_on(async {
            let ground = fresh(desired);
            let before = (ground.roles(), ground.cloud.snapshot().event_streams);
            let first = ground.apply("r1", &Options::default()).await;
            if !first.is_empty() {
                ground.undone("r1").await;
            }
            assert_eq!((ground.roles(), ground.cloud.snapshot().event_streams), before);
            let again = ground.plan(Mode::Converge, &Options::default()).await;
            assert_eq!(fates(&again), fates(&first));
        });
    }
}
