//! What the plan deletes and quarantines: which roles with what identity, and what may be attached to them.
use super::step_error::StepError;
use pinpoint_streams_model::arn::{PolicyArn, RoleArn};
use pinpoint_streams_model::ids::{AppId, PolicyName, RoleId};
use pinpoint_streams_model::live::{LiveEventStream, LiveRole};
use pinpoint_streams_model::op::{DeleteEventStream, EventStreamOp, Op, Resolved, RoleOp};
use pinpoint_streams_model::plan::Step;
use pinpoint_streams_model::recorded::{Object, Recorded};
use pinpoint_streams_model::sweep::{QUARANTINE_POLICY, QUARANTINED_ID};
use std::collections::{BTreeMap, BTreeSet};
use tokio::sync::Mutex;

/// The roles that the plan quarantines.
#[derive(Debug, Default)]
pub(super) struct Quarantines(pub(super) BTreeMap<RoleArn, Quarantine>);

/// One role that the plan quarantines.
#[derive(Debug, Default)]
pub(super) struct Quarantine {
    /// The identity that it had when this was planned, as the quarantine's tag will say.
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
                // The tags alone complete a quarantine that was cut short.
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

/// What the plan takes away, beside what it names: what is attached to the roles and apps that it deletes.
#[derive(Debug, Default)]
pub(super) struct Teardowns {
    pub(super) roles: BTreeMap<RoleArn, Teardown>,
    /// The inline policies that are ours by the record. Only these go back into it.
    ours: BTreeSet<(RoleArn, PolicyName)>,
    /// The event streams that the plan deletes.
    event_streams: BTreeMap<AppId, LiveEventStream>,
}

/// One role that the plan deletes.
#[derive(Debug)]
pub(super) struct Teardown {
    id: RoleId,
    takes: Attachments,
    pub(super) progress: Mutex<Progress>,
}

/// What is attached to a role and must be removed before it.
#[derive(Debug, Default)]
struct Attachments {
    inline: BTreeSet<PolicyName>,
    attached: BTreeSet<PolicyArn>,
    profiles: BTreeSet<String>,
}

/// The progress of a role's deletion.
#[derive(Debug, Default)]
pub(super) struct Progress {
    /// The role as it was archived, and where.
    pub(super) archived: Option<(Box<LiveRole>, String)>,
    pub(super) is_gone: bool,
    pub(super) has_failed: bool,
    pub(super) taken: Vec<Op<Resolved>>,
}

impl Teardowns {
    pub(super) fn of(steps: &[Step], recorded: &Recorded) -> Teardowns {
        let mut attached_to: BTreeMap<RoleArn, Attachments> = BTreeMap::new();
        let (mut roles, mut event_streams) = (BTreeMap::new(), BTreeMap::new());
        // In the order of their numbers: what is written to a role of the same name afterwards is another role's.
        for Step { op, .. } in steps {
            match op {
                Op::Role(RoleOp::DeletePolicy { role, policy_name }) => {
                    attached_to.entry(role.clone()).or_default().inline.insert(policy_name.clone());
                }
                Op::Role(RoleOp::DetachPolicy { role, policy }) => {
                    attached_to.entry(role.clone()).or_default().attached.insert(policy.clone());
                }
                Op::Role(RoleOp::RemoveFromProfile { role, instance_profile }) => {
                    attached_to.entry(role.clone()).or_default().profiles.insert(instance_profile.clone());
                }
                Op::Role(RoleOp::Delete { role, role_id }) => {
                    let takes = attached_to.remove(role).unwrap_or_default();
                    let teardown = Teardown { id: role_id.clone(), takes, progress: Mutex::default() };
                    roles.insert(role.clone(), teardown);
                }
                Op::EventStream(EventStreamOp::Delete(one)) => {
                    let DeleteEventStream { app_id, destination, role_arn, .. } = one.clone();
                    event_streams.insert(app_id, LiveEventStream { destination, role_arn });
                }
                _ => {}
            }
        }
        let ours = recorded.resources.values().filter_map(|resource| match &resource.object {
            Object::Role(role) => Some(role.inline_policies.keys().map(|name| (role.arn.clone(), name.clone()))),
            Object::App(_) | Object::EventStream(_) => None,
        });
        Teardowns { roles, ours: ours.flatten().collect(), event_streams }
    }

    /// Whether the plan deletes this event stream, so that a read which still shows it is only late.
    pub(super) fn takes(&self, app: &AppId, event_stream: &LiveEventStream) -> bool {
        self.event_streams.get(app) == Some(event_stream)
    }

    /// Whether this inline policy is ours by the record.
    pub(super) fn is_ours(&self, role: &RoleArn, policy: &PolicyName) -> bool {
        self.ours.contains(&(role.clone(), policy.clone()))
    }

    /// The deletion that this operation is the beginning of; none where the role stays.
    pub(super) fn begun_by(&self, op: &Op<Resolved>) -> Option<&Teardown> {
        let Op::Role(op) = op else { return None };
        let teardown = self.roles.get(op.role())?;
        let is_part = match op {
            RoleOp::DeletePolicy { policy_name, .. } => teardown.takes.inline.contains(policy_name),
            RoleOp::DetachPolicy { policy, .. } => teardown.takes.attached.contains(policy),
            RoleOp::RemoveFromProfile { instance_profile, .. } => {
                teardown.takes.profiles.contains(instance_profile)
            }
            _ => false,
        };
        is_part.then_some(teardown)
    }
}

impl Teardown {
    /// Whether the role is the one that was planned and nothing is attached to it but what the plan removes.
    pub(super) fn check(&self, live: &LiveRole) -> Result<(), StepError> {
        let Teardown { id, takes, progress: _ } = self;
        if live.id != *id {
            let message = format!("the role of this name is another one now: its id is {}, not {id}", live.id);
            return Err(StepError::refused("RoleChanged", message));
        }
        let inline = live.inline_policies.keys().filter(|name| !takes.inline.contains(name));
        let attached = live.attached_policies.iter().filter(|arn| !takes.attached.contains(arn));
        let profiles = live.instance_profiles.iter().filter(|name| !takes.profiles.contains(*name));
        let extra: Vec<String> = inline
            .map(|name| format!("inline policy {name}"))
            .chain(attached.map(|arn| format!("managed policy {arn}")))
            .chain(profiles.map(|name| format!("instance profile {name}")))
            .collect();
        if extra.is_empty() {
            return Ok(());
        }
        let message = format!("the role has what the plan did not show: {}", extra.join(", "));
        Err(StepError::refused("RoleChanged", message).hint("plan again to see it, and to decide".to_owned()))
    }
}
