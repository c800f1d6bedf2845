//! Whether absence is proven. Event streams have ended in Pinpoint: finding none may mean that none is left, or
//! that the service no longer answers. It counts only where, in that account and region and in this run, at least
//! one event stream was found; or where the manifest or a person asserts it, or AWS Config shows it.
use super::candidate::Candidate;
use super::readings::Readings;
use super::sources::{self, ConfigProof};
use super::{api_fact, local_fact, read_failed};
use crate::usage::PossibleApps;
use pinpoint_streams_model::{
    AccountId, AccountRegion, AppArn, AppId, Evidence, Fact, FailureKind, Read, Region, Subject, Unreadable,
};
use std::collections::{BTreeMap, BTreeSet};
use wildmatch::WildMatch;

/// What shows that no event stream of a region was overlooked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Proof {
    /// An event stream was found there, so the service answers.
    Control,
    /// The manifest says that Pinpoint was never used there.
    NeverUsed,
    /// A person asserts it.
    Assertion,
}

/// Why one region's proof is missing.
enum MissingProof<'a> {
    NotRead,
    Failed(Subject, &'a Unreadable),
    NoControl,
    Unlisted(&'a AppId),
}

/// The evidence that no app within possible has an event stream that could not be seen, or every gap in it.
/// Whether one that was seen names the role is another question.
pub(super) fn absence(
    readings: &Readings<'_>,
    candidate: &Candidate<'_>,
    possible: &PossibleApps,
) -> Result<Vec<Evidence>, Vec<Evidence>> {
    let mut proven: BTreeMap<Proof, BTreeSet<AccountRegion>> = BTreeMap::new();
    let account_not_read = |account: &AccountId| local_fact(Fact::AccountNotRead { account: account.clone() });
    let mut gaps: BTreeSet<Evidence> = possible.elsewhere.keys().map(account_not_read).collect();
    let created = candidate.role.and_then(|role| role.created);
    let mut failed = Vec::new();
    let (mut unread, mut uncontrolled) = (BTreeSet::new(), BTreeSet::new());
    let (mut deleted, mut not_held) = (BTreeSet::new(), BTreeSet::new());
    let whole = possible.regions.iter().map(|place| (place.clone(), None, whole_place(readings, place)));
    let single = possible.apps.iter().map(|app| (app.place(), Some(app), one_app(readings, app)));
    for (place, app, result) in whole.chain(single) {
        if result.is_err()
            && let Some(proof) = sources::absence(readings, candidate, &place, app)
        {
            match (proof, app) {
                (ConfigProof::Deleted(at), Some(app)) => drop(deleted.insert((app.clone(), at))),
                (ConfigProof::Deleted(_) | ConfigProof::NotHeld, _) => drop(not_held.insert(place)),
            }
            continue;
        }
        match result {
            Ok(Proof::Control) if readings.is_older_than(&place, created) => drop(unread.insert(place)),
            Ok(proof) => drop(proven.entry(proof).or_default().insert(place)),
            Err(MissingProof::NotRead) => drop(unread.insert(place)),
            Err(MissingProof::NoControl) => drop(uncontrolled.insert(place)),
            Err(MissingProof::Failed(what, why)) => failed.push((place, what, why)),
            Err(MissingProof::Unlisted(app)) => drop(gaps.insert(unlisted(&place, app))),
        }
    }
    gaps.extend(grouped(failed));
    if !unread.is_empty() {
        gaps.insert(local_fact(Fact::RegionsNotRead { places: unread }));
    }
    if !uncontrolled.is_empty() {
        gaps.insert(api_fact("GetEventStream", Fact::NoPositiveControl { places: uncontrolled }));
    }
    if !gaps.is_empty() {
        return Err(gaps.into_iter().collect());
    }
    let mut evidence: Vec<Evidence> = proven.into_iter().map(|(proof, places)| shown(proof, places)).collect();
    if !not_held.is_empty() {
        evidence.push(api_fact("SelectResourceConfig", Fact::NotInConfig { places: not_held }));
    }
    let deleted = deleted.into_iter().map(|(app, at)| Fact::DeletedInConfig { app, at });
    evidence.extend(deleted.map(|fact| api_fact("GetResourceConfigHistory", fact)));
    Ok(evidence)
}

/// Failures of reads, those for the same reason in one.
pub(super) fn grouped(failed: Vec<(AccountRegion, Subject, &Unreadable)>) -> Vec<Evidence> {
    let mut groups: Vec<(BTreeSet<AccountRegion>, Subject, &Unreadable)> = Vec::new();
    for (place, what, why) in failed {
        match groups.iter_mut().find(|(.., known)| known.is_like(why)) {
            Some((places, ..)) => drop(places.insert(place)),
            None => groups.push((BTreeSet::from([place]), what, why)),
        }
    }
    let evidence = groups.into_iter().map(|(places, what, why)| match places.len() {
        1 => read_failed(what, why),
        _ => api_fact(&why.operation, Fact::PlacesUnreadable { places, why: why.clone() }),
    });
    evidence.collect()
}

fn shown(proof: Proof, places: BTreeSet<AccountRegion>) -> Evidence {
    match proof {
        Proof::Control => api_fact("GetEventStream", Fact::PositiveControl { places }),
        Proof::NeverUsed => local_fact(Fact::NeverUsedThere { places }),
        Proof::Assertion => local_fact(Fact::Asserted { places }),
    }
}

pub(super) fn unlisted(place: &AccountRegion, app: &AppId) -> Evidence {
    api_fact("GetApps", Fact::AppListIncomplete { app: AppArn::of(&place.account, &place.region, app) })
}

/// All apps of a region.
fn whole_place<'a>(readings: &Readings<'a>, place: &AccountRegion) -> Result<Proof, MissingProof<'a>> {
    let stated = Stated::of(readings, place);
    if !readings.sweep.options.regions.contains(&place.region) {
        return if stated.never_used { Ok(Proof::NeverUsed) } else { Err(MissingProof::NotRead) };
    }
    match readings.live.apps.get(place) {
        None if stated.stands_in() => {}
        None => return Err(MissingProof::NotRead),
        Some(Read::Unreadable(why)) if stated.excuse(why) => {}
        Some(Read::Unreadable(why)) => return Err(MissingProof::Failed(Subject::Apps(place.clone()), why)),
        Some(Read::Absent) => return Err(MissingProof::NoControl),
        Some(Read::Present(apps)) => {
            for id in apps.keys() {
                event_stream(readings, stated, &AppArn::of(&place.account, &place.region, id))?;
            }
        }
    }
    if let Some(app) = readings.unlisted(place) {
        return Err(MissingProof::Unlisted(app));
    }
    stated.proof(readings.control(place).is_some())
}

