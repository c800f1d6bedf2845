//! The streams that events go to, as far as preflight checks them.
use crate::account::Regional;
use crate::classify::{ApiOperation, CloudError, Service, classify, misread, missing, unless_absent};
use crate::iam::role::timestamp;
use aws_sdk_firehose::types::{
    DeliveryStreamDescription, DeliveryStreamEncryptionStatus, DeliveryStreamStatus, DeliveryStreamType, KeyType,
};
use aws_sdk_kinesis::types::{
    EncryptionType, StreamDescriptionSummary, StreamMode as AwsStreamMode, StreamStatus,
};
use pinpoint_streams_model::arn::{KmsKeyArn, StreamArn};
use pinpoint_streams_model::live::LiveStream;
use pinpoint_streams_model::live::residue::{StreamCapacity, StreamMode};
use pinpoint_streams_model::live::resource_policy::StreamPolicy;
use pinpoint_streams_model::policy::Document;

const KINESIS: ApiOperation = ApiOperation::new(Service::Kinesis, "DescribeStreamSummary");
pub(crate) const GET_POLICY: ApiOperation = ApiOperation::new(Service::Kinesis, "GetResourcePolicy");
const FIREHOSE: ApiOperation = ApiOperation::new(Service::Firehose, "DescribeDeliveryStream");
/// The alias of the AWS managed key for Kinesis, for which producers need no permission.
/// Source: Kinesis developer guide, "How do I get started with server-side encryption?".
const AWS_MANAGED_KEY: &str = "alias/aws/kinesis";

pub(crate) fn described_by(arn: &StreamArn) -> ApiOperation {
    match arn {
        StreamArn::Kinesis(_) => KINESIS,
        StreamArn::Firehose(_) => FIREHOSE,
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
    let customer_key = match stream.encryption_type() {
        Some(EncryptionType::Kms) => stream.key_id().filter(|key| !key.ends_with(AWS_MANAGED_KEY)),
        _ => None,
    };
    Ok(Some(LiveStream {
        // While its shards are split or merged it takes records as before.
        active: matches!(stream.stream_status(), StreamStatus::Active | StreamStatus::Updating),
        status: stream.stream_status().as_str().to_owned(),
        direct_put: true,
        customer_key: customer_key.map(|key| completed(key, arn)),
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
    let encryption = stream.delivery_stream_encryption_configuration();
    let customer_key = encryption
        // A key that is being enabled, was disabled or could not be enabled encrypts nothing.
        .filter(|encryption| encryption.status() == Some(&DeliveryStreamEncryptionStatus::Enabled))
        .filter(|encryption| encryption.key_type() == Some(&KeyType::CustomerManagedCmk))
        .and_then(|encryption| encryption.key_arn());
    Ok(Some(LiveStream {
        active: *stream.delivery_stream_status() == DeliveryStreamStatus::Active,
        status: stream.delivery_stream_status().as_str().to_owned(),
        direct_put: *stream.delivery_stream_type() == DeliveryStreamType::DirectPut,
        customer_key: customer_key.map(str::to_owned),
    }))
}

/// The policy of a Kinesis stream. Firehose streams have none.
pub(crate) async fn policy(regional: &Regional, arn: &StreamArn) -> Result<Option<StreamPolicy>, CloudError> {
    let StreamArn::Kinesis(_) = arn else { return Ok(None) };
    let answer = regional.kinesis().get_resource_policy().resource_arn(arn.to_string()).send().await;
    let Some(answer) = unless_absent(answer.map_err(|error| classify(GET_POLICY, error)))? else {
        return Ok(None);
    };
    match answer.policy.trim() {
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
            let mode = stream.stream_mode_details().map(|details| details.stream_mode());
            let mode = match mode.ok_or_else(|| missing(KINESIS, "StreamMode"))? {
                AwsStreamMode::OnDemand => StreamMode::OnDemand,
                AwsStreamMode::Provisioned => {
                    // A provisioned stream has at least one.
                    let shards = u32::try_from(stream.open_shard_count()).ok().filter(|shards| *shards > 0);
                    StreamMode::Provisioned {
                        open_shards: shards.ok_or_else(|| missing(KINESIS, "OpenShardCount"))?,
                    }
                }
                other => return Err(misread(KINESIS, format!("stream mode {other} is not known"))),
            };
            let created = timestamp(stream.stream_creation_timestamp());
            Ok(Some(StreamCapacity { mode, created }))
        }
        StreamArn::Firehose(_) => {
            let Some(stream) = described_firehose(regional, arn).await? else { return Ok(None) };
            let created = stream.create_timestamp().and_then(timestamp);
            Ok(Some(StreamCapacity { mode: StreamMode::Firehose, created }))
        }
    }
}

async fn described_kinesis(
    regional: &Regional,
    arn: &StreamArn,
) -> Result<Option<StreamDescriptionSummary>, CloudError> {
    let answer = regional.kinesis().describe_stream_summary().stream_arn(arn.to_string()).send().await;
    let Some(answer) = unless_absent(answer.map_err(|error| classify(KINESIS, error)))? else { return Ok(None) };
    let stream = answer.stream_description_summary.ok_or_else(|| missing(KINESIS, "StreamDescriptionSummary"))?;
    must_be(KINESIS, arn, stream.stream_name())?;
    Ok(Some(stream))
}

/// Firehose finds streams only by name, in the account and region of the call.
async fn described_firehose(
    regional: &Regional,
    arn: &StreamArn,
) -> Result<Option<DeliveryStreamDescription>, CloudError> {
    let answer = regional.firehose().describe_delivery_stream().delivery_stream_name(arn.name()).send().await;
    let Some(answer) = unless_absent(answer.map_err(|error| classify(FIREHOSE, error)))? else { return Ok(None) };
    let stream = answer.delivery_stream_description;
    let stream = stream.ok_or_else(|| missing(FIREHOSE, "DeliveryStreamDescription"))?;
    must_be(FIREHOSE, arn, stream.delivery_stream_name())?;
    Ok(Some(stream))
}

/// The answer must be about the stream that was asked for.
fn must_be(operation: ApiOperation, asked: &StreamArn, answered: &str) -> Result<(), CloudError> {
    if answered == asked.name() {
        return Ok(());
    }
    Err(misread(operation, format!("it is about stream {answered}, not {asked}")))
}
