//! Whether two worlds came out the same, but for ids and dates; and whether all that is gone is archived.
use crate::cloud::Snapshot;
use crate::world::World;
use pinpoint_streams_model::address::Address;
use pinpoint_streams_model::archive::Object as Archived;
use pinpoint_streams_model::ids::Lineage;
use pinpoint_streams_model::live::{LastUsed, LiveRole};
use pinpoint_streams_model::ownership::Origin;
use pinpoint_streams_model::recorded::Resource;
use pinpoint_streams_model::sweep::{QUARANTINED_AT, QUARANTINED_BY, QUARANTINED_ID};
use std::collections::BTreeSet;

/// What two worlds must have in common, line by line: all that is there and all that is recorded, but for ids, dates
/// and the names of runs; and, where it cannot be known, whether it was made or taken over.
pub async fn likeness(world: &World, is_ours_undecided: impl Fn(&Address) -> bool) -> BTreeSet<String> {
    let snapshot = world.cloud.snapshot();
    let mut recorded = world.recorded().await;
    recorded.resources.change_all(|address, resource| {
        if is_ours_undecided(address) {
            resource.origin = Origin::Adopted;
        }
    });
    let mut lines = BTreeSet::new();
    for (arn, role) in &snapshot.roles {
        let mut role = role.clone();
        role.created = None;
        role.last_used = LastUsed::NotRead;
        for key in [QUARANTINED_AT, QUARANTINED_BY, QUARANTINED_ID] {
            role.tags.entry(key.to_owned()).and_modify(|value| value.clear());
        }
        lines.insert(format!("{arn} is {role:?}"));
    }
    lines.extend(snapshot.apps.iter().map(|(arn, app)| format!("{arn} is {app:?}")));
    lines.extend(snapshot.event_streams.iter().map(|(arn, stream)| format!("{arn} streams as {stream:?}")));
    lines.extend(recorded.resources.iter().map(|(address, resource)| {
        format!(
            "{address} is recorded as {:?}",
            Resource { changed_at: jiff::Timestamp::UNIX_EPOCH, ..resource.clone() }
        )
    }));
    lines.insert(format!("accounts {:?}", recorded.accounts));
    without_ids(&snapshot, recorded.lineage.as_ref(), lines)
}

/// Ids are drawn anew in every world; what they stand for is the same.
fn without_ids(snapshot: &Snapshot, lineage: Option<&Lineage>, lines: BTreeSet<String>) -> BTreeSet<String> {
    let roles = snapshot.roles.iter().map(|(arn, role)| (role.id.to_string(), format!("<id of {}>", arn.name)));
    let apps =
        snapshot.apps.iter().map(|(arn, app)| (arn.id.to_string(), format!("<{} in {}>", app.name, arn.region)));
    let lineage = lineage.map(|lineage| (lineage.to_string(), "<lineage>".to_owned()));
    let ids: Vec<_> = roles.chain(apps).chain(lineage).collect();
    let replaced = |line: String| ids.iter().fold(line, |line, (id, name)| line.replace(id, name));
    lines.into_iter().map(replaced).collect()
}

/// What `before` had and this world has no more, or not whole, without an archive of it.
pub fn unarchived(before: &Snapshot, to_go: &BTreeSet<String>, world: &World) -> Vec<String> {
    let now = world.cloud.snapshot();
    let archived: Vec<Archived> = world.memory.archive.entries().into_iter().map(|entry| entry.object).collect();
    let mut missing = Vec::new();
    for (arn, role) in before.roles.iter().filter(|(arn, _)| to_go.contains(&arn.to_string())) {
        let is_whole = now.roles.get(arn).is_some_and(|now| hung(now) == hung(role));
        let is_it =
            |one: &Archived| matches!(one, Archived::Role(kept) if kept.id == role.id && hung(kept) == hung(role));
        if !is_whole && !archived.iter().any(is_it) {
            missing.push(arn.to_string());
        }
    }
    for (arn, app) in &before.apps {
        let is_it =
            |one: &Archived| matches!(one, Archived::App(kept) if kept.app_id == app.id && kept.tags == app.tags);
        if !now.apps.contains_key(arn) && !archived.iter().any(is_it) {
            missing.push(arn.to_string());
        }
    }
    for (arn, stream) in before.event_streams.iter().filter(|(arn, _)| !now.event_streams.contains_key(arn)) {
        let is_it = |one: &Archived| matches!(one, Archived::EventStream(kept) if kept.app_id == arn.id && kept.event_stream == *stream);
        if !archived.iter().any(is_it) {
            missing.push(format!("the event stream of {arn}"));
        }
    }
    missing
}

/// What a role is and what hangs on it: what a delete takes away piece by piece.
fn hung(role: &LiveRole) -> impl PartialEq {
    let LiveRole { trust_policy, inline_policies, attached_policies, instance_profiles, .. } = role.clone();
    (trust_policy, inline_policies, attached_policies, instance_profiles)
}
