//! Whether an operation may still hold what is not known yet, and the only door from there to one that can be sent.
use super::{AppOp, CreateApp, CreateRole, EventStreamOp, Op, PutEventStream, RoleOp};
use crate::address::Address;
use crate::ids::{AppId, Lineage, RoleId, StepId, Workspace};
use crate::ownership::{self, Origin, Tags};
use crate::policy::Text;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
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
    Known(T),
    After { after_step: StepId },
}

/// The ownership tags of an operation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(bound = "", deny_unknown_fields)]
pub struct Owner<P: Phase> {
    pub workspace: Workspace,
    /// Null in a plan made before the first apply.
    pub lineage: P::Lineage,
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

/// All tags that are written: declared ones with those of ownership, where they are written too.
pub fn with_ownership(declared: &Tags, owner: Option<&Owner<Resolved>>) -> Tags {
    let mut all = declared.clone();
    all.extend(owner.map(Owner::tags).unwrap_or_default());
    all
}

/// What a call gave that was not known before.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Output {
    /// Nothing new.
    Done,
    /// The app that was created.
    App(AppId),
    /// The role that was created.
    Role(RoleId),
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
        self.convert(&Resolving { outputs, lineage })
    }

    /// The same operation with every step that it refers to under its new number.
    pub fn renumber(self, number: impl Fn(StepId) -> StepId) -> Op<Planned> {
        let Ok(op) = self.convert(&Renumbering(number));
        op
    }
}

/// How the values of one phase become those of another.
trait Convert<P: Phase, Q: Phase> {
    type Error;
    fn app_id(&self, app_id: P::AppId) -> Result<Q::AppId, Self::Error>;
    fn text(&self, text: P::Text) -> Result<Q::Text, Self::Error>;
    fn lineage(&self, lineage: P::Lineage) -> Q::Lineage;

    fn owner(&self, Owner { workspace, lineage, address, origin }: Owner<P>) -> Owner<Q> {
        Owner { workspace, lineage: self.lineage(lineage), address, origin }
    }
}

struct Resolving<'a> {
    outputs: &'a Outputs,
    lineage: &'a Lineage,
}

impl Resolving<'_> {
    fn app(&self, step: StepId) -> Result<&AppId, Unresolved> {
        match self.outputs.get(&step) {
            Some(Output::App(id)) => Ok(id),
            Some(Output::Done | Output::Role(_)) | None => Err(Unresolved(step)),
        }
    }
}

impl Convert<Planned, Resolved> for Resolving<'_> {
    type Error = Unresolved;

    fn app_id(&self, app_id: Slot<AppId>) -> Result<AppId, Unresolved> {
        match app_id {
            Slot::Known(id) => Ok(id),
            Slot::After { after_step } => self.app(after_step).cloned(),
        }
    }

    fn text(&self, text: Text) -> Result<String, Unresolved> {
        match text {
            Text::Known(known) => Ok(known),
            Text::After { after_step, format } => Ok(format.replacen("{}", self.app(after_step)?.as_str(), 1)),
        }
    }

    fn lineage(&self, lineage: Option<Lineage>) -> Lineage {
        lineage.unwrap_or_else(|| self.lineage.clone())
    }
}

struct Renumbering<F>(F);

impl<F: Fn(StepId) -> StepId> Convert<Planned, Planned> for Renumbering<F> {
    type Error = std::convert::Infallible;

    fn app_id(&self, app_id: Slot<AppId>) -> Result<Slot<AppId>, Self::Error> {
        Ok(match app_id {
            Slot::After { after_step } => Slot::After { after_step: self.0(after_step) },
            known @ Slot::Known(_) => known,
        })
    }

    fn text(&self, text: Text) -> Result<Text, Self::Error> {
        Ok(match text {
            Text::After { after_step, format } => Text::After { after_step: self.0(after_step), format },
            known @ Text::Known(_) => known,
        })
    }

    fn lineage(&self, lineage: Option<Lineage>) -> Option<Lineage> {
        lineage
    }
}

impl<P: Phase> Op<P> {
    fn convert<Q: Phase, C: Convert<P, Q>>(self, to: &C) -> Result<Op<Q>, C::Error> {
        Ok(match self {
            Op::App(op) => Op::App(op.convert(to)),
            Op::Role(op) => Op::Role(op.convert(to)?),
            Op::EventStream(EventStreamOp::Put(put)) => {
                let PutEventStream { account, region, app_id, destination, role_arn, protect, record } = put;
                let app_id = to.app_id(app_id)?;
                let put = PutEventStream { account, region, app_id, destination, role_arn, protect, record };
                Op::EventStream(EventStreamOp::Put(put))
            }
            Op::EventStream(EventStreamOp::Delete(delete)) => Op::EventStream(EventStreamOp::Delete(delete)),
            Op::Record(op) => Op::Record(op),
        })
    }
}

impl<P: Phase> AppOp<P> {
    fn convert<Q: Phase>(self, to: &impl Convert<P, Q>) -> AppOp<Q> {
        match self {
            AppOp::Create(CreateApp { account, region, name, tags, owner, protect }) => {
                AppOp::Create(CreateApp { account, region, name, tags, owner: to.owner(owner), protect })
            }
            AppOp::Tag { account, region, app_id, tags, owner } => {
                AppOp::Tag { account, region, app_id, tags, owner: owner.map(|owner| to.owner(owner)) }
            }
            AppOp::Untag { account, region, app_id, tag_keys } => {
                AppOp::Untag { account, region, app_id, tag_keys }
            }
            AppOp::Delete(delete) => AppOp::Delete(delete),
        }
    }
}

impl<P: Phase> RoleOp<P> {
    fn convert<Q: Phase, C: Convert<P, Q>>(self, to: &C) -> Result<RoleOp<Q>, C::Error> {
        Ok(match self {
            RoleOp::Create(create) => {
                let CreateRole {
                    arn,
                    trust_policy,
                    description,
                    max_session_duration,
                    permissions_boundary,
                    tags,
                    owner,
                    protect,
                } = create;
                RoleOp::Create(CreateRole {
                    arn,
                    trust_policy: trust_policy.map_values(|text| to.text(text))?,
                    description,
                    max_session_duration,
                    permissions_boundary,
                    tags,
                    owner: owner.map(|owner| to.owner(owner)),
                    protect,
                })
            }
            RoleOp::UpdateTrustPolicy { role, trust_policy } => {
                RoleOp::UpdateTrustPolicy { role, trust_policy: trust_policy.map_values(|text| to.text(text))? }
            }
            RoleOp::Tag { role, tags, owner } => {
                RoleOp::Tag { role, tags, owner: owner.map(|owner| to.owner(owner)) }
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
