//! What holds after everything that happens: the record is true, nothing of ours is unknown to it, nothing foreign was
//! touched, and nothing is there twice.
use super::act::Run;
use super::world::World;
use pinpoint_streams_model::address::Address;
use pinpoint_streams_model::arn::{AppArn, RoleArn};
use pinpoint_streams_model::desired::AppIdentity;
use pinpoint_streams_model::ids::{AppId, RoleId, RoleKey};
use pinpoint_streams_model::live::{LiveApp, LiveRole};
use pinpoint_streams_model::ownership::{ADDRESS, LINEAGE, Origin, PREFIX, Tags, WORKSPACE};
use pinpoint_streams_model::policy::same_meaning;
use pinpoint_streams_model::recorded::{Object, Recorded, Resource, RoleRecord};
use pinpoint_streams_model::role_kind::RoleKind;
use pinpoint_streams_model::sweep::is_quarantine;
use pinpoint_streams_store::state::State;
use pinpoint_streams_testkit::cloud::Snapshot;
use std::collections::BTreeSet;

/// What another hand did, as far as it matters to what the record can know.
#[derive(Debug, Default)]
pub(super) struct Hearsay {
    /// Roles and apps that it touched since the last plan that found nothing to do, by ARN.
    pub(super) touched: BTreeSet<String>,
    /// Roles that it made.
    pub(super) roles: BTreeSet<RoleId>,
    /// Apps that it made.
    pub(super) apps: BTreeSet<AppId>,
    /// Roles and apps that bear our tags though the record may not know them: another hand made them so, or the
    /// record lost them.
    pub(super) stray: BTreeSet<String>,
}

impl World {
    /// Holds the record against life.
    pub(super) async fn is_true(&self, hearsay: &Hearsay) -> Recorded {
        let recorded = self.recorded().await;
        if let Some(state) = self.memory.state.now() {
            let text = state.to_json().unwrap();
            let again = State::from_json("memory", &text, &self.desired.workspace);
            assert!(again.is_ok_and(|again| again == state), "a state that cannot be read back");
        }
        let snapshot = self.cloud.snapshot();
        for (address, resource) in &recorded.resources {
            let lie = lie(&recorded, &snapshot, hearsay, resource);
            assert!(
                lie.is_none(),
                "{address}: {}\n{resource:#?}\n{:#?}",
                lie.unwrap_or_default(),
                recorded.pending
            );
        }
        nothing_is_unknown(&self.desired.workspace.to_string(), &recorded, &snapshot, hearsay);
        recorded
    }

    /// What the record let go of is nobody's in particular: taken over again it counts as found there.
    pub(super) async fn lets_go(&self, hearsay: &mut Hearsay) {
        let (recorded, snapshot) = (self.recorded().await, self.cloud.snapshot());
        let is_recorded =
            |is_it: &dyn Fn(&Object) -> bool| recorded.resources.values().any(|resource| is_it(&resource.object));
        for role in snapshot.roles.values().filter(|role| !role.tags.contains_key(WORKSPACE)) {
            if !is_recorded(&|object| matches!(object, Object::Role(record) if record.id == role.id)) {
                hearsay.roles.insert(role.id.clone());
            }
        }
        let untagged = |app: &&LiveApp| app.tags.as_ref().is_none_or(|tags| !tags.contains_key(WORKSPACE));
        for app in snapshot.apps.values().filter(untagged) {
            if !is_recorded(&|object| matches!(object, Object::App(record) if record.id == app.id)) {
                hearsay.apps.insert(app.id.clone());
            }
        }
    }

    /// What a run may touch of what is there: what is recorded, begun, declared or marked as ours.
    pub(super) async fn is_foreign(&self, run: &Run) -> Foreign {
        let recorded = self.recorded().await;
        let snapshot = self.cloud.snapshot();
        let (mut roles, mut apps, mut streams) = (BTreeSet::new(), BTreeSet::new(), BTreeSet::new());
        for Resource { account, object, .. } in recorded.resources.values() {
            match object {
                Object::Role(role) => drop(roles.insert(role.arn.clone())),
                Object::App(app) => {
                    let (region, id) = (app.region.clone(), app.id.clone());
                    apps.insert(AppArn { region, account: account.clone(), id });
                }
                Object::EventStream(stream) => {
                    let (region, id) = (stream.region.clone(), stream.app_id.clone());
                    streams.insert(AppArn { region, account: account.clone(), id });
                }
            }
        }
        let lineage = recorded.lineage.as_ref().map(|lineage| lineage.as_str());
        let is_marked = |tags: &Tags| lineage.is_some() && tags.get(LINEAGE).map(String::as_str) == lineage;
        roles.extend(snapshot.roles.values().filter(|role| is_marked(&role.tags)).map(|role| role.arn.clone()));
        let marked = snapshot.apps.iter().filter(|(_, app)| app.tags.as_ref().is_some_and(is_marked));
        apps.extend(marked.map(|(arn, _)| arn.clone()));
        for pending in &recorded.pending {
            roles.extend(pending.op.role().cloned());
            let app = pending.op.app();
            streams.extend(app.clone());
            apps.extend(app);
        }
        for (key, role) in &self.desired.roles {
            roles.insert(role.arn_under(key).unwrap());
        }
        for app in self.desired.apps.values() {
            match &app.identity {
                AppIdentity::Existing(id) => {
                    let (region, account) = (app.region.clone(), app.account.clone());
                    streams.insert(AppArn { region, account, id: id.clone() });
                }
                // Taken over by its name, or by its tags.
                AppIdentity::Owned { name, .. } => {
                    let named = snapshot.apps.iter().filter(|(arn, live)| {
                        live.name == *name && arn.account == app.account && arn.region == app.region
                    });
                    apps.extend(named.map(|(arn, _)| arn.clone()));
                }
            }
        }
        streams.extend(apps.iter().cloned());
        if matches!(run, Run::Sweep(_)) {
            (apps, streams) = Default::default();
            roles = snapshot
                .roles
                .values()
                .filter(|role| is_left_behind(&recorded, &snapshot, role))
                .map(|role| role.arn.clone())
                .collect();
        }
        Foreign { snapshot, roles, apps, streams }
    }
}

