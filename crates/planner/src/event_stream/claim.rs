//! Whose an event stream is that the state does not know: it bears no tags, so its role tells.
use super::wanted::Wanted;
use crate::draft::{Draft, Handle};
use crate::usage::Wiring;
use pinpoint_streams_model::arn::{RoleArn, StreamArn};
use pinpoint_streams_model::ids::AppId;
use pinpoint_streams_model::live::LiveEventStream;
use pinpoint_streams_model::op::{Op, Slot, WriteRecord};
use pinpoint_streams_model::ownership::Origin;
use pinpoint_streams_model::plan::{Action, Reason};
use pinpoint_streams_model::problem::{Problem, ProblemCode};
use pinpoint_streams_model::recorded::{EventStreamRecord, Object, Resource};

impl Wanted<'_> {
    /// Nothing recorded: made, or taken over, or somebody else's.
    pub(super) fn unrecorded(
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

    /// Whether the event stream names a role that this workspace created.
    fn names_our_role(&self, live: &LiveEventStream) -> bool {
        let wiring = Wiring { destination: String::new(), role: live.role_arn.clone() };
        self.context.recorded.resources.values().any(|resource| {
            resource.origin == Origin::Created
                && matches!(&resource.object, Object::Role(role) if wiring.names(&role.arn))
        })
    }

    /// An event stream of another hand that would be changed is a problem, unless adoption was asked for.
    pub(super) fn refuse_foreign(
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
}
