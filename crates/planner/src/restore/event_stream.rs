//! An event stream that comes back, where its app is still there and has none.
use super::{Ready, archived, check_trust, mark_widening, not_restored};
use crate::change::change;
use crate::context::Context;
use crate::draft::{Draft, Handle};
use pinpoint_streams_model::archive::{Archived, EventStream};
use pinpoint_streams_model::{
    Action, Address, AppArn, AppIdentity, AppKey, Change, DesiredApp, EventStreamOp, EventStreamRecord, Evidence,
    Fact, FailureKind, LiveEventStream, Object, Origin, Problem, ProblemCode, PutEventStream, Read, Reason,
    RecordOp, Resource, RoleArn, Slot, StreamArn,
};

/// Plans one event stream, or reports its problems.
pub(crate) fn restore(
    context: &Context<'_>,
    draft: &mut Draft,
    archived: &Archived,
    stream: &EventStream,
    ready: &Ready,
) {
    let declared = declared(context, stream);
    let address = match &declared {
        Some((key, _)) => Address::EventStream((*key).clone()),
        None => archived.entry.address.clone(),
    };
    let restored = Restored { context, address, archived, stream, protect: declared.map(|(_, app)| app.protect) };
    match restored.check(ready) {
        Ok(RestoreCheck::Recreate { is_in_doubt, destination, role_arn }) => {
            restored.plan(draft, is_in_doubt, destination, role_arn, ready);
        }
        Ok(RestoreCheck::Unchanged) => restored.keep(draft, ready),
        Ok(RestoreCheck::AppGone) => {
            let EventStream { account, region, app_id, event_stream } = stream;
            draft.warn(
                &restored.address,
                not_restored(format!(
                    "app {app_id} in {account}/{region} does not exist and cannot be recreated with this id, so its \
                     event stream to {} as {} cannot be restored",
                    event_stream.destination, event_stream.role_arn
                )),
            );
        }
        Err(problems) => draft.problems.extend(problems),
    }
}

/// What the app's current event stream requires.
enum RestoreCheck {
    AppGone,
    Unchanged,
    Recreate { is_in_doubt: bool, destination: StreamArn, role_arn: RoleArn },
}

/// One event stream that is to come back.
struct Restored<'a> {
    context: &'a Context<'a>,
    address: Address,
    archived: &'a Archived,
    stream: &'a EventStream,
    /// Whether it is protected; none where the manifest does not declare it.
    protect: Option<bool>,
}

/// The app in the manifest that this event stream is of, if it declares one there.
fn declared<'a>(context: &'a Context<'a>, stream: &EventStream) -> Option<(&'a AppKey, &'a DesiredApp)> {
    let EventStream { account, region, app_id, event_stream: _ } = stream;
    context.desired.apps.iter().find(|(key, app)| {
        let known = match &app.identity {
            AppIdentity::Existing(id) => Some(id),
            AppIdentity::Owned { .. } => {
                let known = context.resource(&Address::App((*key).clone()));
                known.and_then(|known| known.object.as_app()).map(|record| &record.id)
            }
        };
        app.event_stream.is_some() && app.account == *account && app.region == *region && known == Some(app_id)
    })
}

