//! Recorded: what the state says this workspace owns.
mod absorb;
mod resources;

pub use crate::op::Output;
pub use resources::{Entry, Resources};

pub use crate::resource::{AppRecord, EventStreamRecord, Object, Resource, RoleRecord};

use crate::address::Address;
use crate::ids::{AccountAlias, AccountId, Lineage, RunId, Serial, StepId};
use crate::op::{Op, Resolved};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// What this workspace owns, and what it began and does not know the end of.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Recorded {
    /// None before the first apply.
    pub lineage: Option<Lineage>,
    /// 0 before the first apply.
    pub serial: Serial,
    /// The accounts that were used, pinned at the first apply.
    pub accounts: BTreeMap<AccountAlias, AccountId>,
    /// What is owned.
    pub resources: Resources,
    /// What was begun without a known end, oldest first.
    pub pending: Vec<Pending>,
}

/// An operation that was begun, and whose end nobody saw.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pending {
    /// The run that began it.
    pub run: RunId,
    /// Its step in that run's plan.
    pub step: StepId,
    /// What it was about.
    pub address: Address,
    /// The operation.
    pub op: Op<Resolved>,
    /// When it was begun.
    pub began_at: Timestamp,
}
