//! Firehose delivery streams.
use crate::classify::{Asked, classify, missing};
use aws_sdk_firehose::Client;
use aws_sdk_firehose::types::{DeliveryStreamStatus, DeliveryStreamType, KeyType};
use pinpoint_streams_executor::cloud::CloudError;
use pinpoint_streams_model::arn::StreamArn;
use pinpoint_streams_model::live::{FailureKind, LiveStream};

pub(crate) const DESCRIBE: Asked = Asked::firehose("DescribeDeliveryStream");

/// One stream. Firehose looks only by name, in the account and region that is called.
pub(crate) async fn stream(firehose: &Client, arn: &StreamArn) -> Result<Option<LiveStream>, CloudError> {
    let answer = firehose.describe_delivery_stream().delivery_stream_name(arn.name()).send().await;
    let answer = match answer.map_err(|error| classify(DESCRIBE, error)) {
        Ok(answer) => answer,
        Err(error) if error.kind == FailureKind::NotFound => return Ok(None),
        Err(error) => return Err(error),
    };
    let stream = answer.delivery_stream_description();
    let stream = stream.ok_or_else(|| missing(DESCRIBE, "DeliveryStreamDescription"))?;
    let encryption = stream.delivery_stream_encryption_configuration();
    let customer_key = encryption
        .filter(|encryption| encryption.key_type() == Some(&KeyType::CustomerManagedCmk))
        .and_then(|encryption| encryption.key_arn())
        .map(str::to_owned);
    Ok(Some(LiveStream {
        active: *stream.delivery_stream_status() == DeliveryStreamStatus::Active,
        status: stream.delivery_stream_status().as_str().to_owned(),
        direct_put: *stream.delivery_stream_type() == DeliveryStreamType::DirectPut,
        customer_key,
    }))
}
