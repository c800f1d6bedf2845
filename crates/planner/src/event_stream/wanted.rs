//! An event stream that the manifest asks for: made, kept, brought up to date, or moved to another app.
use super::owner::EventStreamOwnership;
use super::{Put, Streams};
use crate::app::Apps;
use crate::change::{protect, record_change, refuse_protected, settle_change};
use crate::context::Context;
use crate::differences::{Differences, Field};
use crate::draft::{Draft, Handle};
use crate::role::RoleArns;
use crate::usage::Usage;
use pinpoint_streams_model::{
    Action, Address, AppArn, AppId, AppKey, Change, DesiredApp, DesiredEventStream, EventStreamOp,
    EventStreamRecord, Fact, LiveEventStream, Object, Origin, Planned, Problem, ProblemCode, PutEventStream,
    Reason, RecordOp, Resource, RoleArn, RoleRef, Slot, StreamArn,
};
use std::borrow::Cow;

pub(super) struct Wanted<'a> {
    pub(super) context: Context<'a>,
    pub(super) key: &'a AppKey,
    pub(super) address: Address,
    pub(super) app: &'a DesiredApp,
    pub(super) stream: &'a DesiredEventStream,
}

impl<'a> Wanted<'a> {
    pub(super) fn decide(
        &self,
        draft: &mut Draft,
        apps: &Apps,
        arns: &RoleArns,
        usage: &mut Usage<'a>,
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
            Slot::Known(id) => self.context.event_stream(&self.address, &self.app.arn(id))?,
            Slot::After { .. } => None,
        };
        let mut after: Vec<Handle> = apps.created_by(self.key).into_iter().collect();
        let resource = self.context.resource(&self.address);
        let record = resource.and_then(|resource| Some((resource, resource.object.as_event_stream()?)));
        let destination = self.stream.target.arn.clone();
        let after_plan = LiveEventStream { destination: destination.to_string(), role_arn: role_arn.to_string() };
        let after_plan = match live.filter(|live| **live == after_plan) {
            Some(live) => Cow::Borrowed(live),
            None => Cow::Owned(after_plan),
        };
        let put = PutEventStream {
            account: self.app.account.clone(),
            region: self.app.region.clone(),
            app_id: app_id.clone(),
            destination: destination.clone(),
            role_arn: role_arn.clone(),
            protect: self.app.protect,
            record: true,
        };
        let needs_put = match record {
            None => self.unrecorded(draft, &put, live, &mut after)?,
            Some((resource, record)) if !self.is_on(record, resource, app_id) => {
                self.leave_old_app(draft, resource, record, app_id, usage, &mut after)?;
                if let (Slot::Known(id), Some(live)) = (app_id, live) {
                    let app = self.app.arn(id);
                    let is_changed = !self.compare(live, None, &destination, &role_arn).is_empty();
                    self.ownership(&app, live).refuse_adoption(is_changed)?;
                    self.refuse_foreign(&app, live, &destination, &role_arn)?;
                }
                true
            }
            Some((resource, record)) => {
                let needs_put = self.recorded(draft, resource, record, live, &put, &mut after, usage)?;
                if !needs_put && (record.destination != destination || record.role_arn != role_arn) {
                    self.record_again(draft, resource, &record.app_id, &destination, &role_arn, &after);
                }
                needs_put
            }
        };
        if let Slot::Known(id) = app_id {
            let place = AppArn::of(&self.app.account, &self.app.region, id);
            let known = usage.entry(place);
            known.address = Some(self.address.clone());
            known.after = Some(after_plan);
        }
        if needs_put {
            streams.puts.push(Put { address: self.address.clone(), role: role_key, after, op: put });
        }
        Ok(())
    }

    /// It is as wanted, and the record says otherwise: it was put by a run whose record was lost.
    fn record_again(
        &self,
        draft: &mut Draft,
        resource: &Resource,
        app_id: &AppId,
        destination: &StreamArn,
        role_arn: &RoleArn,
        after: &[Handle],
    ) {
        let Resource { named_under, protect, .. } = resource.clone();
        let again = self.as_resource(app_id, destination, role_arn, resource.origin);
        let write = RecordOp::write(Resource { named_under, protect, ..again });
        draft.step(&self.address, after.iter().copied(), write);
        record_change(draft, &self.address, resource);
    }

    /// Whether the record is of the app that is wanted now.
    fn is_on(&self, record: &EventStreamRecord, resource: &Resource, app_id: &Slot<AppId>) -> bool {
        resource.account == self.app.account
            && record.region == self.app.region
            && *app_id == Slot::Known(record.app_id.clone())
    }

    pub(super) fn compare(
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
        if !live.uses(role_arn) {
            differences.compare(Field {
                path: "role_arn",
                live: Some(live.role_arn.clone()),
                wanted: Some(role_arn.to_string()),
                recorded: record.map(|record| Some(record.role_arn.to_string())),
            });
        }
        differences
    }

    pub(super) fn new_change(&self, action: Action, reason: Reason, differences: Differences) -> Change {
        let place = (&self.app.account, Some(&self.app.region));
        Change::new(self.address.clone(), place, action, reason).with(differences.fields)
    }

    /// Recorded on another app than the declared one: the old one is deleted if this workspace created it.
    fn leave_old_app(
        &self,
        draft: &mut Draft,
        resource: &Resource,
        record: &EventStreamRecord,
        app_id: &Slot<AppId>,
        usage: &mut Usage<'a>,
        after: &mut Vec<Handle>,
    ) -> Result<(), Problem> {
        refuse_protected(&self.address, resource, "replaced")?;
        let place = record.app(&resource.account);
        let live = self.context.event_stream(&self.address, &place)?;
        let mut differences = Differences::default();
        let (account, region) = (&self.app.account, &self.app.region);
        let before = Slot::Known(record.app_id.clone());
        differences.compare(Field { path: "app_id", live: Some(&before), wanted: Some(app_id), recorded: None });
        let (before, now) = (Some(&record.region), Some(region));
        differences.compare(Field { path: "region", live: before, wanted: now, recorded: None });
        let (before, now) = (Some(&resource.account), Some(account));
        differences.compare(Field { path: "account", live: before, wanted: now, recorded: None });
        let mut change = self.new_change(Action::Replace, Reason::ManifestChanged, differences);
        // An adopted event stream is no longer managed and keeps running.
        if resource.origin == Origin::Adopted && !self.context.options.include_adopted {
            after.push(draft.step(&self.address, after.clone(), RecordOp::Forget {}));
        } else if let Some(live) = live {
            self.ownership(&place, live).refuse_change()?;
            let step = draft.step(&self.address, after.clone(), EventStreamOp::delete(&place, live));
            let known = usage.entry(place);
            known.after = None;
            known.steps.push(step);
            after.push(step);
            change.notes.push(Fact::EventsStop { app: record.app_id.clone() }.into());
        }
        draft.change(change);
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
        put: &PutEventStream<Planned>,
        after: &mut Vec<Handle>,
        usage: &mut Usage<'a>,
    ) -> Result<bool, Problem> {
        let PutEventStream { destination, role_arn, .. } = put;
        let Some(live) = live else {
            let mut made = Differences::default();
            made.made_all(put.fields());
            // A change of the protection shows itself.
            made.fields.retain(|field| field.path != "protect" || resource.protect == put.protect);
            protect(draft, &self.address, resource, self.app.protect, after.clone(), &mut made);
            draft.change(self.new_change(Action::Create, Reason::Missing, made));
            return Ok(true);
        };
        if self.context.options.replace.contains(&self.address) {
            refuse_protected(&self.address, resource, "replaced")?;
            let place = record.app(&resource.account);
            self.ownership(&place, live).refuse_change()?;
            let step = draft.step(&self.address, after.clone(), EventStreamOp::delete(&place, live));
            usage.entry(place).steps.push(step);
            after.push(step);
            let differences = self.compare(live, Some(record), destination, role_arn);
            let mut change = self.new_change(Action::Replace, Reason::ReplaceAsked, differences);
            change.notes.push(Fact::StopsUntilPut {}.into());
            draft.change(change);
            return Ok(true);
        }
        let mut differences = self.compare(live, Some(record), destination, role_arn);
        let needs_put = !differences.is_empty();
        if needs_put {
            self.ownership(&record.app(&resource.account), live).refuse_change()?;
        }
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
        let recorded = recorded.and_then(|resource| resource.object.as_role());
        now != before && recorded.is_some_and(|role| role.arn == *before)
    }

    /// Not recorded: created, adopted, or managed elsewhere.
    pub(super) fn unrecorded(
        &self,
        draft: &mut Draft,
        put: &PutEventStream<Planned>,
        live: Option<&LiveEventStream>,
        after: &mut Vec<Handle>,
    ) -> Result<bool, Problem> {
        let PutEventStream { app_id, destination, role_arn, .. } = put;
        let (Some(live), Slot::Known(app_id)) = (live, app_id) else {
            let change = self.new_change(Action::Create, Reason::New, Differences::default());
            draft.change(change.with(put.fields()));
            return Ok(true);
        };
        let app = self.app.arn(app_id);
        let differences = self.compare(live, None, destination, role_arn);
        self.ownership(&app, live).refuse_adoption(!differences.is_empty())?;
        self.refuse_foreign(&app, live, destination, role_arn)?;
        let needs_put = !differences.is_empty();
        // It has no tags: an adopted event stream that was then pointed to our role looks like a created one. With
        // `adopt` it counts as adopted, so that it is not deleted unasked.
        let (origin, reason) = match (self.ownership(&app, live).names_our_role(), self.is_adoption_asked()) {
            (true, false) => (Origin::Created, Reason::LostRecord),
            (true, true) => (Origin::Adopted, Reason::LostRecord),
            (false, _) => (Origin::Adopted, Reason::AdoptionAsked),
        };
        // As it is: where it is to go is recorded once it goes there. What is no ARN of a stream or of a role cannot be
        // recorded; the next step overwrites it.
        let goes_to = live.destination.parse().unwrap_or_else(|_| destination.clone());
        let goes_as = live.role_arn.parse().unwrap_or_else(|_| role_arn.clone());
        let resource = self.as_resource(app_id, &goes_to, &goes_as, origin);
        let write = RecordOp::write(resource);
        let step = draft.step(&self.address, after.clone(), write);
        after.push(step);
        let mut adoption = self.new_change(Action::Adopt, reason, differences);
        let is_as_it_is = !needs_put && reason == Reason::AdoptionAsked;
        adoption.notes.extend(is_as_it_is.then(|| Fact::AdoptedAsItIs {}.into()));
        draft.change(adoption);
        Ok(needs_put)
    }

    fn is_adoption_asked(&self) -> bool {
        self.app.adopt || self.context.options.adopt
    }

    pub(super) fn as_resource(
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

    fn ownership<'b>(&'b self, app: &'b AppArn, live: &'b LiveEventStream) -> EventStreamOwnership<'b> {
        EventStreamOwnership { context: &self.context, address: &self.address, app, live }
    }

    /// An unmanaged event stream that would be changed is a problem, unless adoption was asked for.
    pub(super) fn refuse_foreign(
        &self,
        app: &AppArn,
        live: &LiveEventStream,
        destination: &StreamArn,
        role_arn: &RoleArn,
    ) -> Result<(), Problem> {
        let differences = self.compare(live, None, destination, role_arn);
        if differences.is_empty() || self.is_adoption_asked() || self.ownership(app, live).names_our_role() {
            return Ok(());
        }
        let LiveEventStream { destination: to, role_arn } = live;
        let message = format!(
            "the app already has an event stream that this workspace did not create (to {to} with role {role_arn})"
        );
        let hint =
            format!("`adopt = true` in [apps.{}], or --adopt, adopts it and points it to {destination}", self.key);
        Err(Problem::new(ProblemCode::NotOurs, message, hint).at(&self.address))
    }
}
