//! What the adapter reads of SES, Lambda, CloudWatch and the rest of Pinpoint, over the embedded account.
use crate::account::{connect, sandbox};
use jiff::{SignedDuration, Timestamp};
use pinpoint_streams_executor::clock::{Clock, SystemClock};
use pinpoint_streams_executor::cloud::ReadCloud;
use pinpoint_streams_model::arn::{AppArn, StreamArn};
use pinpoint_streams_model::live::Question;
use pinpoint_streams_model::live::residue::{IncomingRecords, RegionalName, StreamMode, StreamPeriod};
use pinpoint_streams_sandbox::{OtherKind, OtherResource, Sandbox, Seed, SeedAccount, SeedApp, SeedStream};
use pinpoint_streams_testkit::desired::{ACCOUNT, REGION};
use pinpoint_streams_testkit::{Reads, parsed};
use std::collections::BTreeMap;

const ROLE: &str = "arn:aws:iam::123456789012:role/Jobs";
const POLICY: &str = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"pinpoint.amazonaws.com"},"Action":"*","Resource":"*"}]}"#;

fn app() -> AppArn {
    AppArn::of(&parsed(ACCOUNT), &parsed(REGION), &parsed("shop0000"))
}

fn streams() -> [StreamArn; 2] {
    ["kinesis:REGION:ACCOUNT:stream/clicks", "firehose:REGION:ACCOUNT:deliverystream/lake"]
        .map(|rest| parsed(&format!("arn:aws:{rest}").replace("REGION", REGION).replace("ACCOUNT", ACCOUNT)))
}

fn named(name: &str) -> RegionalName {
    RegionalName { place: app().place(), name: name.to_owned() }
}

fn period(stream: StreamArn) -> StreamPeriod {
    let to = SystemClock.now();
    StreamPeriod { stream, from: to - SignedDuration::from_hours(24 * 30), to }
}

fn one_of_each() -> Vec<(&'static str, OtherKind)> {
    let (app, role) = (app().id.to_string(), ROLE.to_owned());
    let named = |name: &str, value: &str| BTreeMap::from([(name.to_owned(), value.to_owned())]);
    let records = |at: Timestamp| OtherKind::Records { stream: streams()[0].clone(), at, count: 3 };
    let (to_pinpoint, to_topics) = (named("p", &self::app().to_string()), named("t", "arn:topic"));
    let now = SystemClock.now();
    vec![
        ("team@example.com", OtherKind::EmailIdentity { policies: named("Send", POLICY) }),
        ("main", OtherKind::ConfigurationSet { to_pinpoint, to_topics }),
        ("hook", OtherKind::Function { policy: Some(POLICY.to_owned()) }),
        ("plain", OtherKind::Function { policy: None }),
        ("i1", OtherKind::ImportJob { app: app.clone(), role: role.clone() }),
        ("e1", OtherKind::ExportJob { app, role: role.clone() }),
        ("r1", OtherKind::Recommender { role: role.clone() }),
        ("shop0000", OtherKind::EmailChannel { role: None, sending_role: Some(role) }),
        ("welcome", OtherKind::MessageTemplate { channel: "EMAIL".to_owned() }),
        ("lately", records(now - SignedDuration::from_hours(24))),
        ("long-ago", records(now - SignedDuration::from_hours(24 * 31))),
    ]
}

fn account(others: impl IntoIterator<Item = (String, OtherKind)>) -> Sandbox {
    let region = REGION.to_owned();
    let stream = |arn| SeedStream { arn, kms_key: None, created: Some(parsed("2024-01-02T03:04:05Z")) };
    let others = others.into_iter();
    let account = SeedAccount {
        id: ACCOUNT.to_owned(),
        partition: "aws".to_owned(),
        apps: vec![SeedApp { region: region.clone(), id: "shop0000".to_owned(), name: "shop".to_owned() }],
        streams: streams().map(stream).into(),
        others: others.map(|(name, resource)| OtherResource { region: region.clone(), name, resource }).collect(),
        ..SeedAccount::default()
    };
    sandbox(&Seed { accounts: vec![account] })
}

pub(crate) fn full() -> Sandbox {
    account(one_of_each().into_iter().map(|(name, kind)| (name.to_owned(), kind)))
}

