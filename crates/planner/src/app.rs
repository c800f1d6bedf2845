//! Apps that this workspace creates and owns. They hold data and push credentials, so nothing here
//! deletes one without a word of its own, and one that is gone is never silently made anew.
use crate::context::Context;
use crate::differences::Differences;
use crate::draft::{Draft, Handle};
use crate::moves::{Prelude, change, forget};
use crate::tags;
use pinpoint_streams_model::address::{Address, Kind};
use pinpoint_streams_model::desired::{AppIdentity, DesiredApp};
use pinpoint_streams_model::ids::{AppId, AppKey};
use pinpoint_streams_model::live::{LiveApp, Read};
use pinpoint_streams_model::op::{CreateApp, DeleteApp, Op, SetProtect, Slot, TagApp, UntagApp, WriteRecord};
use pinpoint_streams_model::ownership::{self, Origin, Tags};
use pinpoint_streams_model::plan::{Action, Change, Mode, Reason};
use pinpoint_streams_model::problem::{Problem, ProblemCode};
use pinpoint_streams_model::recorded::{AppRecord, Object, Resource};
use std::collections::{BTreeMap, BTreeSet};

/// What other decisions need to know of the apps.
#[derive(Debug, Default)]
pub(crate) struct Apps {
    /// The id of each desired app, or the step that will know it. An app with a problem has none.
    pub(crate) ids: BTreeMap<AppKey, Slot<AppId>>,
    /// Apps that are to be deleted once nothing hangs on them.
    pub(crate) to_delete: Vec<(Address, Resource)>,
    created_by: BTreeMap<AppKey, Handle>,
}

impl Apps {
    /// The step that creates the app, if one does.
    pub(crate) fn created_by(&self, key: &AppKey) -> Option<Handle> {
        self.created_by.get(key).copied()
    }

    /// An app's id where it is known already.
    pub(crate) fn known_id(&self, key: &AppKey) -> Option<&AppId> {
        match self.ids.get(key) {
            Some(Slot::Known(id)) => Some(id),
            Some(Slot::After { .. }) | None => None,
        }
    }
}

/// Decides on every app.
pub(crate) fn decide(context: &Context<'_>, prelude: &Prelude, draft: &mut Draft) -> Apps {
    let mut apps = Apps::default();
    for (key, app) in &context.desired.apps {
        let address = Address::App(key.clone());
        match &app.identity {
            AppIdentity::Existing(id) => {
                apps.ids.insert(key.clone(), Slot::Known(id.clone()));
            }
            AppIdentity::Owned { name, tags } if context.mode == Mode::Converge => {
                let owned = OwnedApp { key, address: &address, app, name, tags };
                let covered = context.selection.covers(&address);
                if let Err(problem) = owned.decide(context, prelude, draft, &mut apps, covered) {
                    draft.problem(problem);
                }
            }
            AppIdentity::Owned { .. } => {}
        }
    }
    for (address, resource) in &context.recorded.resources {
        let (Address::App(key), Object::App(record)) = (address, &resource.object) else { continue };
        let wanted = context.wanted_app(key);
        if wanted.is_some_and(|app| matches!(app.identity, AppIdentity::Owned { .. })) {
            continue;
        }
        if context.selection.covers(address)
            && let Err(problem) = unwanted(context, draft, &mut apps, address, resource, record, wanted)
        {
            draft.problem(problem);
        }
    }
    apps
}

struct OwnedApp<'a> {
    key: &'a AppKey,
    address: &'a Address,
    app: &'a DesiredApp,
    name: &'a str,
    tags: &'a Tags,
}

