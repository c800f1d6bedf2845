//! An app that the manifest names and this workspace owns.
use super::Apps;
use crate::change::{change, record_change, settle_change};
use crate::context::Context;
use crate::differences::Differences;
use crate::draft::{Draft, Handle};
use crate::protection::protect;
use crate::tags;
use pinpoint_streams_model::address::{Address, Kind};
use pinpoint_streams_model::arn::AppArn;
use pinpoint_streams_model::desired::DesiredApp;
use pinpoint_streams_model::ids::{AppId, AppKey};
use pinpoint_streams_model::live::LiveApp;
use pinpoint_streams_model::op::{AppOp, CreateApp, RecordOp, Slot};
use pinpoint_streams_model::ownership::{self, Origin, Tags};
use pinpoint_streams_model::plan::{Action, Change, Reason};
use pinpoint_streams_model::problem::{Problem, ProblemCode};
use pinpoint_streams_model::recorded::{AppRecord, Object, Resource};

pub(super) struct OwnedApp<'a> {
    pub(super) key: &'a AppKey,
    pub(super) address: &'a Address,
    pub(super) app: &'a DesiredApp,
    pub(super) name: &'a str,
    pub(super) tags: &'a Tags,
}

impl OwnedApp<'_> {
    pub(super) fn problem(&self, code: ProblemCode, message: String, hint: &str) -> Problem {
        Problem { code, address: Some(self.address.clone()), message, hint: Some(hint.to_owned()) }
    }

    /// The app with this id, in the account and region that are declared.
    fn arn_of(&self, id: &AppId) -> AppArn {
        AppArn { account: self.app.account.clone(), region: self.app.region.clone(), id: id.clone() }
    }

    pub(super) fn decide(
        &self,
        context: &Context<'_>,
        draft: &mut Draft,
        apps: &mut Apps,
        covered: bool,
    ) -> Result<(), Problem> {
        if let Some(resource) = context.resource(self.address) {
            let Object::App(record) = &resource.object else { return Ok(()) };
            apps.ids.insert(self.key.clone(), Slot::Known(record.id.clone()));
            return if covered { self.recorded(context, draft, resource, record) } else { Ok(()) };
        }
        if !covered {
            return Ok(());
        }
        let all = context.apps(self.address, &self.app.place())?;
        let candidates = self.candidates(context, all)?;
        match self.choose(context, draft, &candidates)? {
            Some((live, reason)) => {
                apps.ids.insert(self.key.clone(), Slot::Known(live.id.clone()));
                self.adopt(context, draft, live, reason)?;
            }
            None => {
                let step = self.create(context, draft);
                apps.ids.insert(self.key.clone(), Slot::After { after_step: step.id() });
                apps.created_by.insert(self.key.clone(), step);
            }
        }
        Ok(())
    }

    /// Recorded: it stays, is brought up to date, or is a problem.
    fn recorded(
        &self,
        context: &Context<'_>,
        draft: &mut Draft,
        resource: &Resource,
        record: &AppRecord,
    ) -> Result<(), Problem> {
        if resource.account != self.app.account || record.region != self.app.region {
            let message = format!(
                "it is in {}/{} and cannot move to {}/{}",
                resource.account, record.region, self.app.account, self.app.region
            );
            let hint =
                "give the new app a key of its own; what was made under this one is then forgotten or deleted";
            return Err(self.problem(ProblemCode::Immutable, message, hint));
        }
        if record.name != self.name {
            let message =
                format!("its name is `{}`, and Pinpoint has no way to make it `{}`", record.name, self.name);
            return Err(self.problem(
                ProblemCode::Immutable,
                message,
                "put the old name back into the manifest, or give the new app a key of its own",
            ));
        }
        let live = context.app(self.address, &record.arn(&resource.account))?;
        let Some(live) = live else {
            let message = format!("app {} is gone, and its data with it", record.id);
            let hint = format!("[[forget]] address = \"{}\" makes a new one", self.address);
            return Err(self.problem(ProblemCode::AppMissing, message, &hint));
        };
        let mut differences = Differences::default();
        let owner = context.owner(self.address, resource.origin);
        let live_tags = self.tags_of(context, live)?;
        let changes = tags::compare(&mut differences, self.tags, &owner, &live_tags, Some(&record.tags));
        let after: Vec<Handle> = draft.first(self.address).into_iter().collect();
        let told = tags::told_again(self.tags, &owner, &live_tags, &record.tags);
        let is_stale = told != record.tags;
        let mut after = after;
        if is_stale {
            let again = Object::App(AppRecord { tags: told, ..record.clone() });
            let write = RecordOp::write(Resource { object: again, ..resource.clone() });
            after.push(draft.step(self.address, after.clone(), write));
        }
        let app = self.arn_of(&record.id);
        if !changes.set.is_empty() || changes.ownership {
            let tag = AppOp::tag(&app, changes.set, changes.ownership.then_some(owner));
            draft.step(self.address, after.clone(), tag);
        }
        if !changes.unset.is_empty() {
            draft.step(self.address, after.clone(), AppOp::untag(&app, changes.unset));
        }
        protect(draft, self.address, resource, self.app.protect, after, &mut differences);
        settle_change(draft, self.address, resource, differences);
        if is_stale {
            record_change(draft, self.address, resource);
        }
        Ok(())
    }

    fn adopt(
        &self,
        context: &Context<'_>,
        draft: &mut Draft,
        live: &LiveApp,
        reason: Reason,
    ) -> Result<(), Problem> {
        let live_tags = self.tags_of(context, live)?;
        let origin = match reason {
            Reason::LostRecord => ownership::read(&live_tags).map_or(Origin::Adopted, |owner| owner.origin),
            _ => Origin::Adopted,
        };
        let resource = Resource {
            account: self.app.account.clone(),
            origin,
            protect: self.app.protect,
            named_under: self.key.to_string(),
            changed_at: jiff::Timestamp::UNIX_EPOCH,
            object: Object::App(AppRecord {
                region: self.app.region.clone(),
                id: live.id.clone(),
                name: live.name.clone(),
                tags: live_tags.iter().filter(|(key, _)| self.tags.contains_key(*key)).map(own).collect(),
            }),
        };
        let mut differences = Differences::default();
        let owner = context.owner(self.address, origin);
        let changes = tags::compare(&mut differences, self.tags, &owner, &live_tags, None);
        let record = draft.step(self.address, [], RecordOp::write(resource.clone()));
        draft.step(self.address, [record], AppOp::tag(&self.arn_of(&live.id), changes.set, Some(owner)));
        draft.change(change(self.address, &resource, Action::Adopt, reason, differences.fields));
        Ok(())
    }

    fn create(&self, context: &Context<'_>, draft: &mut Draft) -> Handle {
        let create = CreateApp {
            account: self.app.account.clone(),
            region: self.app.region.clone(),
            name: self.name.to_owned(),
            tags: self.tags.clone(),
            owner: context.owner(self.address, Origin::Created),
            protect: self.app.protect,
        };
        draft.change(Change {
            address: self.address.clone(),
            kind: Kind::App,
            account: self.app.account.clone(),
            region: Some(self.app.region.clone()),
            action: Action::Create,
            reason: Reason::New,
            fields: Vec::new(),
            notes: Vec::new(),
        });
        let after: Vec<Handle> = draft.first(self.address).into_iter().collect();
        draft.step(self.address, after, AppOp::Create(create))
    }
}

fn own((key, value): (&String, &String)) -> (String, String) {
    (key.clone(), value.clone())
}
