//! The role through which Amazon Pinpoint writes an app's events to a stream.
//! Source: Amazon Pinpoint developer guide, "IAM role for streaming events to Kinesis".
use super::{Grant, KindFacts, Purpose, Source, Users};
use crate::{AppArn, StreamArn};

pub(super) const FACTS: KindFacts = KindFacts {
    name: "pinpoint_event_stream",
    service: "Pinpoint",
    // The regional form is that of the examples of Terraform's and Pulumi's `pinpoint.EventStream`; the last is the name
    // under which callers pass the role.
    principals: &["pinpoint.amazonaws.com", "pinpoint.{region}.amazonaws.com", "mobiletargeting.amazonaws.com"],
    // Source: Service Authorization Reference, Amazon Pinpoint, PutEventStream.
    passed_to: &["mobiletargeting.amazonaws.com"],
    source: Source { service: "mobiletargeting", resource: "apps/", is_one: |arn| arn.parse::<AppArn>().is_ok() },
    // Source: Amazon Pinpoint API reference, EventStream (`ExternalId`: "we removed this requirement").
    no_longer_sent: &["sts:ExternalId"],
    // The actions on keys are from the Kinesis Data Streams developer guide, "Permissions to use user-generated
    // KMS keys", and for Firehose from the errors of PutRecordBatch (InvalidKMSResourceException).
    grants: &[
        Grant {
            service: "kinesis",
            is_one: is_stream,
            actions: &["kinesis:DescribeStream", "kinesis:PutRecords"],
            key_actions: &["kms:GenerateDataKey"],
        },
        Grant {
            service: "firehose",
            is_one: is_stream,
            actions: &["firehose:DescribeDeliveryStream", "firehose:PutRecordBatch"],
            key_actions: &["kms:Decrypt", "kms:GenerateDataKey"],
        },
    ],
    purpose: Purpose::EventStream,
    users: Users::EventStreams,
};

fn is_stream(arn: &str) -> bool {
    arn.parse::<StreamArn>().is_ok()
}
