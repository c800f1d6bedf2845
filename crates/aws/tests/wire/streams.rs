//! Apps, channels, event streams, and the streams that events go to.
use crate::canned::{Canned, Reply, app_arn};
use pinpoint_streams_model::arn::StreamArn;
use pinpoint_streams_model::live::{FailureKind, LiveEventStream};
use pinpoint_streams_testkit::Reads;

#[tokio::test(start_paused = true)]
async fn an_event_stream_is_read_as_aws_holds_it() {
    let body = r#"{"ApplicationId":"abc123","DestinationStreamArn":"arn:odd","RoleArn":"r","LastUpdatedBy":"me"}"#;
    let canned = Canned::new().on("/v1/apps/abc123/eventstream", Reply::json(200, body));
    let stream = canned.aws().await.event_stream(&app_arn()).await.unwrap();
    assert_eq!(stream, Some(LiveEventStream { destination: "arn:odd".to_owned(), role_arn: "r".to_owned() }));
    let sent = &canned.sent("/eventstream")[0];
    assert!(sent.authorization.contains("/eu-west-1/mobiletargeting/aws4_request"), "{}", sent.authorization);
    assert!(sent.user_agent.contains("app/ps-growth-run-7"), "{}", sent.user_agent);
}

#[tokio::test(start_paused = true)]
async fn only_enabled_channels_are_named() {
    let body = r#"{"Channels":{"GCM":{"Enabled":true},"SMS":{"Enabled":false},"APNS":{}}}"#;
    let canned = Canned::new().on("/v1/apps/abc123/channels", Reply::json(200, body));
    let channels = canned.aws().await.channels(&app_arn()).await.unwrap();
    assert_eq!(channels.into_iter().collect::<Vec<_>>(), ["APNS", "GCM"]);
}

#[tokio::test(start_paused = true)]
async fn tags_are_read_by_arn() {
    let canned = Canned::new().on("GET https://pinpoint.eu-west-1.amazonaws.com/v1/tags/", {
        Reply::json(200, r#"{"tags":{"team":"growth"}}"#)
    });
    let tags = canned.aws().await.app_tags(&app_arn()).await.unwrap();
    assert_eq!(tags.get("team").unwrap(), "growth");
    assert!(canned.sent("/v1/tags/")[0].uri.contains("apps%2Fabc123"), "{:?}", canned.sent("/v1/tags/"));
}

fn kinesis(encryption: &str) -> Reply {
    Reply::json(
        200,
        format!(
            r#"{{"StreamDescriptionSummary":{{"StreamName":"clicks","StreamARN":"arn","StreamStatus":"UPDATING",
            "RetentionPeriodHours":24,"StreamCreationTimestamp":1700000000,"EnhancedMonitoring":[],
            "OpenShardCount":1{encryption}}}}}"#
        ),
    )
}

