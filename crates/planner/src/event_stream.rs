//! Event streams: what happens to each, and why. Steps come in two stages, so that a role can change
//! between what leaves it and what comes to it.
use crate::app::{Apps, protect, settle_change};
use crate::context::Context;
use crate::differences::{Differences, Field};
use crate::draft::{Draft, Handle};
use crate::moves::{Prelude, change};
use crate::role::RoleArns;
use crate::usage::{AppPlace, Usage, Use, Wiring};
use pinpoint_streams_model::address::Address;
use pinpoint_streams_model::arn::{RoleArn, StreamArn};
use pinpoint_streams_model::desired::{DesiredApp, DesiredEventStream, RoleRef};
use pinpoint_streams_model::ids::{AppId, AppKey, RoleKey};
use pinpoint_streams_model::live::LiveEventStream;
use pinpoint_streams_model::op::{DeleteEventStream, ForgetRecord, Op, PutEventStream, Slot, WriteRecord};
use pinpoint_streams_model::ownership::Origin;
use pinpoint_streams_model::plan::{Action, Reason};
use pinpoint_streams_model::problem::{Problem, ProblemCode};
use pinpoint_streams_model::recorded::{EventStreamRecord, Object, Resource};
use std::collections::BTreeMap;

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
    op: PutEventStream<pinpoint_streams_model::op::Planned>,
}

