use crate::caller::{ACCOUNT, Answer, Caller, Clock, kinesis_permissions, settings, trust};
use pinpoint_streams_sandbox::Sandbox;
use serde_json::{Value, json};
use std::time::Duration;

const ROLE: &str = "arn:aws:iam::123456789012:role/Shop";
const STREAM: &str = "arn:aws:kinesis:us-east-1:123456789012:stream/clicks";

struct Scene {
    caller: Caller,
    clock: Clock,
    app: String,
}

impl Scene {
    async fn with(trust: &str, permissions: &str) -> Scene {
        let clock = Clock::default();
        let mut settings = settings(&clock);
        settings.propagation = Duration::from_secs(5);
        let caller = Caller::of(&Sandbox::in_memory(settings));
        let app = caller.create_app("Shop").await;
        caller.json11("kinesis", "CreateStream", json!({ "StreamName": "clicks" })).await.ok();
        caller.create_role("Shop", &trust.replace("APP", &app)).await.ok();
        caller.put_role_policy("Shop", "p", permissions).await.ok();
        clock.advance(Duration::from_secs(5));
        Scene { caller, clock, app }
    }

    async fn good() -> Scene {
        Scene::with(&trust(ACCOUNT), kinesis_permissions()).await
    }

    async fn put(&self, stream: &str, role: &str) -> Answer {
        let path = format!("/v1/apps/{}/eventstream", self.app);
        let body = json!({ "DestinationStreamArn": stream, "RoleArn": role });
        self.caller.pinpoint("POST", &path, body).await
    }

    async fn get(&self) -> Answer {
        let path = format!("/v1/apps/{}/eventstream", self.app);
        self.caller.pinpoint("GET", &path, Value::Null).await
    }
}

#[track_caller]
fn assert_not_ready(answer: &Answer) {
    assert_eq!(answer.error(), (400, "BadRequestException".to_owned()), "{}", answer.body);
    let message = answer.json()["Message"].as_str().unwrap().to_owned();
    assert!(message.contains("make sure the IAM Role is configured correctly"), "{message}");
}

#[tokio::test]
async fn an_event_stream_that_fits_is_set_read_and_deleted() {
    let scene = Scene::good().await;
    let none = scene.get().await;
    assert_eq!(none.error(), (404, "NotFoundException".to_owned()));
    scene.put(STREAM, ROLE).await.ok();
    let read = scene.get().await.ok().json();
    assert_eq!(read["DestinationStreamArn"], STREAM);
    assert_eq!(read["RoleArn"], ROLE);
    assert_eq!(read["ApplicationId"], scene.app);
    let path = format!("/v1/apps/{}/eventstream", scene.app);
    scene.caller.pinpoint("DELETE", &path, Value::Null).await.ok();
    assert_eq!(scene.get().await.status, 404);
    let again = scene.caller.pinpoint("DELETE", &path, Value::Null).await;
    assert_eq!(again.error(), (404, "NotFoundException".to_owned()));
}

#[tokio::test]
async fn a_role_that_has_just_changed_is_not_ready_yet() {
    let scene = Scene::good().await;
    let update = [("RoleName", "Shop"), ("PolicyDocument", &trust(ACCOUNT))];
    scene.caller.iam("UpdateAssumeRolePolicy", &update).await.ok();
    assert_not_ready(&scene.put(STREAM, ROLE).await);
    scene.clock.advance(Duration::from_secs(4));
    assert_not_ready(&scene.put(STREAM, ROLE).await);
    scene.clock.advance(Duration::from_secs(1));
    scene.put(STREAM, ROLE).await.ok();
}

#[tokio::test]
async fn tags_are_no_change_that_must_propagate() {
    let scene = Scene::good().await;
    let tag = [("RoleName", "Shop"), ("Tags.member.1.Key", "k"), ("Tags.member.1.Value", "v")];
    scene.caller.iam("TagRole", &tag).await.ok();
    scene.put(STREAM, ROLE).await.ok();
}

#[tokio::test]
async fn a_role_that_is_missing_or_anothers_is_refused() {
    let scene = Scene::good().await;
    assert_not_ready(&scene.put(STREAM, "arn:aws:iam::123456789012:role/Nobody").await);
    assert_not_ready(&scene.put(STREAM, "arn:aws:iam::123456789012:role/path/Shop").await);
    assert_not_ready(&scene.put(STREAM, "arn:aws:iam::210987654321:role/Shop").await);
    assert_not_ready(&scene.put(STREAM, "AROAQ7SSZBKHRKPWRZUN6").await);
}

