//! The record against the accounts.
use super::{Outside, Trial, knows_app, knows_role};
use crate::cloud::Snapshot;
use crate::holds;
use crate::world::World;
use pinpoint_streams_model::arn::AppArn;
use pinpoint_streams_model::ids::AppId;
use pinpoint_streams_model::live::LiveRole;
use pinpoint_streams_model::op::{Op, Resolved};
use pinpoint_streams_model::ownership::{self, ADDRESS, LINEAGE, Origin, Ownership, Tags, WORKSPACE};
use pinpoint_streams_model::policy::same_meaning;
use pinpoint_streams_model::recorded::{Object, Recorded, Resource, RoleRecord};
use pinpoint_streams_model::region::Region;
use pinpoint_streams_store::state::State;
use std::collections::BTreeSet;

impl Trial {
    pub async fn record_is_true(&self) -> Recorded {
        let recorded = self.world.recorded().await;
        if let Some(state) = self.world.memory.state.now() {
            let again =
                state.to_json().map(|text| State::from_json("memory", &text, &self.world.desired.workspace));
            assert!(matches!(again, Ok(Ok(again)) if again == state), "a state that cannot be read back");
        }
        let wrong = wrong(&self.world, &self.outside, &recorded);
        assert!(wrong.is_empty(), "{wrong:#?}\n{recorded:#?}");
        recorded
    }
}

/// What is wrong once nothing is under way any more.
pub async fn at_rest(world: &World, outside: &Outside) -> Vec<String> {
    let (snapshot, recorded) = (world.cloud.snapshot(), world.recorded().await);
    let pending = recorded.pending.iter();
    let mut found: Vec<String> =
        pending.map(|pending| format!("{} is pending for {}", pending.op.name(), pending.address)).collect();
    found.extend(wrong(world, outside, &recorded));
    let tags_of = |resource: &Resource| match &resource.object {
        Object::Role(role) => snapshot.roles.get(&role.arn).map(|live| live.tags.clone()),
        Object::App(app) => snapshot.apps.get(&app_arn(resource, &app.region, &app.id))?.tags.clone(),
        Object::EventStream(_) => None,
    };
    for (address, resource) in &recorded.resources {
        let Some(tags) = tags_of(resource) else { continue };
        let is_so = ownership::read(&tags).is_some_and(|Ownership { address: named, origin, lineage, .. }| {
            named == Some(address.to_string())
                && origin == resource.origin
                && lineage.as_deref() == recorded.lineage.as_ref().map(|ours| ours.as_str())
        });
        if !is_so {
            found.push(format!("{address} is {:?} by the record, and not by its tags: {tags:?}", resource.origin));
        }
    }
    found.extend(there_twice(&snapshot, &recorded, outside));
    found
}

/// Addresses with more than one role or more than one app, but for what the record lost.
fn there_twice(snapshot: &Snapshot, recorded: &Recorded, outside: &Outside) -> Vec<String> {
    let ours = tagged(snapshot).filter(|(arn, tags)| is_ours(tags, recorded) && !outside.stray.contains(arn));
    let addresses = ours.filter_map(|(_, tags)| tags.get(ADDRESS).cloned());
    let mut seen = BTreeSet::new();
    addresses.filter(|address| !seen.insert(address.clone())).map(|address| format!("{address} twice")).collect()
}

fn tagged(snapshot: &Snapshot) -> impl Iterator<Item = (String, &Tags)> {
    let roles = snapshot.roles.iter().map(|(arn, role)| (arn.to_string(), &role.tags));
    roles.chain(snapshot.apps.iter().filter_map(|(arn, app)| Some((arn.to_string(), app.tags.as_ref()?))))
}

pub(super) fn is_ours(tags: &Tags, recorded: &Recorded) -> bool {
    recorded.lineage.as_ref().is_some_and(|lineage| tags.get(LINEAGE).is_some_and(|tag| tag == lineage.as_str()))
}

/// What a record says that is not so, and what it does not know of.
pub(super) fn wrong(world: &World, outside: &Outside, recorded: &Recorded) -> Vec<String> {
    let snapshot = world.cloud.snapshot();
    let mut found = unknown(world.desired.workspace.as_str(), recorded, &snapshot, outside);
    for (address, resource) in &recorded.resources {
        if let Some(lie) = lie(recorded, &snapshot, outside, resource) {
            found.push(format!("{address}: {lie}\n{resource:#?}"));
        }
    }
    found
}

