//! What is done to a role.
use super::owner::{Owner, with_ownership};
use super::phase::{Phase, Resolved};
use crate::arn::{PolicyArn, RoleArn};
use crate::ids::{PolicyName, RoleId};
use crate::ownership::Tags;
use crate::policy::Document;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// Makes a role.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(bound = "", deny_unknown_fields)]
pub struct CreateRole<P: Phase> {
    /// With this partition, account, path and name.
    pub arn: RoleArn,
    /// Who may assume it.
    pub trust_policy: Document<P::Text>,
    /// Empty is none.
    pub description: String,
    /// In seconds.
    pub max_session_duration: u32,
    /// Its permissions boundary.
    pub permissions_boundary: Option<PolicyArn>,
    /// Declared tags.
    pub tags: Tags,
    /// Ownership tags; none makes a role that this workspace does not own: it bears no tags of ours and is not
    /// recorded.
    #[serde(default)]
    pub owner: Option<Owner<P>>,
    /// Whether it is recorded as protected.
    pub protect: bool,
}

/// Sets a role's trust policy.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(bound = "", deny_unknown_fields)]
pub struct UpdateTrustPolicy<P: Phase> {
    /// The role.
    pub role: RoleArn,
    /// Who may assume it from now on.
    pub trust_policy: Document<P::Text>,
}

/// Writes an inline policy of a role.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PutRolePolicy {
    /// The role.
    pub role: RoleArn,
    /// The policy's name.
    pub policy_name: PolicyName,
    /// What it says.
    pub document: Document,
}

/// Deletes an inline policy of a role.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DeleteRolePolicy {
    /// The role.
    pub role: RoleArn,
    /// The policy's name.
    pub policy_name: PolicyName,
}

/// Sets a role's description and maximum session duration, both at once as IAM does.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct UpdateRole {
    /// The role.
    pub role: RoleArn,
    /// Empty is none.
    pub description: String,
    /// In seconds.
    pub max_session_duration: u32,
}

/// Sets a role's permissions boundary.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PutPermissionsBoundary {
    /// The role.
    pub role: RoleArn,
    /// The boundary.
    pub permissions_boundary: PolicyArn,
}

/// Takes a role's permissions boundary off.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DeletePermissionsBoundary {
    /// The role.
    pub role: RoleArn,
}

/// Writes tags of a role.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(bound = "", deny_unknown_fields)]
pub struct TagRole<P: Phase> {
    /// The role.
    pub role: RoleArn,
    /// Declared tags to write.
    pub tags: Tags,
    /// Ownership tags to write, where they are to be written.
    pub owner: Option<Owner<P>>,
}

/// Takes tags off a role.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct UntagRole {
    /// The role.
    pub role: RoleArn,
    /// The keys to take off.
    pub tag_keys: BTreeSet<String>,
}

/// Puts a managed policy on a role.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AttachRolePolicy {
    /// The role.
    pub role: RoleArn,
    /// The managed policy.
    pub policy: PolicyArn,
}

/// Takes a managed policy off a role.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DetachRolePolicy {
    /// The role.
    pub role: RoleArn,
    /// The managed policy.
    pub policy: PolicyArn,
}

/// Puts a role into an instance profile that is there and holds none.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AddRoleToInstanceProfile {
    /// The role.
    pub role: RoleArn,
    /// The instance profile's name.
    pub instance_profile: String,
}

/// Takes a role out of an instance profile.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RemoveRoleFromInstanceProfile {
    /// The role.
    pub role: RoleArn,
    /// The instance profile's name.
    pub instance_profile: String,
}

/// Deletes a role, once nothing hangs on it any more.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DeleteRole {
    /// The role.
    pub role: RoleArn,
    /// The identity that it had when this was planned; another role of this name is never deleted.
    pub role_id: RoleId,
}

impl CreateRole<Resolved> {
    /// Declared tags and ownership.
    pub fn all_tags(&self) -> Tags {
        with_ownership(&self.tags, self.owner.as_ref())
    }
}

impl TagRole<Resolved> {
    /// Declared tags and ownership.
    pub fn all_tags(&self) -> Tags {
        with_ownership(&self.tags, self.owner.as_ref())
    }
}
