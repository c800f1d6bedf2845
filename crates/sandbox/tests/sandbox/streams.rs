use crate::caller::{Caller, sandbox};
use serde_json::json;

#[tokio::test]
async fn a_kinesis_stream_is_active_and_has_the_callers_arn() {
    let caller = Caller::of(&sandbox()).in_account("210987654321");
    let name = json!({ "StreamName": "clicks" });
    let create = json!({ "StreamName": "clicks", "ShardCount": 1 });
    caller.json11("kinesis", "CreateStream", create).await.ok();
    let read = caller.json11("kinesis", "DescribeStreamSummary", name).await.ok().json();
    let summary = &read["StreamDescriptionSummary"];
    assert_eq!(summary["StreamStatus"], "ACTIVE");
    assert_eq!(summary["StreamARN"], "arn:aws:kinesis:us-east-1:210987654321:stream/clicks");
    let by_arn = json!({ "StreamARN": summary["StreamARN"] });
    caller.json11("kinesis", "DescribeStreamSummary", by_arn).await.ok();
}

#[tokio::test]
async fn a_missing_stream_is_not_found_in_the_callers_account() {
    let caller = Caller::of(&sandbox()).in_account("210987654321");
    let name = json!({ "StreamName": "none" });
    let kinesis = caller.json11("kinesis", "DescribeStreamSummary", name).await;
    assert_eq!(kinesis.error(), (400, "ResourceNotFoundException".to_owned()));
    assert!(kinesis.body.contains("210987654321"), "{}", kinesis.body);
    let name = json!({ "DeliveryStreamName": "none" });
    let firehose = caller.json11("firehose", "DescribeDeliveryStream", name).await;
    assert_eq!(firehose.error(), (400, "ResourceNotFoundException".to_owned()));
}

#[tokio::test]
async fn a_delivery_stream_is_direct_put_and_shows_its_key() {
    let caller = Caller::of(&sandbox());
    let key = "arn:aws:kms:us-east-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab";
    let create = json!({
        "DeliveryStreamName": "lake",
        "DeliveryStreamEncryptionConfigurationInput": { "KeyType": "CUSTOMER_MANAGED_CMK", "KeyARN": key },
    });
    caller.json11("firehose", "CreateDeliveryStream", create).await.ok();
    let name = json!({ "DeliveryStreamName": "lake" });
    let read = caller.json11("firehose", "DescribeDeliveryStream", name).await.ok().json();
    let description = &read["DeliveryStreamDescription"];
    assert_eq!(description["DeliveryStreamType"], "DirectPut");
    assert_eq!(description["DeliveryStreamStatus"], "ACTIVE");
    assert_eq!(description["DeliveryStreamEncryptionConfiguration"]["KeyARN"], key);
}

#[tokio::test]
async fn a_delivery_stream_fed_by_kinesis_says_so() {
    let caller = Caller::of(&sandbox());
    let create = json!({ "DeliveryStreamName": "lake", "DeliveryStreamType": "KinesisStreamAsSource" });
    caller.json11("firehose", "CreateDeliveryStream", create).await.ok();
    let name = json!({ "DeliveryStreamName": "lake" });
    let read = caller.json11("firehose", "DescribeDeliveryStream", name).await.ok().json();
    assert_eq!(read["DeliveryStreamDescription"]["DeliveryStreamType"], "KinesisStreamAsSource");
}
