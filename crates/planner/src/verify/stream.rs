//! Whether a stream takes records.
use super::{Findings, VerifyCode, VerifyFinding, fault, unknown};
use pinpoint_streams_model::{Live, LiveStream, Read, StreamArn};

pub(super) fn check(arn: &StreamArn, live: &Live) -> Findings {
    let stream = match live.streams.get(arn) {
        Some(Read::Present(stream)) => stream,
        Some(Read::Absent) => {
            let message = format!("there is no stream {arn}");
            return fault(VerifyCode::StreamMissing, message, "create the stream, or correct its name");
        }
        Some(Read::Unreadable(why)) => return unknown(format!("stream {arn} could not be read: {why}")),
        None => return unknown(format!("stream {arn} was not read")),
    };
    let LiveStream { active, status, direct_put, customer_key: _ } = stream;
    let mut found = Vec::new();
    if !active {
        let message = format!("stream {arn} is {status}, not ACTIVE");
        let hint = "events that arrive meanwhile are lost";
        found.push(VerifyFinding::fault(VerifyCode::StreamNotActive, message, hint));
    }
    if !direct_put {
        let message = format!("Firehose stream {arn} has a source of its own, so Pinpoint cannot write to it");
        let hint = "use a Firehose stream whose source is Direct PUT";
        found.push(VerifyFinding::fault(VerifyCode::StreamNotDirectPut, message, hint));
    }
    found.into()
}
