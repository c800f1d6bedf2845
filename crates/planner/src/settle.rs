//! What became of operations that were begun and whose end nobody saw: found out by looking. Roles and
//! event streams are known by name, an app by its tags.
use pinpoint_streams_model::address::Address;
use pinpoint_streams_model::ids::{AccountId, AppId, RoleName};
use pinpoint_streams_model::live::{Live, LiveApp, LiveRole, Question, Read};
use pinpoint_streams_model::op::{CreateApp, CreateRole, Op, Resolved, TagApp, UntagApp};
use pinpoint_streams_model::ownership::{self, Tags};
use pinpoint_streams_model::policy::same_meaning;
use pinpoint_streams_model::recorded::{Object, Output, Pending, Recorded};
use pinpoint_streams_model::region::Region;
use std::collections::BTreeSet;

/// The record after looking.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settled {
    /// With what was found; operations that could not be looked at stay pending.
    pub recorded: Recorded,
    /// How many operations were settled.
    pub settled: usize,
}

/// What looking at one operation gave.
enum Finding {
    /// It was carried out.
    Happened(Output),
    /// It was not, or it no longer shows; the record stays as it is.
    DidNot,
    /// AWS was not asked, or did not answer.
    Unknown,
}

/// Settles what is pending, as far as `live` tells.
pub fn settle(recorded: &Recorded, live: &Live) -> Settled {
    let mut result = recorded.clone();
    result.pending.clear();
    let mut settled = 0;
    for pending in &recorded.pending {
        let Pending { run: _, step: _, address, op, began_at } = pending;
        match look(live, op) {
            Finding::Happened(output) => {
                result.absorb(address, op, &output, *began_at);
                settled += 1;
            }
            Finding::DidNot => {
                touch(&mut result, pending);
                settled += 1;
            }
            Finding::Unknown => result.pending.push(pending.clone()),
        }
    }
    Settled { recorded: result, settled }
}

/// The role may have changed a moment ago, so whoever finds it not ready may wait for it.
fn touch(recorded: &mut Recorded, pending: &Pending) {
    let Some(arn) = pending.op.role() else { return };
    for resource in recorded.resources.values_mut() {
        if matches!(&resource.object, Object::Role(role) if role.arn == *arn) {
            resource.changed_at = resource.changed_at.max(pending.began_at);
        }
    }
}

/// What must be asked to settle what is pending.
pub(crate) fn questions(recorded: &Recorded, live: &Live) -> BTreeSet<Question> {
    let mut questions = BTreeSet::new();
    for Pending { op, .. } in &recorded.pending {
        match op {
            Op::CreateApp(create) => {
                questions.insert(Question::Apps(create.account.clone(), create.region.clone()));
                let untagged = same_name(live, create).filter(|app| app.tags.is_none());
                questions.extend(
                    untagged.map(|app| {
                        Question::AppTags(create.account.clone(), create.region.clone(), app.id.clone())
                    }),
                );
            }
            Op::DeleteApp(delete) => {
                let (account, region) = (delete.account.clone(), delete.region.clone());
                if let Some(Read::Present(apps)) = live.apps.get(&(account.clone(), region.clone()))
                    && !apps.contains_key(&delete.app_id)
                {
                    let again = Question::AppAgain(account.clone(), region.clone(), delete.app_id.clone());
                    questions.insert(again);
                }
                questions.insert(Question::Apps(account, region));
            }
            Op::TagApp(TagApp { account, region, app_id, .. })
            | Op::UntagApp(UntagApp { account, region, app_id, .. }) => {
                questions.insert(Question::Apps(account.clone(), region.clone()));
                if app_of(live, account, region, app_id).is_some_and(|app| app.tags.is_none()) {
                    questions.insert(Question::AppTags(account.clone(), region.clone(), app_id.clone()));
                }
            }
            Op::PutEventStream(put) => {
                let place = (put.account.clone(), put.region.clone(), put.app_id.clone());
                questions.insert(Question::EventStream(place.0, place.1, place.2));
            }
            Op::DeleteEventStream(delete) => {
                let place = (delete.account.clone(), delete.region.clone(), delete.app_id.clone());
                questions.insert(Question::EventStream(place.0, place.1, place.2));
            }
            other => {
                questions.extend(other.role().map(|role| Question::Role(role.account.clone(), role.name.clone())));
            }
        }
    }
    questions
}

