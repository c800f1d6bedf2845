use crate::caller::{ACCOUNT, Caller, Clock, settings, trust};
use jiff::Timestamp;
use pinpoint_streams_sandbox::{
    Recorder, RoleUse, Sandbox, Seed, SeedAccount, SeedApp, SeedEventStream, SeedRole,
};
use serde_json::{Value, json};
use std::time::Duration;
use tempfile::TempDir;

const DAY: Duration = Duration::from_secs(24 * 60 * 60);

fn seed(recorder: Option<Recorder>) -> Seed {
    let role = |name: &str| format!("arn:aws:iam::{ACCOUNT}:role/{name}");
    let region = "us-east-1".to_owned();
    let event_stream = SeedEventStream {
        region: region.clone(),
        app: "a1".to_owned(),
        destination: format!("arn:aws:kinesis:us-east-1:{ACCOUNT}:stream/clicks"),
        role: role("Shop"),
    };
    let at: Timestamp = "2026-11-01T00:00:00Z".parse().unwrap();
    let used = SeedRole {
        last_used: Some(RoleUse { at, region }),
        ..SeedRole::new(role("Shop").parse().unwrap(), trust(ACCOUNT))
    };
    let account = SeedAccount {
        apps: vec![SeedApp::new("us-east-1", "a1", "shop")],
        event_streams: vec![event_stream],
        roles: vec![used],
        config: Vec::from_iter(recorder),
        ..SeedAccount::new(ACCOUNT)
    };
    Seed { accounts: vec![account] }
}

fn recorder(types: Option<&str>, stopped: bool) -> Recorder {
    let types = types.map(|kind| vec![kind.to_owned()]);
    Recorder { region: "us-east-1".to_owned(), types, since: "2025-01-01T00:00:00Z".parse().unwrap(), stopped }
}

async fn events(caller: &Caller, key: &str, value: &str, more: Value) -> Value {
    let mut body = json!({ "LookupAttributes": [{ "AttributeKey": key, "AttributeValue": value }] });
    body.as_object_mut().unwrap().extend(more.as_object().cloned().unwrap_or_default());
    caller.json11("cloudtrail", "LookupEvents", body).await.ok().json()
}

async fn recorded(caller: &Caller) -> usize {
    let expression = "SELECT configuration WHERE resourceType = 'AWS::Pinpoint::EventStream'";
    let answer = caller.json11("config", "SelectResourceConfig", json!({ "Expression": expression })).await;
    answer.ok().json()["Results"].as_array().unwrap().len()
}

#[tokio::test]
async fn events_are_kept_for_90_days_newest_first_and_by_pages() {
    let clock = Clock::default();
    let sandbox = Sandbox::in_memory(settings(&clock));
    sandbox.seed(&seed(None)).unwrap();
    let caller = Caller::of(&sandbox);
    for _ in 0..3 {
        caller.pinpoint("DELETE", "/v1/apps/a1/eventstream", Value::Null).await;
        clock.advance(DAY);
    }
    let page = events(&caller, "EventName", "DeleteEventStream", json!({ "MaxResults": 2 })).await;
    let times: Vec<i64> =
        page["Events"].as_array().unwrap().iter().map(|e| e["EventTime"].as_i64().unwrap()).collect();
    assert!(times.len() == 2 && times[0] > times[1], "{times:?}");
    let rest = json!({ "MaxResults": 2, "NextToken": page["NextToken"] });
    let rest = events(&caller, "EventName", "DeleteEventStream", rest).await;
    assert_eq!((rest["Events"].as_array().unwrap().len(), &rest["NextToken"]), (1, &Value::Null));

    let role = format!("arn:aws:iam::{ACCOUNT}:role/Shop");
    assert_eq!(events(&caller, "ResourceName", &role, json!({})).await["Events"].as_array().unwrap().len(), 1);
    clock.advance(80 * DAY);
    assert_eq!(events(&caller, "ResourceName", &role, json!({})).await["Events"], json!([]));
    clock.advance(20 * DAY);
    assert_eq!(events(&caller, "EventName", "DeleteEventStream", json!({})).await["Events"], json!([]));

    let many = caller.json11("cloudtrail", "LookupEvents", json!({ "MaxResults": 51 })).await;
    assert_eq!(many.error(), (400, "InvalidMaxResultsException".to_owned()));
}

#[tokio::test]
async fn a_recorder_records_the_types_that_it_covers_while_it_runs() {
    for (recorder, count) in [
        (None, 0),
        (Some(recorder(None, false)), 1),
        (Some(recorder(None, true)), 0),
        (Some(recorder(Some("AWS::Pinpoint::EventStream"), false)), 1),
        (Some(recorder(Some("AWS::S3::Bucket"), false)), 0),
    ] {
        let sandbox = Sandbox::in_memory(settings(&Clock::default()));
        sandbox.seed(&seed(recorder.clone())).unwrap();
        let caller = Caller::of(&sandbox);
        assert_eq!(recorded(&caller).await, count, "{recorder:?}");
        caller.pinpoint("DELETE", "/v1/apps/a1", Value::Null).await.ok();
        assert_eq!(recorded(&caller).await, 0, "{recorder:?}");
    }
    let caller = Caller::of(&Sandbox::in_memory(settings(&Clock::default())));
    let wrong = caller.json11("config", "SelectResourceConfig", json!({ "Expression": "SELECT *" })).await;
    assert_eq!(wrong.error(), (400, "InvalidExpressionException".to_owned()));
}

#[tokio::test]
async fn what_was_recorded_is_there_when_the_sandbox_is_opened_again() {
    let folder = TempDir::new().unwrap();
    let clock = Clock::default();
    let sandbox = Sandbox::open(folder.path(), settings(&clock)).unwrap();
    sandbox.seed(&seed(Some(recorder(None, false)))).unwrap();
    Caller::of(&sandbox).pinpoint("DELETE", "/v1/apps/a1/eventstream", Value::Null).await.ok();
    let again = Caller::of(&Sandbox::open(folder.path(), settings(&clock)).unwrap());
    let kept = events(&again, "EventName", "DeleteEventStream", json!({})).await;
    assert_eq!(kept["Events"].as_array().unwrap().len(), 1);
    let asked = json!({ "resourceType": "AWS::Pinpoint::EventStream", "resourceId": "a1" });
    let history = again.json11("config", "GetResourceConfigHistory", asked).await.ok().json();
    assert_eq!(history["configurationItems"][0]["configurationItemStatus"], "ResourceDeleted");
}
