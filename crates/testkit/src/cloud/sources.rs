//! What other services than IAM and Pinpoint keep of event streams and of the use of roles. In a new cloud no recorder
//! runs and no analyzer is there; CloudTrail is always on.
use super::FakeCloud;
use super::account::{Account, Accounts, Moment};
use super::refusal::Refusal;
use jiff::Timestamp;
use pinpoint_streams_model::arn::{AppArn, RoleArn};
use pinpoint_streams_model::ids::AppId;
use pinpoint_streams_model::live::history::{
    AggregatedEventStreams, ConfigAggregator, ConfigAggregators, ConfigEventStream, ConfigEventStreams,
    ConfigHistory, ConfigItem, ConfigRecorder, EventStreamChange, EventStreamChangeKind, LastAccessed, RoleUse,
    UnusedRoles,
};
use pinpoint_streams_model::live::question::RegionalRoleArn;
use pinpoint_streams_model::live::{LastUsed, LiveEventStream};
use pinpoint_streams_model::region::AccountRegion;
use std::collections::BTreeSet;

/// How long CloudTrail keeps events. Source: CloudTrail API reference, LookupEvents.
const KEPT_DAYS: i64 = 90;

impl FakeCloud {
    pub fn set_recorder(&self, place: &AccountRegion, recorder: ConfigRecorder) {
        self.lock().accounts.sources.recorders.insert(place.clone(), recorder);
    }

    pub fn add_aggregator(&self, aggregator: &ConfigAggregator) {
        self.lock().accounts.sources.aggregators.insert(aggregator.clone());
    }

    /// Makes an analyzer of unused access, which reports roles after so many days without use.
    pub fn set_analyzer(&self, place: &AccountRegion, days: u32) {
        self.lock().accounts.sources.analyzers.insert(place.clone(), days);
    }

    pub fn add_role_use(&self, role: &RegionalRoleArn, role_use: RoleUse) {
        self.lock().accounts.sources.role_uses.entry(role.clone()).or_default().insert(role_use);
    }

    pub fn set_last_accessed(&self, role: &RoleArn, services: LastAccessed) {
        self.lock().accounts.sources.last_accessed.insert(role.clone(), services);
    }

    pub fn add_event_stream_change(&self, place: &AccountRegion, change: EventStreamChange) {
        self.lock().accounts.sources.changes.0.entry(place.clone()).or_default().insert(change);
    }
}

impl Accounts {
    /// Writes a change into CloudTrail's history.
    pub(crate) fn note_change(
        &mut self,
        place: AccountRegion,
        app: &AppId,
        change: EventStreamChangeKind,
        now: Moment,
    ) {
        let change = EventStreamChange { at: now.time, app: app.clone(), change };
        self.sources.changes.0.entry(place).or_default().insert(change);
    }

    pub(crate) fn recorder(&self, place: &AccountRegion) -> Result<Option<ConfigRecorder>, Refusal> {
        self.known(&place.account)?;
        Ok(self.sources.recorders.get(place).cloned())
    }

    /// Since when the type is recorded there; none if it is not.
    fn recorded_since(&self, place: &AccountRegion) -> Option<Timestamp> {
        let recorder = self.sources.recorders.get(place)?;
        recorder.recording_since.filter(|_| recorder.covers_event_streams)
    }

    pub(crate) fn recorded_event_streams(&self, place: &AccountRegion) -> Result<ConfigEventStreams, Refusal> {
        let account = self.known(&place.account)?;
        let Some(since) = self.recorded_since(place) else { return Ok(ConfigEventStreams::new()) };
        let recorded = account.apps_in(&place.region).filter_map(|(id, app)| {
            let LiveEventStream { destination, role_arn } = app.event_stream.clone()?;
            let captured = self.last_change(place, id).map_or(since, |change| change.at.max(since));
            let arn = AppArn::of(&place.account, &place.region, id);
            Some((arn, ConfigEventStream { destination, role_arn, captured }))
        });
        Ok(recorded.collect())
    }

    fn last_change(&self, place: &AccountRegion, app: &AppId) -> Option<&EventStreamChange> {
        self.sources.changes.0.get(place)?.iter().rev().find(|change| change.app == *app)
    }

