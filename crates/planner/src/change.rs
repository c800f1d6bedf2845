//! Changes of recorded resources: updates, protection, forgetting.
use crate::context::Context;
use crate::differences::{Differences, Field, ownership_keys};
use crate::draft::{Draft, Handle};
use pinpoint_streams_model::ownership::Ownership;
use pinpoint_streams_model::plan::FieldChange;
use pinpoint_streams_model::{
    Action, Address, AppOp, Change, Lineage, LiveApp, LiveRole, Object, Problem, ProblemCode, Reason, RecordOp,
    Resource, RoleOp, Tags, ownership,
};

pub(crate) fn change(
    address: &Address,
    resource: &Resource,
    action: Action,
    reason: Reason,
    fields: Vec<FieldChange>,
) -> Change {
    let place = (&resource.account, resource.object.region());
    Change { kind: resource.object.kind(), fields, ..Change::new(address.clone(), place, action, reason) }
}

/// What tells which resource this is, as its record has it. For one that is forgotten or missing.
pub(crate) fn identity(object: &Object) -> Vec<FieldChange> {
    match object {
        Object::App(app) => vec![FieldChange::lost("app_id", &app.id), FieldChange::lost("name", &app.name)],
        Object::Role(role) => vec![FieldChange::lost("name", &role.arn.name)],
        Object::EventStream(stream) => vec![
            FieldChange::lost("app_id", &stream.app_id),
            FieldChange::lost("destination", &stream.destination.to_string()),
            FieldChange::lost("role_arn", &stream.role_arn.to_string()),
        ],
    }
}

/// Notes that nothing but the record is brought up to date, where nothing else changes.
pub(crate) fn record_change(draft: &mut Draft, address: &Address, resource: &Resource) {
    if !draft.changes.contains_key(address) {
        draft.keep = draft.keep.saturating_sub(1);
        draft.change(change(address, resource, Action::Update, Reason::LostRecord, Vec::new()));
    }
}

/// An update if anything differs, else one more that is kept.
pub(crate) fn settle_change(draft: &mut Draft, address: &Address, resource: &Resource, differences: Differences) {
    if !differences.is_empty() {
        let moved = draft.changes.get(address).map(|change| change.reason);
        let reason = moved.unwrap_or_else(|| differences.reason());
        draft.change(change(address, resource, Action::Update, reason, differences.fields));
    } else if !draft.changes.contains_key(address) {
        draft.keep += 1;
    }
}

/// Notes whether a resource's protection changes, and records it.
pub(crate) fn protect(
    draft: &mut Draft,
    address: &Address,
    resource: &Resource,
    wanted: bool,
    after: Vec<Handle>,
    differences: &mut Differences,
) {
    let field = Field {
        path: "protect",
        live: Some(resource.protect),
        wanted: Some(wanted),
        recorded: Some(Some(resource.protect)),
    };
    if differences.compare(field) {
        draft.step(address, after, RecordOp::SetProtect { protect: wanted });
    }
}

/// What is protected is never deleted or replaced.
pub(crate) fn refuse_protected(address: &Address, resource: &Resource, what: &str) -> Result<(), Problem> {
    if !resource.protect {
        return Ok(());
    }
    let hint = "set `protect = false` on its app and apply that first";
    Err(Problem::new(ProblemCode::Protected, format!("it is protected and would be {what}"), hint).at(address))
}

/// What this workspace made or adopted has its ownership tags, whatever the address is called by now. A record of anything
/// else was not written by a run of it, or someone has taken the tags off: it is not deleted.
pub(crate) fn refuse_unowned(context: &Context<'_>, address: &Address, tags: &Tags) -> Result<(), Problem> {
    let is_ours = ownership::read(tags).is_some_and(|owner| {
        owner.workspace.as_deref() == Some(context.desired.workspace.as_str())
            && owner.lineage.as_deref() == context.lineage().map(Lineage::as_str)
    });
    if is_ours {
        return Ok(());
    }
    let message = "the state records it, but its tags do not say that this workspace made or adopted it";
    let hint = format!(
        "if it is this workspace's, apply it as declared first, which writes the tags; if not, \
         `pinpoint-streams state rm {address}` removes it from the state"
    );
    Err(Problem::new(ProblemCode::NotOurs, message.to_owned(), hint).at(address))
}

/// The owner that these tags name, if it is another workspace or lineage. Tags that were taken off name none.
fn other_owner(context: &Context<'_>, tags: &Tags) -> Option<Ownership> {
    let (workspace, lineage) = (context.desired.workspace.as_str(), context.lineage().map(Lineage::as_str));
    ownership::read(tags).filter(|owner| {
        owner.workspace.as_deref().is_some_and(|name| name != workspace)
            || (owner.lineage.is_some() && owner.lineage.as_deref() != lineage)
    })
}

/// Refuses to change what is recorded if its tags name another workspace or lineage: a record alone can name anything.
pub(crate) fn refuse_owned_elsewhere(
    context: &Context<'_>,
    address: &Address,
    tags: &Tags,
) -> Result<(), Problem> {
    let Some(Ownership { workspace, lineage, .. }) = other_owner(context, tags) else { return Ok(()) };
    let or_unknown = |name: Option<String>| name.unwrap_or_else(|| "unknown".to_owned());
    let (workspace, lineage) = (or_unknown(workspace), or_unknown(lineage));
    let message = format!(
        "the state records it, but its tags name workspace `{workspace}`, lineage `{lineage}` as its owner"
    );
    let hint = format!(
        "leave it to them: take it out of the manifest, and `pinpoint-streams state rm {address}` removes it from the \
         state; if nothing manages it there, remove its tags that begin with `{}`, and apply",
        ownership::PREFIX
    );
    Err(Problem::new(ProblemCode::OwnedByAnother, message, hint).at(address))
}

/// Removes a resource from the state, and the ownership tags from it if it is the recorded one and they name no other owner.
pub(crate) fn forget(
    context: &Context<'_>,
    draft: &mut Draft,
    address: &Address,
    resource: &Resource,
    reason: Reason,
    after: Vec<Handle>,
) -> Handle {
    let mut waits = after;
    match &resource.object {
        Object::Role(role) => {
            let live = context.role(address, &role.arn.in_account()).ok().flatten();
            let is_ours = |live: &&LiveRole| live.id == role.id && other_owner(context, &live.tags).is_none();
            let tag_keys = live.filter(is_ours).map(|live| ownership_keys(&live.tags));
            if let Some(tag_keys) = tag_keys.filter(|keys| !keys.is_empty()) {
                let untag = RoleOp::Untag { role: role.arn.clone(), tag_keys };
                waits = vec![draft.step(address, waits, untag)];
            }
        }
        Object::App(app) => {
            let arn = app.arn(&resource.account);
            let live = context.app(address, &arn).ok().flatten();
            let is_ours = |live: &&LiveApp| {
                let tags = context.tags_of(address, &arn.place(), live);
                tags.map_or(true, |tags| other_owner(context, &tags).is_none())
            };
            let tag_keys = ownership_keys(&app.tags);
            if live.filter(is_ours).is_some() && !tag_keys.is_empty() {
                waits = vec![draft.step(address, waits, AppOp::untag(&arn, tag_keys))];
            }
        }
        Object::EventStream(_) => {}
    }
    draft.change(change(address, resource, Action::Forget, reason, identity(&resource.object)));
    draft.step(address, waits, RecordOp::Forget {})
}
