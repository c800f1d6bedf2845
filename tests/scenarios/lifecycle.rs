//! From nothing to everything and back.
use crate::workspace::Workspace;
use pinpoint_streams_model::event::What;
use pinpoint_streams_model::plan::Mode;
use pinpoint_streams_testkit::desired;
use pinpoint_streams_testkit::desired::DesiredBuilder;
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
    let mut workspace = Workspace::new(four_apps().build());
    let before = workspace.cloud.snapshot();
    let plan = workspace.apply().await;
    assert_eq!(plan.summary.create, 10);
    workspace.options.delete_apps = true;
    let plan = workspace.destroy().await;
    assert_eq!(plan.summary.delete, 10);
    let after = workspace.cloud.snapshot();
    assert_eq!(after.roles.keys().collect::<Vec<_>>(), before.roles.keys().collect::<Vec<_>>());
    assert_eq!(after.apps.keys().collect::<Vec<_>>(), before.apps.keys().collect::<Vec<_>>());
    assert!(workspace.recorded().await.resources.is_empty());
    assert!(workspace.archives() > 0, "what was deleted is in the archive");
}

#[tokio::test(start_paused = true)]
async fn a_role_that_is_not_ready_is_waited_for_with_a_reason() {
    let mut workspace = Workspace::new(four_apps().build());
    workspace.cloud.set_propagation(Duration::from_secs(3));
    let (_, outcome) = workspace.attempt(Mode::Converge).await.unwrap();
    assert_eq!(outcome.tally().failed, 0, "{:#?}", outcome.steps);
    let waiting = workspace.events.iter().any(|event| {
        matches!(&event.what, What::StepWaiting { step, reason, .. } if step.op == "put_event_stream" && !reason.is_empty())
    });
    assert!(waiting);
    workspace.apply().await;
}

#[tokio::test(start_paused = true)]
async fn an_edited_manifest_is_followed_without_stopping_a_stream() {
    let mut workspace = Workspace::new(four_apps().build());
    workspace.apply().await;
    workspace.edit(
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
    workspace.cloud.clear_log();
    let plan = workspace.apply().await;
    assert!(plan.summary.replace >= 1 && plan.summary.delete >= 1, "{:?}", plan.summary);
    assert!(workspace.cloud.outages().is_empty(), "{:?}", workspace.cloud.outages());
}

#[tokio::test(start_paused = true)]
async fn one_bulk_read_and_one_call_an_app_are_all_that_a_plan_costs() {
    let many = (0..60)
        .fold(desired(), |manifest, index| manifest.app(&format!("app{index:02}"), |app| app.kinesis("clicks")));
    let mut workspace = Workspace::new(many.build());
    workspace.apply().await;
    workspace.cloud.clear_log();
    let (plan, _outcome) = workspace.attempt(Mode::Converge).await.unwrap();
    assert!(plan.is_empty());
    let calls = workspace.cloud.calls().len();
    assert!(calls <= 63 + 40, "{calls} calls: {:?}", workspace.cloud.counts());
}
