//! Whose an event stream is that the state does not know: it bears no tags, so its role tells.
use super::wanted::Wanted;
use crate::draft::{Draft, Handle};
use pinpoint_streams_model::arn::{RoleArn, StreamArn};
use pinpoint_streams_model::ids::{AppId, Lineage};
use pinpoint_streams_model::live::{LiveEventStream, Read};
use pinpoint_streams_model::op::{RecordOp, Slot};
use pinpoint_streams_model::ownership::{self, Origin, Ownership};
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
        // It bears no tags: one that was taken over and then pointed to our role looks like one that was made. Where
        // adoption was asked it counts as taken over, so that it is not deleted without a word.
        let (origin, reason) = match (self.names_our_role(live), self.is_adoption_asked()) {
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
        draft.change(self.new_change(Action::Adopt, reason, differences));
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

    /// Whether the event stream names a role that this workspace created, as the record or the role's tags say.
    fn names_our_role(&self, live: &LiveEventStream) -> bool {
        let Ok(named) = live.role_arn.parse::<RoleArn>() else { return false };
        let is_ours = |owner: Ownership| {
            let lineage = self.context.lineage().map(Lineage::as_str);
            owner.origin == Origin::Created
                && owner.workspace.as_deref() == Some(self.context.desired.workspace.as_str())
                && lineage.is_some()
                && owner.lineage.as_deref() == lineage
        };
        let recorded = self.context.recorded.resources.role(&named);
        let is_created = recorded.is_some_and(|(_, resource)| resource.origin == Origin::Created);
        let read = self.context.live.roles.get(&named.in_account());
        let role = read.and_then(Read::present).filter(|role| role.arn == named);
        is_created || role.and_then(|role| ownership::read(&role.tags)).is_some_and(is_ours)
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
        if differences.is_empty() || self.is_adoption_asked() || self.names_our_role(live) {
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
