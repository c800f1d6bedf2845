//! One operation is one API call, or one write to the record alone. `Op<Planned>` may hold what only an
//! earlier step will know; `Op::resolve` is the only way from there to `Op<Resolved>`, which is all that
//! a cloud takes.
mod app;
mod event_stream;
mod owner;
mod phase;
mod record;
mod resolve;
mod role;

pub use app::{CreateApp, DeleteApp, TagApp, UntagApp};
pub use event_stream::{DeleteEventStream, PutEventStream};
pub use owner::Owner;
pub use phase::{Field, Phase, Planned, Resolved, Slot};
pub use record::{ForgetRecord, MoveRecord, SetProtect, WriteRecord};
pub use resolve::{Outputs, Unresolved};
pub use role::{
    AddRoleToInstanceProfile, AttachRolePolicy, CreateRole, DeletePermissionsBoundary, DeleteRole,
    DeleteRolePolicy, DetachRolePolicy, PutPermissionsBoundary, PutRolePolicy, RemoveRoleFromInstanceProfile,
    TagRole, UntagRole, UpdateRole, UpdateTrustPolicy,
};

use crate::arn::RoleArn;
use crate::ids::AccountId;
use serde::{Deserialize, Serialize};

/// One API call, or one write to the record.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(bound = "", rename_all = "snake_case")]
pub enum Op<P: Phase> {
    /// Pinpoint CreateApp.
    CreateApp(CreateApp<P>),
    /// Pinpoint TagResource.
    TagApp(TagApp<P>),
    /// Pinpoint UntagResource.
    UntagApp(UntagApp),
    /// Pinpoint DeleteApp.
    DeleteApp(DeleteApp),
    /// IAM CreateRole.
    CreateRole(CreateRole<P>),
    /// IAM UpdateAssumeRolePolicy.
    UpdateTrustPolicy(UpdateTrustPolicy<P>),
    /// IAM PutRolePolicy.
    PutRolePolicy(PutRolePolicy),
    /// IAM DeleteRolePolicy.
    DeleteRolePolicy(DeleteRolePolicy),
    /// IAM UpdateRole.
    UpdateRole(UpdateRole),
    /// IAM PutRolePermissionsBoundary.
    PutPermissionsBoundary(PutPermissionsBoundary),
    /// IAM DeleteRolePermissionsBoundary.
    DeletePermissionsBoundary(DeletePermissionsBoundary),
    /// IAM TagRole.
    TagRole(TagRole<P>),
    /// IAM UntagRole.
    UntagRole(UntagRole),
    /// IAM AttachRolePolicy.
    AttachRolePolicy(AttachRolePolicy),
    /// IAM DetachRolePolicy.
    DetachRolePolicy(DetachRolePolicy),
    /// IAM AddRoleToInstanceProfile.
    AddRoleToInstanceProfile(AddRoleToInstanceProfile),
    /// IAM RemoveRoleFromInstanceProfile.
    RemoveRoleFromInstanceProfile(RemoveRoleFromInstanceProfile),
    /// IAM DeleteRole.
    DeleteRole(DeleteRole),
    /// Pinpoint PutEventStream.
    PutEventStream(PutEventStream<P>),
    /// Pinpoint DeleteEventStream.
    DeleteEventStream(DeleteEventStream),
    /// The record alone: from now on this is ours.
    WriteRecord(WriteRecord),
    /// The record alone: what was recorded there is now recorded under the step's address.
    MoveRecord(MoveRecord),
    /// The record alone: this is no longer ours.
    ForgetRecord(ForgetRecord),
    /// The record alone: whether it is protected.
    SetProtect(SetProtect),
}

impl<P: Phase> Op<P> {
    /// The name in JSON: one snake_case name an API call.
    pub fn name(&self) -> &'static str {
        match self {
            Op::CreateApp(_) => "create_app",
            Op::TagApp(_) => "tag_app",
            Op::UntagApp(_) => "untag_app",
            Op::DeleteApp(_) => "delete_app",
            Op::CreateRole(_) => "create_role",
            Op::UpdateTrustPolicy(_) => "update_trust_policy",
            Op::PutRolePolicy(_) => "put_role_policy",
            Op::DeleteRolePolicy(_) => "delete_role_policy",
            Op::UpdateRole(_) => "update_role",
            Op::PutPermissionsBoundary(_) => "put_permissions_boundary",
            Op::DeletePermissionsBoundary(_) => "delete_permissions_boundary",
            Op::TagRole(_) => "tag_role",
            Op::UntagRole(_) => "untag_role",
            Op::AttachRolePolicy(_) => "attach_role_policy",
            Op::DetachRolePolicy(_) => "detach_role_policy",
            Op::AddRoleToInstanceProfile(_) => "add_role_to_instance_profile",
            Op::RemoveRoleFromInstanceProfile(_) => "remove_role_from_instance_profile",
            Op::DeleteRole(_) => "delete_role",
            Op::PutEventStream(_) => "put_event_stream",
            Op::DeleteEventStream(_) => "delete_event_stream",
            Op::WriteRecord(_) => "write_record",
            Op::MoveRecord(_) => "move_record",
            Op::ForgetRecord(_) => "forget_record",
            Op::SetProtect(_) => "set_protect",
        }
    }

    /// Whether only the record is written, and AWS is not called.
    pub fn is_record_only(&self) -> bool {
        matches!(self, Op::WriteRecord(_) | Op::MoveRecord(_) | Op::ForgetRecord(_) | Op::SetProtect(_))
    }

    /// The role that it changes, if it changes one.
    pub fn role(&self) -> Option<&RoleArn> {
        match self {
            Op::CreateRole(op) => Some(&op.arn),
            Op::UpdateTrustPolicy(op) => Some(&op.role),
            Op::PutRolePolicy(op) => Some(&op.role),
            Op::DeleteRolePolicy(op) => Some(&op.role),
            Op::UpdateRole(op) => Some(&op.role),
            Op::PutPermissionsBoundary(op) => Some(&op.role),
            Op::DeletePermissionsBoundary(op) => Some(&op.role),
            Op::TagRole(op) => Some(&op.role),
            Op::UntagRole(op) => Some(&op.role),
            Op::AttachRolePolicy(op) => Some(&op.role),
            Op::DetachRolePolicy(op) => Some(&op.role),
            Op::AddRoleToInstanceProfile(op) => Some(&op.role),
            Op::RemoveRoleFromInstanceProfile(op) => Some(&op.role),
            Op::DeleteRole(op) => Some(&op.role),
            Op::CreateApp(_) | Op::TagApp(_) | Op::UntagApp(_) | Op::DeleteApp(_) | Op::PutEventStream(_) => None,
            Op::DeleteEventStream(_) | Op::WriteRecord(_) | Op::MoveRecord(_) => None,
            Op::ForgetRecord(_) | Op::SetProtect(_) => None,
        }
    }

    /// The account that is called; none where only the record is written.
    pub fn account(&self) -> Option<&AccountId> {
        match self {
            Op::CreateApp(op) => Some(&op.account),
            Op::TagApp(op) => Some(&op.account),
            Op::UntagApp(op) => Some(&op.account),
            Op::DeleteApp(op) => Some(&op.account),
            Op::PutEventStream(op) => Some(&op.account),
            Op::DeleteEventStream(op) => Some(&op.account),
            other => other.role().map(|role| &role.account),
        }
    }
}
