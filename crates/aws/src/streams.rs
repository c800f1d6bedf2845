//! The streams that events go to, as far as preflight checks them.
use crate::account::Regional;
use crate::classify::{ApiOperation, CloudError, Service, misread, missing, unless_absent};
use crate::service::json::{Request, seconds};
use jiff::Timestamp;
use pinpoint_streams_model::arn::{KmsKeyArn, StreamArn};
use pinpoint_streams_model::live::LiveStream;
use pinpoint_streams_model::live::residue::{StreamCapacity, StreamMode};
use pinpoint_streams_model::live::resource_policy::StreamPolicy;
use pinpoint_streams_model::policy::Document;
use serde::Deserialize;
use serde_json::json;

const DESCRIBE_KINESIS: ApiOperation = ApiOperation::new(Service::Kinesis, "DescribeStreamSummary");
pub(crate) const GET_POLICY: ApiOperation = ApiOperation::new(Service::Kinesis, "GetResourcePolicy");
const DESCRIBE_FIREHOSE: ApiOperation = ApiOperation::new(Service::Firehose, "DescribeDeliveryStream");
const KINESIS_TARGET: &str = "Kinesis_20131202";
const FIREHOSE_TARGET: &str = "Firehose_20150804";
/// The alias of the AWS managed key for Kinesis, for which producers need no permission.
/// Source: Kinesis developer guide, "How do I get started with server-side encryption?".
const AWS_MANAGED_KEY: &str = "alias/aws/kinesis";

pub(crate) fn described_by(arn: &StreamArn) -> ApiOperation {
    match arn {
        StreamArn::Kinesis(_) => DESCRIBE_KINESIS,
        StreamArn::Firehose(_) => DESCRIBE_FIREHOSE,
    }
}

pub(crate) async fn stream(regional: &Regional, arn: &StreamArn) -> Result<Option<LiveStream>, CloudError> {
    match arn {
        StreamArn::Kinesis(_) => kinesis(regional, arn).await,
        StreamArn::Firehose(_) => firehose(regional, arn).await,
    }
}

async fn kinesis(regional: &Regional, arn: &StreamArn) -> Result<Option<LiveStream>, CloudError> {
    let Some(stream) = described_kinesis(regional, arn).await? else { return Ok(None) };
    let customer_key = match stream.encryption_type.as_deref() {
        Some("KMS") => stream.key_id.filter(|key| !key.ends_with(AWS_MANAGED_KEY)),
        _ => None,
    };
    Ok(Some(LiveStream {
        // While its shards are split or merged it takes records as before.
        active: matches!(stream.stream_status.as_str(), "ACTIVE" | "UPDATING"),
        status: stream.stream_status,
        direct_put: true,
        customer_key: customer_key.map(|key| completed(&key, arn)),
    }))
}

/// `KeyId` is a key ARN, a key ID, an alias or an alias ARN. A key ID is of the stream's account and region.
/// Source: Kinesis API reference, StartStreamEncryption.
fn completed(key: &str, arn: &StreamArn) -> String {
    if key.starts_with("arn:") || key.starts_with("alias/") {
        return key.to_owned();
    }
    KmsKeyArn { region: arn.region().clone(), account: arn.account().clone(), id: key.to_owned() }.to_string()
}

async fn firehose(regional: &Regional, arn: &StreamArn) -> Result<Option<LiveStream>, CloudError> {
    let Some(stream) = described_firehose(regional, arn).await? else { return Ok(None) };
    let customer_key = stream
        .delivery_stream_encryption_configuration
        // A key that is being enabled, was disabled or could not be enabled encrypts nothing.
        .filter(|encryption| encryption.status.as_deref() == Some("ENABLED"))
        .filter(|encryption| encryption.key_type.as_deref() == Some("CUSTOMER_MANAGED_CMK"))
        .and_then(|encryption| encryption.key_arn);
    Ok(Some(LiveStream {
        active: stream.delivery_stream_status == "ACTIVE",
        status: stream.delivery_stream_status,
        direct_put: stream.delivery_stream_type == "DirectPut",
        customer_key,
    }))
}