fn same_name<'l>(live: &'l Live, create: &'l CreateApp<Resolved>) -> impl Iterator<Item = &'l LiveApp> {
    let apps = live.apps.get(&(create.account.clone(), create.region.clone())).and_then(Read::present);
    apps.into_iter().flat_map(|apps| apps.values()).filter(|app| app.name == create.name)
}

fn look(live: &Live, op: &Op<Resolved>) -> Finding {
    match op {
        Op::CreateApp(create) => look_for_app(live, create),
        Op::DeleteApp(delete) => match live.apps.get(&(delete.account.clone(), delete.region.clone())) {
            Some(Read::Present(apps)) if apps.contains_key(&delete.app_id) => Finding::DidNot,
            Some(Read::Present(_)) => Finding::Happened(Output::Done),
            Some(Read::Absent | Read::Unreadable(_)) | None => Finding::Unknown,
        },
        Op::PutEventStream(put) => {
            let place = (put.account.clone(), put.region.clone(), put.app_id.clone());
            match live.event_streams.get(&place) {
                Some(Read::Present(stream))
                    if stream.destination == put.destination.to_string()
                        && stream.role_arn == put.role_arn.to_string() =>
                {
                    Finding::Happened(Output::Done)
                }
                Some(Read::Present(_) | Read::Absent) => Finding::DidNot,
                Some(Read::Unreadable(_)) | None => Finding::Unknown,
            }
        }
        Op::DeleteEventStream(delete) => {
            let place = (delete.account.clone(), delete.region.clone(), delete.app_id.clone());
            match live.event_streams.get(&place) {
                Some(Read::Absent) => Finding::Happened(Output::Done),
                Some(Read::Present(_)) => Finding::DidNot,
                Some(Read::Unreadable(_)) | None => Finding::Unknown,
            }
        }
        // What only the record knows is planned anew.
        Op::WriteRecord(_) | Op::MoveRecord(_) | Op::ForgetRecord(_) | Op::SetProtect(_) => Finding::DidNot,
        Op::TagApp(tag) => {
            let bears_all = |tags: &Tags| tag.all_tags().iter().all(|(key, value)| tags.get(key) == Some(value));
            look_at_app_tags(live, (&tag.account, &tag.region, &tag.app_id), bears_all)
        }
        Op::UntagApp(untag) => {
            let bears_none = |tags: &Tags| !untag.tag_keys.iter().any(|key| tags.contains_key(key));
            look_at_app_tags(live, (&untag.account, &untag.region, &untag.app_id), bears_none)
        }
        role_op => match role_op.role() {
            Some(arn) => look_at_role(live, &arn.account, &arn.name, role_op),
            None => Finding::DidNot,
        },
    }
}

fn app_of<'l>(live: &'l Live, account: &AccountId, region: &Region, id: &AppId) -> Option<&'l LiveApp> {
    live.apps.get(&(account.clone(), region.clone()))?.present()?.get(id)
}

fn look_at_app_tags(
    live: &Live,
    (account, region, id): (&AccountId, &Region, &AppId),
    is_done: impl Fn(&Tags) -> bool,
) -> Finding {
    let Some(Read::Present(_)) = live.apps.get(&(account.clone(), region.clone())) else {
        return Finding::Unknown;
    };
    let Some(app) = app_of(live, account, region, id) else { return Finding::DidNot };
    let asked = live.app_tags.get(&(account.clone(), region.clone(), id.clone()));
    match (&app.tags, asked) {
        (Some(tags), _) | (None, Some(Read::Present(tags))) if is_done(tags) => Finding::Happened(Output::Done),
        (Some(_), _) | (None, Some(Read::Present(_) | Read::Absent)) => Finding::DidNot,
        (None, Some(Read::Unreadable(_)) | None) => Finding::Unknown,
    }
}

