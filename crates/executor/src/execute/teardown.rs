//! Deleting only what was planned, and only once it is archived. What is to go is read again first; a role
//! whose deletion fails half-way gets back what was taken off it.
use super::attempt;
use super::crew::{Hand, Setback};
use super::put_back::put_back;
use crate::clock::Clock;
use crate::cloud::{Cloud, Written};
use pinpoint_streams_model::arn::{PolicyArn, RoleArn};
use pinpoint_streams_model::ids::{AppId, PolicyName, RoleId};
use pinpoint_streams_model::live::{LiveEventStream, LiveRole};
use pinpoint_streams_model::op::{DeleteEventStream, EventStreamOp, Op, Resolved, RoleOp};
use pinpoint_streams_model::plan::Step;
use pinpoint_streams_model::recorded::{Object, Output, Recorded};
use pinpoint_streams_store::archive::{self, ArchiveStore};
use std::collections::{BTreeMap, BTreeSet};
use tokio::sync::Mutex;

/// What the plan takes away, beside what it names: what hangs on the roles and apps that it deletes.
#[derive(Debug, Default)]
pub(super) struct Teardowns {
    roles: BTreeMap<RoleArn, Teardown>,
    /// The inline policies that are ours by the record. Only these go back into it.
    ours: BTreeSet<(RoleArn, PolicyName)>,
    /// The event streams that the plan deletes.
    event_streams: BTreeMap<AppId, LiveEventStream>,
}

/// One role that the plan deletes.
#[derive(Debug)]
pub(super) struct Teardown {
    id: RoleId,
    takes: Hanging,
    progress: Mutex<Progress>,
}

/// What hangs on a role and must go before it.
#[derive(Debug, Default)]
struct Hanging {
    inline: BTreeSet<PolicyName>,
    attached: BTreeSet<PolicyArn>,
    profiles: BTreeSet<String>,
}

/// How far a role's deletion has come.
#[derive(Debug, Default)]
struct Progress {
    /// The role as it was archived, and where.
    archived: Option<(Box<LiveRole>, String)>,
    is_gone: bool,
    has_failed: bool,
    taken: Vec<Op<Resolved>>,
}

