//! What differs between a role as it is and as it should be.
use super::wanted::WantedRole;
use crate::differences::{ComparedPolicy, Differences, Field, TagChanges, compare_tags};
use pinpoint_streams_model::{LiveRole, PolicyName, RoleRecord, Tags};

/// What differs, field by field.
#[derive(Debug, Default)]
pub(crate) struct RoleDifferences {
    pub(crate) fields: Differences,
    pub(crate) trust_policy: bool,
    pub(crate) permissions: bool,
    /// Inline policies of ours under a name that is no longer wanted.
    pub(crate) old_policies: Vec<PolicyName>,
    pub(crate) description_or_session: bool,
    pub(crate) boundary: bool,
    pub(crate) tags: TagChanges,
}

/// Compares a live role with the wanted one; `record` tells drift from a change of the manifest.
pub(crate) fn compare(
    wanted: &WantedRole<'_>,
    live: &LiveRole,
    record: Option<&RoleRecord>,
    wanted_tags: &Tags,
) -> RoleDifferences {
    let mut differences = RoleDifferences::default();
    let fields = &mut differences.fields;
    differences.trust_policy = fields.compare_policies(Field {
        path: "trust_policy",
        live: Some(ComparedPolicy::Known(&live.trust_policy)),
        wanted: Some(ComparedPolicy::Planned(&wanted.trust_policy)),
        recorded: record.map(|record| Some(ComparedPolicy::Known(&record.trust_policy))),
    });
    differences.permissions = fields.compare_policies(Field {
        path: &permissions_path(wanted.policy_name),
        live: live.inline_policies.get(wanted.policy_name).map(ComparedPolicy::Known),
        wanted: Some(ComparedPolicy::Known(&wanted.permissions)),
        recorded: record.map(|record| record.inline_policies.get(wanted.policy_name).map(ComparedPolicy::Known)),
    });
    for (name, document) in record.into_iter().flat_map(|record| &record.inline_policies) {
        if name != wanted.policy_name && live.inline_policies.contains_key(name) {
            fields.compare_policies(Field {
                path: &format!("inline_policies.{name}"),
                live: live.inline_policies.get(name).map(ComparedPolicy::Known),
                wanted: None,
                recorded: Some(Some(ComparedPolicy::Known(document))),
            });
            differences.old_policies.push(name.clone());
        }
    }
    let description = fields.compare(Field {
        path: "description",
        live: Some(&live.description),
        wanted: Some(&wanted.desired.description),
        recorded: record.map(|record| Some(&record.description)),
    });
    let session = fields.compare(Field {
        path: "max_session_duration",
        live: Some(live.max_session_duration),
        wanted: Some(wanted.desired.max_session_duration),
        recorded: record.map(|record| Some(record.max_session_duration)),
    });
    differences.description_or_session = description || session;
    differences.boundary = fields.compare(Field {
        path: "permissions_boundary",
        live: live.permissions_boundary.as_ref(),
        wanted: wanted.boundary(),
        recorded: record.map(|record| record.permissions_boundary.as_ref()),
    });
    let recorded_tags = record.map(|record| &record.tags);
    differences.tags = compare_tags(fields, wanted_tags, &live.tags, recorded_tags);
    differences
}

pub(super) fn permissions_path(policy: &PolicyName) -> String {
    format!("inline_policies.{policy}")
}

/// The inline policies of a role that are not ours.
pub(crate) fn foreign_policies<'l>(
    live: &'l LiveRole,
    record: Option<&RoleRecord>,
    ours: Option<&PolicyName>,
) -> Vec<&'l PolicyName> {
    let is_recorded = |name| record.is_some_and(|record| record.inline_policies.contains_key(name));
    live.inline_policies.keys().filter(|name| Some(*name) != ours && !is_recorded(*name)).collect()
}
