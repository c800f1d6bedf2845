//! What a run may touch, and that it touched nothing else.
use super::record::is_ours;
use super::{Trial, declared};
use crate::cloud::Snapshot;
use crate::world::{Command, World};
use pinpoint_streams_model::arn::{AppArn, RoleArn};
use pinpoint_streams_model::desired::AppIdentity;
use pinpoint_streams_model::live::LiveRole;
use pinpoint_streams_model::ownership::{PREFIX, Tags};
use pinpoint_streams_model::recorded::{Object, Recorded, Resource};
use pinpoint_streams_model::role_kind::RoleKind;
use pinpoint_streams_model::sweep::is_quarantine;
use std::collections::BTreeSet;

/// What was there before a run, and what of it the run may touch.
pub(super) struct Touchable {
    snapshot: Snapshot,
    roles: BTreeSet<RoleArn>,
    apps: BTreeSet<AppArn>,
    streams: BTreeSet<AppArn>,
}

impl Touchable {
    /// Nothing else is other than before.
    pub(super) fn nothing_else_changed(&self, world: &World) {
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

impl Trial {
    /// What a run may touch of what is there: what is recorded, begun, declared or tagged as ours.
    pub(super) async fn touchable(&self, command: &Command) -> Touchable {
        let recorded = self.world.recorded().await;
        let snapshot = self.world.cloud.snapshot();
        let (mut roles, mut apps, mut streams) = (BTreeSet::new(), BTreeSet::new(), BTreeSet::new());
        for Resource { account, object, .. } in recorded.resources.values() {
            match object {
                Object::Role(role) => drop(roles.insert(role.arn.clone())),
                Object::App(app) => drop(apps.insert(AppArn::of(account, &app.region, &app.id))),
                Object::EventStream(stream) => {
                    streams.insert(AppArn::of(account, &stream.region, &stream.app_id));
                }
            }
        }
        let is_marked = |tags: &Tags| is_ours(tags, &recorded);
        roles.extend(snapshot.roles.values().filter(|role| is_marked(&role.tags)).map(|role| role.arn.clone()));
        let marked = snapshot.apps.iter().filter(|(_, app)| app.tags.as_ref().is_some_and(is_marked));
        apps.extend(marked.map(|(arn, _)| arn.clone()));
        for pending in &recorded.pending {
            roles.extend(pending.op.role().cloned());
            let app = pending.op.app();
            streams.extend(app.clone());
            apps.extend(app);
        }
        for (key, role) in &self.world.desired.roles {
            roles.insert(declared(key, role));
        }
        for app in self.world.desired.apps.values() {
            match &app.identity {
                AppIdentity::Existing(id) => {
                    streams.insert(AppArn::of(&app.account, &app.region, id));
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
        if matches!(command, Command::Sweep(_)) {
            (apps, streams) = Default::default();
            roles = snapshot
                .roles
                .values()
                .filter(|role| is_left_behind(&recorded, &snapshot, role))
                .map(|role| role.arn.clone())
                .collect();
        }
        Touchable { snapshot, roles, apps, streams }
    }
}

/// Whether a sweep may touch it: it is not recorded, has no ownership tags, and no event stream uses it.
fn is_left_behind(recorded: &Recorded, snapshot: &Snapshot, role: &LiveRole) -> bool {
    let is_recorded = recorded
        .resources
        .values()
        .any(|one| matches!(&one.object, Object::Role(record) if record.arn == role.arn));
    let is_marked = role.tags.keys().any(|key| key.starts_with(PREFIX) && !is_quarantine(key));
    let is_used = snapshot.event_streams.values().any(|stream| stream.role_arn == role.arn.to_string());
    !is_recorded && !is_marked && !is_used && RoleKind::for_event_streams().is_the_only_trusted(&role.trust_policy)
}
