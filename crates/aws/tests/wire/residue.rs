//! What SES, Lambda, CloudWatch and Pinpoint answer about residue, and when that is not known.
use crate::canned::{Canned, Reply, app_arn, place};
use pinpoint_streams_executor::cloud::ReadCloud;
use pinpoint_streams_model::live::residue::{
    EmailChannel, IncomingRecords, MessageTemplate, PinpointDestination, RegionalName, StreamMode, StreamPeriod,
};
use pinpoint_streams_model::live::{Answer, FailureKind, Question, Read};
use pinpoint_streams_testkit::Reads;
use serde_json::{Value, json};

const DATA: &str = "GraniteServiceVersion20100801.GetMetricData";
const POLICY: &str = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"pinpoint.amazonaws.com"},"Action":"ses:SendEmail","Resource":"*"}]}"#;

fn named(name: &str) -> RegionalName {
    RegionalName { place: place(), name: name.to_owned() }
}

fn period(service: &str) -> StreamPeriod {
    let kind = if service == "kinesis" { "stream" } else { "deliverystream" };
    StreamPeriod {
        stream: format!("arn:aws:{service}:eu-west-1:123456789012:{kind}/clicks").parse().unwrap(),
        from: "2026-10-29T00:00:00Z".parse().unwrap(),
        to: "2026-11-28T00:00:00Z".parse().unwrap(),
    }
}

/// A question of each read, its request, the service that it is signed for, and an answer.
fn reads() -> Vec<(Question, &'static str, &'static str, Value)> {
    let points = json!({ "Id": "records", "Values": [], "Timestamps": [], "StatusCode": "Complete" });
    vec![
        (
            Question::EmailIdentities(place()),
            "POST https://email.eu-west-1.amazonaws.com/v2/email/list-identities",
            "ses",
            json!({ "EmailIdentities": [] }),
        ),
        (
            Question::IdentityPolicies(named("a b@example.com")),
            "GET https://email.eu-west-1.amazonaws.com/v2/email/identities/a%20b%40example.com/policies",
            "ses",
            json!({ "Policies": { "Send": POLICY } }),
        ),
        (
            Question::ConfigurationSets(place()),
            "POST https://email.eu-west-1.amazonaws.com/v2/email/list-configuration-sets",
            "ses",
            json!({ "ConfigurationSets": [] }),
        ),
        (
            Question::PinpointDestinations(named("main")),
            "GET https://email.eu-west-1.amazonaws.com/v2/email/configuration-sets/main/event-destinations",
            "ses",
            json!({ "EventDestinations": [] }),
        ),
        (
            Question::Functions(place()),
            "GET https://lambda.eu-west-1.amazonaws.com/2015-03-31/functions",
            "lambda",
            json!({ "Functions": [], "NextMarker": null }),
        ),
        (
            Question::FunctionPolicy(named("hook")),
            "GET https://lambda.eu-west-1.amazonaws.com/2015-03-31/functions/hook/policy",
            "lambda",
            json!({ "Policy": POLICY }),
        ),
        (
            Question::ImportJobs(app_arn()),
            "GET https://pinpoint.eu-west-1.amazonaws.com/v1/apps/abc123/jobs/import?page-size=100",
            "mobiletargeting",
            json!({ "Item": [] }),
        ),
        (
            Question::ExportJobs(app_arn()),
            "GET https://pinpoint.eu-west-1.amazonaws.com/v1/apps/abc123/jobs/export?page-size=100",
            "mobiletargeting",
            json!({ "Item": [] }),
        ),
        (
            Question::Recommenders(place()),
            "GET https://pinpoint.eu-west-1.amazonaws.com/v1/recommenders?page-size=100",
            "mobiletargeting",
            json!({ "Item": [] }),
        ),
        (
            Question::EmailChannel(app_arn()),
            "GET https://pinpoint.eu-west-1.amazonaws.com/v1/apps/abc123/channels/email",
            "mobiletargeting",
            json!({ "Platform": "EMAIL" }),
        ),
        (
            Question::MessageTemplates(place()),
            "GET https://pinpoint.eu-west-1.amazonaws.com/v1/templates?page-size=100",
            "mobiletargeting",
            json!({ "Item": [] }),
        ),
        (
            Question::IncomingRecords(period("kinesis")),
            "POST https://monitoring.eu-west-1.amazonaws.com/ ",
            "monitoring",
            json!({ "MetricDataResults": [points], "Messages": [] }),
        ),
    ]
}

async fn ask(question: &Question, contains: &str, replies: impl IntoIterator<Item = Reply>) -> Read<Answer> {
    Canned::new().on_each(contains, replies).aws().await.read(question).await
}

