use crate::caller::{ACCOUNT, Answer, Caller, sandbox, send};
use pinpoint_streams_sandbox::{OtherKind, OtherResource, Seed, SeedAccount};
use serde_json::{Value, json};

async fn rest(caller: &Caller, service: &str, method: &str, path: &str, body: &Value) -> Answer {
    let body = if body.is_null() { String::new() } else { body.to_string() };
    send(&caller.client, caller.request(service, method, path, &body)).await.unwrap()
}

fn metric(change: impl Fn(&mut Value)) -> Value {
    let mut query = json!({
        "MetricDataQueries": [{ "Id": "a", "MetricStat": {
            "Metric": {
                "Namespace": "AWS/Kinesis",
                "MetricName": "IncomingRecords",
                "Dimensions": [{ "Name": "StreamName", "Value": "clicks" }],
            },
            "Period": 3600,
            "Stat": "Sum",
        } }],
        "StartTime": 1_793_232_000,
        "EndTime": 1_795_824_000,
    });
    change(&mut query);
    query
}

#[tokio::test]
async fn wrong_requests_are_refused_with_the_codes_of_the_services() {
    let caller = Caller::of(&sandbox());
    let list = "/v2/email/list-identities";
    for (service, method, path, body, error) in [
        ("ses", "POST", list, json!({ "PageSize": 1001 }), (400, "BadRequestException")),
        ("ses", "POST", list, json!({ "NextToken": "odd" }), (400, "BadRequestException")),
        ("ses", "GET", "/v2/email/identities/a/policies", Value::Null, (404, "NotFoundException")),
        (
            "ses",
            "GET",
            "/v2/email/configuration-sets/a/event-destinations",
            Value::Null,
            (404, "NotFoundException"),
        ),
        (
            "lambda",
            "GET",
            "/2015-03-31/functions?MaxItems=0",
            Value::Null,
            (400, "InvalidParameterValueException"),
        ),
        ("lambda", "GET", "/2015-03-31/functions?Marker=x", Value::Null, (400, "InvalidParameterValueException")),
        ("lambda", "GET", "/2015-03-31/functions/a/policy", Value::Null, (404, "ResourceNotFoundException")),
        ("mobiletargeting", "GET", "/v1/recommenders?page-size=0", Value::Null, (400, "BadRequestException")),
        ("mobiletargeting", "GET", "/v1/templates?next-token=x", Value::Null, (400, "BadRequestException")),
        ("mobiletargeting", "GET", "/v1/apps/a/jobs/import", Value::Null, (404, "NotFoundException")),
    ] {
        let answer = rest(&caller, service, method, path, &body).await;
        assert_eq!(answer.error(), (error.0, error.1.to_owned()), "{path} {body}");
    }
    for (body, code) in [
        (metric(|query| query["StartTime"] = Value::Null), "MissingParameter"),
        (metric(|query| query["EndTime"] = json!(1)), "InvalidParameterValue"),
        (metric(|query| query["MetricDataQueries"] = json!([])), "InvalidParameterValue"),
        (
            metric(|query| query["MetricDataQueries"][0]["MetricStat"]["Stat"] = json!("Average")),
            "InvalidParameterValue",
        ),
        (
            metric(|query| query["MetricDataQueries"][0]["MetricStat"]["Period"] = json!(7)),
            "InvalidParameterValue",
        ),
        (metric(|query| query["NextToken"] = json!("x")), "InvalidNextToken"),
    ] {
        let answer = caller.json11("monitoring", "GetMetricData", body.clone()).await;
        assert_eq!(answer.error(), (400, code.to_owned()), "{body}");
    }
    caller.json11("monitoring", "GetMetricData", metric(|_| {})).await.ok();
}

#[tokio::test]
async fn a_page_has_what_was_asked_for_and_lambda_never_more_than_fifty() {
    let sandbox = sandbox();
    let other = |number: usize| OtherResource {
        region: "us-east-1".to_owned(),
        name: format!("f{number:03}"),
        resource: OtherKind::Function { policy: None },
    };
    let others = (0..101).map(other).collect();
    let account =
        SeedAccount { id: ACCOUNT.to_owned(), partition: "aws".to_owned(), others, ..SeedAccount::default() };
    sandbox.seed(&Seed { accounts: vec![account] }).unwrap();
    let caller = Caller::of(&sandbox);
    let mut path = "/2015-03-31/functions?MaxItems=1000".to_owned();
    let mut sizes = Vec::new();
    loop {
        let page = rest(&caller, "lambda", "GET", &path, &Value::Null).await.ok().json();
        sizes.push(page["Functions"].as_array().unwrap().len());
        let Some(marker) = page["NextMarker"].as_str() else { break };
        path = format!("/2015-03-31/functions?Marker={marker}");
    }
    assert_eq!(sizes, [50, 50, 1]);
    let elsewhere =
        rest(&caller.in_region("eu-west-1"), "lambda", "GET", "/2015-03-31/functions", &Value::Null).await;
    assert_eq!(elsewhere.ok().json()["Functions"], json!([]));
}