#[tokio::test]
async fn a_trust_that_does_not_admit_this_app_is_refused() {
    let good = trust(ACCOUNT);
    let wrong = [
        good.replace("pinpoint.amazonaws.com", "firehose.amazonaws.com"),
        good.replace("apps/*", "apps/another"),
        good.replace("us-east-1", "eu-west-1"),
        good.replace(&format!("\"{ACCOUNT}\""), "\"210987654321\""),
        good.replace("Allow", "Deny"),
    ];
    for trust in wrong {
        let scene = Scene::with(&trust, kinesis_permissions()).await;
        assert_not_ready(&scene.put(STREAM, ROLE).await);
    }
    let exact = Scene::with(&good.replace("apps/*", "apps/APP"), kinesis_permissions()).await;
    exact.put(STREAM, ROLE).await.ok();
}

#[tokio::test]
async fn permissions_that_do_not_reach_the_stream_are_refused() {
    let good = kinesis_permissions();
    let wrong = [
        good.replace("kinesis:PutRecords", "kinesis:PutRecord"),
        good.replace("kinesis:DescribeStream", "kinesis:ListStreams"),
        good.replace("stream/*", "stream/orders"),
        good.replace("kinesis", "firehose"),
    ];
    for permissions in wrong {
        let scene = Scene::with(&trust(ACCOUNT), &permissions).await;
        assert_not_ready(&scene.put(STREAM, ROLE).await);
    }
}

#[tokio::test]
async fn a_deny_or_a_boundary_takes_the_permission_away() {
    let scene = Scene::good().await;
    let deny = r#"{"Version":"2012-10-17","Statement":{"Effect":"Deny","Action":"*","Resource":"*"}}"#;
    scene.caller.put_role_policy("Shop", "quarantine", deny).await.ok();
    scene.clock.advance(Duration::from_secs(5));
    assert_not_ready(&scene.put(STREAM, ROLE).await);

    let scene = Scene::good().await;
    let boundary = "arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess";
    let put = [("RoleName", "Shop"), ("PermissionsBoundary", boundary)];
    scene.caller.iam("PutRolePermissionsBoundary", &put).await.ok();
    scene.clock.advance(Duration::from_secs(5));
    assert_not_ready(&scene.put(STREAM, ROLE).await);
}

#[tokio::test]
async fn a_stream_that_is_missing_or_elsewhere_is_refused() {
    let scene = Scene::good().await;
    let elsewhere = scene.caller.in_region("eu-west-1");
    elsewhere.json11("kinesis", "CreateStream", json!({ "StreamName": "clicks" })).await.ok();
    assert_not_ready(&scene.put(&STREAM.replace("clicks", "orders"), ROLE).await);
    assert_not_ready(&scene.put(&STREAM.replace("us-east-1", "eu-west-1"), ROLE).await);
    assert_not_ready(&scene.put(&STREAM.replace(ACCOUNT, "210987654321"), ROLE).await);
    assert_not_ready(&scene.put("clicks", ROLE).await);
}

#[tokio::test]
async fn deleting_an_app_takes_its_event_stream_along() {
    let scene = Scene::good().await;
    scene.put(STREAM, ROLE).await.ok();
    let path = format!("/v1/apps/{}", scene.app);
    scene.caller.pinpoint("DELETE", &path, Value::Null).await.ok();
    assert_eq!(scene.get().await.error(), (404, "NotFoundException".to_owned()));
}

#[tokio::test]
async fn a_delivery_stream_can_take_events_too() {
    let permissions = r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":["firehose:PutRecordBatch","firehose:DescribeDeliveryStream"],"Resource":"arn:aws:firehose:us-east-1:123456789012:deliverystream/lake"}}"#;
    let scene = Scene::with(&trust(ACCOUNT), permissions).await;
    let lake = json!({ "DeliveryStreamName": "lake" });
    scene.caller.json11("firehose", "CreateDeliveryStream", lake).await.ok();
    let arn = "arn:aws:firehose:us-east-1:123456789012:deliverystream/lake";
    scene.put(arn, ROLE).await.ok();
}