/// One app. If its event stream was found, that is known whatever the rest of the region says.
fn one_app<'a>(readings: &Readings<'a>, app: &AppArn) -> Result<Proof, MissingProof<'a>> {
    let place = app.place();
    let stated = Stated::of(readings, &place);
    if !readings.sweep.options.regions.contains(&place.region) {
        return if stated.never_used { Ok(Proof::NeverUsed) } else { Err(MissingProof::NotRead) };
    }
    event_stream(readings, stated, app)?;
    stated.proof(readings.control(&place).is_some())
}

fn event_stream<'a>(readings: &Readings<'a>, stated: Stated, app: &AppArn) -> Result<(), MissingProof<'a>> {
    match readings.live.event_streams.get(app) {
        Some(Read::Present(_) | Read::Absent) => Ok(()),
        Some(Read::Unreadable(why)) if stated.excuse(why) => Ok(()),
        Some(Read::Unreadable(why)) => Err(MissingProof::Failed(Subject::EventStream(app.clone()), why)),
        None if stated.stands_in() => Ok(()),
        None => Err(MissingProof::NotRead),
    }
}

/// What the manifest or a person asserts of a region.
#[derive(Debug, Clone, Copy)]
pub(super) struct Stated {
    never_used: bool,
    asserted: bool,
}

impl Stated {
    pub(super) fn of(readings: &Readings<'_>, place: &AccountRegion) -> Stated {
        let options = &readings.sweep.options;
        Stated {
            never_used: never_used(&options.no_pinpoint_in, &place.region),
            asserted: options.event_streams_gone.contains(place),
        }
    }

    /// Whether no call is needed.
    pub(super) fn stands_in(self) -> bool {
        self.never_used || self.asserted
    }

    pub(super) fn is_never_used(self) -> bool {
        self.never_used
    }

    /// Whether the failure is one expected there: that of a service that has ended, or of a region that the organization
    /// denies. Any other denied, throttled or unanswered call proves nothing, whatever is asserted.
    fn excuse(self, why: &Unreadable) -> bool {
        let is_expected = why.kind == FailureKind::ServiceEnded || why.is_denied_by_organization();
        is_expected && self.stands_in()
    }

    fn proof<'a>(self, control: bool) -> Result<Proof, MissingProof<'a>> {
        match self {
            _ if control => Ok(Proof::Control),
            Stated { never_used: true, .. } => Ok(Proof::NeverUsed),
            Stated { asserted: true, .. } => Ok(Proof::Assertion),
            Stated { .. } => Err(MissingProof::NoControl),
        }
    }
}

/// Whether the manifest says that Pinpoint was never used in the region.
pub(super) fn never_used(no_pinpoint_in: &BTreeSet<String>, region: &Region) -> bool {
    no_pinpoint_in.iter().any(|glob| WildMatch::new(glob).matches(region.as_str()))
}