/// What the record says of a resource that is not so.
fn lie(recorded: &Recorded, snapshot: &Snapshot, outside: &Outside, resource: &Resource) -> Option<String> {
    let Resource { origin, object, .. } = resource;
    let arn = match object {
        Object::Role(record) => record.arn.to_string(),
        Object::App(record) => app_arn(resource, &record.region, &record.id).to_string(),
        Object::EventStream(record) => app_arn(resource, &record.region, &record.app_id).to_string(),
    };
    let is_left_open = recorded.pending.iter().any(|pending| is_about(&pending.op, &arn));
    if is_left_open || outside.touched.contains(&arn) {
        return None;
    }
    let missing = || Some("it is not there".to_owned());
    let is_of_another_origin =
        |was_there: bool| !outside.stray.contains(&arn) && was_there == (*origin == Origin::Created);
    match object {
        Object::Role(record) => {
            let Some(live) = snapshot.roles.get(&record.arn) else { return missing() };
            if is_of_another_origin(outside.roles.contains(&live.id)) {
                return Some("its origin is another".to_owned());
            }
            role_lie(record, live)
        }
        Object::App(record) => {
            let Some(live) = snapshot.apps.get(&app_arn(resource, &record.region, &record.id)) else {
                return missing();
            };
            if is_of_another_origin(outside.apps.contains(&live.id)) {
                return Some("its origin is another".to_owned());
            }
            let tags = live.tags.clone().unwrap_or_default();
            let is_so = live.name == record.name && holds(&tags, &record.tags);
            (!is_so).then(|| format!("it is otherwise: {live:?}"))
        }
        Object::EventStream(record) => {
            let live = snapshot.event_streams.get(&app_arn(resource, &record.region, &record.app_id));
            let Some(live) = live else { return missing() };
            let is_so =
                live.destination == record.destination.to_string() && live.role_arn == record.role_arn.to_string();
            (!is_so).then(|| format!("it is otherwise: {live:?}"))
        }
    }
}

/// Whether an operation is about the role or app of this ARN.
fn is_about(op: &Op<Resolved>, arn: &str) -> bool {
    let is_it = |it: Option<String>| it.is_some_and(|it| it == arn);
    is_it(op.role().map(ToString::to_string)) || is_it(op.app().map(|app| app.to_string()))
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

/// What bears our tags and is neither recorded nor begun by a run, so that the next one would look into it.
fn unknown(workspace: &str, recorded: &Recorded, snapshot: &Snapshot, outside: &Outside) -> Vec<String> {
    // Without the address, which someone may have taken off, it is not known whose it is.
    let is_of_workspace =
        |tags: &Tags| tags.get(WORKSPACE).is_some_and(|tag| tag == workspace) && tags.contains_key(ADDRESS);
    let ours = tagged(snapshot)
        .filter(|(arn, tags)| is_ours(tags, recorded) && is_of_workspace(tags) && !outside.stray.contains(arn));
    let unknown = ours.filter(|(arn, tags)| {
        let is_role = snapshot.roles.iter().find(|(role, _)| role.to_string() == *arn);
        let is_app = snapshot.apps.iter().find(|(app, _)| app.to_string() == *arn);
        let is_recorded = is_role.is_some_and(|(_, role)| knows_role(recorded, &role.id))
            || is_app.is_some_and(|(_, app)| knows_app(recorded, &app.id));
        // An app that was created is not known by its ARN yet.
        let is_begun = recorded.pending.iter().any(|pending| {
            is_about(&pending.op, arn)
                || is_app.is_some() && tags.get(ADDRESS).is_some_and(|tag| *tag == pending.address.to_string())
        });
        !is_recorded && !is_begun
    });
    unknown.map(|(arn, tags)| format!("{arn} is ours, and not recorded: {tags:?}")).collect()
}

fn app_arn(resource: &Resource, region: &Region, id: &AppId) -> AppArn {
    AppArn::of(&resource.account, region, id)
}
