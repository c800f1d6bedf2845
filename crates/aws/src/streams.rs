//! The streams that events go to, as far as preflight asks.
pub(crate) mod firehose;
pub(crate) mod kinesis;

use crate::classify::Asked;
use pinpoint_streams_model::arn::StreamArn;

/// The operation that describes this stream.
pub(crate) fn described_by(arn: &StreamArn) -> Asked {
    match arn {
        StreamArn::Kinesis(_) => kinesis::DESCRIBE,
        StreamArn::Firehose(_) => firehose::DESCRIBE,
    }
}
