//! Pending operations of an earlier run, settled by what is live. Roles and event streams are identified by
//! name, an app by its tags.
use pinpoint_streams_model::op::with_ownership;
use pinpoint_streams_model::policy::same_meaning;
use pinpoint_streams_model::{
    AccountRegion, Address, AppArn, AppId, AppOp, CreateApp, CreateRole, EventStreamOp, Live, LiveApp, LiveRole,
    Op, Output, Pending, Question, Read, Recorded, Resolved, RoleOp, Tags, ownership,
};
use std::collections::BTreeSet;

/// What looking at one operation gave.
enum PendingOutcome {
    Happened(Output),
    /// It was not, or it no longer shows; the record stays as it is.
    DidNot,
    /// AWS was not asked, or did not answer.
    Unknown,
}

/// The record with pending operations settled as far as `live` tells; those that could not be looked at stay pending.
pub(crate) fn settle(recorded: &Recorded, live: &Live) -> Recorded {
    let mut result = recorded.clone();
    result.pending.clear();
    for pending in &recorded.pending {
        let Pending { run: _, step: _, address, op, began_at } = pending;
        match look(live, op) {
            PendingOutcome::Happened(output) => result.absorb(address, op, &output, *began_at),
            PendingOutcome::DidNot => touch(&mut result, pending),
            PendingOutcome::Unknown => result.pending.push(pending.clone()),
        }
    }
    result
}

/// The role may have changed just now, so a step that finds it not ready may wait for it.
fn touch(recorded: &mut Recorded, pending: &Pending) {
    let Some(arn) = pending.op.role() else { return };
    let addresses: Vec<Address> = recorded.resources.roles(arn).map(|(address, _)| address.clone()).collect();
    for address in &addresses {
        recorded.resources.change(address, |role| role.changed_at = role.changed_at.max(pending.began_at));
    }
}

/// What must be asked to settle what is pending.
pub(crate) fn questions(recorded: &Recorded, live: &Live) -> BTreeSet<Question> {
    let mut questions = BTreeSet::new();
    for Pending { op, .. } in &recorded.pending {
        questions.extend(about(op, live));
    }
    questions
}

/// What must be asked to tell whether an operation of unknown outcome was carried out.
pub(crate) fn about(op: &Op<Resolved>, live: &Live) -> BTreeSet<Question> {
    let mut questions = BTreeSet::new();
    match op {
        Op::App(op) => {
            let place = AccountRegion::of(op.account(), op.region());
            let app = |id: &AppId| AppArn::of(op.account(), op.region(), id);
            match op {
                AppOp::Create(create) => {
                    let untagged = same_name(live, create).filter(|app| app.tags.is_none());
                    questions.extend(untagged.map(|untagged| Question::AppTags(app(&untagged.id))));
                }
                AppOp::Delete(delete) => {
                    if let Some(Read::Present(apps)) = live.apps.get(&place)
                        && !apps.contains_key(&delete.app_id)
                    {
                        questions.insert(Question::App(app(&delete.app_id)));
                    }
                }
                AppOp::Tag { app_id, .. } | AppOp::Untag { app_id, .. } => {
                    if app_of(live, &app(app_id)).is_some_and(|app| app.tags.is_none()) {
                        questions.insert(Question::AppTags(app(app_id)));
                    }
                }
            }
            questions.insert(Question::Apps(place));
        }
        Op::EventStream(op) => {
            questions.insert(Question::EventStream(op.app()));
        }
        Op::Role(op) => {
            questions.insert(Question::role(&op.role().account, &op.role().name));
        }
        Op::Record(_) => {}
    }
    questions
}

/// What an operation of unknown outcome gave; none if AWS shows that it was not carried out. What cannot be read may have
/// been.
pub(crate) fn outcome(live: &Live, op: &Op<Resolved>) -> Option<Output> {
    match look(live, op) {
        PendingOutcome::Happened(output) => Some(output),
        PendingOutcome::DidNot => None,
        PendingOutcome::Unknown => Some(Output::Done),
    }
}

fn same_name<'l>(live: &'l Live, create: &'l CreateApp<Resolved>) -> impl Iterator<Item = &'l LiveApp> {
    let apps = live.apps.get(&AccountRegion::of(&create.account, &create.region)).and_then(Read::present);
    apps.into_iter().flat_map(|apps| apps.values()).filter(|app| app.name == create.name)
}

fn look(live: &Live, op: &Op<Resolved>) -> PendingOutcome {
    match op {
        Op::App(op) => look_at_app(live, op),
        Op::Role(op) => look_at_role(live, op),
        Op::EventStream(op) => look_at_event_stream(live, op),
        // What only the record knows is planned anew.
        Op::Record(_) => PendingOutcome::DidNot,
    }
}

fn look_at_event_stream(live: &Live, op: &EventStreamOp<Resolved>) -> PendingOutcome {
    let read = match live.event_streams.get(&op.app()) {
        Some(Read::Present(stream)) => Some(stream),
        Some(Read::Absent) => None,
        Some(Read::Unreadable(_)) | None => return PendingOutcome::Unknown,
    };
    let is_done = match op {
        EventStreamOp::Put(put) => read.is_some_and(|stream| {
            stream.destination == put.destination.to_string() && stream.role_arn == put.role_arn.to_string()
        }),
        EventStreamOp::Delete(_) => read.is_none(),
    };
    if is_done { PendingOutcome::Happened(Output::Done) } else { PendingOutcome::DidNot }
}

fn app_of<'l>(live: &'l Live, app: &AppArn) -> Option<&'l LiveApp> {
    live.apps.get(&app.place())?.present()?.get(&app.id)
}

