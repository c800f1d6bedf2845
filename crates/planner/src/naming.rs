//! Whether a recorded role keeps its name.
use pinpoint_streams_model::desired::DesiredRole;
use pinpoint_streams_model::ids::RoleKey;
use pinpoint_streams_model::recorded::{Object, Resource, RoleRecord};

/// Whether a recorded role is to get another name or account, so that it is replaced.
pub(crate) fn is_renamed(key: &RoleKey, desired: &DesiredRole, resource: &Resource) -> bool {
    let Object::Role(record) = &resource.object else { return false };
    let named_under = resource.named_under.parse().ok();
    !is_named(record, desired, named_under.as_ref().unwrap_or(key))
}

/// Whether the role has the name and account that the manifest gives it under this key.
pub(crate) fn is_named(record: &RoleRecord, desired: &DesiredRole, key: &RoleKey) -> bool {
    desired.arn_under(key).is_ok_and(|arn| arn.account == record.arn.account && arn.name == record.arn.name)
}