    pub(crate) fn aggregators(&self, place: &AccountRegion) -> Result<ConfigAggregators, Refusal> {
        self.known(&place.account)?;
        let here = self.sources.aggregators.iter().filter(|aggregator| aggregator.place == *place);
        Ok(ConfigAggregators(here.map(|aggregator| aggregator.name.clone()).collect()))
    }

    /// An aggregator here is one of all accounts and regions.
    pub(crate) fn aggregated(
        &self,
        aggregator: &ConfigAggregator,
    ) -> Result<Option<AggregatedEventStreams>, Refusal> {
        self.known(&aggregator.place.account)?;
        if !self.sources.aggregators.contains(aggregator) {
            return Ok(None);
        }
        let mut all = ConfigEventStreams::new();
        for place in self.sources.recorders.keys() {
            all.extend(self.recorded_event_streams(place)?);
        }
        Ok(Some(AggregatedEventStreams(all)))
    }

    pub(crate) fn config_history(&self, app: &AppArn) -> Result<ConfigHistory, Refusal> {
        let (account, place) = (self.known(&app.account)?, app.place());
        let Some(since) = self.recorded_since(&place) else {
            return Ok(ConfigHistory { event_stream: None, app: None });
        };
        let live = account.apps.get(&(app.region.clone(), app.id.clone()));
        let last = self.last_change(&place, &app.id).filter(|change| change.at >= since);
        let captured = last.map_or(since, |change| change.at);
        let item = |is_live: bool, was_deleted: bool| {
            (is_live || was_deleted).then_some(ConfigItem { is_deleted: !is_live, captured })
        };
        let change = last.map(|change| &change.change);
        let app_deleted = change == Some(&EventStreamChangeKind::AppDeleted);
        let stream_deleted = change.is_some_and(|change| !matches!(change, EventStreamChangeKind::Put { .. }));
        let is_streaming = live.is_some_and(|app| app.event_stream.is_some());
        Ok(ConfigHistory {
            event_stream: item(is_streaming, stream_deleted),
            app: item(live.is_some(), app_deleted),
        })
    }

    pub(crate) fn role_uses(&self, used: &RegionalRoleArn, now: Moment) -> Result<BTreeSet<RoleUse>, Refusal> {
        self.known(&used.role.account)?;
        let uses = self.sources.role_uses.get(used).into_iter().flatten();
        Ok(uses.filter(|role_use| is_kept(role_use.at, now)).cloned().collect())
    }

    pub(crate) fn event_stream_changes(
        &self,
        place: &AccountRegion,
        now: Moment,
    ) -> Result<BTreeSet<EventStreamChange>, Refusal> {
        self.known(&place.account)?;
        let changes = self.sources.changes.0.get(place).into_iter().flatten();
        Ok(changes.filter(|change| is_kept(change.at, now)).cloned().collect())
    }

    /// None if there is no such role.
    pub(crate) fn last_accessed(&self, role: &RoleArn) -> Result<Option<LastAccessed>, Refusal> {
        let account = self.known(&role.account)?;
        let is_there = account.roles.contains_key(&role.name);
        Ok(is_there.then(|| self.sources.last_accessed.get(role).cloned().unwrap_or_default()))
    }

    /// None if no analyzer of unused access is there.
    pub(crate) fn unused_roles(&self, place: &AccountRegion, now: Moment) -> Result<Option<UnusedRoles>, Refusal> {
        let Account { roles, .. } = self.known(&place.account)?;
        let Some(days) = self.sources.analyzers.get(place) else { return Ok(None) };
        let unused = roles.values().filter(|role| {
            let last = match role.last_used {
                LastUsed::At(at, _) => at,
                LastUsed::Never { .. } | LastUsed::NotRead => role.created,
            };
            days_between(last, now) >= i64::from(*days)
        });
        Ok(Some(unused.map(|role| (role.arn.clone(), now.time)).collect()))
    }
}

fn days_between(then: Timestamp, now: Moment) -> i64 {
    (now.time.as_second() - then.as_second()) / (24 * 60 * 60)
}

fn is_kept(at: Timestamp, now: Moment) -> bool {
    days_between(at, now) < KEPT_DAYS
}
