//! What is done to the record alone.
use crate::address::Address;
use crate::recorded::Resource;
use serde::{Deserialize, Serialize};

/// Records something as ours.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WriteRecord {
    /// What is recorded.
    pub resource: Box<Resource>,
}

/// Records what was recorded at another address.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MoveRecord {
    /// Where it was recorded.
    pub from: Address,
}

/// Strikes something from the record.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ForgetRecord {}

/// Records whether something is protected.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SetProtect {
    /// From now on.
    pub protect: bool,
}
