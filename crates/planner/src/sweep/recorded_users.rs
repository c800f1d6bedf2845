//! The event streams that AWS Config and CloudTrail know, by the role that each names.
use super::api_fact;
use super::kept::Origins;
use super::named_roles::NamedRoles;
use jiff::Timestamp;
use pinpoint_streams_model::live::history::{ConfigItem, EventStreamChange, EventStreamChangeKind};
use pinpoint_streams_model::{AccountRegion, AppArn, AppId, Evidence, Fact, Live, Question, Read, RoleArn};
use std::collections::{BTreeMap, BTreeSet};

/// The event streams that, by AWS Config or CloudTrail, name a role, and that nothing newer contradicts.
#[derive(Debug, Default)]
pub(super) struct RecordedUsers<'a> {
    users: BTreeMap<RoleArn, BTreeSet<Evidence>>,
    /// The latest change of each app's event stream.
    pub(super) changes: BTreeMap<AppArn, &'a EventStreamChange>,
}

impl<'a> RecordedUsers<'a> {
    pub(super) fn of(
        live: &'a Live,
        controls: &BTreeMap<AccountRegion, &AppId>,
        origins: &Origins,
        named: &mut NamedRoles<'a>,
    ) -> RecordedUsers<'a> {
        let seen_after = |app: &AppArn, at: Timestamp| is_seen_in_pinpoint(live, controls, origins, app, at);
        let mut changes: BTreeMap<AppArn, &EventStreamChange> = BTreeMap::new();
        for (place, read) in &live.event_stream_changes {
            for change in read.present().into_iter().flatten() {
                let app = AppArn::of(&place.account, &place.region, &change.app);
                // They are in order of time, which has whole seconds: a deletion may have come before the other.
                let may_precede = |known: &&EventStreamChange| {
                    let is_put = matches!(known.change, EventStreamChangeKind::Put { .. });
                    is_put && known.at == change.at && change.change == EventStreamChangeKind::Deleted
                };
                if !changes.get(&app).is_some_and(may_precede) {
                    changes.insert(app, change);
                }
            }
        }
        let mut users: BTreeMap<RoleArn, BTreeSet<Evidence>> = BTreeMap::new();
        let mut add = |app: &AppArn, role_arn: &'a str, call: &'static str, fact: Fact| {
            if let Some(role) = named.add(app, role_arn, call) {
                users.entry(role).or_default().insert(api_fact(call, fact));
            }
        };
        let in_region = live.config_event_streams.values().filter_map(Read::present);
        let in_region = in_region.map(|held| ("SelectResourceConfig", held));
        let aggregated = live.aggregated_event_streams.values().filter_map(Read::present);
        let aggregated = aggregated.map(|held| ("SelectAggregateResourceConfig", &held.0));
        for (call, held) in in_region.chain(aggregated) {
            for (app, stream) in held {
                let captured = stream.captured;
                let is_stale = seen_after(app, captured)
                    || deleted_in_config(live, app).is_some_and(|deleted| deleted >= captured)
                    || changes.get(app).is_some_and(|change| change.at > captured);
                if !is_stale {
                    add(app, &stream.role_arn, call, Fact::NamedInConfig { app: app.clone(), captured });
                }
            }
        }
        for (app, change) in &changes {
            let EventStreamChangeKind::Put { role_arn } = &change.change else { continue };
            let is_stale = seen_after(app, change.at)
                || deleted_in_config(live, app).is_some_and(|deleted| deleted >= change.at);
            if !is_stale {
                let fact = Fact::NamedInCloudTrail { app: app.clone(), at: change.at };
                add(app, role_arn, "LookupEvents", fact);
            }
        }
        RecordedUsers { users, changes }
    }

    pub(super) fn of_role(&self, role: &RoleArn) -> impl Iterator<Item = &Evidence> {
        self.users.get(role).into_iter().flatten()
    }
}

/// Whether Pinpoint itself says what became of the app's event stream after that time.
fn is_seen_in_pinpoint(
    live: &Live,
    controls: &BTreeMap<AccountRegion, &AppId>,
    origins: &Origins,
    app: &AppArn,
    at: Timestamp,
) -> bool {
    if origins.get(&Question::EventStream(app.clone())).is_some_and(|(_, seen)| *seen <= at) {
        return false;
    }
    match live.event_streams.get(app) {
        Some(Read::Present(_)) => true,
        Some(Read::Absent) => controls.contains_key(&app.place()),
        Some(Read::Unreadable(_)) | None => false,
    }
}

pub(super) fn deleted_in_config(live: &Live, app: &AppArn) -> Option<Timestamp> {
    let history = live.config_histories.get(app)?.present()?;
    let deleted = |item: &Option<ConfigItem>| item.filter(|item| item.is_deleted).map(|item| item.captured);
    deleted(&history.event_stream).or_else(|| deleted(&history.app))
}
