//! Whether an answer is about what was asked for. Where the answer itself does not say, the responses are read once more,
//! by other means than the adapter's.
use crate::script::Reply;
use pinpoint_streams_model::arn::{RoleArn, StreamArn};
use pinpoint_streams_model::ids::RoleName;
use pinpoint_streams_model::live::{Answer, Question, Read};
use pinpoint_streams_model::op::{AppOp, EventStreamOp, Op, Output, Resolved, RoleOp};
use serde_json::Value;

pub(crate) fn check(question: &Question, answer: &Answer, served: &[Reply]) {
    match (question, answer) {
        (Question::Role { role, .. }, Answer::Role(found)) => is_role(&found.arn, &role.name),
        (Question::RoleInPart(role), Answer::RoleInPart(found)) => is_role(&found.role.arn, &role.name),
        (Question::Roles(_), Answer::Roles(found)) => {
            for (name, role) in found.iter().filter_map(|(name, role)| Some((name, role.present()?))) {
                is_role(&role.arn, name);
            }
        }
        (Question::RoleList(_), Answer::RoleList(found)) => {
            for (name, role) in found.iter().filter_map(|(name, role)| Some((name, role.present()?))) {
                is_role(&role.arn, name);
            }
        }
        (Question::Stack(asked), Answer::Stack(_)) => has_text(served, asked.name.as_str()),
        (Question::App(app), Answer::App(found)) => assert_eq!(found.id, app.id),
        (Question::EventStream(app), Answer::EventStream(_)) => {
            is_in_json(served, &["ApplicationId"], app.id.as_str());
        }
        (Question::Apps(_), Answer::Apps(found)) => {
            assert!(found.iter().all(|(id, app)| app.id == *id));
        }
        (Question::Stream(arn), Answer::Stream(_))
        | (Question::StreamCapacity(arn), Answer::StreamCapacity(_)) => {
            let name: &[&str] = match arn {
                StreamArn::Kinesis(_) => &["StreamDescriptionSummary", "StreamName"],
                StreamArn::Firehose(_) => &["DeliveryStreamDescription", "DeliveryStreamName"],
            };
            is_in_json(served, name, arn.name());
        }
        (Question::ConfigEventStreams(place), Answer::ConfigEventStreams(found)) => {
            assert!(found.keys().all(|app| app.place() == *place));
        }
        (Question::UnusedRoles(place), Answer::UnusedRoles(found)) => {
            assert!(found.keys().all(|role| role.account == place.account), "{found:?}");
        }
        (Question::ImportJobs(app), Answer::ImportJobs(_))
        | (Question::ExportJobs(app), Answer::ExportJobs(_)) => {
            for job in last_json(served).iter().filter_map(|page| page.get("Item")?.as_array()).flatten() {
                is_member(job, &["ApplicationId"], app.id.as_str());
            }
        }
        (Question::EmailChannel(app), Answer::EmailChannel(_)) => {
            is_in_json(served, &["ApplicationId"], app.id.as_str());
        }
        (question, answer) => {
            let kind = Read::Present(answer.clone());
            let mut live = pinpoint_streams_model::live::Live::default();
            live.record(question.clone(), kind);
            assert_eq!(live.knows(question), Some(true), "the answer is to a question of another kind");
        }
    }
}

pub(crate) fn check_written(op: &Op<Resolved>, output: &Output, served: &[Reply]) {
    match op {
        Op::App(AppOp::Create(create)) => {
            let Output::App(id) = output else { panic!("{output:?} of {op:?}") };
            is_in_json(served, &["Name"], &create.name);
            is_in_json(served, &["Id"], id.as_str());
        }
        Op::Role(RoleOp::Create(_)) => {
            let Output::Role(id) = output else { panic!("{output:?} of {op:?}") };
            has_text(served, id.as_str());
        }
        Op::App(AppOp::Delete(delete)) => is_in_json(served, &["Id"], delete.app_id.as_str()),
        Op::EventStream(EventStreamOp::Put(put)) => is_in_json(served, &["ApplicationId"], put.app_id.as_str()),
        Op::EventStream(EventStreamOp::Delete(delete)) => {
            is_in_json(served, &["ApplicationId"], delete.app_id.as_str());
        }
        Op::App(AppOp::Tag { .. } | AppOp::Untag { .. }) | Op::Role(_) | Op::Record(_) => {
            assert_eq!(*output, Output::Done);
        }
    }
}

/// The account is the caller's, which is asked for by itself.
fn is_role(arn: &RoleArn, name: &RoleName) {
    assert!(arn.name == *name, "{arn} is not {name}");
}

/// The last response, if it is JSON.
fn last_json(served: &[Reply]) -> Option<Value> {
    match served.last()? {
        Reply::Http { body, .. } => serde_json::from_slice(body).ok(),
        Reply::Lost | Reply::Refused => None,
    }
}

fn is_in_json(served: &[Reply], path: &[&str], expected: &str) {
    if let Some(json) = last_json(served) {
        is_member(&json, path, expected);
    }
}

/// Whether the member, if it is there, has this value.
fn is_member(json: &Value, path: &[&str], expected: &str) {
    let found = path.iter().try_fold(json, |json, name| json.get(*name)).and_then(Value::as_str);
    assert!(found.is_none_or(|found| found == expected), "{path:?} is {found:?}, not {expected}");
}

/// Whether the last response contains this text, unless entities or comments stand in it.
fn has_text(served: &[Reply], text: &str) {
    if let Some(Reply::Http { body, .. }) = served.last() {
        let body = String::from_utf8_lossy(body).to_ascii_lowercase();
        let is_plain = !body.contains('&') && !body.contains("<!");
        assert!(!is_plain || body.contains(&text.to_ascii_lowercase()), "{text} is not in {body}");
    }
}
