//! What the optional sources say: AWS Config, CloudTrail, IAM's last accessed data and IAM Access Analyzer. Each can
//! confirm use. Absence is confirmed by AWS Config alone: by a recorded deletion, or by a recorder that has covered event
//! streams since before the role was created and holds none that names it.
use super::api_fact;
use super::candidate::Candidate;
use super::readings::Readings;
use super::recorded_users::deleted_in_config;
use jiff::{SignedDuration, Timestamp};
use pinpoint_streams_model::live::history::{EventStreamChange, EventStreamChangeKind};
use pinpoint_streams_model::{
    AccountRegion, AppArn, Evidence, EvidenceSource, Fact, LastUsed, Live, LiveRole, Read, Region, RoleArn,
    Unreadable,
};
use std::collections::{BTreeMap, BTreeSet};

/// How long CloudTrail's event history goes back. Source: CloudTrail API reference, LookupEvents.
const EVENT_HISTORY: SignedDuration = SignedDuration::from_hours(24 * 90);

/// How AWS Config shows that no event stream names a role.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ConfigProof {
    /// The app, or its event stream, was deleted.
    Deleted(Timestamp),
    /// A recorder that has covered the region since before the role was created holds none.
    NotHeld,
}

/// Whether no event stream of the place, or of the one app, names the role; by AWS Config.
pub(super) fn absence(
    readings: &Readings<'_>,
    candidate: &Candidate<'_>,
    place: &AccountRegion,
    app: Option<&AppArn>,
) -> Option<ConfigProof> {
    let put = |app: &AppArn| match readings.recorded_users.changes.get(app) {
        Some(EventStreamChange { at, change: EventStreamChangeKind::Put { .. }, .. }) => Some(*at),
        Some(_) | None => None,
    };
    // Neither a later PutEventStream nor a later item may have brought it back.
    let held = |app: &AppArn| {
        let in_region = readings.live.config_event_streams.values().filter_map(Read::present);
        let aggregated = readings.live.aggregated_event_streams.values().filter_map(Read::present);
        in_region
            .chain(aggregated.map(|held| &held.0))
            .filter_map(|held| held.get(app))
            .map(|stream| stream.captured)
            .max()
    };
    let deleted = app.and_then(|app| {
        let at = deleted_in_config(readings.live, app)?;
        let is_last = put(app).into_iter().chain(held(app)).all(|later| later < at);
        is_last.then_some(ConfigProof::Deleted(at))
    });
    deleted.or_else(|| {
        let recorder = readings.live.config_recorders.get(place)?.present()?;
        let created = candidate.role?.created?;
        let held = readings.live.config_event_streams.get(place)?.present()?;
        // What is no ARN of a role in the account, or another path, may mean this one.
        let is_other = |role: &str| {
            let is_other = |named: RoleArn| {
                named.account == candidate.arn.account && named.in_account() != candidate.arn.in_account()
            };
            role.parse().is_ok_and(is_other)
        };
        let covers =
            recorder.covers_event_streams && recorder.recording_since.is_some_and(|since| since <= created);
        let names_others = held.values().all(|stream| is_other(&stream.role_arn));
        (covers && names_others).then_some(ConfigProof::NotHeld)
    })
}

/// The region in which CloudTrail may still know who used the role.
pub(super) fn region_of_use(readings: &Readings<'_>, role: &LiveRole) -> Option<Region> {
    match &role.last_used {
        LastUsed::At(at, Some(region)) if readings.sweep.options.now.duration_since(*at) <= EVENT_HISTORY => {
            Some(region.clone())
        }
        _ => None,
    }
}

/// The latest use of the role not before `since`, denied attempts included.
pub(super) fn latest_use(readings: &Readings<'_>, role: &RoleArn, since: Timestamp) -> Option<Evidence> {
    let uses = readings.live.role_uses.iter().filter(|(asked, _)| asked.role == *role);
    let assumed = uses.filter_map(|(_, read)| read.present()).flatten().filter(|used| used.at >= since).max();
    let assumed = assumed.map(|used| {
        let (by, error) = (used.invoked_by.clone(), used.error.clone());
        (used.at, api_fact("LookupEvents", Fact::AssumedLately { at: used.at, since, by, error }))
    });
    let services = readings.live.last_accessed.get(role).and_then(Read::present).into_iter().flatten();
    let accessed = services.filter_map(|(service, access)| Some((service, access.as_ref()?.at)));
    let accessed = accessed.filter(|(_, at)| *at >= since).max_by_key(|(_, at)| *at);
    let accessed = accessed.map(|(service, at)| {
        let fact = Fact::AccessedLately { service: service.clone(), at, since };
        (at, api_fact("GetServiceLastAccessedDetails", fact))
    });
    assumed.into_iter().chain(accessed).max_by_key(|(at, _)| *at).map(|(_, evidence)| evidence)
}

/// Findings of Access Analyzer, which support a verdict and decide none.
pub(super) fn reported_unused(readings: &Readings<'_>, role: &RoleArn) -> Option<Evidence> {
    let reports = readings.live.unused_roles.iter();
    let reports = reports.filter(|(_, read)| read.present().is_some_and(|found| found.contains_key(role)));
    let places: BTreeSet<AccountRegion> = reports.map(|(place, _)| place.clone()).collect();
    (!places.is_empty()).then(|| api_fact("ListFindingsV2", Fact::ReportedUnused { places }))
}

/// The failed reads of optional sources: each kind once, with how often.
pub(super) fn failures(live: &Live) -> impl Iterator<Item = Fact> + use<'_> {
    let config = unreadable(&live.config_recorders)
        .chain(unreadable(&live.config_event_streams))
        .chain(unreadable(&live.config_aggregators))
        .chain(unreadable(&live.aggregated_event_streams))
        .chain(unreadable(&live.config_histories));
    let cloudtrail = unreadable(&live.role_uses).chain(unreadable(&live.event_stream_changes));
    let failed = config
        .map(|why| (EvidenceSource::Config, why))
        .chain(cloudtrail.map(|why| (EvidenceSource::CloudTrail, why)))
        .chain(unreadable(&live.last_accessed).map(|why| (EvidenceSource::LastAccessed, why)))
        .chain(unreadable(&live.unused_roles).map(|why| (EvidenceSource::AccessAnalyzer, why)));
    let mut kinds: BTreeMap<(EvidenceSource, &str, &str), (usize, &Unreadable)> = BTreeMap::new();
    for (source, why) in failed {
        kinds.entry((source, &why.operation, &why.code)).or_insert((0, why)).0 += 1;
    }
    let kinds = kinds.into_iter();
    kinds.map(|((source, ..), (times, why))| Fact::SourceNotRead { source, times, why: why.clone() })
}

fn unreadable<K, T>(reads: &BTreeMap<K, Read<T>>) -> impl Iterator<Item = &Unreadable> {
    reads.values().filter_map(|read| match read {
        Read::Unreadable(why) => Some(why),
        Read::Present(_) | Read::Absent => None,
    })
}
