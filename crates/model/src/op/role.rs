//! Operations on a role.
use super::Call;
use super::phase::{Owner, Phase, Resolved, with_ownership};
use crate::{Document, PolicyArn, PolicyName, RoleArn, RoleId, Tags};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(bound = "", deny_unknown_fields)]
pub enum RoleOp<P: Phase> {
    #[serde(rename = "create_role")]
    Create(CreateRole<P>),
    #[serde(rename = "update_trust_policy")]
    UpdateTrustPolicy { role: RoleArn, trust_policy: Document<P::Text> },
    #[serde(rename = "put_role_policy")]
    PutPolicy { role: RoleArn, policy_name: PolicyName, document: Document },
    #[serde(rename = "delete_role_policy")]
    DeletePolicy { role: RoleArn, policy_name: PolicyName },
    /// IAM updates the description and the maximum session duration (in seconds) together. An empty description means
    /// none.
    #[serde(rename = "update_role")]
    Update { role: RoleArn, description: String, max_session_duration: u32 },
    #[serde(rename = "put_permissions_boundary")]
    PutBoundary { role: RoleArn, permissions_boundary: PolicyArn },
    #[serde(rename = "delete_permissions_boundary")]
    DeleteBoundary { role: RoleArn },
    /// Adds or overwrites tags; other tags stay.
    #[serde(rename = "tag_role")]
    Tag {
        role: RoleArn,
        /// Declared tags.
        tags: Tags,
        /// Ownership tags, if they are to be written.
        owner: Option<Owner<P>>,
    },
    #[serde(rename = "untag_role")]
    Untag { role: RoleArn, tag_keys: BTreeSet<String> },
    #[serde(rename = "attach_role_policy")]
    AttachPolicy { role: RoleArn, policy: PolicyArn },
    #[serde(rename = "detach_role_policy")]
    DetachPolicy { role: RoleArn, policy: PolicyArn },
    /// The instance profile exists and is empty.
    #[serde(rename = "add_role_to_instance_profile")]
    AddToProfile { role: RoleArn, instance_profile: String },
    #[serde(rename = "remove_role_from_instance_profile")]
    RemoveFromProfile { role: RoleArn, instance_profile: String },
    /// All policies and instance profiles have been removed before.
    #[serde(rename = "delete_role")]
    Delete {
        role: RoleArn,
        /// The id at plan time. Another role with the same name is never deleted.
        role_id: RoleId,
    },
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(bound = "", deny_unknown_fields)]
pub struct CreateRole<P: Phase> {
    pub arn: RoleArn,
    pub trust_policy: Document<P::Text>,
    /// Empty means none.
    pub description: String,
    /// In seconds.
    pub max_session_duration: u32,
    pub permissions_boundary: Option<PolicyArn>,
    /// Declared tags.
    pub tags: Tags,
    /// Ownership tags. None creates a role that this workspace does not own and does not record.
    #[serde(default)]
    pub owner: Option<Owner<P>>,
    pub protect: bool,
}

impl<P: Phase> RoleOp<P> {
    pub fn call(&self) -> Call {
        match self {
            RoleOp::Create(_) => Call::write("create_role", "CreateRole"),
            RoleOp::UpdateTrustPolicy { .. } => Call::write("update_trust_policy", "UpdateAssumeRolePolicy"),
            RoleOp::PutPolicy { .. } => Call::write("put_role_policy", "PutRolePolicy"),
            RoleOp::DeletePolicy { .. } => Call::removal("delete_role_policy", "DeleteRolePolicy"),
            RoleOp::Update { .. } => Call::write("update_role", "UpdateRole"),
            RoleOp::PutBoundary { .. } => Call::write("put_permissions_boundary", "PutRolePermissionsBoundary"),
            RoleOp::DeleteBoundary { .. } => {
                Call::removal("delete_permissions_boundary", "DeleteRolePermissionsBoundary")
            }
            RoleOp::Tag { .. } => Call::write("tag_role", "TagRole"),
            RoleOp::Untag { .. } => Call::removal("untag_role", "UntagRole"),
            RoleOp::AttachPolicy { .. } => Call::write("attach_role_policy", "AttachRolePolicy"),
            RoleOp::DetachPolicy { .. } => Call::removal("detach_role_policy", "DetachRolePolicy"),
            RoleOp::AddToProfile { .. } => Call::write("add_role_to_instance_profile", "AddRoleToInstanceProfile"),
            RoleOp::RemoveFromProfile { .. } => {
                Call::removal("remove_role_from_instance_profile", "RemoveRoleFromInstanceProfile")
            }
            RoleOp::Delete { .. } => Call::removal("delete_role", "DeleteRole"),
        }
    }

    pub fn role(&self) -> &RoleArn {
        match self {
            RoleOp::Create(CreateRole { arn: role, .. })
            | RoleOp::UpdateTrustPolicy { role, .. }
            | RoleOp::PutPolicy { role, .. }
            | RoleOp::DeletePolicy { role, .. }
            | RoleOp::Update { role, .. }
            | RoleOp::PutBoundary { role, .. }
            | RoleOp::DeleteBoundary { role }
            | RoleOp::Tag { role, .. }
            | RoleOp::Untag { role, .. }
            | RoleOp::AttachPolicy { role, .. }
            | RoleOp::DetachPolicy { role, .. }
            | RoleOp::AddToProfile { role, .. }
            | RoleOp::RemoveFromProfile { role, .. }
            | RoleOp::Delete { role, .. } => role,
        }
    }

    /// Whether the change must propagate through IAM before services see it. Tag changes do not matter to them.
    pub fn must_propagate(&self) -> bool {
        !matches!(self, RoleOp::Tag { .. } | RoleOp::Untag { .. })
    }
}

impl CreateRole<Resolved> {
    /// Declared tags and ownership.
    pub fn all_tags(&self) -> Tags {
        with_ownership(&self.tags, self.owner.as_ref())
    }
}