fn body(body: &Value) -> Reply {
    Reply::json(200, body.to_string())
}

#[track_caller]
fn is_unreadable(answer: Read<Answer>, kind: FailureKind, what: &str) -> String {
    match answer {
        Read::Unreadable(why) => {
            assert_eq!(why.kind, kind, "{what}: {why}");
            why.code
        }
        other => panic!("{what}: {other:?}"),
    }
}

#[tokio::test(start_paused = true)]
async fn every_read_is_the_request_of_the_services_model_and_signed_for_it() {
    for (question, request, signed_for, answer) in reads() {
        let canned = Canned::new().on(request, body(&answer));
        assert!(matches!(canned.aws().await.read(&question).await, Read::Present(_)), "{request}");
        let sent = &canned.sent(request)[0];
        assert!(sent.authorization.contains(&format!("/eu-west-1/{signed_for}/aws4_request")), "{request}");
    }
}

#[tokio::test(start_paused = true)]
async fn an_answer_is_whole_or_none_and_a_refusal_is_never_absence() {
    let denied = json!({ "message": "User: me is not authorized to perform: it" }).to_string();
    for (question, request, ..) in reads() {
        for (reply, kind) in [
            (Reply::error(403, "AccessDeniedException", denied.clone()), FailureKind::Denied),
            (Reply::error(429, "TooManyRequestsException", "{}"), FailureKind::Throttled),
            (Reply::error(500, "InternalServerErrorException", "{}"), FailureKind::Server),
            (Reply::json(200, "{}"), FailureKind::Unintelligible),
            (Reply::json(200, "null"), FailureKind::Unintelligible),
            (Reply::json(200, ""), FailureKind::Unintelligible),
            (Reply::Refused, FailureKind::Connection),
        ] {
            let what = format!("{request} answered {reply:?}");
            let answer = ask(&question, request, [reply]).await;
            is_unreadable(answer, kind, &what);
        }
    }
}

