//! What IAM's policy simulator answers: whether the identity-based policies of a role, its permissions boundary and the
//! service control policies of its organization allow actions on a resource.
use crate::RoleArn;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// Actions of a role on one resource.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct SimulatedAccess {
    pub role: RoleArn,
    /// `kinesis:PutRecords`
    pub actions: BTreeSet<String>,
    /// An ARN.
    pub resource: String,
}

/// The decision on each action.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Simulation(pub BTreeMap<String, SimulatedDecision>);

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SimulatedDecision {
    pub effect: SimulatedEffect,
    /// The permissions boundary of the role does not allow it.
    pub is_outside_boundary: bool,
    /// A service control policy does not allow it.
    pub is_denied_by_organization: bool,
    /// Condition keys that policies ask for and the request did not have.
    pub missing_context: BTreeSet<String>,
}

/// Source: IAM API reference, EvaluationResult (`EvalDecision`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SimulatedEffect {
    Allowed,
    ImplicitlyDenied,
    ExplicitlyDenied,
}
