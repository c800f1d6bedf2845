//! What the adapter reads of AWS Config, CloudTrail, last accessed data and Access Analyzer, over the embedded account.
use crate::account::{connect, sandbox, shop};
use jiff::Timestamp;
use pinpoint_streams_executor::cloud::WriteCloud;
use pinpoint_streams_model::arn::{AppArn, RoleArn, StreamArn};
use pinpoint_streams_model::live::history::{ConfigAggregator, ConfigRecorder, EventStreamChangeKind};
use pinpoint_streams_model::live::question::RegionalRoleArn;
use pinpoint_streams_model::op::{DeleteEventStream, EventStreamOp, Op, PutEventStream, Resolved};
use pinpoint_streams_model::role_kind::RoleKind;
use pinpoint_streams_sandbox::{
    Aggregator, Analyzer, Recorder, RoleUse, Sandbox, Seed, SeedAccount, SeedRole, SeedStream,
};
use pinpoint_streams_testkit::desired::{ACCOUNT, REGION};
use pinpoint_streams_testkit::{Reads, parsed};

const SINCE: &str = "2025-01-02T03:04:05Z";

fn role() -> RoleArn {
    parsed(&format!("arn:aws:iam::{ACCOUNT}:role/Shop"))
}

fn app() -> AppArn {
    AppArn::of(&parsed(ACCOUNT), &parsed(REGION), &parsed("shop0000"))
}

fn stream() -> StreamArn {
    parsed(&format!("arn:aws:kinesis:{REGION}:{ACCOUNT}:stream/clicks"))
}

/// An account with a recorder, an aggregator and an analyzer, unless it is plain.
pub(crate) fn account(plain: bool) -> Sandbox {
    let trust = RoleKind::for_event_streams().trust_policy(&parsed(ACCOUNT), [app().to_string()]);
    let write = r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"kinesis:*","Resource":"*"}}"#;
    let region = REGION.to_owned();
    let recorder = Recorder { region: region.clone(), types: None, since: parsed(SINCE), stopped: false };
    let aggregator = Aggregator { region: region.clone(), name: "all".to_owned() };
    let analyzer = Analyzer { region: region.clone(), name: "unused".to_owned(), unused_access_age: 7 };
    let account = SeedAccount {
        apps: vec![shop()],
        streams: vec![SeedStream { arn: stream(), kms_key: None, created: None }],
        roles: vec![SeedRole {
            inline: vec![("Write".to_owned(), write.to_owned())],
            created: Some(parsed(SINCE)),
            last_used: Some(RoleUse { at: used_at(), region }),
            ..SeedRole::new(role(), trust.to_json())
        }],
        config: Vec::from_iter((!plain).then_some(recorder)),
        aggregators: Vec::from_iter((!plain).then_some(aggregator)),
        analyzers: Vec::from_iter((!plain).then_some(analyzer)),
        ..SeedAccount::new(ACCOUNT)
    };
    sandbox(&Seed { accounts: vec![account] })
}

/// Ten days ago: CloudTrail has it, and the analyzer reports the role.
fn used_at() -> Timestamp {
    use pinpoint_streams_executor::clock::{Clock, SystemClock};
    let at = SystemClock.now() - jiff::SignedDuration::from_hours(240);
    Timestamp::from_second(at.as_second()).unwrap()
}

fn put() -> Op<Resolved> {
    let AppArn { account, region, id: app_id } = app();
    let (destination, role_arn) = (stream(), role());
    let put = PutEventStream { account, region, app_id, destination, role_arn, protect: false, record: true };
    Op::EventStream(EventStreamOp::Put(put))
}

fn delete() -> Op<Resolved> {
    let AppArn { account, region, id: app_id } = app();
    let (destination, role_arn) = (stream().to_string(), role().to_string());
    Op::EventStream(EventStreamOp::Delete(DeleteEventStream { account, region, app_id, destination, role_arn }))
}

