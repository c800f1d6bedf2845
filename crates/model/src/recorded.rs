//! Recorded: what the state says this workspace owns.
mod absorb;
mod resources;

pub use crate::op::Output;
pub use resources::{Entry, Resources};

pub use crate::resource::{AppRecord, EventStreamRecord, Object, Resource, RoleRecord};

use crate::{AccountAlias, AccountId, Address, Lineage, Op, Resolved, RoleArn, RoleId, RunId, Serial, StepId};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// What this workspace owns, and its operations of unknown outcome.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Recorded {
    /// None before the first apply.
    pub lineage: Option<Lineage>,
    /// 0 before the first apply.
    pub serial: Serial,
    /// The accounts that were used, pinned at the first apply.
    pub accounts: BTreeMap<AccountAlias, AccountId>,
    pub resources: Resources,
    /// Operations of unknown outcome, oldest first.
    pub pending: Vec<Pending>,
    /// The roles that this workspace quarantined and neither released nor deleted.
    pub quarantined: BTreeMap<RoleArn, Quarantined>,
}

/// A quarantine of ours.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, expecting = "a quarantine")]
pub struct Quarantined {
    pub role_id: RoleId,
    /// When it was complete.
    pub at: Timestamp,
    /// Whether the role's deletion began: some of what was attached to it is gone.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub is_being_deleted: bool,
}

/// An operation that was started and whose outcome is unknown.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(expecting = "a pending operation")]
pub struct Pending {
    pub run: RunId,
    pub step: StepId,
    pub address: Address,
    pub op: Op<Resolved>,
    pub began_at: Timestamp,
}
