//! Whose an operation makes what it writes.
use super::phase::{Phase, Resolved};
use crate::address::Address;
use crate::ids::Workspace;
use crate::ownership::{self, Origin, Tags};
use serde::{Deserialize, Serialize};

/// The ownership tags of an operation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(bound = "", deny_unknown_fields)]
pub struct Owner<P: Phase> {
    /// The workspace.
    pub workspace: Workspace,
    /// Its lineage; null in a plan made before the first apply.
    pub lineage: P::Lineage,
    /// The address.
    pub address: Address,
    /// Created or adopted.
    pub origin: Origin,
}

impl Owner<Resolved> {
    /// As tags.
    pub fn tags(&self) -> Tags {
        ownership::tags(&self.workspace, &self.lineage, &self.address, self.origin)
    }
}

/// Declared tags with those of ownership, where they are written too.
pub(super) fn with_ownership(declared: &Tags, owner: Option<&Owner<Resolved>>) -> Tags {
    let mut all = declared.clone();
    all.extend(owner.map(Owner::tags).unwrap_or_default());
    all
}
