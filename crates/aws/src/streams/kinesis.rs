//! Kinesis data streams.
use crate::classify::{Asked, classify, missing};
use aws_sdk_kinesis::Client;
use aws_sdk_kinesis::types::{EncryptionType, StreamStatus};
use pinpoint_streams_executor::cloud::CloudError;
use pinpoint_streams_model::arn::StreamArn;
use pinpoint_streams_model::live::{FailureKind, LiveStream};

pub(crate) const DESCRIBE: Asked = Asked::kinesis("DescribeStreamSummary");
/// The alias of the key that AWS keeps for Kinesis, for which producers need no permission.
/// Source: Kinesis developer guide, "How do I get started with server-side encryption?".
const KEY_OF_AWS: &str = "alias/aws/kinesis";

pub(crate) async fn stream(kinesis: &Client, arn: &StreamArn) -> Result<Option<LiveStream>, CloudError> {
    let answer = kinesis.describe_stream_summary().stream_arn(arn.to_string()).send().await;
    let answer = match answer.map_err(|error| classify(DESCRIBE, error)) {
        Ok(answer) => answer,
        Err(error) if error.kind == FailureKind::NotFound => return Ok(None),
        Err(error) => return Err(error),
    };
    let stream =
        answer.stream_description_summary().ok_or_else(|| missing(DESCRIBE, "StreamDescriptionSummary"))?;
    let customer_key = match stream.encryption_type() {
        Some(EncryptionType::Kms) => stream.key_id().filter(|key| !key.ends_with(KEY_OF_AWS)).map(str::to_owned),
        _ => None,
    };
    Ok(Some(LiveStream {
        // While its shards are split or merged it takes records as before.
        active: matches!(stream.stream_status(), StreamStatus::Active | StreamStatus::Updating),
        status: stream.stream_status().as_str().to_owned(),
        direct_put: true,
        customer_key,
    }))
}
