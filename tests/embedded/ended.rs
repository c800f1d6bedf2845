//! What the adapter makes of each way in which event streams can end, through the SDK.
use crate::account::{connect_with, shop};
use pinpoint_streams_executor::clock::{Clock, SystemClock};
use pinpoint_streams_model::arn::AppArn;
use pinpoint_streams_model::live::FailureKind;
use pinpoint_streams_model::region::AccountRegion;
use pinpoint_streams_sandbox::decorators::{Ended, Ending};
use pinpoint_streams_sandbox::{Sandbox, Seed, SeedAccount, Settings};
use pinpoint_streams_testkit::desired::{ACCOUNT, REGION};
use pinpoint_streams_testkit::{Reads, parsed};

fn after(ended: Ended) -> Sandbox {
    let sandbox = Sandbox::in_memory(Settings { ended: vec![ended], ..Settings::new(|| SystemClock.now()) });
    let account = SeedAccount { apps: vec![shop()], ..SeedAccount::new(ACCOUNT) };
    sandbox.seed(&Seed { accounts: vec![account] }).unwrap();
    sandbox
}

#[tokio::test(start_paused = true)]
async fn each_end_is_told_from_absence_from_failure_and_from_a_closed_port() {
    for how in Ending::all() {
        let sandbox = after(Ended::everywhere(how));
        let aws = connect_with(sandbox.http_client(), Some(sandbox.resolves())).await;
        let (account, region, app) = (parsed(ACCOUNT), parsed(REGION), parsed("shop0000"));
        let stream = aws.event_stream(&AppArn::of(&account, &region, &app)).await.map_err(|error| error.kind);
        let apps = aws
            .apps(&AccountRegion::of(&account, &region))
            .await
            .map(|apps| apps.len())
            .map_err(|error| error.kind);
        let (of_stream, of_apps) = match how {
            Ending::NoSuchPath | Ending::Gone | Ending::Html => (Err(FailureKind::ServiceEnded), Ok(1)),
            Ending::Forbidden => (Err(FailureKind::Denied), Ok(1)),
            // As an app without an event stream is answered: only a positive control tells these two apart.
            Ending::NotFound => (Ok(None), Ok(1)),
            Ending::Failing => (Err(FailureKind::Server), Ok(1)),
            Ending::AllGone => (Err(FailureKind::ServiceEnded), Err(FailureKind::ServiceEnded)),
            Ending::Empty => (Err(FailureKind::Unintelligible), Err(FailureKind::Unintelligible)),
            Ending::NoName => (Err(FailureKind::ServiceEnded), Err(FailureKind::ServiceEnded)),
            Ending::ClosedPort => (Err(FailureKind::Connection), Err(FailureKind::Connection)),
            Ending::ControlPolicy => (Err(FailureKind::Denied), Err(FailureKind::Denied)),
        };
        assert_eq!((stream, apps), (of_stream, of_apps), "{how}");
    }
}

#[tokio::test(start_paused = true)]
async fn an_end_of_one_region_leaves_the_others_and_an_empty_list_is_only_empty() {
    let elsewhere = "eu-west-1";
    let sandbox = after(Ended::in_region(REGION, Ending::Gone).without_apps());
    let aws = connect_with(sandbox.http_client(), Some(sandbox.resolves())).await;
    let (account, app) = (parsed(ACCOUNT), parsed("shop0000"));
    assert!(aws.apps(&AccountRegion::of(&account, &parsed(REGION))).await.unwrap().is_empty());
    assert_eq!(aws.event_stream(&AppArn::of(&account, &parsed(elsewhere), &app)).await.unwrap(), None);
    let ended = aws.event_stream(&AppArn::of(&account, &parsed(REGION), &app)).await.unwrap_err();
    assert_eq!((ended.kind, ended.code.as_str()), (FailureKind::ServiceEnded, "Http410"));
}
