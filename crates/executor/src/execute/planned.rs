//! The roles and event streams that the plan deletes and quarantines.
use super::step_error::StepError;
use pinpoint_streams_model::sweep::{QUARANTINE_POLICY, QUARANTINED_ID};
use pinpoint_streams_model::{
    AppId, DeleteEventStream, EventStreamOp, LiveEventStream, LiveRole, Op, PolicyArn, PolicyName, Recorded,
    Resolved, RoleArn, RoleId, RoleOp, RoleRecord, Step,
};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use tokio::sync::Mutex;

#[derive(Debug, Default)]
pub(super) struct Quarantines(pub(super) BTreeMap<RoleArn, Quarantine>);

#[derive(Debug, Default)]
pub(super) struct Quarantine {
    /// The role id when this was planned, for the quarantine's tag.
    pub(super) id: Option<String>,
    pub(super) is_archived: Mutex<bool>,
}

impl Quarantines {
    pub(super) fn of(steps: &[Step]) -> Quarantines {
        let mut roles: BTreeMap<RoleArn, Quarantine> = BTreeMap::new();
        for step in steps {
            match &step.op {
                Op::Role(RoleOp::PutPolicy { role, policy_name, .. })
                    if policy_name.as_str() == QUARANTINE_POLICY =>
                {
                    roles.entry(role.clone()).or_default();
                }
                // The tags alone complete an interrupted quarantine.
                Op::Role(RoleOp::Tag { role, tags, .. }) => {
                    if let Some(id) = tags.get(QUARANTINED_ID) {
                        roles.entry(role.clone()).or_default().id = Some(id.clone());
                    }
                }
                _ => {}
            }
        }
        Quarantines(roles)
    }
}

/// The roles and event streams that the plan deletes.
#[derive(Debug, Default)]
pub(super) struct Teardowns {
    pub(super) roles: BTreeMap<RoleArn, Teardown>,
    /// The recorded inline policies. Only these are recorded again if restored.
    recorded_policies: BTreeSet<(RoleArn, PolicyName)>,
    event_streams: BTreeMap<AppId, LiveEventStream>,
}

#[derive(Debug)]
pub(super) struct Teardown {
    id: RoleId,
    attachments: Attachments,
    pub(super) progress: Mutex<Progress>,
}

/// What must be removed from a role before it is deleted.
#[derive(Debug, Default)]
struct Attachments {
    inline: BTreeSet<PolicyName>,
    attached: BTreeSet<PolicyArn>,
    profiles: BTreeSet<String>,
}

#[derive(Debug, Default)]
pub(super) struct Progress {
    /// The archived role and the path of its archive.
    pub(super) archived: Option<(Arc<LiveRole>, String)>,
    pub(super) is_gone: bool,
    pub(super) has_failed: bool,
    pub(super) taken: Vec<Op<Resolved>>,
}

impl Teardowns {
    pub(super) fn of(steps: &[Step], recorded: &Recorded) -> Teardowns {
        let mut removed: BTreeMap<RoleArn, Attachments> = BTreeMap::new();
        let (mut roles, mut event_streams) = (BTreeMap::new(), BTreeMap::new());
        // In order: later steps may write to a new role with the same name.
        for Step { op, .. } in steps {
            match op {
                Op::Role(RoleOp::DeletePolicy { role, policy_name }) => {
                    removed.entry(role.clone()).or_default().inline.insert(policy_name.clone());
                }
                Op::Role(RoleOp::DetachPolicy { role, policy }) => {
                    removed.entry(role.clone()).or_default().attached.insert(policy.clone());
                }
                Op::Role(RoleOp::RemoveFromProfile { role, instance_profile }) => {
                    removed.entry(role.clone()).or_default().profiles.insert(instance_profile.clone());
                }
                Op::Role(RoleOp::Delete { role, role_id }) => {
                    let attachments = removed.remove(role).unwrap_or_default();
                    let teardown = Teardown { id: role_id.clone(), attachments, progress: Mutex::default() };
                    roles.insert(role.clone(), teardown);
                }
                Op::EventStream(EventStreamOp::Delete(one)) => {
                    let DeleteEventStream { app_id, destination, role_arn, .. } = one.clone();
                    event_streams.insert(app_id, LiveEventStream { destination, role_arn });
                }
                _ => {}
            }
        }
        let recorded_roles = recorded.resources.values().filter_map(|resource| resource.object.as_role());
        let policies = |role: &RoleRecord| {
            role.inline_policies.keys().map(|name| (role.arn.clone(), name.clone())).collect::<Vec<_>>()
        };
        Teardowns { roles, recorded_policies: recorded_roles.flat_map(policies).collect(), event_streams }
    }

    /// Whether the plan deletes this event stream: a read that still shows it is stale.
    pub(super) fn deletes(&self, app: &AppId, event_stream: &LiveEventStream) -> bool {
        self.event_streams.get(app) == Some(event_stream)
    }

    /// Whether this inline policy is recorded.
    pub(super) fn is_ours(&self, role: &RoleArn, policy: &PolicyName) -> bool {
        self.recorded_policies.contains(&(role.clone(), policy.clone()))
    }

    /// The deletion that this operation is part of; `None` if the role stays.
    pub(super) fn begun_by(&self, op: &Op<Resolved>) -> Option<&Teardown> {
        let Op::Role(op) = op else { return None };
        let teardown = self.roles.get(op.role())?;
        let is_part = match op {
            RoleOp::DeletePolicy { policy_name, .. } => teardown.attachments.inline.contains(policy_name),
            RoleOp::DetachPolicy { policy, .. } => teardown.attachments.attached.contains(policy),
            RoleOp::RemoveFromProfile { instance_profile, .. } => {
                teardown.attachments.profiles.contains(instance_profile)
            }
            _ => false,
        };
        is_part.then_some(teardown)
    }
}

impl Teardown {
    /// Checks that the role is the planned one and has nothing attached that the plan does not remove.
    pub(super) fn check(&self, live: &LiveRole) -> Result<(), StepError> {
        let Teardown { id, attachments, progress: _ } = self;
        if live.id != *id {
            return Err(StepError::role_replaced(live, id));
        }
        let inline = live.inline_policies.keys().filter(|name| !attachments.inline.contains(name));
        let attached = live.attached_policies.iter().filter(|arn| !attachments.attached.contains(arn));
        let profiles = live.instance_profiles.iter().filter(|name| !attachments.profiles.contains(*name));
        let extra: Vec<String> = inline
            .map(|name| format!("inline policy {name}"))
            .chain(attached.map(|arn| format!("managed policy {arn}")))
            .chain(profiles.map(|name| format!("instance profile {name}")))
            .collect();
        if extra.is_empty() {
            return Ok(());
        }
        let message = format!("the role has what is not in the plan: {}", extra.join(", "));
        Err(StepError::changed("RoleChanged", message))
    }
}
