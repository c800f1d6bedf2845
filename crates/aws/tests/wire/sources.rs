//! What AWS Config, CloudTrail, IAM's last accessed data and Access Analyzer answer, and when that is not known.
use crate::canned::{Canned, Reply, app_arn, place, region};
use jiff::Timestamp;
use pinpoint_streams_executor::cloud::ReadCloud;
use pinpoint_streams_model::arn::RoleArn;
use pinpoint_streams_model::live::history::{
    ConfigAggregator, ConfigEventStream, ConfigItem, ConfigRecorder, EventStreamChange, EventStreamChangeKind,
    RoleUse, ServiceAccess,
};
use pinpoint_streams_model::live::question::RegionalRoleArn;
use pinpoint_streams_model::live::{Answer, FailureKind, Question, Read, Unreadable};
use pinpoint_streams_testkit::Reads;
use serde_json::{Value, json};

const ROLE: &str = "arn:aws:iam::123456789012:role/Shop";
const RECORDERS: &str = "StarlingDoveService.DescribeConfigurationRecorders";
const STATUS: &str = "StarlingDoveService.DescribeConfigurationRecorderStatus";
const SELECT: &str = "StarlingDoveService.SelectResourceConfig";
const SELECT_AGGREGATE: &str = "StarlingDoveService.SelectAggregateResourceConfig";
const AGGREGATORS: &str = "StarlingDoveService.DescribeConfigurationAggregators";
const HISTORY: &str = "StarlingDoveService.GetResourceConfigHistory";
const LOOKUP: &str = "com.amazonaws.cloudtrail.v20131101.CloudTrail_20131101.LookupEvents";
const GENERATE: &str = "Action=GenerateServiceLastAccessedDetails";
const ACCESSED: &str = "Action=GetServiceLastAccessedDetails";

fn reply(body: Value) -> Reply {
    Reply::json11(200, &body)
}

fn refusal(code: &str, message: &str) -> Reply {
    Reply::json11_error(400, code, message)
}

fn rest(body: &Value) -> Reply {
    Reply::json(200, body.to_string())
}

fn role() -> RoleArn {
    ROLE.parse().unwrap()
}

fn used() -> RegionalRoleArn {
    RegionalRoleArn { role: role(), region: region() }
}

fn aggregator() -> ConfigAggregator {
    ConfigAggregator { place: place(), name: "all".to_owned() }
}

