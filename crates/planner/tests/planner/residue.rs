//! What else in an account names Pinpoint: what is found, and what is a gap.
use jiff::Timestamp;
use pinpoint_streams_model::arn::{AppArn, RoleArn, StreamArn};
use pinpoint_streams_model::live::history::{ConfigEventStream, ConfigEventStreams};
use pinpoint_streams_model::live::question::Service;
use pinpoint_streams_model::live::residue::{
    ConfigurationSets, EmailChannel, EmailIdentities, ExportJobs, FunctionPolicy, Functions, IdentityPolicies,
    ImportJobs, IncomingRecords, MessageTemplate, MessageTemplates, PinpointDestination, PinpointDestinations,
    Recommenders, RegionalName, StreamCapacity, StreamMode, StreamPeriod,
};
use pinpoint_streams_model::live::{FailureKind, Question};
use pinpoint_streams_model::policy::Document;
use pinpoint_streams_model::region::AccountRegion;
use pinpoint_streams_model::residue::{IdleStream, ResidueItem, ResidueReport, StreamUser};
use pinpoint_streams_model::role_kind::RoleKind;
use pinpoint_streams_planner::FindResidue;
use pinpoint_streams_testkit::clock::START;
use pinpoint_streams_testkit::cloud::{Fault, When};
use pinpoint_streams_testkit::{FakeCloud, ask, parsed};
use std::collections::{BTreeMap, BTreeSet};

const JOBS: &str = "arn:aws:iam::123456789012:role/Jobs";

fn place() -> AccountRegion {
    parsed("123456789012/us-east-1")
}

fn app() -> AppArn {
    AppArn::of(&place().account, &place().region, &parsed("shop0000"))
}

fn role() -> RoleArn {
    parsed("arn:aws:iam::123456789012:role/Shop")
}

fn stream(name: &str) -> StreamArn {
    parsed(&format!("arn:aws:kinesis:us-east-1:123456789012:stream/{name}"))
}

fn firehose(name: &str) -> StreamArn {
    parsed(&format!("arn:aws:firehose:us-east-1:123456789012:deliverystream/{name}"))
}

fn named(name: &str) -> RegionalName {
    RegionalName { place: place(), name: name.to_owned() }
}

fn names(names: &[&str]) -> BTreeSet<String> {
    names.iter().map(ToString::to_string).collect()
}

fn period(stream: StreamArn) -> StreamPeriod {
    StreamPeriod { stream, from: START - jiff::SignedDuration::from_hours(720), to: START }
}

fn allows(principal: &str) -> Document {
    let text = format!(
        r#"{{"Version":"2012-10-17","Statement":[{{"Effect":"Allow","Principal":{principal},"Action":"*","Resource":"*"}}]}}"#
    );
    Document::from_json(&text).unwrap()
}

/// An account with an app and a role, and nothing that is residue.
fn account() -> FakeCloud {
    let cloud = FakeCloud::new();
    cloud.add_app_as(&app(), "shop");
    let trust = RoleKind::for_event_streams().trust_policy(&place().account, [app().to_string()]);
    cloud.add_role(&role(), &trust);
    cloud
}