/// A question of each read, which [`full`] answers.
pub(crate) fn questions() -> Vec<Question> {
    let place = app().place();
    vec![
        Question::EmailIdentities(place.clone()),
        Question::IdentityPolicies(named("team@example.com")),
        Question::ConfigurationSets(place.clone()),
        Question::PinpointDestinations(named("main")),
        Question::Functions(place.clone()),
        Question::FunctionPolicy(named("hook")),
        Question::ImportJobs(app()),
        Question::ExportJobs(app()),
        Question::Recommenders(place.clone()),
        Question::EmailChannel(app()),
        Question::MessageTemplates(place),
        Question::StreamCapacity(streams()[0].clone()),
        Question::StreamCapacity(streams()[1].clone()),
        Question::IncomingRecords(period(streams()[0].clone())),
    ]
}

#[tokio::test]
async fn what_the_account_holds_is_read() {
    let aws = connect(full().http_client()).await;
    for question in questions() {
        assert!(aws.read(&question).await.required().is_ok(), "{question:?}");
    }
    let policies = aws.identity_policies(&named("team@example.com")).await.unwrap().unwrap();
    assert_eq!(
        policies.0["Send"].to_json(),
        aws.function_policy(&named("hook")).await.unwrap().unwrap().0.to_json()
    );
    let destinations = aws.pinpoint_destinations(&named("main")).await.unwrap().unwrap().0;
    assert_eq!(destinations.into_keys().collect::<Vec<_>>(), ["p"]);
    assert_eq!(aws.import_jobs(&app()).await.unwrap().unwrap().0["i1"], ROLE);
    assert_eq!(aws.email_channel(&app()).await.unwrap().unwrap().sending_role_arn.as_deref(), Some(ROLE));
    let capacity = aws.stream_capacity(&streams()[0]).await.unwrap().unwrap();
    assert_eq!(capacity.mode, StreamMode::Provisioned { open_shards: 1 });
    assert_eq!(capacity.created, Some(parsed("2024-01-02T03:04:05Z")));
    let [kinesis, firehose] = streams();
    assert_eq!(aws.incoming_records(&period(kinesis)).await, Ok(IncomingRecords(3)));
    assert_eq!(aws.incoming_records(&period(firehose)).await, Ok(IncomingRecords(0)));
}

#[tokio::test]
async fn what_is_not_there_is_absent_and_lists_are_empty() {
    let aws = connect(account([]).http_client()).await;
    let place = app().place();
    assert!(aws.email_identities(&place).await.unwrap().0.is_empty());
    assert!(aws.message_templates(&place).await.unwrap().0.is_empty());
    assert!(aws.export_jobs(&app()).await.unwrap().unwrap().0.is_empty());
    assert_eq!(aws.identity_policies(&named("example.com")).await, Ok(None));
    assert_eq!(aws.pinpoint_destinations(&named("main")).await, Ok(None));
    assert_eq!(aws.function_policy(&named("hook")).await, Ok(None));
    assert_eq!(aws.email_channel(&app()).await, Ok(None));
    let gone = AppArn { id: parsed("gone0000"), ..app() };
    assert_eq!(aws.import_jobs(&gone).await, Ok(None));
}

#[tokio::test]
async fn lists_of_several_pages_are_read_whole() {
    let many = (0..120).flat_map(|number| {
        let name = format!("n{number:04}");
        let job = OtherKind::ImportJob { app: "shop0000".to_owned(), role: ROLE.to_owned() };
        let template = OtherKind::MessageTemplate { channel: "SMS".to_owned() };
        [(name.clone(), OtherKind::Function { policy: None }), (name.clone(), job), (name, template)]
    });
    let identities =
        (0..1001).map(|number| (format!("n{number}.com"), OtherKind::EmailIdentity { policies: BTreeMap::new() }));
    let aws = connect(account(many.chain(identities)).http_client()).await;
    let place = app().place();
    assert_eq!(aws.functions(&place).await.unwrap().0.len(), 120);
    assert_eq!(aws.import_jobs(&app()).await.unwrap().unwrap().0.len(), 120);
    assert_eq!(aws.message_templates(&place).await.unwrap().0.len(), 120);
    assert_eq!(aws.email_identities(&place).await.unwrap().0.len(), 1001);
}
