//! The program dies between any two writes. Run again: nothing twice, nothing orphaned, the record true.
use crate::workspace::Workspace;
use pinpoint_streams_model::desired::Desired;
use pinpoint_streams_model::plan::Mode;
use pinpoint_streams_model::recorded::Resources;
use pinpoint_streams_testkit::cloud::Cut;
use pinpoint_streams_testkit::{desired, recorded_from};

pub(crate) fn three_apps() -> Desired {
    desired()
        .shared_role("shared", |role| role)
        .app("shop", |app| app.kinesis("clicks"))
        .app("blue", |app| app.kinesis("clicks").role("shared"))
        .app("blog", |app| app.created("Blog").firehose("lake").role("shared"))
        .build()
}

/// An edit that creates, updates, replaces and deletes.
pub(crate) fn edited() -> Desired {
    desired()
        .shared_role("shared", |role| role.name("Renamed"))
        .app("blue", |app| app.kinesis("clicks").role("shared"))
        .app("blog", |app| app.created("Blog").kinesis("other").own_role(|role| role))
        .build()
}

/// Dies at the cut, runs again, and holds the cloud and the record against what was wanted.
async fn die_and_go_on(start: &Desired, end: &Desired, mode: Mode, cut: Cut) -> bool {
    let mut workspace = Workspace::new(start.clone());
    let is_first = start == end && mode == Mode::Converge;
    if !is_first {
        workspace.apply().await;
        workspace.edit(end.clone());
    }
    workspace.options.delete_apps = mode == Mode::Destroy;
    let wanted_of_app_and_role = (workspace.cloud.snapshot().apps.len(), end.roles.len());
    workspace.cloud.die_at(cut.clone());
    let survived = workspace.run_until_death(mode).await;
    match mode {
        Mode::Destroy => workspace.destroy().await,
        Mode::Converge | Mode::Drift | Mode::Sweep | Mode::Restore => workspace.apply().await,
    };
    let snapshot = workspace.cloud.snapshot();
    let recorded = workspace.recorded().await;
    if mode == Mode::Destroy {
        assert!(snapshot.roles.is_empty() && recorded.resources.is_empty(), "{cut:?}: {:?}", recorded.resources);
    } else {
        let (apps_before, roles) = wanted_of_app_and_role;
        let created = usize::from(is_first);
        assert_eq!(snapshot.apps.len(), apps_before + created, "{cut:?}: an app twice or lost");
        assert_eq!(snapshot.roles.len(), roles, "{cut:?}: a role twice or orphaned");
        let truth = recorded_from(end, &workspace.cloud);
        let addresses =
            |resources: &Resources| -> Vec<String> { resources.keys().map(ToString::to_string).collect() };
        assert_eq!(addresses(&recorded.resources), addresses(&truth.resources), "{cut:?}: the record is not true");
    }
    survived
}

/// Every cut before and after each write, until the run survives.
async fn every_cut(start: &Desired, end: &Desired, mode: Mode) -> usize {
    let mut cuts = 0;
    for write in 1.. {
        let mut survived = true;
        for cut in [Cut::before_write(write), Cut::after_write(write)] {
            survived &= die_and_go_on(start, end, mode, cut).await;
            cuts += 1;
        }
        if survived {
            return cuts;
        }
    }
    cuts
}

#[tokio::test(start_paused = true)]
async fn a_first_apply_that_dies_anywhere_is_finished_by_the_next() {
    let cuts = every_cut(&three_apps(), &three_apps(), Mode::Converge).await;
    println!("cuts tried: {cuts}");
    assert!(cuts > 15);
}

#[tokio::test(start_paused = true)]
async fn an_edit_that_dies_anywhere_is_finished_by_the_next() {
    let cuts = every_cut(&three_apps(), &edited(), Mode::Converge).await;
    println!("cuts tried: {cuts}");
    assert!(cuts > 15);
}

#[tokio::test(start_paused = true)]
async fn a_destroy_that_dies_anywhere_is_finished_by_the_next() {
    let cuts = every_cut(&three_apps(), &three_apps(), Mode::Destroy).await;
    println!("cuts tried: {cuts}");
    assert!(cuts > 15);
}
