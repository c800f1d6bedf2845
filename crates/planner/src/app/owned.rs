//! An app that the manifest names and this workspace owns.
use super::Apps;
use crate::change::{change, protect, record_change, refuse_owned_elsewhere, settle_change};
use crate::context::{Context, lost_lineage};
use crate::differences::{Differences, compare_tags, refreshed_tags, wanted_tags};
use crate::draft::{Draft, Handle};
use pinpoint_streams_model::ownership::Ownership;
use pinpoint_streams_model::{
    Action, Address, AppId, AppKey, AppOp, AppRecord, Change, CreateApp, DesiredApp, Fact, LiveApp, Object,
    Origin, Problem, ProblemCode, Reason, RecordOp, Resource, Slot, Tags, ownership,
};
use std::collections::BTreeMap;

pub(super) struct OwnedApp<'a> {
    pub(super) key: &'a AppKey,
    pub(super) address: &'a Address,
    pub(super) app: &'a DesiredApp,
    pub(super) name: &'a str,
    pub(super) tags: &'a Tags,
}

impl OwnedApp<'_> {
    pub(super) fn problem(&self, code: ProblemCode, message: String, hint: &str) -> Problem {
        Problem::new(code, message, hint).at(self.address)
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
            let hint = "give the new app a key of its own; the old one is then forgotten or deleted";
            return Err(self.problem(ProblemCode::Immutable, message, hint));
        }
        if record.name != self.name {
            let message =
                format!("its name is `{}`, and Pinpoint cannot rename it to `{}`", record.name, self.name);
            let hint = "restore the old name in the manifest, or give the new app a key of its own";
            return Err(self.problem(ProblemCode::Immutable, message, hint));
        }
        let Some(live) = context.app(self.address, &record.arn(&resource.account))? else {
            let message = format!("app {} no longer exists, and its data is lost", record.id);
            let hint = format!("[[forget]] address = \"{}\" creates a new one", self.address);
            return Err(self.problem(ProblemCode::AppMissing, message, &hint));
        };
        let mut differences = Differences::default();
        let owner = context.owner(self.address, resource.origin);
        let live_tags = self.tags_of(context, live)?;
        refuse_owned_elsewhere(context, self.address, &live_tags)?;
        let wanted_tags = wanted_tags(self.tags, &owner);
        let changes = compare_tags(&mut differences, &wanted_tags, &live_tags, Some(&record.tags));
        let refreshed = refreshed_tags(&wanted_tags, &live_tags, &record.tags);
        let is_stale = refreshed != record.tags;
        let mut after = Vec::new();
        if is_stale {
            let again = Object::App(AppRecord { tags: refreshed, ..record.clone() });
            let write = RecordOp::write(Resource { object: again, ..resource.clone() });
            after.push(draft.step(self.address, after.clone(), write));
        }
        let app = self.app.arn(&record.id);
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
        let mut ours = live_tags.clone();
        ours.retain(|key, _| self.tags.contains_key(key));
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
                tags: ours,
            }),
        };
        let mut differences = Differences::default();
        let owner = context.owner(self.address, origin);
        let changes = compare_tags(&mut differences, &wanted_tags(self.tags, &owner), &live_tags, None);
        let record = draft.step(self.address, [], RecordOp::write(resource.clone()));
        draft.step(self.address, [record], AppOp::tag(&self.app.arn(&live.id), changes.set, Some(owner)));
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
        let place = (&self.app.account, Some(&self.app.region));
        let change = Change::new(self.address.clone(), place, Action::Create, Reason::New);
        draft.change(change.with(create.fields()));
        draft.step(self.address, [], AppOp::Create(create))
    }

    /// Apps of the region that this may be: of its name, or with its address in their tags. What is recorded under
    /// another key is that.
    pub(super) fn candidates<'l>(
        &self,
        context: &Context<'_>,
        all: Option<&'l BTreeMap<AppId, LiveApp>>,
    ) -> Result<Vec<(&'l LiveApp, Option<Ownership>)>, Problem> {
        let address = self.address.to_string();
        let is_recorded = |live: &LiveApp| context.recorded.resources.app(&self.app.arn(&live.id)).is_some();
        let mut candidates = Vec::new();
        for live in all.into_iter().flat_map(BTreeMap::values) {
            let is_named_so = live.name == self.name;
            if live.tags.is_none() && !is_named_so {
                continue;
            }
            let owner = ownership::read(&self.tags_of(context, live)?);
            let bears_the_address = owner.as_ref().is_some_and(|owner| {
                owner.address.as_ref() == Some(&address)
                    && owner.workspace.as_deref() == Some(context.desired.workspace.as_str())
            });
            if (is_named_so || bears_the_address) && !is_recorded(live) {
                candidates.push((live, owner));
            }
        }
        Ok(candidates)
    }

    pub(super) fn tags_of(&self, context: &Context<'_>, live: &LiveApp) -> Result<Tags, Problem> {
        context.tags_of(self.address, &self.app.place(), live)
    }

    /// Which existing app this is, if it is one.
    pub(super) fn choose<'l>(
        &self,
        context: &Context<'_>,
        draft: &mut Draft,
        candidates: &[(&'l LiveApp, Option<Ownership>)],
    ) -> Result<Option<(&'l LiveApp, Reason)>, Problem> {
        let workspace = Some(context.desired.workspace.as_str());
        let address = self.address.to_string();
        let of_workspace = |owner: &Option<Ownership>| {
            owner.as_ref().filter(|owner| owner.workspace.as_deref() == workspace).cloned()
        };
        for (live, owner) in candidates {
            let Some(owner) = of_workspace(owner) else { continue };
            if owner.address.as_deref() != Some(&address) {
                continue;
            }
            if context.lineage().is_some_and(|lineage| owner.lineage.as_deref() == Some(lineage.as_str())) {
                return Ok(Some((live, Reason::LostRecord)));
            }
            let lineage = owner.lineage.unwrap_or_else(|| "unknown".to_owned());
            let hint = lost_lineage(context, &lineage, "app");
            let message =
                format!("app {} has the tags of this workspace under another lineage, {lineage}", live.id);
            return Err(self.problem(ProblemCode::StateLost, message, &hint));
        }
        let unowned: Vec<&LiveApp> =
            candidates.iter().filter(|(_, owner)| owner.is_none()).map(|(live, _)| *live).collect();
        let adopt = self.app.adopt || context.options.adopt;
        match (adopt, unowned.as_slice()) {
            (true, [live]) => Ok(Some((live, Reason::AdoptionAsked))),
            (true, [_, _, ..]) => {
                let ids: Vec<&str> = unowned.iter().map(|live| live.id.as_str()).collect();
                let message = format!("{} apps are named `{}`: {}", ids.len(), self.name, ids.join(", "));
                let hint = "give the id of the intended app instead of the name";
                Err(self.problem(ProblemCode::Ambiguous, message, hint))
            }
            (false, [live, ..]) => {
                draft.warn(self.address, Fact::SameName { app: live.id.clone(), name: self.name.to_owned() });
                Ok(None)
            }
            (_, []) => Ok(None),
        }
    }
}