/// What was there before a run, and what of it the run may touch.
pub(super) struct Foreign {
    snapshot: Snapshot,
    roles: BTreeSet<RoleArn>,
    apps: BTreeSet<AppArn>,
    streams: BTreeSet<AppArn>,
}

impl Foreign {
    /// Nothing else is other than before.
    pub(super) fn is_untouched(&self, world: &World) {
        let after = world.cloud.snapshot();
        for (arn, role) in self.snapshot.roles.iter().filter(|(arn, _)| !self.roles.contains(arn)) {
            assert_eq!(after.roles.get(arn), Some(role), "a role that is not ours");
        }
        for (arn, app) in self.snapshot.apps.iter().filter(|(arn, _)| !self.apps.contains(arn)) {
            assert_eq!(after.apps.get(arn), Some(app), "an app that is not ours");
        }
        for (arn, _) in after.apps.iter().filter(|(arn, _)| !self.streams.contains(arn)) {
            if self.snapshot.apps.contains_key(arn) {
                let (before, after) = (self.snapshot.event_streams.get(arn), after.event_streams.get(arn));
                assert_eq!(after, before, "the event stream of {arn}, which is not ours");
            }
        }
    }
}

/// Whether a sweep may touch it: nobody records it, it bears no mark, nothing streams as it.
fn is_left_behind(recorded: &Recorded, snapshot: &Snapshot, role: &LiveRole) -> bool {
    let is_recorded = recorded
        .resources
        .values()
        .any(|one| matches!(&one.object, Object::Role(record) if record.arn == role.arn));
    let is_marked = role.tags.keys().any(|key| key.starts_with(PREFIX) && !is_quarantine(key));
    let is_used = snapshot.event_streams.values().any(|stream| stream.role_arn == role.arn.to_string());
    !is_recorded && !is_marked && !is_used && RoleKind::for_event_streams().is_the_only_trusted(&role.trust_policy)
}

/// What the record says that is not so.
fn lie(recorded: &Recorded, snapshot: &Snapshot, hearsay: &Hearsay, resource: &Resource) -> Option<String> {
    let Resource { account, origin, object, .. } = resource;
    match object {
        Object::Role(record) => {
            let is_pending = recorded.pending.iter().any(|pending| pending.op.role() == Some(&record.arn));
            if is_pending || hearsay.touched.contains(&record.arn.to_string()) {
                return None;
            }
            let Some(live) = snapshot.roles.get(&record.arn) else { return Some("it is not there".to_owned()) };
            let made_by_us = !hearsay.roles.contains(&live.id);
            let is_stray = hearsay.stray.contains(&record.arn.to_string());
            if !is_stray && made_by_us != (*origin == Origin::Created) {
                return Some("its origin is not so".to_owned());
            }
            role_lie(record, live)
        }
        Object::App(record) => {
            let arn = AppArn { region: record.region.clone(), account: account.clone(), id: record.id.clone() };
            let is_pending = recorded.pending.iter().any(|pending| pending.op.app().as_ref() == Some(&arn));
            if is_pending || hearsay.touched.contains(&arn.to_string()) {
                return None;
            }
            let Some(live) = snapshot.apps.get(&arn) else { return Some("it is not there".to_owned()) };
            let tags = live.tags.clone().unwrap_or_default();
            let made_by_us = !hearsay.apps.contains(&live.id);
            if !hearsay.stray.contains(&arn.to_string()) && made_by_us != (*origin == Origin::Created) {
                return Some("its origin is not so".to_owned());
            }
            let is_so = live.name == record.name && holds(&tags, &record.tags);
            (!is_so).then(|| format!("it is otherwise: {live:?}"))
        }
        Object::EventStream(record) => {
            let (region, id) = (record.region.clone(), record.app_id.clone());
            let arn = AppArn { region, account: account.clone(), id };
            let is_pending = recorded.pending.iter().any(|pending| pending.op.app().as_ref() == Some(&arn));
            if is_pending || hearsay.touched.contains(&arn.to_string()) {
                return None;
            }
            let Some(live) = snapshot.event_streams.get(&arn) else { return Some("it is not there".to_owned()) };
            let is_so =
                live.destination == record.destination.to_string() && live.role_arn == record.role_arn.to_string();
            (!is_so).then(|| format!("it is otherwise: {live:?}"))
        }
    }
}