#[tokio::test(start_paused = true)]
async fn a_key_of_awss_own_is_no_customers_key() {
    let arn: StreamArn = "arn:aws:kinesis:eu-west-1:123456789012:stream/clicks".parse().unwrap();
    for (encryption, key) in [
        ("", None),
        (r#","EncryptionType":"KMS","KeyId":"alias/aws/kinesis""#, None),
        (r#","EncryptionType":"KMS","KeyId":"arn:aws:kms:eu-west-1:123456789012:alias/aws/kinesis""#, None),
        (r#","EncryptionType":"KMS","KeyId":"alias/ours""#, Some("alias/ours")),
        (r#","EncryptionType":"KMS","KeyId":"1234abcd""#, Some("arn:aws:kms:eu-west-1:123456789012:key/1234abcd")),
        (
            r#","EncryptionType":"KMS","KeyId":"arn:aws:kms:eu-west-1:9:key/1""#,
            Some("arn:aws:kms:eu-west-1:9:key/1"),
        ),
    ] {
        let canned = Canned::new().on("kinesis.eu-west-1", kinesis(encryption));
        let stream = canned.aws().await.stream(&arn).await.unwrap().unwrap();
        assert_eq!(stream.customer_key.as_deref(), key);
        assert!(stream.active && stream.direct_put, "an UPDATING stream takes records");
    }
}

#[tokio::test(start_paused = true)]
async fn a_firehose_that_reads_from_kinesis_is_not_direct_put() {
    let arn: StreamArn = "arn:aws:firehose:eu-west-1:123456789012:deliverystream/lake".parse().unwrap();
    let encryption_statuses =
        [("ENABLED", Some("arn:key")), ("ENABLING", None), ("ENABLING_FAILED", None), ("DISABLED", None)];
    for (status, key) in encryption_statuses {
        let body = r#"{"DeliveryStreamDescription":{"DeliveryStreamName":"lake","DeliveryStreamARN":"arn",
            "DeliveryStreamStatus":"ACTIVE","DeliveryStreamType":"KinesisStreamAsSource","VersionId":"1",
            "Destinations":[],"HasMoreDestinations":false,"DeliveryStreamEncryptionConfiguration":
            {"KeyARN":"arn:key","KeyType":"CUSTOMER_MANAGED_CMK","Status":"SSE-STATUS"}}}"#;
        let canned = Canned::new().on("firehose.eu-west-1", Reply::json(200, body.replace("SSE-STATUS", status)));
        let stream = canned.aws().await.stream(&arn).await.unwrap().unwrap();
        assert!(!stream.direct_put && stream.active);
        assert_eq!(stream.customer_key.as_deref(), key, "{status}");
    }

    let missing = r#"{"__type":"ResourceNotFoundException","message":"Firehose lake not found"}"#;
    let canned = Canned::new().on("firehose.eu-west-1", Reply::json(400, missing));
    assert_eq!(canned.aws().await.stream(&arn).await.unwrap(), None);
}

#[tokio::test(start_paused = true)]
async fn streams_are_asked_for_at_the_endpoints_of_their_region() {
    let firehose = r#"{"DeliveryStreamDescription":{"DeliveryStreamName":"lake","DeliveryStreamStatus":"ACTIVE",
        "DeliveryStreamType":"DirectPut"}}"#;
    let canned =
        Canned::new().on("kinesis.eu-west-1", kinesis("")).on("firehose.eu-west-1", Reply::json(200, firehose));
    let aws = canned.aws().await;
    for (arn, host, target, body) in [
        (
            "arn:aws:kinesis:eu-west-1:123456789012:stream/clicks",
            "https://kinesis.eu-west-1.amazonaws.com/",
            "Kinesis_20131202.DescribeStreamSummary",
            r#"{"StreamARN":"arn:aws:kinesis:eu-west-1:123456789012:stream/clicks"}"#,
        ),
        (
            "arn:aws:firehose:eu-west-1:123456789012:deliverystream/lake",
            "https://firehose.eu-west-1.amazonaws.com/",
            "Firehose_20150804.DescribeDeliveryStream",
            r#"{"DeliveryStreamName":"lake"}"#,
        ),
    ] {
        assert!(aws.stream(&arn.parse().unwrap()).await.unwrap().is_some());
        let sent = &canned.sent(target)[0];
        assert_eq!((sent.uri.as_str(), sent.body.as_str()), (host, body));
        assert_eq!(sent.content_type, "application/x-amz-json-1.1");
    }
}

#[tokio::test(start_paused = true)]
async fn an_answer_about_another_stream_is_unreadable() {
    let firehose = r#"{"DeliveryStreamDescription":{"DeliveryStreamName":"lake","DeliveryStreamARN":"arn",
        "DeliveryStreamStatus":"ACTIVE","DeliveryStreamType":"DirectPut","VersionId":"1","Destinations":[],
        "HasMoreDestinations":false}}"#;
    let canned =
        Canned::new().on("kinesis.eu-west-1", kinesis("")).on("firehose.eu-west-1", Reply::json(200, firehose));
    for arn in [
        "arn:aws:kinesis:eu-west-1:123456789012:stream/others",
        "arn:aws:firehose:eu-west-1:123456789012:deliverystream/others",
    ] {
        let error = canned.aws().await.stream(&arn.parse().unwrap()).await.unwrap_err();
        assert_eq!(error.kind, FailureKind::Unintelligible, "{error}");
    }
}
