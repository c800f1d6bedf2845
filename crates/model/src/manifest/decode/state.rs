//! `[state]`: a file or a bucket, never both.
use super::account::profile;
use super::visitor::{Field, Table, Visitor};
use crate::manifest::diagnostic::Diagnostic;
use crate::manifest::keys;
use crate::manifest::source::Placed;
use crate::manifest::state::{BucketName, ObjectKey, S3State, StateAt};
use crate::region::Region;

pub(super) fn decode(visitor: &mut Visitor<'_>, field: Option<&Field<'_>>) -> Option<StateAt> {
    let table = visitor.table(field?, keys::STATE)?;
    let (path, bucket) = (table.get("path"), table.get("s3"));
    let file = path.and_then(|field| file(visitor, field)).map(StateAt::File);
    let remote = bucket.and_then(|field| s3(visitor, field)).map(StateAt::S3);
    if let (Some(path), Some(s3)) = (path, bucket) {
        let error = Diagnostic::new("a state is kept in one place: state.path or state.s3");
        visitor.error(error.at(s3.key, "in a bucket").and(path.key, "in a file"));
        return None;
    }
    file.or(remote)
}

fn file(visitor: &mut Visitor<'_>, field: &Field<'_>) -> Option<String> {
    let path = visitor.fixed(field)?.value;
    if path.is_empty() || path.ends_with('/') || path.contains(char::is_control) {
        visitor.error(Diagnostic::new("state.path is not a file path").at(field.place, "expected a file's path"));
        return None;
    }
    Some(path)
}

fn s3(visitor: &mut Visitor<'_>, field: &Field<'_>) -> Option<S3State> {
    let table = visitor.table(field, keys::STATE_S3)?;
    let bucket: Option<BucketName> = compulsory(visitor, &table, field, "bucket", "the bucket's name");
    let key: Option<ObjectKey> = compulsory(visitor, &table, field, "key", "such as growth/state.json");
    let region: Option<Placed<Region>> = table.get("region").and_then(|field| visitor.parsed(field));
    let profile = profile(visitor, table.get("profile"));
    Some(S3State { bucket: bucket?, key: key?, region: region.map(|region| region.value), profile })
}

fn compulsory<T>(visitor: &mut Visitor<'_>, table: &Table<'_>, at: &Field<'_>, key: &str, what: &str) -> Option<T>
where
    T: std::str::FromStr<Err = crate::ids::InvalidId>,
{
    if let Some(field) = table.get(key) {
        return visitor.parsed(field).map(|found| found.value);
    }
    let error = Diagnostic::new(format!("{} has no {key}", table.path)).at(at.key, "");
    visitor.missing(error.help(format!("add `{key} = \"…\"`, {what}")));
    None
}
