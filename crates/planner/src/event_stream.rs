//! Event streams: what happens to each, and why. Steps come in two stages, so that a role can change
//! between the deletes and the puts. `wanted` decides on those that the manifest declares, `owner` tells who
//! owns one.
mod owner;
mod wanted;

use crate::app::Apps;
use crate::change::{change, identity, refuse_protected};
use crate::context::Context;
use crate::draft::{Draft, Handle};
use crate::role::RoleArns;
use crate::usage::Usage;
pub(crate) use owner::EventStreamOwnership;
use pinpoint_streams_model::plan::FieldChange;
use pinpoint_streams_model::{
    Action, Address, AppArn, AppKey, EventStreamOp, EventStreamRecord, Fact, Object, Origin, Planned, Problem,
    ProblemCode, PutEventStream, Reason, RecordOp, Resource, RoleArn, RoleKey, Slot,
};
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
pub(crate) fn decide<'a>(
    context: &Context<'a>,
    draft: &mut Draft,
    apps: &Apps,
    arns: &RoleArns,
    usage: &mut Usage<'a>,
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
        let wanted = Wanted { context: *context, key, address, app, stream };
        let decided = wanted.decide(draft, apps, arns, usage, &mut streams);
        draft.problems.extend(decided.err());
    }
    for (address, resource) in &context.recorded.resources {
        let (Address::EventStream(key), Object::EventStream(record)) = (address, &resource.object) else {
            continue;
        };
        if context.wanted_event_stream(key).is_none() && context.selection.covers(address) {
            let decided = unwanted(context, draft, address, key, resource, record, usage, &mut streams);
            draft.problems.extend(decided.err());
        }
    }
    streams
}

/// Notes that an event stream is managed here.
fn mark(usage: &mut Usage<'_>, place: AppArn, address: &Address) {
    if let Some(known) = usage.get_mut(&place) {
        known.address = Some(address.clone());
    }
}

/// Adds the steps that point event streams to their roles, once those are ready.
pub(crate) fn put_steps(
    draft: &mut Draft,
    streams: &Streams,
    ready: &BTreeMap<RoleKey, Vec<Handle>>,
    usage: &mut Usage<'_>,
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

#[expect(clippy::too_many_arguments, reason = "one event stream in all its versions, and where they go")]
pub(super) fn unwanted(
    context: &Context<'_>,
    draft: &mut Draft,
    address: &Address,
    key: &AppKey,
    resource: &Resource,
    record: &EventStreamRecord,
    usage: &mut Usage<'_>,
    streams: &mut Streams,
) -> Result<(), Problem> {
    let place = record.app(&resource.account);
    refuse_recorded_twice(context, address, &place)?;
    let Some(live) = context.event_stream(address, &place)? else {
        draft.change(change(address, resource, Action::Forget, Reason::Missing, identity(&resource.object)));
        draft.step(address, [], RecordOp::Forget {});
        return Ok(());
    };
    if resource.origin == Origin::Adopted && !context.options.include_adopted {
        let named = live.role_arn.parse().ok();
        streams.forgotten.extend(named.map(|role| (address.clone(), role)));
        draft.change(change(
            address,
            resource,
            Action::Forget,
            context.reason_to_go(),
            identity(&resource.object),
        ));
        draft.step(address, [], RecordOp::Forget {});
        return Ok(());
    }
    refuse_protected(address, resource, "deleted")?;
    EventStreamOwnership { context, address, app: &place, live }.refuse_change()?;
    let lost = vec![
        FieldChange::lost("app_id", &record.app_id),
        FieldChange::lost("destination", &live.destination),
        FieldChange::lost("role_arn", &live.role_arn),
    ];
    let mut deletion = change(address, resource, Action::Delete, context.reason_to_go(), lost);
    deletion.notes.push(Fact::EventsStop { app: record.app_id.clone() }.into());
    if live.destination != record.destination.to_string() || live.role_arn != record.role_arn.to_string() {
        let (destination, role_arn) = (live.destination.clone(), live.role_arn.clone());
        deletion.notes.push(Fact::EventStreamChanged { destination, role_arn }.into());
    }
    draft.change(deletion);
    let step = draft.step(address, [], EventStreamOp::delete(&place, live));
    let known = usage.entry(place);
    known.after = None;
    known.steps.push(step);
    streams.deletes.entry(key.clone()).or_default().push(step);
    Ok(())
}

/// An app has one event stream. Where the state has two addresses for it, one of them may be wanted.
fn refuse_recorded_twice(context: &Context<'_>, address: &Address, app: &AppArn) -> Result<(), Problem> {
    let mut others = context.recorded.resources.event_streams_of(app).filter(|(other, _)| *other != address);
    let Some((other, _)) = others.next() else { return Ok(()) };
    let message = format!("the event stream of app {} is also recorded as {other}", app.id);
    let hint =
        format!("`pinpoint-streams state rm {address}` removes this record, and leaves the event stream as it is");
    Err(Problem::new(ProblemCode::RecordedElsewhere, message, hint).at(address))
}
