//! One operation is one API call, or one write to the record alone. `Op<Planned>` may hold what only an
//! earlier step will know; `Op::resolve` is the only way from there to `Op<Resolved>`, which is all that
//! a cloud takes.
use crate::address::Address;
use crate::arn::{PolicyArn, RoleArn, StreamArn};
use crate::ids::{AccountId, AppId, Lineage, PolicyName, RoleId, StepId, Workspace};
use crate::ownership::{self, Origin, Tags};
use crate::policy::{Document, Text};
use crate::recorded::{Output, Resource};
use crate::region::Region;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Debug;

/// What every field type of an operation can do.
pub trait Field: Debug + Clone + PartialEq + Eq + Serialize + DeserializeOwned + Send + Sync + 'static {}
impl<T: Debug + Clone + PartialEq + Eq + Serialize + DeserializeOwned + Send + Sync + 'static> Field for T {}

/// Whether an operation may still hold what is not known yet.
pub trait Phase: Debug + Clone + PartialEq + Eq + Send + Sync + 'static {
    /// A new app's id.
    type AppId: Field;
    /// A text that a new app's id may be part of.
    type Text: Field + crate::policy::ConditionValue;
    /// The lineage, which the first apply makes.
    type Lineage: Field;
}

/// As the planner leaves it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Planned {}
/// As it is sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Resolved {}

impl Phase for Planned {
    type AppId = Slot<AppId>;
    type Text = Text;
    type Lineage = Option<Lineage>;
}
impl Phase for Resolved {
    type AppId = AppId;
    type Text = String;
    type Lineage = Lineage;
}

/// A value that is known now, or after a step.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Slot<T> {
    /// Known now.
    Known(T),
    /// Known once that step is done.
    After {
        /// The step that makes it known.
        after_step: StepId,
    },
}

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
    /// IAM DetachRolePolicy.
    DetachRolePolicy(DetachRolePolicy),
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

/// Makes an app.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(bound = "", deny_unknown_fields)]
pub struct CreateApp<P: Phase> {
    /// In this account.
    pub account: AccountId,
    /// In this region.
    pub region: Region,
    /// With this name.
    pub name: String,
    /// Declared tags.
    pub tags: Tags,
    /// Ownership tags.
    pub owner: Owner<P>,
    /// Whether it is recorded as protected.
    pub protect: bool,
}

/// Writes tags of an app.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(bound = "", deny_unknown_fields)]
pub struct TagApp<P: Phase> {
    /// The app's account.
    pub account: AccountId,
    /// The app's region.
    pub region: Region,
    /// The app.
    pub app_id: AppId,
    /// Declared tags to write.
    pub tags: Tags,
    /// Ownership tags to write, where they are to be written.
    pub owner: Option<Owner<P>>,
}

/// Takes tags off an app.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct UntagApp {
    /// The app's account.
    pub account: AccountId,
    /// The app's region.
    pub region: Region,
    /// The app.
    pub app_id: AppId,
    /// The keys to take off.
    pub tag_keys: BTreeSet<String>,
}

/// Deletes an app and all its data.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DeleteApp {
    /// The app's account.
    pub account: AccountId,
    /// The app's region.
    pub region: Region,
    /// The app.
    pub app_id: AppId,
    /// Its name, as it was when this was planned.
    pub name: String,
}

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
    /// Ownership tags.
    pub owner: Owner<P>,
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

/// Takes a managed policy off a role.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DetachRolePolicy {
    /// The role.
    pub role: RoleArn,
    /// The managed policy.
    pub policy: PolicyArn,
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

/// Sets an app's event stream.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(bound = "", deny_unknown_fields)]
pub struct PutEventStream<P: Phase> {
    /// The app's account.
    pub account: AccountId,
    /// The app's region.
    pub region: Region,
    /// The app.
    pub app_id: P::AppId,
    /// Where events go.
    pub destination: StreamArn,
    /// As whom.
    pub role_arn: RoleArn,
    /// Whether it is recorded as protected.
    pub protect: bool,
}

/// Deletes an app's event stream.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DeleteEventStream {
    /// The app's account.
    pub account: AccountId,
    /// The app's region.
    pub region: Region,
    /// The app.
    pub app_id: AppId,
    /// Where events went when this was planned.
    pub destination: String,
    /// As whom, when this was planned.
    pub role_arn: String,
}

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