impl Teardowns {
    pub(super) fn of(steps: &[Step], recorded: &Recorded) -> Teardowns {
        let mut hanging: BTreeMap<RoleArn, Hanging> = BTreeMap::new();
        let (mut roles, mut event_streams) = (BTreeMap::new(), BTreeMap::new());
        // In the order of their numbers: what is written to a role of the same name afterwards is another role's.
        for Step { op, .. } in steps {
            match op {
                Op::Role(RoleOp::DeletePolicy { role, policy_name }) => {
                    hanging.entry(role.clone()).or_default().inline.insert(policy_name.clone());
                }
                Op::Role(RoleOp::DetachPolicy { role, policy }) => {
                    hanging.entry(role.clone()).or_default().attached.insert(policy.clone());
                }
                Op::Role(RoleOp::RemoveFromProfile { role, instance_profile }) => {
                    hanging.entry(role.clone()).or_default().profiles.insert(instance_profile.clone());
                }
                Op::Role(RoleOp::Delete { role, role_id }) => {
                    let takes = hanging.remove(role).unwrap_or_default();
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
    fn begun_by(&self, op: &Op<Resolved>) -> Option<&Teardown> {
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
    /// Whether the role is the one that was planned and nothing hangs on it but what the plan takes off.
    fn check(&self, live: &LiveRole) -> Result<(), Setback> {
        let Teardown { id, takes, progress: _ } = self;
        if live.id != *id {
            let message = format!("the role of this name is another one now: its id is {}, not {id}", live.id);
            return Err(Setback::refused("RoleChanged", message));
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
        Err(Setback::refused("RoleChanged", message).hint("plan again to see it, and to decide".to_owned()))
    }
}

/// Takes off a role what the plan takes off it; where the role itself is to go, checked and archived first.
pub(super) async fn take_off<C: Cloud, A: ArchiveStore, K: Clock>(
    hand: &mut Hand<'_, C, A, K>,
    op: &Op<Resolved>,
) -> Result<Written, Setback> {
    let Some(teardown) = hand.crew.teardowns.begun_by(op) else { return attempt::write(hand, op).await };
    let Some(role) = op.role() else { return attempt::write(hand, op).await };
    if prepare(hand, role, teardown).await? == Found::Gone {
        return Ok(done());
    }
    let result = attempt::write(hand, op).await;
    let mut progress = teardown.progress.lock().await;
    match result {
        Ok(written) => {
            progress.taken.push(op.clone());
            if !progress.has_failed {
                return Ok(written);
            }
            let setback =
                Setback::refused("TeardownFailed", "another part of this role could not be taken off".to_owned());
            Err(undo(hand, &mut progress, setback).await)
        }
        Err(setback) => Err(undo(hand, &mut progress, setback).await),
    }
}

/// Deletes a role that is still the one that was planned.
pub(super) async fn role<C: Cloud, A: ArchiveStore, K: Clock>(
    hand: &mut Hand<'_, C, A, K>,
    op: &Op<Resolved>,
) -> Result<Written, Setback> {
    let teardown = op.role().and_then(|role| Some((role, hand.crew.teardowns.roles.get(role)?)));
    let Some((role, teardown)) = teardown else {
        return Err(Setback::refused("NotPlanned", "no deletion of this role was planned".to_owned()));
    };
    let found = match prepare(hand, role, teardown).await {
        // Archived by an earlier step: that was a while ago.
        Ok(Found::Archived) => check_again(hand, role, teardown).await,
        other => other,
    };
    let result = match found {
        Ok(Found::Gone) => return Ok(done()),
        Ok(Found::Archived | Found::JustArchived) => attempt::write(hand, op).await,
        Err(setback) => Err(setback),
    };
    match result {
        Ok(written) => Ok(written),
        Err(setback) => Err(undo(hand, &mut *teardown.progress.lock().await, setback).await),
    }
}

/// How a role that is to go was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Found {
    Gone,
    Archived,
    JustArchived,
}

/// Reads, checks and archives a role before the first thing is taken off it.
async fn prepare<C: Cloud, A: ArchiveStore, K: Clock>(
    hand: &Hand<'_, C, A, K>,
    role: &RoleArn,
    teardown: &Teardown,
) -> Result<Found, Setback> {
    let mut progress = teardown.progress.lock().await;
    if progress.has_failed {
        let message = "another part of this role could not be taken off".to_owned();
        return Err(Setback::refused("TeardownFailed", message));
    }
    if progress.is_gone {
        return Ok(Found::Gone);
    }
    if progress.archived.is_some() {
        return Ok(Found::Archived);
    }
    // Where this fails the role stays, so no other part of it is taken off either.
    progress.has_failed = true;
    let live = hand.role(role).await.map_err(Setback::unread)?;
    let found = match live {
        None => {
            progress.is_gone = true;
            Found::Gone
        }
        Some(live) => {
            teardown.check(&live)?;
            let live = Box::new(live);
            let path = hand.archive(archive::Object::Role(live.clone())).await?;
            progress.archived = Some((live, path));
            Found::JustArchived
        }
    };
    progress.has_failed = false;
    Ok(found)
}

async fn check_again<C: Cloud, A: ArchiveStore, K: Clock>(
    hand: &Hand<'_, C, A, K>,
    role: &RoleArn,
    teardown: &Teardown,
) -> Result<Found, Setback> {
    match hand.role(role).await.map_err(Setback::unread)? {
        None => Ok(Found::Gone),
        Some(live) => teardown.check(&live).map(|()| Found::Archived),
    }
}

/// Puts back what was taken off a role that is not deleted after all, and says so in the failure.
async fn undo<C: Cloud, A: ArchiveStore, K: Clock>(
    hand: &mut Hand<'_, C, A, K>,
    progress: &mut Progress,
    setback: Setback,
) -> Setback {
    progress.has_failed = true;
    // A role that may be gone is not written to, and a run that was told to stop writes nothing more.
    let is_over = setback.is_in_doubt() || matches!(setback, Setback::Stopped(_));
    let Some((live, archive)) = progress.archived.as_ref().filter(|_| !is_over) else { return setback };
    put_back(hand, std::mem::take(&mut progress.taken), live, archive, setback).await
}

/// Nothing was to be done: what was to go is gone.
pub(super) fn done() -> Written {
    Written { output: Output::Done, request_id: None }
}
