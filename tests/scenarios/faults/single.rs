//! Single faults, and what is reported of them.
use crate::lifecycle::four_apps;
use pinpoint_streams_model::event::Ending;
use pinpoint_streams_model::live::FailureKind;
use pinpoint_streams_testkit::cloud::{Fault, Service, When};
use pinpoint_streams_testkit::{Command, How, RunEnd, Trial};

#[tokio::test(start_paused = true)]
async fn a_lost_answer_to_create_app_makes_one_app() {
    let mut trial = Trial::new(four_apps().build());
    let before = trial.world.cloud.snapshot().apps.len();
    trial.world.cloud.fail(When::operation("CreateApp").nth(1), Fault::LoseAnswer);
    trial.apply().await;
    assert_eq!(trial.world.cloud.snapshot().apps.len(), before + 1);
}

#[tokio::test(start_paused = true)]
async fn a_lost_answer_to_create_role_makes_one_role() {
    let mut trial = Trial::new(four_apps().build());
    trial.world.cloud.fail(When::operation("CreateRole").nth(1), Fault::LoseAnswer);
    trial.apply().await;
    assert_eq!(trial.world.cloud.snapshot().roles.len(), 4);
}

#[tokio::test(start_paused = true)]
async fn a_denied_step_stops_its_dependants_and_nothing_else() {
    let mut trial = Trial::new(four_apps().build());
    let denied = (When::operation("CreateRole").nth(1), Fault::Refuse(FailureKind::Denied));
    let (_, outcome) = trial.run(&Command::apply(), &How::with(denied)).await.ran();
    assert_eq!(outcome.ending, Ending::Failed);
    let tally = outcome.tally();
    assert_eq!(tally.failed, 1);
    assert!(tally.skipped >= 2 && tally.done >= 8, "{tally:?}");
    trial.apply().await;
}

#[tokio::test(start_paused = true)]
async fn a_throttled_account_slows_the_run_down_and_fails_nothing() {
    let mut trial = Trial::new(four_apps().build());
    trial.world.cloud.limit_rate(Service::Iam, 2, 1);
    trial.apply().await;
}

#[tokio::test(start_paused = true)]
async fn a_read_that_fails_is_never_taken_for_absence() {
    let mut trial = Trial::new(four_apps().build());
    trial.apply().await;
    for operation in ["GetAccountAuthorizationDetails", "GetEventStream", "GetApps"] {
        for kind in [FailureKind::Denied, FailureKind::Server, FailureKind::Timeout, FailureKind::ServiceEnded] {
            trial.world.cloud.fail(When::operation(operation), Fault::Refuse(kind));
            if operation == "GetAccountAuthorizationDetails" {
                trial.world.cloud.fail(When::operation("GetRole"), Fault::Refuse(kind));
            }
            let ended = trial.run(&Command::apply(), &How::default()).await;
            assert!(matches!(ended, RunEnd::Refused(_)), "{operation} {kind:?}: {ended:?}");
            trial.world.cloud.heal();
        }
    }
    trial.apply().await;
}
