//! The two phases of an operation: planned, possibly with unknown values, and resolved, ready to be sent.
use super::{AppOp, CreateApp, CreateRole, EventStreamOp, Op, PutEventStream, RoleOp};
use crate::{Address, AppId, Document, Lineage, Origin, RoleId, StepId, Tags, Text, Workspace, ownership};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fmt::Debug;

pub trait Field: Debug + Clone + PartialEq + Eq + Serialize + DeserializeOwned + Send + Sync + 'static {}
impl<T: Debug + Clone + PartialEq + Eq + Serialize + DeserializeOwned + Send + Sync + 'static> Field for T {}

/// Whether an operation may contain values that are not known yet.
pub trait Phase: Debug + Clone + PartialEq + Eq + Send + Sync + 'static {
    type AppId: Field;
    /// A text that may contain a new app's id.
    type Text: Field + crate::policy::ConditionValue;
    /// Created by the first apply.
    type Lineage: Field;
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Planned {}
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

/// A value that is known now or after a step.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Slot<T> {
    Known(T),
    After { after_step: StepId },
}

/// The ownership tags of an operation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(bound = "", deny_unknown_fields)]
pub struct Owner<P: Phase> {
    pub workspace: Workspace,
    /// Null before the first apply.
    pub lineage: P::Lineage,
    pub address: Address,
    pub origin: Origin,
}

impl Owner<Resolved> {
    pub fn tags(&self) -> Tags {
        ownership::tags(&self.workspace, &self.lineage, &self.address, self.origin)
    }
}

/// The declared tags, plus the ownership tags if there is an owner.
pub fn with_ownership(declared: &Tags, owner: Option<&Owner<Resolved>>) -> Tags {
    let mut all = declared.clone();
    all.extend(owner.map(Owner::tags).unwrap_or_default());
    all
}

/// The value a call returned that later steps need.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Output {
    Done,
    App(AppId),
    Role(RoleId),
}

/// Outputs of the completed steps.
pub type Outputs = BTreeMap<StepId, Output>;

/// An operation needs the output of a step that has none.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("step {0} did not return the id of the app it created")]
pub struct Unresolved(pub StepId);

impl Op<Planned> {
    /// Fills in the outputs of earlier steps and the lineage. The only way to get an `Op<Resolved>`.
    pub fn resolve(self, outputs: &Outputs, lineage: &Lineage) -> Result<Op<Resolved>, Unresolved> {
        let known = Known { outputs, lineage };
        Ok(match self {
            Op::App(op) => Op::App(op.resolve(&known)),
            Op::Role(op) => Op::Role(op.resolve(&known)?),
            Op::EventStream(op) => Op::EventStream(op.resolve(&known)?),
            Op::Record(op) => Op::Record(op),
        })
    }
}

struct Known<'a> {
    outputs: &'a Outputs,
    lineage: &'a Lineage,
}

impl Known<'_> {
    fn app(&self, step: StepId) -> Result<&AppId, Unresolved> {
        match self.outputs.get(&step) {
            Some(Output::App(id)) => Ok(id),
            Some(Output::Done | Output::Role(_)) | None => Err(Unresolved(step)),
        }
    }

    fn trust_policy(&self, document: Document<Text>) -> Result<Document, Unresolved> {
        document.map_values(|text| match text {
            Text::Known(known) => Ok(known),
            Text::After { after_step, format } => Ok(format.replacen("{}", self.app(after_step)?.as_str(), 1)),
        })
    }

    fn owner(&self, Owner { workspace, lineage, address, origin }: Owner<Planned>) -> Owner<Resolved> {
        Owner { workspace, lineage: lineage.unwrap_or_else(|| self.lineage.clone()), address, origin }
    }
}

impl AppOp<Planned> {
    fn resolve(self, known: &Known<'_>) -> AppOp<Resolved> {
        match self {
            AppOp::Create(CreateApp { account, region, name, tags, owner, protect }) => {
                AppOp::Create(CreateApp { account, region, name, tags, owner: known.owner(owner), protect })
            }
            AppOp::Tag { account, region, app_id, tags, owner } => {
                AppOp::Tag { account, region, app_id, tags, owner: owner.map(|owner| known.owner(owner)) }
            }
            AppOp::Untag { account, region, app_id, tag_keys } => {
                AppOp::Untag { account, region, app_id, tag_keys }
            }
            AppOp::Delete(delete) => AppOp::Delete(delete),
        }
    }
}

impl EventStreamOp<Planned> {
    fn resolve(self, known: &Known<'_>) -> Result<EventStreamOp<Resolved>, Unresolved> {
        Ok(match self {
            EventStreamOp::Put(put) => EventStreamOp::Put(PutEventStream {
                account: put.account,
                region: put.region,
                app_id: match put.app_id {
                    Slot::Known(id) => id,
                    Slot::After { after_step } => known.app(after_step)?.clone(),
                },
                destination: put.destination,
                role_arn: put.role_arn,
                protect: put.protect,
                record: put.record,
            }),
            EventStreamOp::Delete(delete) => EventStreamOp::Delete(delete),
        })
    }
}

impl RoleOp<Planned> {
    fn resolve(self, known: &Known<'_>) -> Result<RoleOp<Resolved>, Unresolved> {
        Ok(match self {
            RoleOp::Create(create) => RoleOp::Create(CreateRole {
                arn: create.arn,
                trust_policy: known.trust_policy(create.trust_policy)?,
                description: create.description,
                max_session_duration: create.max_session_duration,
                permissions_boundary: create.permissions_boundary,
                tags: create.tags,
                owner: create.owner.map(|owner| known.owner(owner)),
                protect: create.protect,
            }),
            RoleOp::UpdateTrustPolicy { role, trust_policy } => {
                RoleOp::UpdateTrustPolicy { role, trust_policy: known.trust_policy(trust_policy)? }
            }
            RoleOp::Tag { role, tags, owner } => {
                RoleOp::Tag { role, tags, owner: owner.map(|owner| known.owner(owner)) }
            }
            RoleOp::PutPolicy { role, policy_name, document } => RoleOp::PutPolicy { role, policy_name, document },
            RoleOp::DeletePolicy { role, policy_name } => RoleOp::DeletePolicy { role, policy_name },
            RoleOp::Update { role, description, max_session_duration } => {
                RoleOp::Update { role, description, max_session_duration }
            }
            RoleOp::PutBoundary { role, permissions_boundary } => {
                RoleOp::PutBoundary { role, permissions_boundary }
            }
            RoleOp::DeleteBoundary { role } => RoleOp::DeleteBoundary { role },
            RoleOp::Untag { role, tag_keys } => RoleOp::Untag { role, tag_keys },
            RoleOp::AttachPolicy { role, policy } => RoleOp::AttachPolicy { role, policy },
            RoleOp::DetachPolicy { role, policy } => RoleOp::DetachPolicy { role, policy },
            RoleOp::AddToProfile { role, instance_profile } => RoleOp::AddToProfile { role, instance_profile },
            RoleOp::RemoveFromProfile { role, instance_profile } => {
                RoleOp::RemoveFromProfile { role, instance_profile }
            }
            RoleOp::Delete { role, role_id } => RoleOp::Delete { role, role_id },
        })
    }
}
