//! Tags: only keys that we declare or recorded are compared; others stay as they are.
use crate::differences::{Differences, Field};
use pinpoint_streams_model::op::{Owner, Planned};
use pinpoint_streams_model::ownership::{self, PREFIX, Tags};
use std::collections::BTreeSet;

/// Which tags are to be written and taken off.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct TagChanges {
    /// Declared tags to write.
    pub(crate) set: Tags,
    /// Keys to take off.
    pub(crate) unset: BTreeSet<String>,
    /// Whether an ownership tag is missing or wrong.
    pub(crate) ownership: bool,
}

/// Compares declared and ownership tags with live ones. Ownership is left out while there is no lineage.
pub(crate) fn compare(
    differences: &mut Differences,
    declared: &Tags,
    owner: &Owner<Planned>,
    live: &Tags,
    recorded: Option<&Tags>,
) -> TagChanges {
    let wanted = wanted(declared, owner);
    let mut changes = TagChanges::default();
    let keys: BTreeSet<&String> = wanted.keys().chain(recorded.into_iter().flat_map(Tags::keys)).collect();
    for key in keys {
        let field = Field {
            path: &format!("tags.{key}"),
            live: live.get(key),
            wanted: wanted.get(key),
            recorded: recorded.map(|recorded| recorded.get(key)),
        };
        if !differences.compare(field) {
            continue;
        }
        match wanted.get(key) {
            Some(_) if key.starts_with(PREFIX) => changes.ownership = true,
            Some(value) => {
                changes.set.insert(key.clone(), value.clone());
            }
            None => {
                changes.unset.insert(key.clone());
            }
        }
    }
    changes
}

/// The recorded tags with all that is live as wanted already, whatever the record said.
pub(crate) fn told_again(declared: &Tags, owner: &Owner<Planned>, live: &Tags, recorded: &Tags) -> Tags {
    let wanted = wanted(declared, owner);
    let mut told = recorded.clone();
    told.retain(|key, _| wanted.contains_key(key) || live.contains_key(key));
    told.extend(wanted.into_iter().filter(|(key, value)| live.get(key) == Some(value)));
    told
}

fn wanted(declared: &Tags, owner: &Owner<Planned>) -> Tags {
    let mut wanted = declared.clone();
    if let Some(lineage) = &owner.lineage {
        wanted.extend(ownership::tags(&owner.workspace, lineage, &owner.address, owner.origin));
    }
    wanted
}

/// The ownership tags that an object bears, which forgetting it takes off.
pub(crate) fn ownership_keys(live: &Tags) -> BTreeSet<String> {
    live.keys().filter(|key| key.starts_with(PREFIX)).cloned().collect()
}
