//! Letting go: what `[[forget]]` asks for, and how anything is let go.
use crate::change::change;
use crate::context::Context;
use crate::draft::{Draft, Handle};
use crate::moves::Prelude;
use crate::selection::all_addresses;
use crate::tags::ownership_keys;
use pinpoint_streams_model::address::Address;
use pinpoint_streams_model::op::{AppOp, RecordOp, RoleOp};
use pinpoint_streams_model::plan::{Action, Reason};
use pinpoint_streams_model::problem::Problem;
use pinpoint_streams_model::recorded::{Object, Recorded, Resource};

/// Carries out one `[[forget]]` block.
pub(crate) fn forget_asked(context: &Context<'_>, draft: &mut Draft, prelude: &mut Prelude, address: &Address) {
    let Some(resource) = prelude.recorded.resources.get(address).cloned() else { return };
    let is_declared = all_addresses(context.desired, &Recorded::default()).contains_key(address);
    let still_there = match is_still_there(context, address, &resource) {
        Ok(still_there) => still_there,
        Err(problem) => return draft.problem(problem),
    };
    // Declared and there: either the block is spent, because what was forgotten is made anew and recorded,
    // or it never had a meaning. Nothing tells these apart, and letting go of it would be wrong in both.
    if is_declared && still_there {
        return;
    }
    let step = forget(context, draft, address, &resource, Reason::ForgetAsked, Vec::new());
    if let Object::EventStream(stream) = &resource.object {
        let place = (&resource.account, &stream.region, &stream.app_id);
        let live = context.event_stream(address, place.0, place.1, place.2).ok().flatten();
        let named = live.and_then(|live| live.role_arn.parse().ok());
        prelude.forgotten.extend(named.map(|role| (address.clone(), role)));
    }
    prelude.recorded.resources.remove(address);
    draft.goes_first(address, step);
}

/// Whether the recorded object, and no other of its name, is there.
fn is_still_there(context: &Context<'_>, address: &Address, resource: &Resource) -> Result<bool, Problem> {
    Ok(match &resource.object {
        Object::App(app) => context.app(address, &resource.account, &app.region, &app.id)?.is_some(),
        Object::Role(role) => {
            context.role(address, &resource.account, &role.arn.name)?.is_some_and(|live| live.id == role.id)
        }
        Object::EventStream(stream) => {
            context.event_stream(address, &resource.account, &stream.region, &stream.app_id)?.is_some()
        }
    })
}

/// Strikes a resource from the record and takes our tags off it, if it is still the one that we knew.
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
            let live = context.role(address, &resource.account, &role.arn.name).ok().flatten();
            let tag_keys = live.filter(|live| live.id == role.id).map(|live| ownership_keys(&live.tags));
            if let Some(tag_keys) = tag_keys.filter(|keys| !keys.is_empty()) {
                let untag = RoleOp::Untag { role: role.arn.clone(), tag_keys };
                waits = vec![draft.step(address, waits, untag)];
            }
        }
        Object::App(app) => {
            let live = context.app(address, &resource.account, &app.region, &app.id).ok().flatten();
            let tag_keys = ownership_keys(&app.tags);
            if live.is_some() && !tag_keys.is_empty() {
                let untag = AppOp::Untag {
                    account: resource.account.clone(),
                    region: app.region.clone(),
                    app_id: app.id.clone(),
                    tag_keys,
                };
                waits = vec![draft.step(address, waits, untag)];
            }
        }
        Object::EventStream(_) => {}
    }
    draft.change(change(address, resource, Action::Forget, reason, Vec::new()));
    draft.step(address, waits, RecordOp::Forget {})
}