fn time(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn recording(group: Value) -> Value {
    json!({ "name": "default", "roleARN": "arn:aws:iam::123456789012:role/Config", "recordingGroup": group })
}

fn status() -> Value {
    json!({ "name": "default", "recording": true, "lastStartTime": 1_704_164_645.5, "lastStatus": "SUCCESS" })
}

async fn recorder(recorders: Value, statuses: Value) -> Result<Option<ConfigRecorder>, Unreadable> {
    let canned = Canned::new()
        .on(RECORDERS, reply(json!({ "ConfigurationRecorders": recorders })))
        .on(STATUS, reply(json!({ "ConfigurationRecordersStatus": statuses })));
    canned.aws().await.config_recorder(&place()).await
}

#[tokio::test(start_paused = true)]
async fn a_request_is_signed_and_names_the_program_as_those_of_the_sdk_do() {
    let canned = Canned::new().on(RECORDERS, reply(json!({ "ConfigurationRecorders": [] })));
    assert_eq!(canned.aws().await.config_recorder(&place()).await, Ok(None));
    let sent = &canned.sent(RECORDERS)[0];
    assert_eq!((sent.method.as_str(), sent.uri.as_str()), ("POST", "https://config.eu-west-1.amazonaws.com/"));
    assert!(sent.authorization.contains("/eu-west-1/config/aws4_request"), "{}", sent.authorization);
    assert!(sent.authorization.contains("Credential=AKIDDEFAULT/"), "{}", sent.authorization);
    assert!(sent.authorization.contains("x-amz-target"), "{}", sent.authorization);
    assert!(sent.user_agent.contains("app/ps-growth-run-7"), "{}", sent.user_agent);
    assert!(sent.user_agent.contains("api/config/"), "{}", sent.user_agent);
}

#[tokio::test(start_paused = true)]
async fn a_recorder_covers_what_its_group_says() {
    let since = Some(time("2024-01-02T03:04:05.5Z"));
    let event_stream = json!(["AWS::Pinpoint::EventStream"]);
    for (group, covers_event_streams) in [
        (json!({ "allSupported": true }), true),
        (json!({ "allSupported": false, "resourceTypes": event_stream }), true),
        (json!({ "allSupported": false, "resourceTypes": ["AWS::S3::Bucket"] }), false),
        (json!({ "recordingStrategy": { "useOnly": "ALL_SUPPORTED_RESOURCE_TYPES" } }), true),
        (
            json!({ "allSupported": false, "resourceTypes": event_stream,
                "recordingStrategy": { "useOnly": "INCLUSION_BY_RESOURCE_TYPES" } }),
            true,
        ),
        (
            json!({ "allSupported": false, "exclusionByResourceTypes": { "resourceTypes": event_stream },
                "recordingStrategy": { "useOnly": "EXCLUSION_BY_RESOURCE_TYPES" } }),
            false,
        ),
        (
            json!({ "allSupported": false, "exclusionByResourceTypes": { "resourceTypes": ["AWS::S3::Bucket"] },
                "recordingStrategy": { "useOnly": "EXCLUSION_BY_RESOURCE_TYPES" } }),
            true,
        ),
    ] {
        let recorder = recorder(json!([recording(group.clone())]), json!([status()])).await.unwrap();
        assert_eq!(recorder, Some(ConfigRecorder { covers_event_streams, recording_since: since }), "{group}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_recorder_that_records_once_a_day_covers_nothing() {
    let own = |kind: &str, frequency: &str| json!({ "resourceTypes": [kind], "recordingFrequency": frequency });
    for (usual, overrides, covers) in [
        ("CONTINUOUS", json!([]), true),
        ("DAILY", json!([]), false),
        ("DAILY", json!([own("AWS::Pinpoint::EventStream", "CONTINUOUS")]), true),
        ("CONTINUOUS", json!([own("AWS::Pinpoint::EventStream", "DAILY")]), false),
        ("CONTINUOUS", json!([own("AWS::S3::Bucket", "DAILY")]), true),
    ] {
        let mut described = recording(json!({ "allSupported": true }));
        described["recordingMode"] = json!({ "recordingFrequency": usual, "recordingModeOverrides": overrides });
        let found = recorder(json!([described]), json!([status()])).await.unwrap().unwrap();
        assert_eq!(found.covers_event_streams, covers, "{usual} {overrides}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_recorder_that_is_stopped_or_fails_records_nothing_now() {
    let all = || recording(json!({ "allSupported": true }));
    for status in [
        json!({ "name": "default", "recording": false, "lastStartTime": 1_704_164_645 }),
        json!({ "name": "default", "recording": true, "lastStartTime": 1_704_164_645, "lastStatus": "FAILURE" }),
    ] {
        let found = recorder(json!([all()]), json!([status])).await.unwrap().unwrap();
        assert_eq!(found, ConfigRecorder { covers_event_streams: true, recording_since: None }, "{status}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_recorder_of_a_linked_service_counts_where_it_records_the_type_for_the_account() {
    let linked = |scope: &str, types: &str| {
        json!({ "name": "default", "servicePrincipal": "x.amazonaws.com", "recordingScope": scope,
            "recordingGroup": { "allSupported": false, "resourceTypes": [types] } })
    };
    for (scope, types, counts) in [
        ("PAID", "AWS::Pinpoint::EventStream", true),
        ("PAID", "AWS::S3::Bucket", false),
        ("INTERNAL", "AWS::Pinpoint::EventStream", false),
    ] {
        let found = recorder(json!([linked(scope, types)]), json!([status()])).await.unwrap();
        assert_eq!(found.is_some(), counts, "{scope} {types}");
    }
    let own = recording(json!({ "allSupported": true }));
    let both = recorder(json!([linked("PAID", "AWS::S3::Bucket"), own]), json!([status()])).await.unwrap();
    assert!(both.unwrap().covers_event_streams);
}

#[tokio::test(start_paused = true)]
async fn a_recorder_that_is_not_wholly_described_is_unreadable() {
    let all = || recording(json!({ "allSupported": true }));
    let odd = |group: Value| json!([recording(group)]);
    for (recorders, statuses) in [
        (json!(null), json!([status()])),
        (json!([{ "name": "default" }]), json!([status()])),
        (odd(json!({})), json!([status()])),
        (odd(json!({ "allSupported": false })), json!([status()])),
        (odd(json!({ "recordingStrategy": { "useOnly": "SOME" } })), json!([status()])),
        (odd(json!({ "recordingStrategy": { "useOnly": "EXCLUSION_BY_RESOURCE_TYPES" } })), json!([status()])),
        (json!([all()]), json!(null)),
        (json!([all()]), json!([])),
        (json!([all()]), json!([{ "name": "default" }])),
        (json!([all()]), json!([{ "name": "default", "recording": true, "lastStatus": "SUCCESS" }])),
        (json!([all()]), json!([{ "name": "default", "recording": true, "lastStartTime": 1 }])),
        (
            json!([all()]),
            json!([{ "name": "default", "recording": true, "lastStartTime": "soon", "lastStatus": "SUCCESS" }]),
        ),
    ] {
        let recorders = reply(json!({ "ConfigurationRecorders": recorders }));
        let statuses = reply(json!({ "ConfigurationRecordersStatus": statuses }));
        is_unintelligible(Question::ConfigRecorder(place()), &[(RECORDERS, recorders), (STATUS, statuses)]).await;
    }
}

/// With these answers, the question has none that is understood.
async fn is_unintelligible(question: Question, answers: &[(&str, Reply)]) {
    let canned =
        answers.iter().fold(Canned::new(), |canned, (contains, reply)| canned.on(contains, reply.clone()));
    let answer = canned.aws().await.read(&question).await;
    let Read::Unreadable(why) = answer else { panic!("{answer:?} of {answers:?}") };
    assert_eq!(why.kind, FailureKind::Unintelligible, "{answers:?}");
}

/// A result of a query: JSON in a text.
fn result(app: &str, region: &str, configuration: Value) -> Value {
    let result = json!({
        "accountId": "123456789012",
        "awsRegion": region,
        "resourceId": app,
        "configurationItemCaptureTime": "2026-01-02T03:04:05.000Z",
        "configuration": configuration,
    });
    json!(result.to_string())
}

fn configuration(app: &str) -> Value {
    json!({ "ApplicationId": app, "RoleArn": ROLE, "DestinationStreamArn": "arn:stream" })
}

fn recorded() -> ConfigEventStream {
    let captured = time("2026-01-02T03:04:05Z");
    ConfigEventStream { destination: "arn:stream".to_owned(), role_arn: ROLE.to_owned(), captured }
}

#[tokio::test(start_paused = true)]
async fn recorded_event_streams_are_read_to_the_last_page_however_their_members_are_spelled() {
    let lower = json!({ "applicationId": "a2", "roleArn": ROLE, "destinationStreamArn": "arn:stream" });
    let canned = Canned::new()
        .on(
            SELECT,
            reply(json!({ "Results": [result("a1", "eu-west-1", configuration("a1"))], "NextToken": "t1" })),
        )
        .on(r#""NextToken":"t1""#, reply(json!({ "Results": [], "NextToken": "t2" })))
        .on(r#""NextToken":"t2""#, reply(json!({ "Results": [result("a2", "eu-west-1", lower)] })));
    let found = canned.aws().await.config_event_streams(&place()).await.unwrap();
    assert_eq!(found.keys().map(|app| app.id.to_string()).collect::<Vec<_>>(), ["a1", "a2"]);
    assert!(found.values().all(|stream| *stream == recorded()), "{found:?}");
    let first = &canned.sent(SELECT)[0].body;
    assert!(first.contains("WHERE resourceType = 'AWS::Pinpoint::EventStream'"), "{first}");
}

#[tokio::test(start_paused = true)]
async fn a_recorded_event_stream_that_is_not_whole_or_lies_elsewhere_is_unreadable() {
    let two = json!({ "ApplicationId": "a1", "RoleArn": "other", "DestinationStreamArn": "arn:stream" });
    for results in [
        json!({}),
        json!({ "Results": null }),
        json!({ "Results": ["{"] }),
        json!({ "Results": ["{}"] }),
        json!({ "Results": [result("a1", "eu-west-1", json!({}))] }),
        json!({ "Results": [result("a1", "eu-west-1", json!({ "ApplicationId": "a1", "RoleArn": ROLE }))] }),
        json!({ "Results": [result("a1", "eu-west-1", json!(null))] }),
        json!({ "Results": [result("a1", "us-east-1", configuration("a1"))] }),
        json!({ "Results": [
            result("a1", "eu-west-1", configuration("a1")),
            result("a1", "eu-west-1", two),
        ] }),
    ] {
        is_unintelligible(Question::ConfigEventStreams(place()), &[(SELECT, reply(results))]).await;
    }
}

#[tokio::test(start_paused = true)]
async fn an_aggregator_answers_for_all_its_regions_and_one_that_is_not_there_is_absent() {
    let results = [result("a1", "eu-west-1", configuration("a1")), result("a1", "us-east-1", configuration("a1"))];
    let canned = Canned::new().on(SELECT_AGGREGATE, reply(json!({ "Results": results })));
    let found = canned.aws().await.aggregated_event_streams(&aggregator()).await.unwrap().unwrap();
    let regions: Vec<String> = found.0.keys().map(|app| app.region.to_string()).collect();
    assert_eq!(regions, ["eu-west-1", "us-east-1"]);
    assert!(canned.sent(SELECT_AGGREGATE)[0].body.contains(r#""ConfigurationAggregatorName":"all""#));

    let gone = refusal("NoSuchConfigurationAggregatorException", "The configuration aggregator does not exist.");
    let canned = Canned::new().on(SELECT_AGGREGATE, gone);
    assert_eq!(canned.aws().await.aggregated_event_streams(&aggregator()).await, Ok(None));
}

#[tokio::test(start_paused = true)]
async fn aggregators_are_listed_to_the_last_page() {
    let page = |name: &str| json!([{ "ConfigurationAggregatorName": name }]);
    let canned = Canned::new()
        .on(AGGREGATORS, reply(json!({ "ConfigurationAggregators": page("a"), "NextToken": "t1" })))
        .on(r#""NextToken":"t1""#, reply(json!({ "ConfigurationAggregators": page("b") })));
    let names = canned.aws().await.config_aggregators(&place()).await.unwrap().0;
    assert_eq!(names.into_iter().collect::<Vec<_>>(), ["a", "b"]);
    for body in [json!({}), json!({ "ConfigurationAggregators": [{}] })] {
        is_unintelligible(Question::ConfigAggregators(place()), &[(AGGREGATORS, reply(body))]).await;
    }
}

fn item(kind: &str, status: &str) -> Value {
    json!({
        "accountId": "123456789012",
        "awsRegion": "eu-west-1",
        "resourceType": kind,
        "resourceId": "abc123",
        "configurationItemStatus": status,
        "configurationItemCaptureTime": 1_767_323_045,
    })
}

#[tokio::test(start_paused = true)]
async fn the_latest_item_is_found_behind_empty_pages() {
    let stream = item("AWS::Pinpoint::EventStream", "ResourceDeleted");
    let canned = Canned::new()
        .on("AWS::Pinpoint::App", reply(json!({ "configurationItems": [item("AWS::Pinpoint::App", "OK")] })))
        .on("AWS::Pinpoint::EventStream", reply(json!({ "configurationItems": [], "nextToken": "t1" })))
        .on(r#""nextToken":"t1""#, reply(json!({ "configurationItems": [stream], "nextToken": "t2" })));
    let history = canned.aws().await.config_history(&app_arn()).await.unwrap();
    let captured = time("2026-01-02T03:04:05Z");
    assert_eq!(history.event_stream, Some(ConfigItem { is_deleted: true, captured }));
    assert_eq!(history.app, Some(ConfigItem { is_deleted: false, captured }));
    assert_eq!(canned.sent(HISTORY).len(), 3, "nothing older is asked for");
    assert!(canned.sent(HISTORY)[0].body.contains(r#""chronologicalOrder":"Reverse""#));
}

#[tokio::test(start_paused = true)]
async fn what_was_never_recorded_has_no_item_and_a_recorder_that_is_missing_proves_nothing() {
    let never = refusal("ResourceNotDiscoveredException", "Resource abc123 of resourceType is unknown");
    let canned = Canned::new().on(HISTORY, never);
    let history = canned.aws().await.config_history(&app_arn()).await.unwrap();
    assert_eq!((history.event_stream, history.app), (None, None));

    let canned = Canned::new().on(HISTORY, refusal("NoAvailableConfigurationRecorderException", "no recorder"));
    let error = canned.aws().await.config_history(&app_arn()).await.unwrap_err();
    assert_eq!(
        (error.kind, error.code.as_str()),
        (FailureKind::Invalid, "NoAvailableConfigurationRecorderException")
    );
}

#[tokio::test(start_paused = true)]
async fn an_item_of_something_else_is_unreadable() {
    let kind = "AWS::Pinpoint::EventStream";
    let with = |name: &str, value: Value| {
        let mut item = item(kind, "OK");
        item[name] = value;
        json!({ "configurationItems": [item] })
    };
    for body in [
        json!({}),
        with("resourceId", json!("another")),
        with("resourceType", json!("AWS::Pinpoint::App")),
        with("awsRegion", json!("us-east-1")),
        with("accountId", json!("210987654321")),
        with("configurationItemStatus", json!("Perhaps")),
        with("configurationItemStatus", json!(null)),
        with("configurationItemCaptureTime", json!(null)),
    ] {
        is_unintelligible(Question::ConfigHistory(app_arn()), &[(HISTORY, reply(body))]).await;
    }
}

/// A page of events: JSON in texts.
fn events(events: &[Value], next: Option<&str>) -> Reply {
    let events = events.iter().map(|event| json!({ "EventId": "1", "CloudTrailEvent": event.to_string() }));
    let mut page = json!({ "Events": events.collect::<Vec<_>>() });
    if let Some(next) = next {
        page["NextToken"] = json!(next);
    }
    reply(page)
}

fn event(source: &str, name: &str, second: u32, parameters: Value) -> Value {
    json!({
        "eventTime": format!("2026-11-01T02:03:{second:02}Z"),
        "eventSource": source,
        "eventName": name,
        "awsRegion": "eu-west-1",
        "recipientAccountId": "123456789012",
        "requestParameters": parameters,
    })
}

fn assumed(second: u32) -> Value {
    let mut event = event("sts.amazonaws.com", "AssumeRole", second, json!({ "roleArn": ROLE }));
    event["userIdentity"] = json!({ "type": "AWSService", "invokedBy": "pinpoint.amazonaws.com" });
    event
}

#[tokio::test(start_paused = true)]
async fn uses_of_a_role_are_those_of_sts_that_name_it() {
    let mut refused = event("sts.amazonaws.com", "AssumeRole", 2, json!(null));
    refused["errorCode"] = json!("AccessDenied");
    let other = event("sts.amazonaws.com", "AssumeRole", 3, json!({ "roleArn": format!("{ROLE}2") }));
    let iam = event("iam.amazonaws.com", "GetRole", 4, json!({ "roleArn": ROLE }));
    let canned = Canned::new()
        .on(LOOKUP, events(&[assumed(1), refused], Some("t1")))
        .on(r#""NextToken":"t1""#, events(&[other, iam], None));
    let uses = canned.aws().await.role_uses(&used()).await.unwrap();
    let found = |second: u32, invoked_by: Option<&str>, error: Option<&str>| RoleUse {
        at: time(&format!("2026-11-01T02:03:{second:02}Z")),
        event: "AssumeRole".to_owned(),
        invoked_by: invoked_by.map(str::to_owned),
        error: error.map(str::to_owned),
    };
    let expected = [found(1, Some("pinpoint.amazonaws.com"), None), found(2, None, Some("AccessDenied"))];
    assert_eq!(uses.into_iter().collect::<Vec<_>>(), expected);
    let sent = &canned.sent(LOOKUP)[0];
    assert!(sent.uri.starts_with("https://cloudtrail.eu-west-1.amazonaws.com"), "{}", sent.uri);
    for part in [r#""AttributeKey":"ResourceName""#, ROLE, r#""MaxResults":50"#] {
        assert!(sent.body.contains(part), "{}", sent.body);
    }
}

#[tokio::test(start_paused = true)]
async fn changes_of_event_streams_are_those_that_succeeded() {
    const PINPOINT: &str = "mobiletargeting.amazonaws.com";
    let put = json!({ "application-id": "a1", "RoleArn": ROLE, "DestinationStreamArn": "arn:stream" });
    let mut refused = event(PINPOINT, "PutEventStream", 9, put.clone());
    refused["errorCode"] = json!("BadRequestException");
    let app = json!({ "application-id": "a1" });
    let elsewhere = event("other.amazonaws.com", "DeleteApp", 9, json!({}));
    let canned = Canned::new()
        .on(
            r#""AttributeValue":"PutEventStream""#,
            events(&[event(PINPOINT, "PutEventStream", 1, put), refused], None),
        )
        .on(
            r#""AttributeValue":"DeleteEventStream""#,
            events(&[event("pinpoint.amazonaws.com", "DeleteEventStream", 2, app.clone())], None),
        )
        .on(r#""AttributeValue":"DeleteApp""#, events(&[event(PINPOINT, "DeleteApp", 3, app), elsewhere], None));
    let changes = canned.aws().await.event_stream_changes(&place()).await.unwrap();
    let kinds: Vec<_> = changes.into_iter().map(|EventStreamChange { change, .. }| change).collect();
    let put = EventStreamChangeKind::Put { role_arn: ROLE.to_owned() };
    assert_eq!(kinds, [put, EventStreamChangeKind::Deleted, EventStreamChangeKind::AppDeleted]);
}

#[tokio::test(start_paused = true)]
async fn an_event_that_is_not_whole_or_of_elsewhere_makes_the_history_unreadable() {
    let with = |name: &str, value: Value| {
        let mut event = assumed(1);
        event[name] = value;
        events(&[event], None)
    };
    for reply in [
        reply(json!({})),
        reply(json!({ "Events": null })),
        reply(json!({ "Events": [{}] })),
        reply(json!({ "Events": [{ "CloudTrailEvent": "" }] })),
        with("eventTime", json!(null)),
        with("eventSource", json!(null)),
        with("awsRegion", json!("us-east-1")),
        with("recipientAccountId", json!("210987654321")),
    ] {
        is_unintelligible(Question::RoleUses(used()), &[(LOOKUP, reply)]).await;
    }
    for parameters in [json!(null), json!({ "RoleArn": ROLE }), json!({ "application-id": "a1" })] {
        let put = event("mobiletargeting.amazonaws.com", "PutEventStream", 1, parameters);
        is_unintelligible(Question::EventStreamChanges(place()), &[(LOOKUP, events(&[put], None))]).await;
    }
}

fn report(status: &str, services: &str, rest: &str) -> Reply {
    let times = "<JobCreationDate>2026-11-01T00:00:00Z</JobCreationDate>\
         <JobCompletionDate>2026-11-01T00:00:09Z</JobCompletionDate>";
    let body = format!(
        "<JobStatus>{status}</JobStatus>{times}<ServicesLastAccessed>{services}</ServicesLastAccessed>{rest}"
    );
    Reply::xml("GetServiceLastAccessedDetails", &body)
}

fn job() -> Reply {
    let id = "<JobId>01234567-89ab-cdef-0123-456789abcdef</JobId>";
    Reply::xml("GenerateServiceLastAccessedDetails", id)
}

const FIREHOSE: &str = "<member><ServiceName>Amazon Data Firehose</ServiceName>\
     <ServiceNamespace>firehose</ServiceNamespace></member>";
const KINESIS: &str = "<member><ServiceName>Amazon Kinesis</ServiceName><ServiceNamespace>kinesis</ServiceNamespace>\
     <LastAuthenticated>2026-10-01T02:03:04Z</LastAuthenticated>\
     <LastAuthenticatedRegion>eu-west-1</LastAuthenticatedRegion></member>";

#[tokio::test(start_paused = true)]
async fn last_accessed_data_is_waited_for_and_read_to_the_last_page() {
    let more = "<IsTruncated>true</IsTruncated><Marker>m1</Marker>";
    let canned = Canned::new()
        .on(GENERATE, job())
        .on_each(
            ACCESSED,
            [report("IN_PROGRESS", "", ""), report("IN_PROGRESS", "", ""), report("COMPLETED", FIREHOSE, more)],
        )
        .on("Marker=m1", report("COMPLETED", KINESIS, "<IsTruncated>false</IsTruncated>"));
    let accessed = canned.aws().await.last_accessed(&role()).await.unwrap().unwrap();
    assert_eq!(accessed["firehose"], None);
    let at = time("2026-10-01T02:03:04Z");
    assert_eq!(accessed["kinesis"], Some(ServiceAccess { at, region: Some(region()) }));
    assert_eq!((canned.sent(GENERATE).len(), canned.sent(ACCESSED).len()), (1, 4));
}

#[tokio::test(start_paused = true)]
async fn last_accessed_data_that_fails_or_does_not_come_is_unreadable_and_that_of_no_role_is_absent() {
    let failed = "<Error><Code>ServiceFailure</Code><Message>try later</Message></Error>";
    let unnamed = "<member><ServiceName>x</ServiceName></member>";
    let no_times = Reply::xml("GetServiceLastAccessedDetails", "<JobStatus>COMPLETED</JobStatus>");
    for (reply, kind, code) in [
        (report("FAILED", "", failed), FailureKind::Other, "ServiceFailure"),
        (report("FAILED", "", ""), FailureKind::Unintelligible, "FieldMissing"),
        (report("IN_PROGRESS", "", ""), FailureKind::Timeout, "JobInProgress"),
        (report("PERHAPS", "", ""), FailureKind::Unintelligible, "FieldNotUnderstood"),
        (report("COMPLETED", unnamed, ""), FailureKind::Unintelligible, "FieldMissing"),
        (no_times, FailureKind::Unintelligible, "FieldMissing"),
        (Reply::html(200), FailureKind::Unintelligible, "HtmlAnswer"),
    ] {
        let canned = Canned::new().on(GENERATE, job()).on(ACCESSED, reply);
        let error = canned.aws().await.last_accessed(&role()).await.unwrap_err();
        assert_eq!((error.kind, error.code.as_str()), (kind, code), "{error}");
    }
    let canned = Canned::new().on(GENERATE, Reply::xml_error(404, "NoSuchEntity", "no role"));
    assert_eq!(canned.aws().await.last_accessed(&role()).await, Ok(None));
}

fn analyzer(name: &str, kind: &str, status: &str) -> Value {
    let arn = format!("arn:aws:access-analyzer:eu-west-1:123456789012:analyzer/{name}");
    json!({ "arn": arn, "name": name, "type": kind, "status": status, "createdAt": "2026-01-01T00:00:00Z" })
}

fn finding(role: &str) -> Value {
    json!({
        "id": "1",
        "findingType": "UnusedIAMRole",
        "status": "ACTIVE",
        "resource": role,
        "resourceType": "AWS::IAM::Role",
        "resourceOwnerAccount": "123456789012",
        "createdAt": "2026-10-01T00:00:00Z",
        "analyzedAt": "2026-11-01T00:00:00Z",
        "updatedAt": "2026-11-01T02:03:04Z",
    })
}

#[tokio::test(start_paused = true)]
async fn unused_roles_are_those_of_every_active_analyzer_of_unused_access() {
    let analyzers = json!([
        analyzer("one", "ACCOUNT_UNUSED_ACCESS", "ACTIVE"),
        analyzer("off", "ACCOUNT_UNUSED_ACCESS", "DISABLED"),
        analyzer("outside", "ACCOUNT", "ACTIVE"),
    ]);
    let more = json!([analyzer("all", "ORGANIZATION_UNUSED_ACCESS", "ACTIVE")]);
    let mut broken = finding(ROLE);
    broken["error"] = json!("ACCESS_DENIED");
    broken["resource"] = json!(null);
    let canned = Canned::new()
        .on("/analyzer?", rest(&json!({ "analyzers": analyzers, "nextToken": "t/1 =" })))
        .on("/analyzer?nextToken=t%2F1%20%3D", rest(&json!({ "analyzers": more })))
        .on("analyzer/all", rest(&json!({ "findings": [finding(&format!("{ROLE}2"))] })))
        .on("analyzer/one", rest(&json!({ "findings": [finding(ROLE)], "nextToken": "f1" })))
        .on(r#""nextToken":"f1""#, rest(&json!({ "findings": [broken] })));
    let roles = canned.aws().await.unused_roles(&place()).await.unwrap().unwrap();
    let names: Vec<String> = roles.keys().map(|role| role.name.to_string()).collect();
    assert_eq!(names, ["Shop", "Shop2"]);
    assert!(roles.values().all(|at| *at == time("2026-11-01T02:03:04Z")));
    let sent = &canned.sent("/findingv2")[0];
    assert!(sent.uri.starts_with("https://access-analyzer.eu-west-1.amazonaws.com/findingv2"), "{}", sent.uri);
    assert!(sent.authorization.contains("/eu-west-1/access-analyzer/aws4_request"), "{}", sent.authorization);
    assert!(sent.body.contains(r#""resourceOwnerAccount":{"eq":["123456789012"]}"#), "{}", sent.body);
    assert_eq!(canned.sent("/findingv2").len(), 3);
}

#[tokio::test(start_paused = true)]
async fn without_an_analyzer_there_is_no_answer_and_a_finding_that_was_not_asked_for_is_unreadable() {
    for analyzers in [json!([]), json!([analyzer("outside", "ACCOUNT", "ACTIVE")])] {
        let canned = Canned::new().on("/analyzer?", rest(&json!({ "analyzers": analyzers })));
        assert_eq!(canned.aws().await.unused_roles(&place()).await, Ok(None), "{analyzers}");
    }
    let with = |name: &str, value: Value| {
        let mut finding = finding(ROLE);
        finding[name] = value;
        json!({ "findings": [finding] })
    };
    let one = json!({ "analyzers": [analyzer("one", "ACCOUNT_UNUSED_ACCESS", "ACTIVE")] });
    for findings in [
        json!({}),
        with("findingType", json!("ExternalAccess")),
        with("status", json!("ARCHIVED")),
        with("resourceOwnerAccount", json!("210987654321")),
        with("resource", json!(null)),
        with("resource", json!("role")),
        with("resource", json!("arn:aws:iam::210987654321:role/Shop")),
        with("updatedAt", json!(null)),
    ] {
        let (one, findings) = (rest(&one), rest(&findings));
        is_unintelligible(Question::UnusedRoles(place()), &[("/analyzer?", one), ("/findingv2", findings)]).await;
    }
}

/// A question to each of these services, and what its first request contains.
fn questions() -> [(Question, &'static str); 9] {
    [
        (Question::ConfigRecorder(place()), RECORDERS),
        (Question::ConfigEventStreams(place()), SELECT),
        (Question::ConfigAggregators(place()), AGGREGATORS),
        (Question::AggregatedEventStreams(aggregator()), SELECT_AGGREGATE),
        (Question::ConfigHistory(app_arn()), HISTORY),
        (Question::RoleUses(used()), LOOKUP),
        (Question::EventStreamChanges(place()), LOOKUP),
        (Question::LastAccessed(role()), GENERATE),
        (Question::UnusedRoles(place()), "/analyzer?"),
    ]
}

async fn ask(question: &Question, contains: &str, reply: Reply) -> (Read<Answer>, usize) {
    let canned = Canned::new().on(contains, reply);
    let answer = canned.aws().await.read(question).await;
    (answer, canned.sent(contains).len())
}

#[tokio::test(start_paused = true)]
async fn every_refusal_and_every_foreign_answer_is_classified_as_that_of_the_other_services() {
    let denied = "User: me is not authorized to perform: it";
    for (question, contains) in questions() {
        let iam = matches!(question, Question::LastAccessed(_));
        let error = |status: u16, code: &str, message: &str| match iam {
            true => Reply::xml_error(status, code, message),
            false => Reply::json11_error(status, &format!("com.amazonaws#{code}"), message),
        };
        for (reply, kind, attempts) in [
            (error(400, "AccessDeniedException", denied), FailureKind::Denied, 1),
            (error(400, "ThrottlingException", "Rate exceeded"), FailureKind::Throttled, 1),
            (error(400, "ExpiredTokenException", "expired"), FailureKind::Credentials, 1),
            (error(400, "ValidationException", "wrong"), FailureKind::Invalid, 1),
            (error(500, "InternalFailure", "sorry"), FailureKind::Server, 10),
            (Reply::html(200), FailureKind::Unintelligible, 1),
            (Reply::html(403), FailureKind::Denied, 1),
            (Reply::html(502), FailureKind::Server, 10),
            (Reply::http(200, "application/json", ""), FailureKind::Unintelligible, 1),
            (Reply::Refused, FailureKind::Connection, 10),
        ] {
            let (answer, sent) = ask(&question, contains, reply.clone()).await;
            let Read::Unreadable(why) = answer else { panic!("{} of {reply:?}: {answer:?}", question.name()) };
            assert_eq!((why.kind, sent), (kind, attempts), "{} of {reply:?}: {why}", question.name());
        }
        // An answer without any member is none.
        if !iam {
            let (answer, _) = ask(&question, contains, Reply::json(200, "{}")).await;
            let Read::Unreadable(why) = answer else { panic!("{}: {answer:?}", question.name()) };
            assert_eq!(why.kind, FailureKind::Unintelligible, "{}", question.name());
        }
    }
    let refused = Reply::error(403, "AccessDeniedException", json!({ "message": denied }).to_string());
    let (answer, _) = ask(&Question::UnusedRoles(place()), "/analyzer?", refused).await;
    let Read::Unreadable(why) = answer else { panic!("{answer:?}") };
    assert_eq!((why.kind, why.code.as_str()), (FailureKind::Denied, "AccessDeniedException"));
    assert_eq!(why.request_id.as_deref(), Some("req-1"));
}