impl Restored<'_> {
    fn problem(&self, code: ProblemCode, message: String, hint: &str) -> Problem {
        Problem::new(code, message, hint).at(&self.address)
    }

    /// Where Pinpoint has ended, no option can restore an event stream.
    fn where_ended(&self, problem: Problem) -> Problem {
        let EventStream { account, region, app_id, event_stream: _ } = self.stream;
        let read = self.context.live.event_streams.get(&AppArn::of(account, region, app_id));
        match read {
            Some(Read::Unreadable(why)) if why.kind == FailureKind::ServiceEnded => {
                let hint = "Amazon Pinpoint's support has ended, and no event stream can be put where it is gone; new \
                            events can go through End User Messaging event destinations (SMS and voice) or be \
                            written to Kinesis directly. Give the role's archive alone to restore that";
                Problem { hint: Some(hint.to_owned()), ..problem }
            }
            _ => problem,
        }
    }

    fn check(&self, ready: &Ready) -> Result<RestoreCheck, Vec<Problem>> {
        let EventStream { account, region, app_id, event_stream } = self.stream;
        let arn = AppArn::of(account, region, app_id);
        let app = self.context.app(&self.address, &arn)?;
        if app.is_none() {
            return Ok(RestoreCheck::AppGone);
        }
        let live = self.context.event_stream(&self.address, &arn);
        match live.map_err(|problem| vec![self.where_ended(problem)])? {
            None => {}
            Some(live) if live == event_stream => return Ok(RestoreCheck::Unchanged),
            Some(LiveEventStream { destination, role_arn }) => {
                let message = format!("the app has another event stream: to {destination} as {role_arn}");
                let hint = "delete that one first, if it is unused";
                return Err(vec![self.problem(ProblemCode::NotOurs, message, hint)]);
            }
        }
        let mut problems = Vec::new();
        let is_in_doubt =
            check_trust(self.context, &self.address, self.archived).map_err(|why| problems.push(why));
        let destination = self.destination().map_err(|why| problems.push(why));
        let role_arn = self.role(ready).map_err(|why| problems.push(why));
        match (is_in_doubt, destination, role_arn) {
            (Ok(is_in_doubt), Ok(destination), Ok(role_arn)) => {
                Ok(RestoreCheck::Recreate { is_in_doubt, destination, role_arn })
            }
            _ => Err(problems),
        }
    }

    /// Where its events go, if that is still there.
    fn destination(&self) -> Result<StreamArn, Problem> {
        let text = &self.stream.event_stream.destination;
        let not_found = |message: String| {
            self.problem(ProblemCode::StreamNotFound, message, "create the stream again first, with the same name")
        };
        let arn: StreamArn = text.parse().map_err(|why| not_found(format!("`{text}` is not a stream: {why}")))?;
        match self.context.live.streams.get(&arn) {
            Some(Read::Absent) => Err(not_found(format!("there is no stream {arn} any more"))),
            Some(Read::Present(live)) if !live.active => {
                let message = format!("stream {arn} is {}, not ACTIVE", live.status);
                let hint = "wait until it is ACTIVE, then plan again";
                Err(self.problem(ProblemCode::StreamNotActive, message, hint))
            }
            // Pinpoint looks at it itself when the event stream is put.
            Some(Read::Present(_) | Read::Unreadable(_)) | None => Ok(arn),
        }
    }

    /// As whom, if that role is there or comes back in this plan.
    fn role(&self, ready: &Ready) -> Result<RoleArn, Problem> {
        let text = &self.stream.event_stream.role_arn;
        let not_found = |message: String| {
            let hint = "restore the role too: `pinpoint-streams restore` lists the runs that archived it, and a run is \
                        restored with all that it archived";
            self.problem(ProblemCode::RoleNotFound, message, hint)
        };
        let arn: RoleArn = text.parse().map_err(|why| not_found(format!("`{text}` is not a role: {why}")))?;
        match self.context.live.roles.get(&arn.in_account()) {
            Some(Read::Absent) if !ready.contains_key(&arn) => {
                Err(not_found(format!("the role that it uses does not exist: {arn}")))
            }
            // Pinpoint assumes it when the event stream is put.
            Some(Read::Absent | Read::Present(_) | Read::Unreadable(_)) | None => Ok(arn),
        }
    }

    /// It is there as it was. Where a restore put it and the record was lost, it is recorded.
    fn keep(&self, draft: &mut Draft, ready: &Ready) {
        let EventStream { account, region, app_id, event_stream } = self.stream;
        let wiring = (event_stream.destination.parse::<StreamArn>(), event_stream.role_arn.parse::<RoleArn>());
        let (Some(protect), None, (Ok(destination), Ok(role_arn))) =
            (self.protect, self.context.resource(&self.address), wiring)
        else {
            draft.keep += 1;
            draft.warn(&self.address, not_restored("the app has this event stream already"));
            return;
        };
        // Its role is recorded as made here, or is about to be.
        let known = self.context.recorded.resources.role(&role_arn);
        let is_created =
            known.is_some_and(|(_, role)| role.origin == Origin::Created) || ready.contains_key(&role_arn);
        let resource = Resource {
            account: account.clone(),
            origin: if is_created { Origin::Created } else { Origin::Adopted },
            protect,
            named_under: self.address.key().unwrap_or_default().to_owned(),
            changed_at: jiff::Timestamp::UNIX_EPOCH,
            object: Object::EventStream(EventStreamRecord {
                region: region.clone(),
                app_id: app_id.clone(),
                destination,
                role_arn,
            }),
        };
        draft.change(change(&self.address, &resource, Action::Adopt, Reason::LostRecord, Vec::new()));
        draft.step(&self.address, [], RecordOp::write(resource));
    }

    fn plan(
        &self,
        draft: &mut Draft,
        is_in_doubt: bool,
        destination: StreamArn,
        role_arn: RoleArn,
        ready: &Ready,
    ) {
        let EventStream { account, region, app_id, event_stream: _ } = self.stream;
        let mut notes = vec![archived(self.archived).into()];
        notes.extend(self.protect.is_none().then(|| Evidence::from(Fact::NotDeclared {})));
        let after: Vec<Handle> = ready.get(&role_arn).cloned().unwrap_or_default();
        let put = PutEventStream {
            account: account.clone(),
            region: region.clone(),
            app_id: Slot::Known(app_id.clone()),
            destination,
            role_arn,
            protect: self.protect.unwrap_or_default(),
            record: self.protect.is_some(),
        };
        let mut fields = put.fields();
        mark_widening(&mut fields, is_in_doubt);
        draft.step(&self.address, after, EventStreamOp::Put(put));
        let (place, address) = ((account, Some(region)), self.address.clone());
        draft.change(Change { fields, notes, ..Change::new(address, place, Action::Create, Reason::Restored) });
    }
}