/// One of everything.
fn full() -> FakeCloud {
    let cloud = account();
    let (pinpoint, other) =
        (r#"{"Service":"Pinpoint.us-east-1.amazonaws.com"}"#, r#"{"Service":"s3.amazonaws.com"}"#);
    cloud.set_residue(Question::EmailIdentities(place()), EmailIdentities(names(&["example.com", "quiet"])));
    let policies = [("Pinpoint", allows(pinpoint)), ("Other", allows(other)), ("Anyone", allows(r#""*""#))];
    let policies = policies.map(|(name, policy)| (name.to_owned(), policy));
    cloud.set_residue(Question::IdentityPolicies(named("example.com")), IdentityPolicies(policies.into()));
    cloud.set_residue(Question::ConfigurationSets(place()), ConfigurationSets(names(&["main"])));
    let destination = PinpointDestination { enabled: true, app_arn: Some(app().to_string()) };
    let destinations = PinpointDestinations(BTreeMap::from([("events".to_owned(), destination)]));
    cloud.set_residue(Question::PinpointDestinations(named("main")), destinations);
    cloud.set_residue(Question::Functions(place()), Functions(names(&["hook", "other", "plain"])));
    let hook = r#"{"Service":["mobiletargeting.amazonaws.com","events.amazonaws.com"]}"#;
    cloud.set_residue(Question::FunctionPolicy(named("hook")), FunctionPolicy(allows(hook)));
    cloud.set_residue(Question::FunctionPolicy(named("other")), FunctionPolicy(allows(other)));
    let jobs = |ids: &[&str]| ids.iter().map(|id| (id.to_string(), JOBS.to_owned())).collect();
    cloud.set_residue(Question::ImportJobs(app()), ImportJobs(jobs(&["1", "2"])));
    cloud.set_residue(Question::ExportJobs(app()), ExportJobs(jobs(&["3"])));
    cloud.set_residue(Question::Recommenders(place()), Recommenders(jobs(&["r"])));
    let channel = EmailChannel { role_arn: None, sending_role_arn: Some(JOBS.to_owned()) };
    cloud.set_residue(Question::EmailChannel(app()), channel);
    let template = MessageTemplate { name: "welcome".to_owned(), channel: "EMAIL".to_owned() };
    cloud.set_residue(Question::MessageTemplates(place()), MessageTemplates(BTreeSet::from([template])));
    // Of these streams, the event stream names `clicks` and the role the others, of which `busy` is written to.
    for stream in [stream("clicks"), stream("busy"), firehose("lake")] {
        cloud.add_stream(&stream);
    }
    let young = StreamCapacity { mode: StreamMode::OnDemand, created: Some(START) };
    cloud.set_residue(Question::StreamCapacity(stream("clicks")), young);
    cloud.set_residue(Question::IncomingRecords(period(stream("busy"))), IncomingRecords(1));
    cloud.outside().put_event_stream(&app(), stream("clicks"), role());
    let (destination, role_arn) = (stream("clicks").to_string(), role().to_string());
    let recorded = ConfigEventStream { destination, role_arn, captured: START };
    cloud.set_residue(Question::ConfigEventStreams(place()), ConfigEventStreams::from([(app(), recorded)]));
    let may_write = format!(
        r#"{{"Version":"2012-10-17","Statement":[{{"Effect":"Allow","Action":"*","Resource":["{}","{}","{}"]}}]}}"#,
        stream("busy"),
        firehose("lake"),
        stream("gone"),
    );
    cloud.outside().put_inline_policy(&role(), &parsed("Write"), &may_write);
    cloud
}

fn inquiry(now: Timestamp) -> FindResidue {
    let accounts = BTreeMap::from([(parsed("main"), place().account)]);
    FindResidue::new(parsed("growth"), accounts, BTreeSet::from([place().region]), now)
}

async fn report(cloud: &FakeCloud) -> ResidueReport {
    ask(&inquiry(START), cloud).await.output
}

fn items(report: &ResidueReport) -> Vec<ResidueItem> {
    report.found.iter().map(|residue| residue.item.clone()).collect()
}

#[tokio::test(start_paused = true)]
async fn all_that_names_pinpoint_is_found_and_what_does_not_is_left_out() {
    let cloud = full();
    let report = report(&cloud).await;
    assert_eq!(report.gaps, []);
    let (app, role_arn) = (app(), JOBS.to_owned());
    let expected = [
        ResidueItem::IdentityPolicy {
            identity: "example.com".to_owned(),
            policy: "Pinpoint".to_owned(),
            principals: names(&["Pinpoint.us-east-1.amazonaws.com"]),
        },
        ResidueItem::EventDestination {
            configuration_set: "main".to_owned(),
            name: "events".to_owned(),
            enabled: true,
            app_arn: Some(app.to_string()),
        },
        ResidueItem::FunctionPolicy {
            function: "hook".to_owned(),
            principals: names(&["mobiletargeting.amazonaws.com"]),
        },
        ResidueItem::ImportJobs { app: app.clone(), role_arn: role_arn.clone(), jobs: 2 },
        ResidueItem::ExportJobs { app: app.clone(), role_arn: role_arn.clone(), jobs: 1 },
        ResidueItem::Recommender { id: "r".to_owned(), role_arn: role_arn.clone() },
        ResidueItem::EmailChannel { app: app.clone(), role_arn: None, sending_role_arn: Some(role_arn) },
        ResidueItem::MessageTemplate { name: "welcome".to_owned(), channel: "EMAIL".to_owned() },
        ResidueItem::IdleStream(IdleStream {
            stream: stream("clicks"),
            mode: StreamMode::OnDemand,
            created_since: Some(START),
            monthly_usd_cents: Some(2920),
            named_by: [StreamUser::EventStream(app.clone()), StreamUser::RecordedEventStream(app)].into(),
        }),
        ResidueItem::IdleStream(IdleStream {
            stream: firehose("lake"),
            mode: StreamMode::Firehose,
            created_since: None,
            monthly_usd_cents: Some(0),
            named_by: [StreamUser::Role(role())].into(),
        }),
    ];
    assert_eq!(items(&report), expected);
    assert!(cloud.writes().is_empty());
}

#[tokio::test(start_paused = true)]
async fn an_account_without_residue_has_none_and_no_gap() {
    assert_eq!(report(&account()).await, ResidueReport::default());
}

#[tokio::test(start_paused = true)]
async fn each_call_that_fails_is_a_gap_and_the_rest_is_found() {
    let whole = items(&report(&full()).await);
    let operations = full();
    report(&operations).await;
    let operations: BTreeSet<&'static str> = operations.calls().iter().map(|call| call.operation).collect();
    assert_eq!(operations.len(), 20, "{operations:?}");
    for operation in operations {
        for kind in [FailureKind::Denied, FailureKind::Server, FailureKind::Unintelligible] {
            let cloud = full();
            cloud.fail(When::operation(operation), Fault::Refuse(kind));
            let report = report(&cloud).await;
            let gaps: Vec<_> = report.gaps.iter().map(|gap| (gap.why.operation.as_str(), gap.why.kind)).collect();
            assert!(!gaps.is_empty() && gaps.iter().all(|gap| *gap == (operation, kind)), "{operation}: {gaps:?}");
            let found = items(&report);
            assert!(found.len() <= whole.len(), "{operation}: {found:?}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_service_that_has_ended_is_a_gap_in_each_region_and_other_services_are_still_read() {
    let cloud = full();
    cloud.fail(When::service(Service::Pinpoint), Fault::Refuse(FailureKind::ServiceEnded));
    let report = report(&cloud).await;
    let asked: Vec<&str> = report.gaps.iter().map(|gap| gap.question.name()).collect();
    assert_eq!(asked, ["Apps", "Recommenders", "MessageTemplates"]);
    // SES and Lambda, and the streams that AWS Config and the role name.
    assert_eq!(report.found.len(), 5);
}

#[tokio::test(start_paused = true)]
async fn a_list_that_is_said_not_to_exist_is_a_gap() {
    let cloud = full();
    cloud.fail(When::operation("ListFunctions"), Fault::Overlook);
    let report = report(&cloud).await;
    assert_eq!(report.gaps.len(), 1);
    assert_eq!(report.gaps[0].question, Question::Functions(place()));
}

#[tokio::test(start_paused = true)]
async fn a_stream_that_is_not_swept_or_cannot_be_parsed_is_a_gap() {
    let cloud = account();
    let elsewhere: StreamArn = parsed("arn:aws:kinesis:eu-west-1:123456789012:stream/clicks");
    cloud.outside().put_event_stream(&app(), &elsewhere, role());
    let report = report(&cloud).await;
    assert_eq!(report.gaps[0].question, Question::StreamCapacity(elsewhere));
    assert_eq!(report.gaps[0].why.code, "NotSwept");
    cloud.outside().put_event_stream(&app(), "arn:aws:kinesis:odd", role());
    let report = self::report(&cloud).await;
    assert_eq!(report.gaps[0].question, Question::EventStream(app()));
    assert!(report.gaps[0].why.message.contains("arn:aws:kinesis:odd"), "{report:?}");
}

#[tokio::test(start_paused = true)]
async fn credentials_of_another_account_are_a_gap_and_read_nothing() {
    let cloud = full();
    cloud.set_caller(&place().account, &parsed("210987654321"));
    let report = report(&cloud).await;
    assert_eq!((report.found.len(), report.gaps.len()), (0, 1));
    assert_eq!(report.gaps[0].why.code, "WrongAccount");
    assert_eq!(cloud.calls().len(), 1);
}