#[tokio::test(start_paused = true)]
async fn what_does_not_exist_is_absent_by_the_services_own_answer_alone() {
    for (question, request, signed_for, _) in reads() {
        let code = if signed_for == "lambda" { "ResourceNotFoundException" } else { "NotFoundException" };
        let answer = ask(&question, request, [Reply::error(404, code, r#"{"message":"no"}"#)]).await;
        let may_be_absent = matches!(
            question,
            Question::IdentityPolicies(_)
                | Question::PinpointDestinations(_)
                | Question::FunctionPolicy(_)
                | Question::ImportJobs(_)
                | Question::ExportJobs(_)
                | Question::EmailChannel(_)
        );
        assert_eq!(answer == Read::Absent, may_be_absent, "{request}: {answer:?}");
        assert!(!matches!(ask(&question, request, [Reply::html(404)]).await, Read::Absent), "{request}");
    }
}

#[tokio::test(start_paused = true)]
async fn lists_are_read_to_the_last_page_and_a_repeated_token_is_no_list() {
    let job = |id: &str| json!({ "Id": id, "Definition": { "RoleArn": "r" } });
    let recommender = |id: &str| json!({ "Id": id, "RecommendationProviderRoleArn": "r" });
    let template = |name: &str| json!({ "TemplateName": name, "TemplateType": "EMAIL" });
    let identity = |name: &str| json!({ "IdentityName": name });
    let points = |_: &str| json!({ "Id": "records", "Values": [1.0], "StatusCode": "Complete" });
    type Item<'a> = &'a dyn Fn(&str) -> Value;
    let function = |name: &str| json!({ "FunctionName": name });
    let lists: [(usize, &str, &str, Item<'_>, &str); 8] = [
        (0, "EmailIdentities", "NextToken", &identity, r#""NextToken":"t/1""#),
        (2, "ConfigurationSets", "NextToken", &|name| json!(name), r#""NextToken":"t/1""#),
        (4, "Functions", "NextMarker", &function, "functions?Marker=t%2F1"),
        (6, "Item", "NextToken", &job, "token=t%2F1"),
        (7, "Item", "NextToken", &job, "token=t%2F1"),
        (8, "Item", "NextToken", &recommender, "token=t%2F1"),
        (10, "Item", "NextToken", &template, "next-token=t%2F1"),
        (11, "MetricDataResults", "NextToken", &points, r#""NextToken":"t/1""#),
    ];
    for (index, member, token, item, second) in lists {
        let (question, request, ..) = reads().remove(index);
        let page = |name: &str, next: Option<&str>| body(&json!({ member: [item(name)], token: next }));
        let canned = Canned::new().on_each(request, [page("a", Some("t/1")), page("b", None)]);
        let canned = canned.on(second, page("b", None));
        let answer = canned.aws().await.read(&question).await;
        let Read::Present(answer) = answer else { panic!("{request}: {answer:?}") };
        let whole = serde_json::to_string(&answer).unwrap();
        let is_whole = (whole.contains("\"a\"") && whole.contains("\"b\"")) || whole.contains(":2}");
        assert!(is_whole && canned.sent(second).len() == 1, "{request}: {whole}");

        let circle = [page("a", Some("t/1")), page("b", Some("t/1"))];
        let code = is_unreadable(ask(&question, request, circle).await, FailureKind::Unintelligible, request);
        assert_eq!(code, "RepeatedToken", "{request}");
        // The first page alone is not the list.
        let refused =
            Reply::error(403, "AccessDeniedException", "not authorized, is not authorized to perform: it");
        let half = ask(&question, request, [page("a", Some("t/1")), refused]).await;
        is_unreadable(half, FailureKind::Denied, request);
    }
}

#[tokio::test(start_paused = true)]
async fn members_that_the_models_require_must_be_there() {
    let job = |id: Value, role: Value| json!({ "Item": [{ "Id": id, "Definition": { "RoleArn": role } }] });
    let destination = json!({ "EventDestinations": [{ "Name": "p", "PinpointDestination": {} }] });
    for (index, answer) in [
        (0, json!({ "EmailIdentities": [{ "IdentityType": "DOMAIN" }] })),
        (1, json!({ "Policies": null })),
        (1, json!({ "Policies": { "Odd": "not a policy" } })),
        (3, destination),
        (4, json!({ "Functions": [{ "Runtime": "python3.13" }] })),
        (5, json!({ "Policy": "{}" })),
        (6, job(json!("j"), Value::Null)),
        (6, json!({ "Item": [{ "Id": "j", "ApplicationId": "another", "Definition": { "RoleArn": "r" } }] })),
        (7, job(Value::Null, json!("r"))),
        (8, json!({ "Item": [{ "Id": "r" }] })),
        (9, json!({ "RoleArn": "r" })),
        (9, json!({ "Platform": "EMAIL", "ApplicationId": "another" })),
        (10, json!({ "Item": [{ "TemplateName": "welcome" }] })),
        (10, json!({ "NextToken": "t" })),
    ] {
        let (question, request, ..) = reads().remove(index);
        is_unreadable(
            ask(&question, request, [body(&answer)]).await,
            FailureKind::Unintelligible,
            &answer.to_string(),
        );
    }
}

#[tokio::test(start_paused = true)]
async fn what_names_pinpoint_is_read_as_aws_holds_it() {
    let destinations = json!({ "EventDestinations": [
        { "Name": "p", "Enabled": true, "MatchingEventTypes": ["SEND"], "PinpointDestination": { "ApplicationArn": "arn:app" } },
        { "Name": "q", "MatchingEventTypes": [], "PinpointDestination": {} },
        { "Name": "s", "Enabled": true, "MatchingEventTypes": [], "SnsDestination": { "TopicArn": "arn:topic" } },
    ] });
    let channel = json!({ "Platform": "EMAIL", "RoleArn": "", "OrchestrationSendingRoleArn": "arn:sending" });
    let templates = json!({ "Item": [{ "TemplateName": "welcome", "TemplateType": "SMS" }] });
    let canned = Canned::new()
        .on("/event-destinations", body(&destinations))
        .on("/channels/email", body(&channel))
        .on("/v1/templates", body(&templates));
    let aws = canned.aws().await;
    let found = aws.pinpoint_destinations(&named("main")).await.unwrap().unwrap().0;
    let to_pinpoint =
        |enabled, app_arn: Option<&str>| PinpointDestination { enabled, app_arn: app_arn.map(Into::into) };
    assert_eq!(
        found.into_iter().collect::<Vec<_>>(),
        [("p".to_owned(), to_pinpoint(true, Some("arn:app"))), ("q".to_owned(), to_pinpoint(false, None))]
    );
    let channel = aws.email_channel(&app_arn()).await.unwrap().unwrap();
    assert_eq!(channel, EmailChannel { role_arn: None, sending_role_arn: Some("arn:sending".to_owned()) });
    let templates = aws.message_templates(&place()).await.unwrap().0;
    let welcome = MessageTemplate { name: "welcome".to_owned(), channel: "SMS".to_owned() };
    assert_eq!(templates.into_iter().collect::<Vec<_>>(), [welcome]);
}

#[tokio::test(start_paused = true)]
async fn the_records_of_a_stream_are_summed_over_complete_data_alone() {
    let points = |values: Value, status: &str| json!({ "Id": "records", "Values": values, "StatusCode": status });
    let data = |results: Value| json!({ "MetricDataResults": results });
    let complete = points(json!([]), "Complete");
    for (service, namespace, dimension) in
        [("kinesis", "AWS/Kinesis", "StreamName"), ("firehose", "AWS/Firehose", "DeliveryStreamName")]
    {
        let canned = Canned::new().on(DATA, body(&data(json!([points(json!([2.0, 0.5]), "Complete")]))));
        assert_eq!(canned.aws().await.incoming_records(&period(service)).await, Ok(IncomingRecords(3)));
        let sent = &canned.sent(DATA)[0];
        assert_eq!(sent.content_type, "application/x-amz-json-1.0");
        let expected = json!({
            "MetricDataQueries": [{ "Id": "records", "MetricStat": {
                "Metric": {
                    "Namespace": namespace,
                    "MetricName": "IncomingRecords",
                    "Dimensions": [{ "Name": dimension, "Value": "clicks" }],
                },
                "Period": 3600,
                "Stat": "Sum",
            } }],
            "StartTime": 1_793_232_000,
            "EndTime": 1_795_824_000,
            "NextToken": null,
        });
        assert_eq!(serde_json::from_str::<Value>(&sent.body).unwrap(), expected);
    }
    let question = Question::IncomingRecords(period("kinesis"));
    let found = ask(&question, DATA, [body(&data(json!([complete])))]).await;
    assert_eq!(found, Read::Present(IncomingRecords(0).into()));
    let mut partial = data(json!([points(json!([1.0]), "PartialData")]));
    partial["NextToken"] = json!("t");
    let last = data(json!([points(json!([1.0]), "Complete")]));
    let found = ask(&question, DATA, [body(&partial), body(&last)]).await;
    assert_eq!(found, Read::Present(IncomingRecords(2).into()));
    let mut warned = data(json!([complete]));
    warned["Messages"] = json!([{ "Code": "MaxMetricsExceeded", "Value": "too many" }]);
    for wrong in [
        data(json!([])),
        data(json!([points(json!([]), "PartialData")])),
        data(json!([points(json!([]), "InternalError")])),
        data(json!([points(json!([]), "Forbidden")])),
        data(json!([points(json!([-1.0]), "Complete")])),
        data(json!([{ "Id": "other", "Values": [], "StatusCode": "Complete" }])),
        data(json!([{ "Id": "records", "StatusCode": "Complete" }])),
        warned,
    ] {
        let answer = ask(&question, DATA, [body(&wrong)]).await;
        is_unreadable(answer, FailureKind::Unintelligible, &wrong.to_string());
    }
}

#[tokio::test(start_paused = true)]
async fn a_stream_is_billed_by_its_mode() {
    let summary = |more: Value| {
        let mut summary = json!({
            "StreamName": "clicks", "StreamARN": "arn", "StreamStatus": "ACTIVE", "RetentionPeriodHours": 24,
            "StreamCreationTimestamp": 1_700_000_000, "EnhancedMonitoring": [],
        });
        summary.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        json!({ "StreamDescriptionSummary": summary })
    };
    let mode = |mode: &str| json!({ "StreamMode": mode });
    let question = Question::StreamCapacity(period("kinesis").stream);
    for (more, expected) in [
        (
            json!({ "StreamModeDetails": mode("PROVISIONED"), "OpenShardCount": 2 }),
            Some(StreamMode::Provisioned { open_shards: 2 }),
        ),
        (json!({ "StreamModeDetails": mode("ON_DEMAND"), "OpenShardCount": 4 }), Some(StreamMode::OnDemand)),
        (json!({ "StreamModeDetails": mode("NEW"), "OpenShardCount": 4 }), None),
        (json!({ "StreamModeDetails": mode("PROVISIONED") }), None),
        (json!({ "OpenShardCount": 1 }), None),
    ] {
        let answer = ask(&question, "DescribeStreamSummary", [body(&summary(more.clone()))]).await;
        match (answer, expected) {
            (Read::Present(Answer::StreamCapacity(capacity)), Some(expected)) => {
                assert_eq!(capacity.mode, expected);
                assert_eq!(capacity.created.unwrap().as_second(), 1_700_000_000);
            }
            (answer, _) => drop(is_unreadable(answer, FailureKind::Unintelligible, &more.to_string())),
        }
    }
}
