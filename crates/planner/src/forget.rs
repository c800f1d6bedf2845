//! How anything is let go of.
use crate::change::change;
use crate::context::Context;
use crate::draft::{Draft, Handle};
use crate::tags::ownership_keys;
use pinpoint_streams_model::address::Address;
use pinpoint_streams_model::arn::AppArn;
use pinpoint_streams_model::op::{AppOp, RecordOp, RoleOp};
use pinpoint_streams_model::plan::{Action, Reason};
use pinpoint_streams_model::recorded::{Object, Resource};

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
            let live = context.role(address, &role.arn.in_account()).ok().flatten();
            let tag_keys = live.filter(|live| live.id == role.id).map(|live| ownership_keys(&live.tags));
            if let Some(tag_keys) = tag_keys.filter(|keys| !keys.is_empty()) {
                let untag = RoleOp::Untag { role: role.arn.clone(), tag_keys };
                waits = vec![draft.step(address, waits, untag)];
            }
        }
        Object::App(app) => {
            let live = context.app(address, &app.arn(&resource.account)).ok().flatten();
            let tag_keys = ownership_keys(&app.tags);
            if live.is_some() && !tag_keys.is_empty() {
                let (account, region) = (resource.account.clone(), app.region.clone());
                let app = AppArn { account, region, id: app.id.clone() };
                waits = vec![draft.step(address, waits, AppOp::untag(&app, tag_keys))];
            }
        }
        Object::EventStream(_) => {}
    }
    draft.change(change(address, resource, Action::Forget, reason, Vec::new()));
    draft.step(address, waits, RecordOp::Forget {})
}
