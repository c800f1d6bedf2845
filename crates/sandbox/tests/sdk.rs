//! The sandbox as the AWS SDK for Rust sees it: what it sends parses, and its errors are the modelled ones.
#![expect(clippy::unwrap_used, reason = "what a test takes for granted may end it")]

use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_credential_types::Credentials;
use aws_credential_types::provider::SharedCredentialsProvider;
use aws_sdk_iam::types::EntityType;
use aws_sdk_pinpoint::types::{CreateApplicationRequest, WriteEventStream};
use pinpoint_streams_sandbox::{Sandbox, Settings, access_key_for};
use std::time::Duration;

const TRUST: &str = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"pinpoint.amazonaws.com"},"Action":"sts:AssumeRole"}]}"#;
const PERMISSIONS: &str = r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":["kinesis:PutRecords","kinesis:DescribeStream"],"Resource":"arn:aws:kinesis:us-east-1:123456789012:stream/clicks"}}"#;

fn config() -> SdkConfig {
    let now = || "2026-11-23T09:30:00Z".parse().unwrap();
    let mut settings = Settings::new(now);
    settings.propagation = Duration::ZERO;
    let key = access_key_for("123456789012");
    let credentials = Credentials::new(key, "sandbox", None, None, "sandbox");
    SdkConfig::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new("us-east-1"))
        .http_client(Sandbox::in_memory(settings).http_client())
        .credentials_provider(SharedCredentialsProvider::new(credentials))
        .build()
}

#[tokio::test]
async fn the_documented_procedure_works_through_the_sdk() {
    let config = config();
    let iam = aws_sdk_iam::Client::new(&config);
    let pinpoint = aws_sdk_pinpoint::Client::new(&config);
    let kinesis = aws_sdk_kinesis::Client::new(&config);

    let sts = aws_sdk_sts::Client::new(&config);
    let caller = sts.get_caller_identity().send().await.unwrap();
    assert_eq!(caller.account(), Some("123456789012"));

    kinesis.create_stream().stream_name("clicks").shard_count(1).send().await.unwrap();
    let stream = kinesis.describe_stream_summary().stream_name("clicks").send().await.unwrap();
    let stream = stream.stream_description_summary().unwrap().stream_arn().to_owned();

    let app = CreateApplicationRequest::builder().name("shop").tags("a", "b").build();
    let app = pinpoint.create_app().create_application_request(app).send().await.unwrap();
    let app = app.application_response().unwrap();
    let id = app.id().unwrap();

    let role = iam.create_role().role_name("Shop").assume_role_policy_document(TRUST).send().await.unwrap();
    let role = role.role().unwrap();
    let policy = iam.put_role_policy().role_name("Shop").policy_name("p").policy_document(PERMISSIONS);
    policy.send().await.unwrap();

    let write = WriteEventStream::builder().destination_stream_arn(&stream).role_arn(role.arn()).build();
    pinpoint.put_event_stream().application_id(id).write_event_stream(write).send().await.unwrap();
    let read = pinpoint.get_event_stream().application_id(id).send().await.unwrap();
    let read = read.event_stream().unwrap();
    assert_eq!(read.destination_stream_arn(), Some(stream.as_str()));
    assert_eq!(read.role_arn(), Some(role.arn()));

    let tags = pinpoint.list_tags_for_resource().resource_arn(app.arn().unwrap()).send().await.unwrap();
    assert_eq!(tags.tags_model().unwrap().tags().unwrap()["a"], "b");
    let apps = pinpoint.get_apps().page_size("10").send().await.unwrap();
    assert_eq!(apps.applications_response().unwrap().item().len(), 1);
    pinpoint.get_channels().application_id(id).send().await.unwrap();
    pinpoint.delete_app().application_id(id).send().await.unwrap();
}

#[tokio::test]
async fn bulk_reads_parse() {
    let config = config();
    let iam = aws_sdk_iam::Client::new(&config);
    for name in ["A", "B", "C"] {
        iam.create_role().role_name(name).assume_role_policy_document(TRUST).send().await.unwrap();
    }
    let mut pages =
        iam.get_account_authorization_details().filter(EntityType::Role).max_items(2).into_paginator().send();
    let mut names = Vec::new();
    while let Some(page) = pages.next().await {
        let page = page.unwrap();
        names.extend(page.role_detail_list().iter().filter_map(|role| role.role_name().map(str::to_owned)));
    }
    assert_eq!(names, ["A", "B", "C"]);
    let roles = iam.list_roles().into_paginator().items().send().collect::<Result<Vec<_>, _>>().await;
    assert_eq!(roles.unwrap().len(), 3);
    let summary = iam.get_account_summary().send().await.unwrap();
    let summary = summary.summary_map().unwrap();
    assert_eq!(summary.iter().find(|(key, _)| key.as_str() == "RolesQuota").unwrap().1, &1000);
}

#[tokio::test]
async fn errors_are_the_modelled_ones() {
    let config = config();
    let iam = aws_sdk_iam::Client::new(&config);
    let missing = iam.get_role().role_name("Nobody").send().await.unwrap_err().into_service_error();
    assert!(missing.is_no_such_entity_exception());
    assert!(missing.meta().message().is_some_and(|message| message.contains("Nobody")));

    let pinpoint = aws_sdk_pinpoint::Client::new(&config);
    let missing = pinpoint.get_event_stream().application_id("none").send().await.unwrap_err();
    assert!(missing.into_service_error().is_not_found_exception());

    let kinesis = aws_sdk_kinesis::Client::new(&config);
    let missing = kinesis.describe_stream_summary().stream_name("none").send().await.unwrap_err();
    assert!(missing.into_service_error().is_resource_not_found_exception());

    let firehose = aws_sdk_firehose::Client::new(&config);
    let missing = firehose.describe_delivery_stream().delivery_stream_name("none").send().await.unwrap_err();
    assert!(missing.into_service_error().is_resource_not_found_exception());
}