fn look_for_app(live: &Live, create: &CreateApp<Resolved>) -> Finding {
    let Some(Read::Present(_)) = live.apps.get(&(create.account.clone(), create.region.clone())) else {
        return Finding::Unknown;
    };
    for app in same_name(live, create) {
        let asked = live.app_tags.get(&(create.account.clone(), create.region.clone(), app.id.clone()));
        let tags = match (&app.tags, asked) {
            (Some(tags), _) => tags,
            (None, Some(Read::Present(tags))) => tags,
            (None, Some(Read::Absent)) => continue,
            (None, Some(Read::Unreadable(_)) | None) => return Finding::Unknown,
        };
        if is_marked(tags, &create.owner.tags()) {
            return Finding::Happened(Output::App(app.id.clone()));
        }
    }
    Finding::DidNot
}

/// Whether an object bears the workspace, lineage and address of these ownership tags.
fn is_marked(tags: &Tags, ours: &Tags) -> bool {
    [ownership::WORKSPACE, ownership::LINEAGE, ownership::ADDRESS]
        .iter()
        .all(|key| tags.get(*key) == ours.get(*key))
}

fn look_at_role(live: &Live, account: &AccountId, name: &RoleName, op: &Op<Resolved>) -> Finding {
    let role = match live.roles.get(&(account.clone(), name.clone())) {
        Some(Read::Present(role)) => Some(role),
        Some(Read::Absent) => None,
        Some(Read::Unreadable(_)) | None => return Finding::Unknown,
    };
    let Some(role) = role else {
        let gone = matches!(op, Op::DeleteRole(_));
        return if gone { Finding::Happened(Output::Done) } else { Finding::DidNot };
    };
    match op {
        Op::CreateRole(CreateRole { owner: Some(owner), .. }) if is_marked(&role.tags, &owner.tags()) => {
            Finding::Happened(Output::Role(role.id.clone()))
        }
        Op::CreateRole(_) => Finding::DidNot,
        Op::DeleteRole(delete) if role.id != delete.role_id => Finding::Happened(Output::Done),
        other if shows(role, other) => Finding::Happened(Output::Done),
        _ => Finding::DidNot,
    }
}

/// Whether the role looks as it would after the operation.
fn shows(role: &LiveRole, op: &Op<Resolved>) -> bool {
    match op {
        Op::UpdateTrustPolicy(op) => same_meaning(&role.trust_policy, &op.trust_policy),
        Op::PutRolePolicy(op) => {
            role.inline_policies.get(&op.policy_name).is_some_and(|live| same_meaning(live, &op.document))
        }
        Op::AttachRolePolicy(op) => role.attached_policies.contains(&op.policy),
        Op::DetachRolePolicy(op) => !role.attached_policies.contains(&op.policy),
        Op::AddRoleToInstanceProfile(op) => role.instance_profiles.contains(&op.instance_profile),
        Op::RemoveRoleFromInstanceProfile(op) => !role.instance_profiles.contains(&op.instance_profile),
        Op::DeleteRolePolicy(op) => !role.inline_policies.contains_key(&op.policy_name),
        Op::UpdateRole(op) => {
            role.description == op.description && role.max_session_duration == op.max_session_duration
        }
        Op::PutPermissionsBoundary(op) => role.permissions_boundary.as_ref() == Some(&op.permissions_boundary),
        Op::DeletePermissionsBoundary(_) => role.permissions_boundary.is_none(),
        Op::TagRole(op) => op.all_tags().iter().all(|(key, value)| role.tags.get(key) == Some(value)),
        Op::UntagRole(op) => !op.tag_keys.iter().any(|key| role.tags.contains_key(key)),
        _ => false,
    }
}

/// The addresses that something is still pending for.
pub(crate) fn unsettled(recorded: &Recorded) -> impl Iterator<Item = (&Address, &Pending)> {
    recorded.pending.iter().map(|pending| (&pending.address, pending))
}
