//! From nothing to everything and back.
use pinpoint_streams_model::event::EventKind;
use pinpoint_streams_testkit::desired::DesiredBuilder;
use pinpoint_streams_testkit::faults::Faults;
use pinpoint_streams_testkit::{Command, How, Trial, desired};
use std::time::Duration;

/// Kinesis, Firehose with a customer key, a shared role over two regions, a created app.
pub(crate) fn four_apps() -> DesiredBuilder {
    desired()
        .shared_role("shared", |role| role)
        .app("shop", |app| app.kinesis("clicks"))
        .app("lake", |app| app.firehose("events").kms_key("1234abcd-12ab-34cd-56ef-1234567890ab"))
        .app("red", |app| app.kinesis("clicks").role("shared"))
        .app("blue", |app| app.region("eu-west-1").kinesis("clicks").role("shared"))
        .app("blog", |app| app.created("Blog").kinesis("clicks"))
}

#[tokio::test(start_paused = true)]
async fn everything_is_made_kept_and_taken_away() {
    let mut trial = Trial::new(four_apps().build());
    let before = trial.world.cloud.snapshot();
    let plan = trial.apply().await;
    assert_eq!(plan.summary.create, 10);
    let plan = trial.finish(&Command::destroy()).await;
    assert_eq!(plan.summary.delete, 10);
    let after = trial.world.cloud.snapshot();
    assert_eq!(after.roles.keys().collect::<Vec<_>>(), before.roles.keys().collect::<Vec<_>>());
    assert_eq!(after.apps.keys().collect::<Vec<_>>(), before.apps.keys().collect::<Vec<_>>());
    assert!(trial.world.recorded().await.resources.is_empty());
    assert!(!trial.world.memory.archive.entries().is_empty(), "what was deleted is in the archive");
}

#[tokio::test(start_paused = true)]
async fn a_role_that_is_not_ready_is_waited_for_with_a_reason() {
    let mut trial = Trial::new(four_apps().build());
    let slow = Faults { propagation: Duration::from_secs(3), ..Faults::default() };
    let (_, outcome) = trial.run(&Command::apply(), &How::with(slow)).await.ran();
    assert_eq!(outcome.tally().failed, 0, "{:#?}", outcome.steps);
    let waiting = trial.world.events.iter().any(|event| {
        matches!(&event.what, EventKind::StepWaiting { step, reason, .. } if step.op == "put_event_stream" && !reason.is_empty())
    });
    assert!(waiting);
    trial.apply().await;
}

#[tokio::test(start_paused = true)]
async fn an_edited_manifest_is_followed_without_stopping_a_stream() {
    let mut trial = Trial::new(four_apps().build());
    trial.apply().await;
    trial.edit(
        desired()
            .shared_role("shared", |role| role.name("Renamed"))
            .app("shop", |app| app.kinesis("other"))
            .app("lake", |app| {
                app.firehose("events").kms_key("1234abcd-12ab-34cd-56ef-1234567890ab").role("shared")
            })
            .app("red", |app| app.kinesis("clicks").role("shared"))
            .app("blog", |app| app.created("Blog").kinesis("clicks"))
            .build(),
    );
    trial.world.cloud.clear_log();
    let plan = trial.apply().await;
    assert!(plan.summary.replace >= 1 && plan.summary.delete >= 1, "{:?}", plan.summary);
    assert!(trial.world.cloud.outages().is_empty(), "{:?}", trial.world.cloud.outages());
}

#[tokio::test(start_paused = true)]
async fn one_bulk_read_and_one_call_an_app_are_all_that_a_plan_costs() {
    let many = (0..60)
        .fold(desired(), |manifest, index| manifest.app(&format!("app{index:02}"), |app| app.kinesis("clicks")));
    let mut trial = Trial::new(many.build());
    trial.apply().await;
    trial.world.cloud.clear_log();
    let (plan, _outcome) = trial.world.attempt(&Command::apply()).await;
    assert!(plan.is_empty());
    let calls = trial.world.cloud.calls().len();
    assert!(calls <= 63 + 40, "{calls} calls: {:?}", trial.world.cloud.counts());
}
