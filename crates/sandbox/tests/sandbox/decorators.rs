use crate::caller::{ACCOUNT, Caller, sandbox, send, trust};
use pinpoint_streams_sandbox::decorators::{Answer, CallCounts, Faults, Latency, Throttle, When};
use pinpoint_streams_sandbox::{Sandbox, Service};
use serde_json::Value;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::{Instant, timeout};

async fn list_roles(caller: &Caller) -> Result<u16, ()> {
    let request = caller.request("iam", "POST", "/", "Action=ListRoles");
    send(&caller.client, request).await.map(|answer| answer.status).map_err(|_| ())
}

fn around(sandbox: &Sandbox, faults: Faults) -> Caller {
    Caller::through(Arc::new(faults).around(sandbox.http_client()))
}

#[tokio::test(start_paused = true)]
async fn latency_is_waited_before_every_call() {
    let latency = Latency(Duration::from_millis(50));
    let caller = Caller::through(latency.around(sandbox().http_client()));
    let start = Instant::now();
    for _ in 0..4 {
        list_roles(&caller).await.unwrap();
    }
    assert_eq!(start.elapsed(), Duration::from_millis(200));
}

#[tokio::test(start_paused = true)]
async fn a_throttle_allows_its_rate_and_its_burst() {
    let throttle = Throttle::new(20.0, 5);
    let caller = Caller::through(throttle.around(sandbox().http_client()));
    let mut allowed = 0;
    for _ in 0..400 {
        allowed += u32::from(list_roles(&caller).await == Ok(200));
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    assert!((44..=46).contains(&allowed), "{allowed}");
}

#[tokio::test]
async fn each_service_is_throttled_in_its_own_words() {
    let caller = Caller::through(Throttle::new(0.0, 0).around(sandbox().http_client()));
    let iam = caller.iam("ListRoles", &[]).await;
    assert_eq!(iam.error(), (400, "Throttling".to_owned()));
    let pinpoint = caller.pinpoint("GET", "/v1/apps", Value::Null).await;
    assert_eq!(pinpoint.error(), (429, "TooManyRequestsException".to_owned()));
}

#[tokio::test]
async fn a_throttle_can_be_of_one_service() {
    let throttle = Throttle::new(0.0, 0).only(Service::Pinpoint);
    let caller = Caller::through(throttle.around(sandbox().http_client()));
    assert_eq!(list_roles(&caller).await, Ok(200));
    assert_eq!(caller.pinpoint("GET", "/v1/apps", Value::Null).await.status, 429);
}

#[tokio::test]
async fn the_same_seed_fails_the_same_calls() {
    let run = async |seed| {
        let faults = Faults::seeded(seed).share(0.2, Answer::status(500)).share(0.2, Answer::Reset);
        let caller = around(&sandbox(), faults);
        let mut answers = Vec::new();
        for _ in 0..50 {
            answers.push(list_roles(&caller).await);
        }
        answers
    };
    let first = run(1).await;
    assert_eq!(first, run(1).await);
    assert_ne!(first, run(2).await);
    assert!(first.contains(&Ok(200)) && first.contains(&Err(())) && first.contains(&Ok(500)));
}

#[tokio::test]
async fn a_lost_answer_was_work_done() {
    let sandbox = sandbox();
    let faults = Faults::seeded(0).rule("CreateRole", When::Nth(1), Answer::Lost);
    let caller = around(&sandbox, faults);
    let body = form_urlencoded::Serializer::new("Action=CreateRole&RoleName=Shop".to_owned())
        .append_pair("AssumeRolePolicyDocument", &trust(ACCOUNT))
        .finish();
    let lost = send(&caller.client, caller.request("iam", "POST", "/", &body)).await;
    assert!(lost.unwrap_err().is_io());
    caller.iam("GetRole", &[("RoleName", "Shop")]).await.ok();
}

#[tokio::test]
async fn a_reset_call_was_no_work_done() {
    let sandbox = sandbox();
    let caller = around(&sandbox, Faults::seeded(0).share(1.0, Answer::Reset));
    let body = "Action=DeleteRole&RoleName=Shop";
    Caller::of(&sandbox).create_role("Shop", &trust(ACCOUNT)).await.ok();
    let reset = send(&caller.client, caller.request("iam", "POST", "/", body)).await;
    assert!(reset.is_err());
    Caller::of(&sandbox).iam("GetRole", &[("RoleName", "Shop")]).await.ok();
}

#[tokio::test(start_paused = true)]
async fn silence_lasts_until_the_caller_gives_up() {
    let faults = Faults::seeded(0).rule("ListRoles", When::Always, Answer::Silence);
    let caller = around(&sandbox(), faults);
    let answer = timeout(Duration::from_secs(60), list_roles(&caller)).await;
    assert!(answer.is_err());
}

#[tokio::test]
async fn a_rule_hits_the_nth_call_of_its_operation_alone() {
    let gone = Answer::Respond {
        status: 410,
        headers: vec![("content-type".to_owned(), "text/html".to_owned())],
        body: "<html>gone</html>".to_owned(),
    };
    let faults = Faults::seeded(0).rule("GetApps", When::Nth(2), gone);
    let caller = around(&sandbox(), faults);
    let mut statuses = Vec::new();
    for _ in 0..3 {
        statuses.push(caller.pinpoint("GET", "/v1/apps", Value::Null).await.status);
        assert_eq!(list_roles(&caller).await, Ok(200));
    }
    assert_eq!(statuses, [200, 410, 200]);
}

#[tokio::test]
async fn calls_are_counted_by_operation() {
    let counts = CallCounts::default();
    let caller = Caller::through(counts.around(sandbox().http_client()));
    list_roles(&caller).await.unwrap();
    list_roles(&caller).await.unwrap();
    caller.pinpoint("GET", "/v1/apps", Value::Null).await.ok();
    assert_eq!(counts.of("ListRoles"), 2);
    assert_eq!(counts.of("GetApps"), 1);
    assert_eq!(counts.of("CreateRole"), 0);
    assert_eq!(counts.total(), 3);
    counts.reset();
    assert_eq!(counts.total(), 0);
}

#[tokio::test(start_paused = true)]
async fn decorators_nest() {
    let counts = CallCounts::default();
    let client = Throttle::new(0.0, 1).around(sandbox().http_client());
    let client = Latency(Duration::from_millis(10)).around(client);
    let caller = Caller::through(counts.around(client));
    assert_eq!(list_roles(&caller).await, Ok(200));
    assert_eq!(list_roles(&caller).await, Ok(400));
    assert_eq!(counts.of("ListRoles"), 2);
}
