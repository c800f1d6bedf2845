//! The only door from a planned operation to one that can be sent.
use super::{
    CreateApp, CreateRole, Op, Owner, Planned, PutEventStream, Resolved, Slot, TagApp, TagRole, UpdateTrustPolicy,
};
use crate::ids::{Lineage, StepId};
use crate::policy::Text;
use crate::recorded::Output;
use std::collections::BTreeMap;

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
                owner: create.owner.map(owner),
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
                record: put.record,
            }),
            Op::UntagApp(op) => Op::UntagApp(op),
            Op::DeleteApp(op) => Op::DeleteApp(op),
            Op::PutRolePolicy(op) => Op::PutRolePolicy(op),
            Op::DeleteRolePolicy(op) => Op::DeleteRolePolicy(op),
            Op::UpdateRole(op) => Op::UpdateRole(op),
            Op::PutPermissionsBoundary(op) => Op::PutPermissionsBoundary(op),
            Op::DeletePermissionsBoundary(op) => Op::DeletePermissionsBoundary(op),
            Op::UntagRole(op) => Op::UntagRole(op),
            Op::AttachRolePolicy(op) => Op::AttachRolePolicy(op),
            Op::DetachRolePolicy(op) => Op::DetachRolePolicy(op),
            Op::AddRoleToInstanceProfile(op) => Op::AddRoleToInstanceProfile(op),
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