impl OwnedApp<'_> {
    fn problem(&self, code: ProblemCode, message: String, hint: &str) -> Problem {
        Problem { code, address: Some(self.address.clone()), message, hint: Some(hint.to_owned()) }
    }

    fn decide(
        &self,
        context: &Context<'_>,
        prelude: &Prelude,
        draft: &mut Draft,
        apps: &mut Apps,
        covered: bool,
    ) -> Result<(), Problem> {
        if let Some(resource) = context.resource(self.address) {
            let Object::App(record) = &resource.object else { return Ok(()) };
            apps.ids.insert(self.key.clone(), Slot::Known(record.id.clone()));
            return if covered { self.recorded(context, prelude, draft, resource, record) } else { Ok(()) };
        }
        if !covered {
            return Ok(());
        }
        let all = context.apps(self.address, &self.app.account, &self.app.region)?;
        let candidates = self.candidates(context, all);
        match self.choose(context, draft, &candidates)? {
            Some((live, reason)) => {
                apps.ids.insert(self.key.clone(), Slot::Known(live.id.clone()));
                self.adopt(context, draft, live, reason);
            }
            None => {
                let step = self.create(context, prelude, draft);
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
        prelude: &Prelude,
        draft: &mut Draft,
        resource: &Resource,
        record: &AppRecord,
    ) -> Result<(), Problem> {
        if resource.account != self.app.account || record.region != self.app.region {
            let message = format!(
                "it is in {}/{} and cannot move to {}/{}",
                resource.account, record.region, self.app.account, self.app.region
            );
            let hint = "give the new app a key of its own, or [[forget]] this one";
            return Err(self.problem(ProblemCode::Immutable, message, hint));
        }
        if record.name != self.name {
            let message =
                format!("its name is `{}`, and Pinpoint has no way to make it `{}`", record.name, self.name);
            return Err(self.problem(ProblemCode::Immutable, message, "put the old name back into the manifest"));
        }
        let live = context.app(self.address, &resource.account, &record.region, &record.id)?;
        let Some(live) = live else {
            let message = format!("app {} is gone, and its data with it", record.id);
            let hint = format!("[[forget]] address = \"{}\" makes a new one", self.address);
            return Err(self.problem(ProblemCode::AppVanished, message, &hint));
        };
        let mut differences = Differences::default();
        let owner = context.owner(self.address, resource.origin);
        let live_tags = tags_of(context, self.app, live);
        let changes = tags::compare(&mut differences, self.tags, &owner, &live_tags, Some(&record.tags));
        let after: Vec<Handle> = prelude.after.get(self.address).copied().into_iter().collect();
        if !changes.set.is_empty() || changes.ownership {
            let tag = TagApp {
                account: resource.account.clone(),
                region: record.region.clone(),
                app_id: record.id.clone(),
                tags: changes.set,
                owner: changes.ownership.then_some(owner),
            };
            draft.step(self.address, after.clone(), Op::TagApp(tag));
        }
        if !changes.unset.is_empty() {
            let untag = UntagApp {
                account: resource.account.clone(),
                region: record.region.clone(),
                app_id: record.id.clone(),
                tag_keys: changes.unset,
            };
            draft.step(self.address, after.clone(), Op::UntagApp(untag));
        }
        protect(draft, self.address, resource, self.app.protect, after, &mut differences);
        settle_change(draft, self.address, resource, differences);
        Ok(())
    }

    /// Apps of the region that this may be: of its name, or bearing its address.
    fn candidates<'l>(
        &self,
        context: &Context<'_>,
        all: Option<&'l BTreeMap<AppId, LiveApp>>,
    ) -> Vec<(&'l LiveApp, Option<ownership::Ownership>)> {
        let address = self.address.to_string();
        all.into_iter()
            .flat_map(BTreeMap::values)
            .map(|live| (live, ownership::read(&tags_of(context, self.app, live))))
            .filter(|(live, owner)| {
                live.name == self.name
                    || owner.as_ref().is_some_and(|owner| {
                        owner.address.as_ref() == Some(&address)
                            && owner.workspace.as_deref() == Some(context.desired.workspace.as_str())
                    })
            })
            .collect()
    }

    /// Which existing app this is, if it is one.
    fn choose<'l>(
        &self,
        context: &Context<'_>,
        draft: &mut Draft,
        candidates: &[(&'l LiveApp, Option<ownership::Ownership>)],
    ) -> Result<Option<(&'l LiveApp, Reason)>, Problem> {
        let workspace = Some(context.desired.workspace.as_str());
        let address = self.address.to_string();
        let of_workspace = |owner: &Option<ownership::Ownership>| {
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
            return Err(self.problem(
                ProblemCode::StateLost,
                format!("app {} bears the tags of this workspace under another lineage, {lineage}", live.id),
                "put the state file of that lineage back, or take the pinpoint-streams tags off the app",
            ));
        }
        let unowned: Vec<&LiveApp> =
            candidates.iter().filter(|(_, owner)| owner.is_none()).map(|(live, _)| *live).collect();
        let adopt = self.app.adopt || context.options.adopt;
        match (adopt, unowned.as_slice()) {
            (true, [live]) => Ok(Some((live, Reason::AdoptionAsked))),
            (true, [_, _, ..]) => {
                let ids: Vec<&str> = unowned.iter().map(|live| live.id.as_str()).collect();
                Err(self.problem(
                    ProblemCode::Ambiguous,
                    format!("{} apps are named `{}`: {}", ids.len(), self.name, ids.join(", ")),
                    "give the id of the one that is meant in place of the name",
                ))
            }
            (false, [live, ..]) => {
                let message = format!(
                    "app {} is named `{}` too; `adopt = true` takes it over instead of making another",
                    live.id, self.name
                );
                draft.warn(self.address, message);
                Ok(None)
            }
            (_, []) => Ok(None),
        }
    }

    fn adopt(&self, context: &Context<'_>, draft: &mut Draft, live: &LiveApp, reason: Reason) {
        let live_tags = tags_of(context, self.app, live);
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
        let record =
            draft.step(self.address, [], Op::WriteRecord(WriteRecord { resource: Box::new(resource.clone()) }));
        let tag = TagApp {
            account: self.app.account.clone(),
            region: self.app.region.clone(),
            app_id: live.id.clone(),
            tags: changes.set,
            owner: Some(owner),
        };
        draft.step(self.address, [record], Op::TagApp(tag));
        draft.change(change(self.address, &resource, Action::Adopt, reason, differences.fields));
    }

    fn create(&self, context: &Context<'_>, prelude: &Prelude, draft: &mut Draft) -> Handle {
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
        let after: Vec<Handle> = prelude.after.get(self.address).copied().into_iter().collect();
        draft.step(self.address, after, Op::CreateApp(create))
    }
}

fn own((key, value): (&String, &String)) -> (String, String) {
    (key.clone(), value.clone())
}

/// An app's tags, from the listing or asked for by themselves.
pub(crate) fn tags_of(context: &Context<'_>, app: &DesiredApp, live: &LiveApp) -> Tags {
    let asked = || {
        let key = (app.account.clone(), app.region.clone(), live.id.clone());
        context.live.app_tags.get(&key).and_then(Read::present).cloned()
    };
    live.tags.clone().or_else(asked).unwrap_or_default()
}

/// Notes whether a resource's protection changes, and records it.
pub(crate) fn protect(
    draft: &mut Draft,
    address: &Address,
    resource: &Resource,
    wanted: bool,
    after: Vec<Handle>,
    differences: &mut Differences,
) {
    let field = crate::differences::Field {
        path: "protect",
        live: Some(resource.protect),
        wanted: Some(wanted),
        recorded: Some(Some(resource.protect)),
    };
    if differences.compare(field) {
        draft.step(address, after, Op::SetProtect(SetProtect { protect: wanted }));
    }
}

/// An update if anything differs, else one more that is kept.
pub(crate) fn settle_change(draft: &mut Draft, address: &Address, resource: &Resource, differences: Differences) {
    if !differences.is_empty() {
        let moved = draft.changes.get(address).map(|change| change.reason);
        let reason = moved.unwrap_or_else(|| differences.reason());
        draft.change(change(address, resource, Action::Update, reason, differences.fields));
    } else if !draft.changes.contains_key(address) {
        draft.keep += 1;
    }
}

/// Recorded and no longer wanted as an app of ours.
fn unwanted(
    context: &Context<'_>,
    draft: &mut Draft,
    apps: &mut Apps,
    address: &Address,
    resource: &Resource,
    record: &AppRecord,
    wanted: Option<&DesiredApp>,
) -> Result<(), Problem> {
    let problem = |code, message: String, hint: String| Problem {
        code,
        address: Some(address.clone()),
        message,
        hint: Some(hint),
    };
    let live = context.app(address, &resource.account, &record.region, &record.id)?;
    if let Some(AppIdentity::Existing(id)) = wanted.map(|app| &app.identity) {
        if *id != record.id {
            return Err(problem(
                ProblemCode::Immutable,
                format!("it is recorded as app {}, and now declared as app {id}", record.id),
                format!("[[forget]] address = \"{address}\" lets go of the old one"),
            ));
        }
        forget(context, draft, address, resource, Reason::ManifestChanged, Vec::new());
        return Ok(());
    }
    if live.is_none() {
        forget(context, draft, address, resource, Reason::Vanished, Vec::new());
        return Ok(());
    }
    if resource.origin == Origin::Adopted && !context.options.include_adopted {
        forget(context, draft, address, resource, context.reason_to_go(), Vec::new());
        return Ok(());
    }
    if resource.protect {
        return Err(problem(
            ProblemCode::Protected,
            "it is protected and would be deleted".to_owned(),
            "set `protect = false` on its app and apply that first".to_owned(),
        ));
    }
    if context.options.delete_apps {
        apps.to_delete.push((address.clone(), resource.clone()));
        return Ok(());
    }
    if context.mode == Mode::Destroy {
        draft.keep += 1;
        draft.warn(address, format!("app {} is kept with its data; --delete-apps deletes it", record.id));
        return Ok(());
    }
    let twin = context.desired.apps.iter().find(|(key, app)| {
        context.resource(&Address::App((*key).clone())).is_none()
            && app.region == record.region
            && matches!(&app.identity, AppIdentity::Owned { name, .. } if *name == record.name)
    });
    let hint = match (twin, address.key()) {
        (Some((to, _)), Some(from)) => {
            format!("if it was renamed, add [[moved]] with from = \"{from}\" and to = \"{to}\"")
        }
        _ => format!("[[forget]] address = \"{address}\" keeps it and lets go of it; --delete-apps deletes it"),
    };
    Err(problem(
        ProblemCode::AppDeletion,
        format!("its block is gone, and deleting app {} would delete its data", record.id),
        hint,
    ))
}

/// Deletes the apps that are to go, once nothing hangs on them. Their enabled channels are named.
pub(crate) fn delete_steps(
    context: &Context<'_>,
    draft: &mut Draft,
    to_delete: &[(Address, Resource)],
    after: impl Fn(&AppKey) -> Vec<Handle>,
) {
    for (address, resource) in to_delete {
        let (Address::App(key), Object::App(record)) = (address, &resource.object) else { continue };
        let question = (resource.account.clone(), record.region.clone(), record.id.clone());
        let note = match context.live.channels.get(&question) {
            Some(Read::Present(channels)) if channels.is_empty() => None,
            Some(Read::Present(channels)) => Some(format!("its enabled channels go too: {}", join(channels))),
            Some(Read::Absent) => None,
            Some(Read::Unreadable(why)) => Some(format!("its channels could not be read: {why}")),
            None => Some("its channels were not read".to_owned()),
        };
        let mut deletion = change(address, resource, Action::Delete, context.reason_to_go(), Vec::new());
        deletion.notes.push("its data and push credentials are deleted for good".to_owned());
        deletion.notes.extend(note);
        draft.change(deletion);
        let delete = DeleteApp {
            account: resource.account.clone(),
            region: record.region.clone(),
            app_id: record.id.clone(),
            name: record.name.clone(),
        };
        draft.step(address, after(key), Op::DeleteApp(delete));
    }
}

fn join(names: &BTreeSet<String>) -> String {
    names.iter().map(String::as_str).collect::<Vec<_>>().join(", ")
}