/// Decides on every event stream, and adds the steps that take one away.
pub(crate) fn decide(
    context: &Context<'_>,
    prelude: &Prelude,
    draft: &mut Draft,
    apps: &Apps,
    arns: &RoleArns,
    usage: &mut Usage,
) -> Streams {
    let mut streams = Streams::default();
    for key in context.desired.apps.keys() {
        let Some((app, stream)) = context.wanted_event_stream(key) else { continue };
        let address = Address::EventStream(key.clone());
        if !context.selection.covers(&address) {
            if let Some(id) = apps.known_id(key) {
                mark(usage, (app.account.clone(), app.region.clone(), id.clone()), &address);
            }
            continue;
        }
        let wanted = Wanted { context, key, address, app, stream };
        if let Err(problem) = wanted.decide(prelude, draft, apps, arns, usage, &mut streams) {
            draft.problem(problem);
        }
    }
    for (address, resource) in &context.recorded.resources {
        let (Address::EventStream(key), Object::EventStream(record)) = (address, &resource.object) else {
            continue;
        };
        let place = (resource.account.clone(), record.region.clone(), record.app_id.clone());
        if context.wanted_event_stream(key).is_some() {
            continue;
        }
        mark(usage, place.clone(), address);
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
fn mark(usage: &mut Usage, place: AppPlace, address: &Address) {
    if let Some(known) = usage.0.get_mut(&place) {
        known.address = Some(address.clone());
    }
}

struct Wanted<'a> {
    context: &'a Context<'a>,
    key: &'a AppKey,
    address: Address,
    app: &'a DesiredApp,
    stream: &'a DesiredEventStream,
}

impl Wanted<'_> {
    fn decide(
        &self,
        prelude: &Prelude,
        draft: &mut Draft,
        apps: &Apps,
        arns: &RoleArns,
        usage: &mut Usage,
        streams: &mut Streams,
    ) -> Result<(), Problem> {
        // An app or a role without an answer has a problem of its own.
        let Some(app_id) = apps.ids.get(self.key) else { return Ok(()) };
        let (role_key, role_arn) = match &self.stream.role {
            RoleRef::Elsewhere(arn) => (None, arn.clone()),
            RoleRef::Managed(key) => match arns.get(key) {
                Some(arn) => (Some(key.clone()), arn.clone()),
                None => return Ok(()),
            },
        };
        let live = match app_id {
            Slot::Known(id) => {
                self.context.event_stream(&self.address, &self.app.account, &self.app.region, id)?
            }
            Slot::After { .. } => None,
        };
        let mut after: Vec<Handle> = prelude.after.get(&self.address).copied().into_iter().collect();
        after.extend(apps.created_by(self.key));
        let resource = self.context.resource(&self.address);
        let record = resource.and_then(|resource| match &resource.object {
            Object::EventStream(record) => Some((resource, record)),
            Object::App(_) | Object::Role(_) => None,
        });
        let destination = self.stream.target.arn.clone();
        let wiring = Wiring { destination: destination.to_string(), role: role_arn.to_string() };
        let needs_put = match record {
            None => self.unrecorded(draft, app_id, live, &destination, &role_arn, &mut after)?,
            Some((resource, record)) if !self.is_on(record, resource, app_id) => {
                self.leave_old_app(draft, resource, record, usage, &mut after)?;
                self.refuse_foreign(live, &destination, &role_arn)?;
                true
            }
            Some((resource, record)) => {
                self.recorded(draft, resource, record, live, &destination, &role_arn, &mut after, usage)?
            }
        };
        if let Slot::Known(id) = app_id {
            let place = (self.app.account.clone(), self.app.region.clone(), id.clone());
            let known = usage.0.entry(place).or_default();
            known.address = Some(self.address.clone());
            known.after = Some(wiring);
        }
        if needs_put {
            streams.puts.push(Put {
                address: self.address.clone(),
                role: role_key,
                after,
                op: PutEventStream {
                    account: self.app.account.clone(),
                    region: self.app.region.clone(),
                    app_id: app_id.clone(),
                    destination,
                    role_arn,
                    protect: self.app.protect,
                },
            });
        }
        Ok(())
    }

    /// Whether the record is of the app that is wanted now.
    fn is_on(&self, record: &EventStreamRecord, resource: &Resource, app_id: &Slot<AppId>) -> bool {
        resource.account == self.app.account
            && record.region == self.app.region
            && *app_id == Slot::Known(record.app_id.clone())
    }

    fn as_resource(
        &self,
        app_id: &AppId,
        destination: &StreamArn,
        role_arn: &RoleArn,
        origin: Origin,
    ) -> Resource {
        Resource {
            account: self.app.account.clone(),
            origin,
            protect: self.app.protect,
            named_under: self.key.to_string(),
            changed_at: jiff::Timestamp::UNIX_EPOCH,
            object: Object::EventStream(EventStreamRecord {
                region: self.app.region.clone(),
                app_id: app_id.clone(),
                destination: destination.clone(),
                role_arn: role_arn.clone(),
            }),
        }
    }

    fn compare(
        &self,
        live: &LiveEventStream,
        record: Option<&EventStreamRecord>,
        destination: &StreamArn,
        role_arn: &RoleArn,
    ) -> Differences {
        let mut differences = Differences::default();
        differences.compare(Field {
            path: "destination",
            live: Some(live.destination.clone()),
            wanted: Some(destination.to_string()),
            recorded: record.map(|record| Some(record.destination.to_string())),
        });
        let live_role = Wiring { destination: String::new(), role: live.role_arn.clone() };
        if !live_role.names(role_arn) {
            differences.compare(Field {
                path: "role_arn",
                live: Some(live.role_arn.clone()),
                wanted: Some(role_arn.to_string()),
                recorded: record.map(|record| Some(record.role_arn.to_string())),
            });
        }
        differences
    }

    fn new_change(
        &self,
        action: Action,
        reason: Reason,
        differences: Differences,
    ) -> pinpoint_streams_model::plan::Change {
        pinpoint_streams_model::plan::Change {
            address: self.address.clone(),
            kind: self.address.kind(),
            account: self.app.account.clone(),
            region: Some(self.app.region.clone()),
            action,
            reason,
            fields: differences.fields,
            notes: Vec::new(),
        }
    }

    /// The fields of an event stream that is made.
    fn made(destination: &StreamArn, role_arn: &RoleArn) -> Differences {
        let mut differences = Differences::default();
        for (path, text) in [("destination", destination.to_string()), ("role_arn", role_arn.to_string())] {
            differences.compare(Field { path, live: None, wanted: Some(text), recorded: None });
        }
        differences
    }

    /// Nothing recorded: made, or taken over, or somebody else's.
    fn unrecorded(
        &self,
        draft: &mut Draft,
        app_id: &Slot<AppId>,
        live: Option<&LiveEventStream>,
        destination: &StreamArn,
        role_arn: &RoleArn,
        after: &mut Vec<Handle>,
    ) -> Result<bool, Problem> {
        let (Some(live), Slot::Known(app_id)) = (live, app_id) else {
            draft.change(self.new_change(Action::Create, Reason::New, Self::made(destination, role_arn)));
            return Ok(true);
        };
        self.refuse_foreign(Some(live), destination, role_arn)?;
        let differences = self.compare(live, None, destination, role_arn);
        let needs_put = !differences.is_empty();
        let (origin, reason) = if self.names_our_role(live) {
            (Origin::Created, Reason::LostRecord)
        } else {
            (Origin::Adopted, Reason::AdoptionAsked)
        };
        let resource = self.as_resource(app_id, destination, role_arn, origin);
        let write = Op::WriteRecord(WriteRecord { resource: Box::new(resource) });
        let step = draft.step(&self.address, after.clone(), write);
        after.push(step);
        draft.change(self.new_change(Action::Adopt, reason, differences));
        Ok(needs_put)
    }

    /// Whether the event stream names a role that this workspace created.
    fn names_our_role(&self, live: &LiveEventStream) -> bool {
        let wiring = Wiring { destination: String::new(), role: live.role_arn.clone() };
        self.context.recorded.resources.values().any(|resource| {
            resource.origin == Origin::Created
                && matches!(&resource.object, Object::Role(role) if wiring.names(&role.arn))
        })
    }

    /// An event stream of another hand that would be changed is a problem, unless adoption was asked for.
    fn refuse_foreign(
        &self,
        live: Option<&LiveEventStream>,
        destination: &StreamArn,
        role_arn: &RoleArn,
    ) -> Result<(), Problem> {
        let Some(live) = live else { return Ok(()) };
        let differences = self.compare(live, None, destination, role_arn);
        if differences.is_empty() || self.app.adopt || self.context.options.adopt {
            return Ok(());
        }
        let message = format!(
            "the app has an event stream already, to {} as {}, which this workspace did not make",
            live.destination, live.role_arn
        );
        Err(Problem {
            code: ProblemCode::NotOurs,
            address: Some(self.address.clone()),
            message,
            hint: Some(format!(
                "`adopt = true` in [apps.{}], or --adopt, takes it over and points it to {destination}",
                self.key
            )),
        })
    }

    /// Recorded on another app than the one that is wanted: the old one goes, the new one comes.
    fn leave_old_app(
        &self,
        draft: &mut Draft,
        resource: &Resource,
        record: &EventStreamRecord,
        usage: &mut Usage,
        after: &mut Vec<Handle>,
    ) -> Result<(), Problem> {
        refuse_protected(&self.address, resource, "replaced")?;
        let place = (resource.account.clone(), record.region.clone(), record.app_id.clone());
        let live = self.context.event_stream(&self.address, &place.0, &place.1, &place.2)?;
        let mut differences = Self::made(&self.stream.target.arn, &record.role_arn);
        differences.fields.clear();
        differences.compare(Field {
            path: "app_id",
            live: Some(Some(record.app_id.clone())),
            wanted: Some(None),
            recorded: None,
        });
        draft.change(self.new_change(Action::Replace, Reason::ManifestChanged, differences));
        if let Some(live) = live {
            let step = draft.step(&self.address, after.clone(), delete_op(&place, live));
            let known = usage.0.entry(place).or_default();
            known.after = None;
            known.steps.push(step);
            after.push(step);
        }
        Ok(())
    }

    /// Recorded on this app: kept, brought up to date, or made again.
    #[expect(clippy::too_many_arguments, reason = "the three versions of one event stream, and where they go")]
    fn recorded(
        &self,
        draft: &mut Draft,
        resource: &Resource,
        record: &EventStreamRecord,
        live: Option<&LiveEventStream>,
        destination: &StreamArn,
        role_arn: &RoleArn,
        after: &mut Vec<Handle>,
        usage: &mut Usage,
    ) -> Result<bool, Problem> {
        let Some(live) = live else {
            draft.change(self.new_change(Action::Create, Reason::Vanished, Self::made(destination, role_arn)));
            return Ok(true);
        };
        if self.context.options.replace.contains(&self.address) {
            refuse_protected(&self.address, resource, "replaced")?;
            let place = (resource.account.clone(), record.region.clone(), record.app_id.clone());
            let step = draft.step(&self.address, after.clone(), delete_op(&place, live));
            usage.0.entry(place).or_default().steps.push(step);
            after.push(step);
            let differences = self.compare(live, Some(record), destination, role_arn);
            let mut change = self.new_change(Action::Replace, Reason::ReplaceAsked, differences);
            change.notes.push("stops streaming between the delete and the put".to_owned());
            draft.change(change);
            return Ok(true);
        }
        let mut differences = self.compare(live, Some(record), destination, role_arn);
        let needs_put = !differences.is_empty();
        let only_follows_its_role = needs_put
            && differences.fields.iter().all(|field| field.path == "role_arn")
            && live.role_arn == record.role_arn.to_string()
            && self.own_role_is_replaced(role_arn, &record.role_arn);
        protect(draft, &self.address, resource, self.app.protect, after.clone(), &mut differences);
        if only_follows_its_role && differences.fields.len() == 1 {
            draft.change(self.new_change(Action::Update, Reason::DependsOn, differences));
        } else {
            settle_change(draft, &self.address, resource, differences);
        }
        Ok(needs_put)
    }

    /// Whether the recorded role is the same role address under another name.
    fn own_role_is_replaced(&self, now: &RoleArn, before: &RoleArn) -> bool {
        let RoleRef::Managed(key) = &self.stream.role else { return false };
        let recorded = self.context.resource(&Address::Role(key.clone()));
        now != before
            && recorded
                .is_some_and(|resource| matches!(&resource.object, Object::Role(role) if role.arn == *before))
    }
}

