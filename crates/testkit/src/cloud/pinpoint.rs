//! Pinpoint's writes, as strict as Pinpoint.
use super::account::{Account, Accounts, App, Moment};
use super::refusal::Refusal;
use super::{access, iam_rules as rules};
use pinpoint_streams_model::arn::AppArn;
use pinpoint_streams_model::ids::{AccountId, AppId};
use pinpoint_streams_model::live::{FailureKind, LiveEventStream};
use pinpoint_streams_model::op::{
    AppOp, CreateApp, DeleteApp, DeleteEventStream, EventStreamOp, Output, PutEventStream, Resolved,
    with_ownership,
};
use pinpoint_streams_model::region::Region;

type Answer = Result<Output, Refusal>;

impl Account {
    pub(crate) fn apps_in(&self, region: &Region) -> impl Iterator<Item = (&AppId, &App)> {
        self.apps.iter().filter(move |((at, _), _)| at == region).map(|((_, id), app)| (id, app))
    }
}

impl Accounts {
    pub(crate) fn write_app(&mut self, op: &AppOp<Resolved>) -> Answer {
        match op {
            AppOp::Create(create) => self.create_app(create),
            AppOp::Tag { account, region, app_id, tags, owner } => {
                let app = self.app_to_change(account, region, app_id)?;
                let mut all = app.tags.clone();
                all.extend(with_ownership(tags, owner.as_ref()));
                rules::tags(&all)?;
                app.tags = all;
                Ok(Output::Done)
            }
            AppOp::Untag { account, region, app_id, tag_keys } => {
                self.app_to_change(account, region, app_id)?.tags.retain(|key, _| !tag_keys.contains(key));
                Ok(Output::Done)
            }
            AppOp::Delete(delete) => self.delete_app(delete),
        }
    }

    pub(crate) fn write_event_stream(&mut self, op: &EventStreamOp<Resolved>, now: Moment) -> Answer {
        match op {
            EventStreamOp::Put(put) => self.put_event_stream(put, now),
            EventStreamOp::Delete(delete) => self.delete_event_stream(delete),
        }
    }

    fn create_app(&mut self, op: &CreateApp<Resolved>) -> Answer {
        let CreateApp { account, region, name, .. } = op;
        let tags = op.all_tags();
        has_pinpoint(region)?;
        let holder = self.known(account)?;
        let most = holder.limits.apps;
        if holder.apps_in(region).count() >= most {
            return Err(Refusal::limit_exceeded(format!("a region holds at most {most} projects")));
        }
        if name.is_empty() || name.chars().count() > 64 {
            return Err(Refusal::invalid("a project's name has 1 to 64 characters"));
        }
        rules::tags(&tags)?;
        let id = self.new_app_id();
        self.known_mut(account)?.apps.insert((region.clone(), id.clone()), App::new(name, tags));
        Ok(Output::App(id))
    }

    /// Takes the app's event stream with it.
    fn delete_app(&mut self, op: &DeleteApp) -> Answer {
        let DeleteApp { account, region, app_id, name: _ } = op;
        self.app_to_change(account, region, app_id)?;
        self.known_mut(account)?.apps.remove(&(region.clone(), app_id.clone()));
        Ok(Output::Done)
    }

    /// Pinpoint tries the role before it agrees: whether it may assume it, and whether that may write.
    /// Source: terraform-provider-aws#27096.
    fn put_event_stream(&mut self, op: &PutEventStream<Resolved>, now: Moment) -> Answer {
        let PutEventStream { account, region, app_id, destination, role_arn, protect: _, record: _ } = op;
        self.app_to_change(account, region, app_id)?;
        if destination.account() != account || destination.region() != region {
            let message =
                format!("Destination stream validation failed: {destination} is not in {account}, {region}");
            return Err(Refusal::invalid(message));
        }
        if !self.streams.contains_key(destination) {
            return Err(Refusal::invalid(format!(
                "Destination stream validation failed: no stream {destination}"
            )));
        }
        let app = AppArn { region: region.clone(), account: account.clone(), id: app_id.clone() };
        let event_stream =
            LiveEventStream { destination: destination.to_string(), role_arn: role_arn.to_string() };
        access::may_stream_now(self, &app, &event_stream, now.instant).map_err(|hindrance| {
            let message =
                format!("Destination stream validation failed, make sure the IAM Role is configured correctly ({hindrance})");
            Refusal::new(FailureKind::RoleNotReady, message)
        })?;
        self.app_to_change(account, region, app_id)?.event_stream = Some(event_stream);
        Ok(Output::Done)
    }

    fn delete_event_stream(&mut self, op: &DeleteEventStream) -> Answer {
        let DeleteEventStream { account, region, app_id, destination: _, role_arn: _ } = op;
        let app = self.app_to_change(account, region, app_id)?;
        if app.event_stream.take().is_none() {
            return Err(Refusal::not_found("Resource not found"));
        }
        Ok(Output::Done)
    }

    fn app_to_change(&mut self, account: &AccountId, region: &Region, id: &AppId) -> Result<&mut App, Refusal> {
        has_pinpoint(region)?;
        let app = self.known_mut(account)?.apps.get_mut(&(region.clone(), id.clone()));
        app.ok_or_else(|| Refusal::not_found("Application not found"))
    }
}

/// Elsewhere there is no such host.
pub(crate) fn has_pinpoint(region: &Region) -> Result<(), Refusal> {
    if region.has_pinpoint() {
        return Ok(());
    }
    Err(Refusal::new(FailureKind::Connection, format!("no such host: pinpoint.{region}.amazonaws.com")))
}
