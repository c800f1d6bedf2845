//! Event streams: what happens to each, and why. Steps come in two stages, so that a role can change
//! between the deletes and the puts. `wanted` decides on those that the manifest declares.
mod wanted;

use crate::app::Apps;
use crate::change::{change, refuse_protected};
use crate::context::Context;
use crate::differences::{Differences, Field};
use crate::draft::{Draft, Handle};
use crate::role::RoleArns;
use crate::usage::{Usage, Use};
use pinpoint_streams_model::address::Address;
use pinpoint_streams_model::arn::{AppArn, RoleArn};
use pinpoint_streams_model::fact::Fact;
use pinpoint_streams_model::ids::{AppKey, RoleKey};
use pinpoint_streams_model::live::LiveEventStream;
use pinpoint_streams_model::op::{EventStreamOp, Planned, PutEventStream, RecordOp, Slot};
use pinpoint_streams_model::ownership::Origin;
use pinpoint_streams_model::plan::{Action, Reason};
use pinpoint_streams_model::problem::Problem;
use pinpoint_streams_model::recorded::{EventStreamRecord, Object, Resource};
use std::collections::BTreeMap;
use wanted::Wanted;

/// What is left to do once the roles are ready.
#[derive(Debug, Default)]
pub(crate) struct Streams {
    puts: Vec<Put>,
    /// Event streams that are let go while they still name a role, with that role.
    pub(crate) forgotten: Vec<(Address, RoleArn)>,
    /// The deletes, by the app they are on.
    pub(crate) deletes: BTreeMap<AppKey, Vec<Handle>>,
}

#[derive(Debug)]
struct Put {
    address: Address,
    role: Option<RoleKey>,
    after: Vec<Handle>,
    op: PutEventStream<Planned>,
}

/// Decides on every event stream, and adds the steps that take one away.
pub(crate) fn decide(
    context: &Context<'_>,
    draft: &mut Draft,
    apps: &Apps,
    arns: &RoleArns,
    usage: &mut Usage,
) -> Streams {
    let mut streams = Streams::default();
    for (address, resource) in &context.recorded.resources {
        if let Object::EventStream(record) = &resource.object {
            mark(usage, record.app(&resource.account), address);
        }
    }
    for key in context.desired.apps.keys() {
        let Some((app, stream)) = context.wanted_event_stream(key) else { continue };
        let address = Address::EventStream(key.clone());
        if !context.selection.covers(&address) {
            if let Some(id) = apps.known_id(key) {
                mark(usage, app.arn(id), &address);
            }
            continue;
        }
        let wanted = Wanted { context, key, address, app, stream };
        if let Err(problem) = wanted.decide(draft, apps, arns, usage, &mut streams) {
            draft.problem(problem);
        }
    }
    for (address, resource) in &context.recorded.resources {
        let (Address::EventStream(key), Object::EventStream(record)) = (address, &resource.object) else {
            continue;
        };
        let place = record.app(&resource.account);
        if context.wanted_event_stream(key).is_some() {
            continue;
        }
        if context.selection.covers(address)
            && let Err(problem) =
                unwanted(context, draft, address, key, resource, record, place, usage, &mut streams)
        {
            draft.problem(problem);
        }
    }
    streams
}

/// Notes that an event stream is managed here.
fn mark(usage: &mut Usage, place: AppArn, address: &Address) {
    if let Some(known) = usage.get_mut(&place) {
        known.address = Some(address.clone());
    }
}

/// Adds the steps that point event streams to their roles, once those are ready.
pub(crate) fn put_steps(
    draft: &mut Draft,
    streams: &Streams,
    ready: &BTreeMap<RoleKey, Vec<Handle>>,
    usage: &mut Usage,
) {
    for Put { address, role, after, op } in &streams.puts {
        let role_ready = role.as_ref().and_then(|role| ready.get(role)).into_iter().flatten();
        let after: Vec<Handle> = after.iter().chain(role_ready).copied().collect();
        let place = match &op.app_id {
            Slot::Known(id) => Some(AppArn::of(&op.account, &op.region, id)),
            Slot::After { .. } => None,
        };
        let step = draft.step(address, after, EventStreamOp::Put(op.clone()));
        if let Some(place) = place {
            usage.entry(place).steps.push(step);
        }
    }
}

fn delete_op(app: &AppArn, live: &LiveEventStream) -> EventStreamOp<Planned> {
    EventStreamOp::delete(app, live)
}

/// Recorded and no longer wanted.
#[expect(clippy::too_many_arguments, reason = "one event stream in all its versions, and where they go")]
pub(super) fn unwanted(
    context: &Context<'_>,
    draft: &mut Draft,
    address: &Address,
    key: &AppKey,
    resource: &Resource,
    record: &EventStreamRecord,
    place: AppArn,
    usage: &mut Usage,
    streams: &mut Streams,
) -> Result<(), Problem> {
    let live = context.event_stream(address, &place)?;
    let Some(live) = live else {
        draft.change(change(address, resource, Action::Forget, Reason::Missing, Vec::new()));
        draft.step(address, [], RecordOp::Forget {});
        return Ok(());
    };
    if resource.origin == Origin::Adopted && !context.options.include_adopted {
        let named = live.role_arn.parse().ok();
        streams.forgotten.extend(named.map(|role| (address.clone(), role)));
        draft.change(change(address, resource, Action::Forget, context.reason_to_go(), Vec::new()));
        draft.step(address, [], RecordOp::Forget {});
        return Ok(());
    }
    refuse_protected(address, resource, "deleted")?;
    let mut lost = Differences::default();
    for (path, text) in [("destination", &live.destination), ("role_arn", &live.role_arn)] {
        lost.compare(Field { path, live: Some(text), wanted: None, recorded: None });
    }
    let mut deletion = change(address, resource, Action::Delete, context.reason_to_go(), lost.fields);
    if live.destination != record.destination.to_string() || live.role_arn != record.role_arn.to_string() {
        let (destination, role_arn) = (live.destination.clone(), live.role_arn.clone());
        deletion.notes.push(Fact::EventStreamChanged { destination, role_arn }.into());
    }
    draft.change(deletion);
    let step = draft.step(address, [], delete_op(&place, live));
    let known: &mut Use = usage.entry(place);
    known.after = None;
    known.steps.push(step);
    streams.deletes.entry(key.clone()).or_default().push(step);
    Ok(())
}