#[tokio::test]
async fn an_event_stream_is_recorded_while_it_is_there_and_its_deletion_after_that() {
    let aws = connect(account(false).http_client()).await;
    let place = app().place();
    let recorder = aws.config_recorder(&place).await.unwrap();
    let since = Some(parsed(SINCE));
    assert_eq!(recorder, Some(ConfigRecorder { covers_event_streams: true, recording_since: since }));
    assert!(aws.config_event_streams(&place).await.unwrap().is_empty());

    aws.write(&put()).await.unwrap();
    let recorded = aws.config_event_streams(&place).await.unwrap();
    assert_eq!(recorded[&app()].role_arn, role().to_string());
    let aggregators = aws.config_aggregators(&place).await.unwrap().0;
    assert_eq!(aggregators.into_iter().collect::<Vec<_>>(), ["all"]);
    let aggregator = ConfigAggregator { place: place.clone(), name: "all".to_owned() };
    assert_eq!(aws.aggregated_event_streams(&aggregator).await.unwrap().unwrap().0, recorded);
    let history = aws.config_history(&app()).await.unwrap();
    assert_eq!(history.event_stream.map(|item| item.is_deleted), Some(false));

    aws.write(&delete()).await.unwrap();
    assert!(aws.config_event_streams(&place).await.unwrap().is_empty());
    let history = aws.config_history(&app()).await.unwrap();
    assert_eq!(history.event_stream.map(|item| item.is_deleted), Some(true));
    assert_eq!(history.app.map(|item| item.is_deleted), Some(false));

    let changes = aws.event_stream_changes(&place).await.unwrap();
    let put = EventStreamChangeKind::Put { role_arn: role().to_string() };
    let mut kinds: Vec<_> = changes.into_iter().map(|change| change.change).collect();
    kinds.sort();
    assert_eq!(kinds, [put, EventStreamChangeKind::Deleted]);
}

#[tokio::test]
async fn the_last_use_of_a_role_shows_in_every_source() {
    let aws = connect(account(false).http_client()).await;
    let used = RegionalRoleArn { role: role(), region: parsed(REGION) };
    let uses = aws.role_uses(&used).await.unwrap();
    assert_eq!(
        uses.iter().map(|used| used.invoked_by.as_deref()).collect::<Vec<_>>(),
        [Some("pinpoint.amazonaws.com")]
    );
    let elsewhere = RegionalRoleArn { region: parsed("eu-west-1"), ..used };
    assert!(aws.role_uses(&elsewhere).await.unwrap().is_empty());
    let accessed = aws.last_accessed(&role()).await.unwrap().unwrap();
    assert_eq!(accessed["kinesis"].as_ref().unwrap().region, Some(parsed(REGION)));
    let gone: RoleArn = parsed(&format!("arn:aws:iam::{ACCOUNT}:role/Gone"));
    assert_eq!(aws.last_accessed(&gone).await, Ok(None));
    let unused = aws.unused_roles(&app().place()).await.unwrap().unwrap();
    assert_eq!(unused.into_keys().collect::<Vec<_>>(), [role()]);
}

#[tokio::test]
async fn without_a_recorder_an_aggregator_and_an_analyzer_nothing_is_known() {
    let aws = connect(account(true).http_client()).await;
    let place = app().place();
    assert_eq!(aws.config_recorder(&place).await, Ok(None));
    assert!(aws.config_event_streams(&place).await.unwrap().is_empty());
    assert!(aws.config_aggregators(&place).await.unwrap().0.is_empty());
    let aggregator = ConfigAggregator { place: place.clone(), name: "all".to_owned() };
    assert_eq!(aws.aggregated_event_streams(&aggregator).await, Ok(None));
    let error = aws.config_history(&app()).await.unwrap_err();
    assert_eq!(error.code, "NoAvailableConfigurationRecorderException");
    assert_eq!(aws.unused_roles(&place).await, Ok(None));
}