impl CreateApp<Resolved> {
    /// Declared tags and ownership.
    pub fn all_tags(&self) -> Tags {
        with_ownership(&self.tags, Some(&self.owner))
    }
}
impl CreateRole<Resolved> {
    /// Declared tags and ownership.
    pub fn all_tags(&self) -> Tags {
        with_ownership(&self.tags, Some(&self.owner))
    }
}
impl TagApp<Resolved> {
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

fn with_ownership(declared: &Tags, owner: Option<&Owner<Resolved>>) -> Tags {
    let mut all = declared.clone();
    all.extend(owner.map(Owner::tags).unwrap_or_default());
    all
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
            Op::DetachRolePolicy(_) => "detach_role_policy",
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
            Op::DetachRolePolicy(op) => Some(&op.role),
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

/// What the steps done so far have given.
pub type Outputs = BTreeMap<StepId, Output>;

/// A step's operation needs what no earlier step has given.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("step {0} has not said which app it created")]
pub struct Unresolved(pub StepId);

impl Op<Planned> {
    /// Puts in what earlier steps have given, and the lineage. The only door to `Op<Resolved>`.
    pub fn resolve(self, outputs: &Outputs, lineage: &Lineage) -> Result<Op<Resolved>, Unresolved> {
        let owner = |owner: Owner<Planned>| Owner {
            workspace: owner.workspace,
            lineage: owner.lineage.unwrap_or_else(|| lineage.clone()),
            address: owner.address,
            origin: owner.origin,
        };
        let app_id = |step: StepId| match outputs.get(&step) {
            Some(Output::App(id)) => Ok(id.clone()),
            _ => Err(Unresolved(step)),
        };
        let text = |text: Text| match text {
            Text::Known(known) => Ok(known),
            Text::After { after_step, format } => Ok(format.replacen("{}", app_id(after_step)?.as_str(), 1)),
        };
        Ok(match self {
            Op::CreateApp(CreateApp { account, region, name, tags, owner: by, protect }) => {
                Op::CreateApp(CreateApp { account, region, name, tags, owner: owner(by), protect })
            }
            Op::TagApp(TagApp { account, region, app_id, tags, owner: by }) => {
                Op::TagApp(TagApp { account, region, app_id, tags, owner: by.map(owner) })
            }
            Op::CreateRole(create) => Op::CreateRole(CreateRole {
                arn: create.arn,
                trust_policy: create.trust_policy.map_values(text)?,
                description: create.description,
                max_session_duration: create.max_session_duration,
                permissions_boundary: create.permissions_boundary,
                tags: create.tags,
                owner: owner(create.owner),
                protect: create.protect,
            }),
            Op::UpdateTrustPolicy(UpdateTrustPolicy { role, trust_policy }) => {
                Op::UpdateTrustPolicy(UpdateTrustPolicy { role, trust_policy: trust_policy.map_values(text)? })
            }
            Op::TagRole(TagRole { role, tags, owner: by }) => {
                Op::TagRole(TagRole { role, tags, owner: by.map(owner) })
            }
            Op::PutEventStream(put) => Op::PutEventStream(PutEventStream {
                account: put.account,
                region: put.region,
                app_id: match put.app_id {
                    Slot::Known(id) => id,
                    Slot::After { after_step } => app_id(after_step)?,
                },
                destination: put.destination,
                role_arn: put.role_arn,
                protect: put.protect,
            }),
            Op::UntagApp(op) => Op::UntagApp(op),
            Op::DeleteApp(op) => Op::DeleteApp(op),
            Op::PutRolePolicy(op) => Op::PutRolePolicy(op),
            Op::DeleteRolePolicy(op) => Op::DeleteRolePolicy(op),
            Op::UpdateRole(op) => Op::UpdateRole(op),
            Op::PutPermissionsBoundary(op) => Op::PutPermissionsBoundary(op),
            Op::DeletePermissionsBoundary(op) => Op::DeletePermissionsBoundary(op),
            Op::UntagRole(op) => Op::UntagRole(op),
            Op::DetachRolePolicy(op) => Op::DetachRolePolicy(op),
            Op::RemoveRoleFromInstanceProfile(op) => Op::RemoveRoleFromInstanceProfile(op),
            Op::DeleteRole(op) => Op::DeleteRole(op),
            Op::DeleteEventStream(op) => Op::DeleteEventStream(op),
            Op::WriteRecord(op) => Op::WriteRecord(op),
            Op::MoveRecord(op) => Op::MoveRecord(op),
            Op::ForgetRecord(op) => Op::ForgetRecord(op),
            Op::SetProtect(op) => Op::SetProtect(op),
        })
    }
}
