//! `[streams.*]`.
use super::visitor::{Field, Table, Visitor, given};
use crate::arn::StreamService;
use crate::manifest::diagnostic::Diagnostic;
use crate::manifest::document::{Stream, Text};
use crate::manifest::keys;
use crate::manifest::source::Placed;
use crate::manifest::template::Placeholder;

pub(super) fn decode(visitor: &mut Visitor<'_>, field: &Field<'_>) -> Option<Stream> {
    let table = visitor.table(field, keys::STREAM)?;
    let destination = destination(visitor, field, &table);
    let kms_key = given(table.get("kms_key").map(|field| visitor.text(field, Placeholder::OF_STREAM)));
    Some(Stream { key: field.key, destination, kms_key })
}

fn destination(
    visitor: &mut Visitor<'_>,
    field: &Field<'_>,
    table: &Table<'_>,
) -> Option<(StreamService, Placed<Text>)> {
    let path = &table.path;
    let (service, field) = match (table.get("kinesis"), table.get("firehose")) {
        (Some(field), None) => (StreamService::Kinesis, field),
        (None, Some(field)) => (StreamService::Firehose, field),
        (Some(kinesis), Some(firehose)) => {
            let error = Diagnostic::new(format!("{path} has both kinesis and firehose"));
            visitor.error(error.at(firehose.key, "a stream is one of them").and(kinesis.key, "the other"));
            return None;
        }
        (None, None) => {
            let error = Diagnostic::new(format!("{path} has neither kinesis nor firehose")).at(field.key, "");
            visitor.missing(error.help("add `kinesis = \"…\"` or `firehose = \"…\"`, a stream's name or ARN"));
            return None;
        }
    };
    Some((service, visitor.text(field, Placeholder::OF_STREAM)?))
}