fn look_at_app(live: &Live, op: &AppOp<Resolved>) -> PendingOutcome {
    let Some(Read::Present(apps)) = live.apps.get(&AccountRegion::of(op.account(), op.region())) else {
        return PendingOutcome::Unknown;
    };
    match op {
        AppOp::Create(create) => look_for_app(live, create),
        AppOp::Delete(delete) if apps.contains_key(&delete.app_id) => PendingOutcome::DidNot,
        AppOp::Delete(_) => PendingOutcome::Happened(Output::Done),
        AppOp::Tag { app_id, tags, owner, .. } => {
            let written = with_ownership(tags, owner.as_ref());
            let bears_all = |tags: &Tags| written.iter().all(|(key, value)| tags.get(key) == Some(value));
            look_at_app_tags(live, &AppArn::of(op.account(), op.region(), app_id), bears_all)
        }
        AppOp::Untag { app_id, tag_keys, .. } => {
            let bears_none = |tags: &Tags| !tag_keys.iter().any(|key| tags.contains_key(key));
            look_at_app_tags(live, &AppArn::of(op.account(), op.region(), app_id), bears_none)
        }
    }
}

fn look_at_app_tags(live: &Live, app: &AppArn, is_done: impl Fn(&Tags) -> bool) -> PendingOutcome {
    let asked = live.app_tags.get(app);
    let Some(app) = app_of(live, app) else { return PendingOutcome::DidNot };
    match (&app.tags, asked) {
        (Some(tags), _) | (None, Some(Read::Present(tags))) if is_done(tags) => {
            PendingOutcome::Happened(Output::Done)
        }
        (Some(_), _) | (None, Some(Read::Present(_) | Read::Absent)) => PendingOutcome::DidNot,
        (None, Some(Read::Unreadable(_)) | None) => PendingOutcome::Unknown,
    }
}

fn look_for_app(live: &Live, create: &CreateApp<Resolved>) -> PendingOutcome {
    for app in same_name(live, create) {
        let asked = live.app_tags.get(&AppArn::of(&create.account, &create.region, &app.id));
        let tags = match (&app.tags, asked) {
            (Some(tags), _) => tags,
            (None, Some(Read::Present(tags))) => tags,
            (None, Some(Read::Absent)) => continue,
            (None, Some(Read::Unreadable(_)) | None) => return PendingOutcome::Unknown,
        };
        if is_marked(tags, &create.owner.tags()) {
            return PendingOutcome::Happened(Output::App(app.id.clone()));
        }
    }
    PendingOutcome::DidNot
}

/// Whether an object has the workspace, lineage and address of these ownership tags.
fn is_marked(tags: &Tags, ours: &Tags) -> bool {
    [ownership::WORKSPACE, ownership::LINEAGE, ownership::ADDRESS]
        .iter()
        .all(|key| tags.get(*key) == ours.get(*key))
}

fn look_at_role(live: &Live, op: &RoleOp<Resolved>) -> PendingOutcome {
    let role = match live.roles.get(&op.role().in_account()) {
        Some(Read::Present(role)) => Some(role),
        Some(Read::Absent) => None,
        Some(Read::Unreadable(_)) | None => return PendingOutcome::Unknown,
    };
    match (role, op) {
        (None, RoleOp::Delete { .. }) => PendingOutcome::Happened(Output::Done),
        (Some(role), RoleOp::Create(CreateRole { owner: Some(owner), .. }))
            if is_marked(&role.tags, &owner.tags()) =>
        {
            PendingOutcome::Happened(Output::Role(role.id.clone()))
        }
        (Some(role), other) if shows(role, other) => PendingOutcome::Happened(Output::Done),
        _ => PendingOutcome::DidNot,
    }
}

/// Whether the role looks as it would after the operation.
fn shows(role: &LiveRole, op: &RoleOp<Resolved>) -> bool {
    match op {
        RoleOp::Create(_) => false,
        RoleOp::UpdateTrustPolicy { role: _, trust_policy } => same_meaning(&role.trust_policy, trust_policy),
        RoleOp::PutPolicy { role: _, policy_name, document } => {
            role.inline_policies.get(policy_name).is_some_and(|live| same_meaning(live, document))
        }
        RoleOp::DeletePolicy { role: _, policy_name } => !role.inline_policies.contains_key(policy_name),
        RoleOp::Update { role: _, description, max_session_duration } => {
            role.description == *description && role.max_session_duration == *max_session_duration
        }
        RoleOp::PutBoundary { role: _, permissions_boundary } => {
            role.permissions_boundary.as_ref() == Some(permissions_boundary)
        }
        RoleOp::DeleteBoundary { role: _ } => role.permissions_boundary.is_none(),
        RoleOp::Tag { role: _, tags, owner } => {
            with_ownership(tags, owner.as_ref()).iter().all(|(key, value)| role.tags.get(key) == Some(value))
        }
        RoleOp::Untag { role: _, tag_keys } => !tag_keys.iter().any(|key| role.tags.contains_key(key)),
        RoleOp::AttachPolicy { role: _, policy } => role.attached_policies.contains(policy),
        RoleOp::DetachPolicy { role: _, policy } => !role.attached_policies.contains(policy),
        RoleOp::AddToProfile { role: _, instance_profile } => role.instance_profiles.contains(instance_profile),
        RoleOp::RemoveFromProfile { role: _, instance_profile } => {
            !role.instance_profiles.contains(instance_profile)
        }
        // Another role of its name.
        RoleOp::Delete { role: _, role_id } => role.id != *role_id,
    }
}