fn refuse_protected(address: &Address, resource: &Resource, what: &str) -> Result<(), Problem> {
    if !resource.protect {
        return Ok(());
    }
    Err(Problem {
        code: ProblemCode::Protected,
        address: Some(address.clone()),
        message: format!("it is protected and would be {what}"),
        hint: Some("set `protect = false` on its app and apply that first".to_owned()),
    })
}

fn delete_op<P: pinpoint_streams_model::op::Phase>(
    (account, region, app_id): &AppPlace,
    live: &LiveEventStream,
) -> Op<P> {
    Op::DeleteEventStream(DeleteEventStream {
        account: account.clone(),
        region: region.clone(),
        app_id: app_id.clone(),
        destination: live.destination.clone(),
        role_arn: live.role_arn.clone(),
    })
}

/// Recorded and no longer wanted.
#[expect(clippy::too_many_arguments, reason = "one event stream in all its versions, and where they go")]
fn unwanted(
    context: &Context<'_>,
    draft: &mut Draft,
    address: &Address,
    key: &AppKey,
    resource: &Resource,
    record: &EventStreamRecord,
    place: AppPlace,
    usage: &mut Usage,
    streams: &mut Streams,
) -> Result<(), Problem> {
    let live = context.event_stream(address, &place.0, &place.1, &place.2)?;
    let Some(live) = live else {
        draft.change(change(address, resource, Action::Forget, Reason::Vanished, Vec::new()));
        draft.step(address, [], Op::ForgetRecord(ForgetRecord {}));
        return Ok(());
    };
    if resource.origin == Origin::Adopted && !context.options.include_adopted {
        streams.forgotten.push((address.clone(), record.role_arn.clone()));
        draft.change(change(address, resource, Action::Forget, context.reason_to_go(), Vec::new()));
        draft.step(address, [], Op::ForgetRecord(ForgetRecord {}));
        return Ok(());
    }
    refuse_protected(address, resource, "deleted")?;
    let mut lost = Differences::default();
    for (path, text) in [("destination", &live.destination), ("role_arn", &live.role_arn)] {
        lost.compare(Field { path, live: Some(text), wanted: None, recorded: None });
    }
    let mut deletion = change(address, resource, Action::Delete, context.reason_to_go(), lost.fields);
    if live.destination != record.destination.to_string() || live.role_arn != record.role_arn.to_string() {
        deletion.notes.push(format!("another hand pointed it to {} as {}", live.destination, live.role_arn));
    }
    draft.change(deletion);
    let step = draft.step(address, [], delete_op(&place, live));
    let known: &mut Use = usage.0.entry(place).or_default();
    known.after = None;
    known.steps.push(step);
    streams.deletes.entry(key.clone()).or_default().push(step);
    Ok(())
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
            Slot::Known(id) => Some((op.account.clone(), op.region.clone(), id.clone())),
            Slot::After { .. } => None,
        };
        let step = draft.step(address, after, Op::PutEventStream(op.clone()));
        if let Some(place) = place {
            usage.0.entry(place).or_default().steps.push(step);
        }
    }
}
