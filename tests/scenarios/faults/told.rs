//! Single faults, and what is told of them.
use crate::lifecycle::four_apps;
use crate::workspace::Workspace;
use pinpoint_streams_model::event::Ending;
use pinpoint_streams_model::live::FailureKind;
use pinpoint_streams_model::plan::Mode;
use pinpoint_streams_testkit::cloud::{Fault, Service, When};

#[tokio::test(start_paused = true)]
async fn a_lost_answer_to_create_app_makes_one_app() {
    let mut workspace = Workspace::new(four_apps().build());
    let before = workspace.cloud.snapshot().apps.len();
    workspace.cloud.fail(When::operation("CreateApp").nth(1), Fault::LoseAnswer);
    workspace.apply().await;
    assert_eq!(workspace.cloud.snapshot().apps.len(), before + 1);
}

#[tokio::test(start_paused = true)]
async fn a_lost_answer_to_create_role_makes_one_role() {
    let mut workspace = Workspace::new(four_apps().build());
    workspace.cloud.fail(When::operation("CreateRole").nth(1), Fault::LoseAnswer);
    workspace.apply().await;
    assert_eq!(workspace.cloud.snapshot().roles.len(), 4);
}

#[tokio::test(start_paused = true)]
async fn a_denied_step_stops_its_dependants_and_nothing_else() {
    let mut workspace = Workspace::new(four_apps().build());
    workspace.cloud.fail(When::operation("CreateRole").nth(1), Fault::Refuse(FailureKind::Denied));
    let (_, outcome) = workspace.attempt(Mode::Converge).await.unwrap();
    assert_eq!(outcome.ending, Ending::Failed);
    let tally = outcome.tally();
    assert_eq!(tally.failed, 1);
    assert!(tally.skipped >= 2 && tally.done >= 8, "{tally:?}");
    workspace.cloud.heal();
    workspace.apply().await;
}

#[tokio::test(start_paused = true)]
async fn a_throttled_account_slows_the_run_down_and_fails_nothing() {
    let mut workspace = Workspace::new(four_apps().build());
    workspace.cloud.limit_rate(Service::Iam, 2, 1);
    workspace.apply().await;
}

#[tokio::test(start_paused = true)]
async fn a_read_that_fails_is_never_taken_for_absence() {
    let mut workspace = Workspace::new(four_apps().build());
    workspace.apply().await;
    for operation in ["GetAccountAuthorizationDetails", "GetEventStream", "GetApps"] {
        workspace.cloud.clear_log();
        for kind in [FailureKind::Denied, FailureKind::Server, FailureKind::Timeout, FailureKind::ServiceEnded] {
            workspace.cloud.fail(When::operation(operation), Fault::Refuse(kind));
            if operation == "GetAccountAuthorizationDetails" {
                workspace.cloud.fail(When::operation("GetRole"), Fault::Refuse(kind));
            }
            assert!(workspace.attempt(Mode::Converge).await.is_err(), "{operation} {kind:?}");
            assert!(workspace.cloud.writes().is_empty(), "{operation} {kind:?}");
            workspace.cloud.heal();
        }
    }
    workspace.apply().await;
}