fn role_lie(record: &RoleRecord, live: &LiveRole) -> Option<String> {
    let RoleRecord {
        arn,
        id,
        trust_policy,
        inline_policies,
        description,
        max_session_duration,
        permissions_boundary,
        tags,
    } = record;
    let policies_are_so = inline_policies
        .iter()
        .all(|(name, ours)| live.inline_policies.get(name).is_some_and(|live| same_meaning(live, ours)));
    let is_so = [
        ("arn", live.arn == *arn),
        ("id", live.id == *id),
        ("trust policy", same_meaning(&live.trust_policy, trust_policy)),
        ("inline policies", policies_are_so),
        ("description", live.description == *description),
        ("session duration", live.max_session_duration == *max_session_duration),
        ("boundary", live.permissions_boundary == *permissions_boundary),
        ("tags", holds(&live.tags, tags)),
    ];
    let other: Vec<&str> = is_so.iter().filter(|(_, is_so)| !is_so).map(|(what, _)| *what).collect();
    (!other.is_empty()).then(|| format!("it is otherwise in {}: {live:#?}", other.join(", ")))
}

fn holds(tags: &Tags, these: &Tags) -> bool {
    these.iter().all(|(key, value)| tags.get(key) == Some(value))
}

/// Whatever bears our marks is recorded, or a run began something with it that the next one looks into.
fn nothing_is_unknown(workspace: &str, recorded: &Recorded, snapshot: &Snapshot, hearsay: &Hearsay) {
    let lineage = recorded.lineage.as_ref().map(|lineage| lineage.as_str());
    let is_ours = |tags: &Tags| {
        tags.get(WORKSPACE).is_some_and(|tag| tag == workspace) && tags.get(LINEAGE).map(String::as_str) == lineage
    };
    for (arn, role) in snapshot.roles.iter().filter(|(_, role)| lineage.is_some() && is_ours(&role.tags)) {
        let is_it = |object: &Object| matches!(object, Object::Role(record) if record.id == role.id);
        let is_known = recorded.resources.values().any(|resource| is_it(&resource.object))
            || recorded.pending.iter().any(|pending| pending.op.role() == Some(arn))
            || hearsay.stray.contains(&arn.to_string());
        assert!(is_known, "{arn} is ours, and nobody knows: {:?}\n{recorded:#?}", role.tags);
    }
    let tagged = |app: &LiveApp| app.tags.clone().unwrap_or_default();
    for (arn, app) in snapshot.apps.iter().filter(|(_, app)| lineage.is_some() && is_ours(&tagged(app))) {
        let is_it = |object: &Object| matches!(object, Object::App(record) if record.id == app.id);
        let is_begun = recorded.pending.iter().any(|pending| {
            pending.op.app().as_ref() == Some(arn)
                || tagged(app).get(ADDRESS).is_some_and(|address| *address == pending.address.to_string())
        });
        let is_known = recorded.resources.values().any(|resource| is_it(&resource.object))
            || is_begun
            || hearsay.stray.contains(&arn.to_string());
        assert!(is_known, "{arn} is ours, and nobody knows: {app:?}\n{recorded:#?}");
    }
}

/// Where nothing is under way, each address has one role and one app, but for what the record lost.
pub(super) fn nothing_is_there_twice(world: &World, recorded: &Recorded, hearsay: &Hearsay) {
    let snapshot = world.cloud.snapshot();
    let lineage = recorded.lineage.as_ref().map(|lineage| lineage.as_str());
    let mut seen = BTreeSet::new();
    let is_known = |arn: String| !hearsay.stray.contains(&arn);
    let roles = snapshot.roles.iter().filter(|(arn, _)| is_known(arn.to_string()));
    let roles = roles.map(|(_, role)| role.tags.clone());
    let apps = snapshot.apps.iter().filter(|(arn, _)| is_known(arn.to_string()));
    let apps = apps.map(|(_, app)| app.tags.clone().unwrap_or_default());
    for tags in roles.chain(apps).filter(|tags| tags.get(LINEAGE).map(String::as_str) == lineage) {
        let address = tags.get(ADDRESS).cloned().unwrap_or_default();
        assert!(address.is_empty() || seen.insert(address.clone()), "{address} is there twice");
    }
}

/// The address of a role that a problem is about, as the ARN that it is declared with.
pub(super) fn declared_arn(world: &World, address: &Address) -> Option<RoleArn> {
    let Address::Role(key) = address else { return None };
    let role = world.desired.roles.get::<RoleKey>(key)?;
    role.arn_under(key).ok()
}