/// The policy of a Kinesis stream. Firehose streams have none.
pub(crate) async fn policy(regional: &Regional, arn: &StreamArn) -> Result<Option<StreamPolicy>, CloudError> {
    let StreamArn::Kinesis(_) = arn else { return Ok(None) };
    let request = Request::target(KINESIS_TARGET, GET_POLICY, json!({ "ResourceARN": arn.to_string() }));
    let Some(Policy { policy }) = unless_absent(regional.kinesis.call(GET_POLICY, request).await)? else {
        return Ok(None);
    };
    match policy.as_deref().unwrap_or_default().trim() {
        "" | "{}" => Ok(None),
        policy => {
            let document = Document::from_json(policy).map_err(|error| misread(GET_POLICY, error))?;
            Ok(Some(StreamPolicy(document)))
        }
    }
}

/// What a stream is billed by.
pub(crate) async fn capacity(regional: &Regional, arn: &StreamArn) -> Result<Option<StreamCapacity>, CloudError> {
    match arn {
        StreamArn::Kinesis(_) => {
            let Some(stream) = described_kinesis(regional, arn).await? else { return Ok(None) };
            let details = stream.stream_mode_details.ok_or_else(|| missing(DESCRIBE_KINESIS, "StreamMode"))?;
            let mode = match details.stream_mode.as_str() {
                "ON_DEMAND" => StreamMode::OnDemand,
                "PROVISIONED" => {
                    // A provisioned stream has at least one.
                    let shards = stream.open_shard_count.and_then(|shards| u32::try_from(shards).ok());
                    let shards = shards.filter(|shards| *shards > 0);
                    StreamMode::Provisioned {
                        open_shards: shards.ok_or_else(|| missing(DESCRIBE_KINESIS, "OpenShardCount"))?,
                    }
                }
                other => return Err(misread(DESCRIBE_KINESIS, format!("stream mode {other} is not known"))),
            };
            Ok(Some(StreamCapacity { mode, created: stream.stream_creation_timestamp }))
        }
        StreamArn::Firehose(_) => {
            let Some(stream) = described_firehose(regional, arn).await? else { return Ok(None) };
            Ok(Some(StreamCapacity { mode: StreamMode::Firehose, created: stream.create_timestamp }))
        }
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Policy {
    policy: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct DescribedKinesis {
    stream_description_summary: KinesisStream,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct KinesisStream {
    stream_name: String,
    stream_status: String,
    stream_mode_details: Option<ModeDetails>,
    #[serde(default, deserialize_with = "seconds")]
    stream_creation_timestamp: Option<Timestamp>,
    open_shard_count: Option<i64>,
    encryption_type: Option<String>,
    key_id: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct ModeDetails {
    stream_mode: String,
}

async fn described_kinesis(regional: &Regional, arn: &StreamArn) -> Result<Option<KinesisStream>, CloudError> {
    let body = json!({ "StreamARN": arn.to_string() });
    let request = Request::target(KINESIS_TARGET, DESCRIBE_KINESIS, body);
    let answer = unless_absent(regional.kinesis.call(DESCRIBE_KINESIS, request).await)?;
    let Some(DescribedKinesis { stream_description_summary: stream }) = answer else { return Ok(None) };
    must_be(DESCRIBE_KINESIS, arn, &stream.stream_name)?;
    Ok(Some(stream))
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct DescribedFirehose {
    delivery_stream_description: FirehoseStream,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct FirehoseStream {
    delivery_stream_name: String,
    delivery_stream_status: String,
    delivery_stream_type: String,
    delivery_stream_encryption_configuration: Option<Encryption>,
    #[serde(default, deserialize_with = "seconds")]
    create_timestamp: Option<Timestamp>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Encryption {
    #[serde(rename = "KeyARN")]
    key_arn: Option<String>,
    key_type: Option<String>,
    status: Option<String>,
}

/// Firehose finds streams only by name, in the account and region of the call.
async fn described_firehose(regional: &Regional, arn: &StreamArn) -> Result<Option<FirehoseStream>, CloudError> {
    let body = json!({ "DeliveryStreamName": arn.name() });
    let request = Request::target(FIREHOSE_TARGET, DESCRIBE_FIREHOSE, body);
    let answer = unless_absent(regional.firehose.call(DESCRIBE_FIREHOSE, request).await)?;
    let Some(DescribedFirehose { delivery_stream_description: stream }) = answer else { return Ok(None) };
    must_be(DESCRIBE_FIREHOSE, arn, &stream.delivery_stream_name)?;
    Ok(Some(stream))
}

/// The answer must be about the stream that was asked for.
fn must_be(operation: ApiOperation, asked: &StreamArn, answered: &str) -> Result<(), CloudError> {
    if answered == asked.name() {
        return Ok(());
    }
    Err(misread(operation, format!("it is about stream {answered}, not {asked}")))
}
