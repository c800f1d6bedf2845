//! Whether absence is proven. Event streams have ended in Pinpoint: that none is found may mean that none is
//! there, or that nobody answers any more. It counts only where, in that account and region and in this run,
//! at least one event stream was found; or where the manifest or a person says so.
use super::facts::Facts;
use super::trust::Reach;
use super::{api_fact, local_fact};
use pinpoint_streams_model::arn::AppArn;
use pinpoint_streams_model::fact::{Evidence, Fact, Subject};
use pinpoint_streams_model::ids::{AccountId, AppId};
use pinpoint_streams_model::live::{FailureKind, Read, Unreadable};
use pinpoint_streams_model::region::{AccountRegion, Region};
use std::collections::{BTreeMap, BTreeSet};
use wildmatch::WildMatch;

/// What shows that no event stream of a place is left out of sight.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Proof {
    /// An event stream was found there, so the service answers.
    Control,
    /// The manifest says that Pinpoint was never used there.
    NeverUsed,
    /// A person asserts it.
    Assertion,
}

/// What stands in the way of a proof in one place.
enum Lack<'a> {
    NotRead,
    Failed(Subject, &'a Unreadable),
    NoControl,
    Unlisted(&'a AppId),
}

type Place<'p> = (&'p AccountId, &'p Region);

/// That no app within reach has an event stream that could not be seen: what shows it, or all that is missing.
/// Whether one that was seen names the role is another question.
pub(super) fn absence(facts: &Facts<'_>, reach: &Reach) -> Result<Vec<Evidence>, Vec<Evidence>> {
    let mut proven: BTreeMap<Proof, BTreeSet<Place<'_>>> = BTreeMap::new();
    let account_not_read = |account: &AccountId| local_fact(Fact::AccountNotRead { account: account.clone() });
    let mut gaps: BTreeSet<Evidence> = reach.unread.iter().map(account_not_read).collect();
    let (mut unread, mut uncontrolled) = (BTreeSet::new(), BTreeSet::new());
    let whole = reach
        .places
        .iter()
        .map(|place| ((&place.account, &place.region), whole_place(facts, &place.account, &place.region)));
    let single = reach.apps.iter().map(|place| ((&place.account, &place.region), one_app(facts, place)));
    for (place, result) in whole.chain(single) {
        match result {
            Ok(proof) => drop(proven.entry(proof).or_default().insert(place)),
            Err(Lack::NotRead) => drop(unread.insert(place)),
            Err(Lack::NoControl) => drop(uncontrolled.insert(place)),
            Err(Lack::Failed(what, why)) => drop(gaps.insert(read_failed(what, why))),
            Err(Lack::Unlisted(app)) => drop(gaps.insert(unlisted(place, app))),
        }
    }
    if !unread.is_empty() {
        gaps.insert(local_fact(Fact::RegionsNotRead { places: named(&unread) }));
    }
    if !uncontrolled.is_empty() {
        gaps.insert(api_fact("GetEventStream", Fact::NoPositiveControl { places: named(&uncontrolled) }));
    }
    if !gaps.is_empty() {
        return Err(gaps.into_iter().collect());
    }
    Ok(proven.into_iter().map(|(proof, places)| shown(proof, named(&places))).collect())
}

fn shown(proof: Proof, places: BTreeSet<AccountRegion>) -> Evidence {
    match proof {
        Proof::Control => api_fact("GetEventStream", Fact::PositiveControl { places }),
        Proof::NeverUsed => local_fact(Fact::NeverUsedThere { places }),
        Proof::Assertion => local_fact(Fact::Asserted { places }),
    }
}

fn unlisted((account, region): Place<'_>, app: &AppId) -> Evidence {
    api_fact("GetApps", Fact::AppListIncomplete { app: AppArn::of(account, region, app) })
}

/// A read that failed.
pub(super) fn read_failed(what: Subject, why: &Unreadable) -> Evidence {
    api_fact(&why.operation, Fact::ReadFailed { what, why: why.clone() })
}

fn named(places: &BTreeSet<Place<'_>>) -> BTreeSet<AccountRegion> {
    places.iter().map(|(account, region)| AccountRegion::of(account, region)).collect()
}

/// All apps of a place.
fn whole_place<'a>(facts: &Facts<'a>, account: &AccountId, region: &Region) -> Result<Proof, Lack<'a>> {
    let stated = Stated::of(facts, account, region);
    if !facts.sweep.options.regions.contains(region) {
        return if stated.never_used { Ok(Proof::NeverUsed) } else { Err(Lack::NotRead) };
    }
    match facts.live.apps.get(&AccountRegion::of(account, region)) {
        None => return Err(Lack::NotRead),
        Some(Read::Unreadable(why)) if stated.excuse(why) => {}
        Some(Read::Unreadable(why)) => {
            return Err(Lack::Failed(Subject::Apps(AccountRegion::of(account, region)), why));
        }
        Some(Read::Absent) => return Err(Lack::NoControl),
        Some(Read::Present(apps)) => {
            for id in apps.keys() {
                event_stream(facts, stated, &AppArn::of(account, region, id))?;
            }
        }
    }
    if let Some(app) = facts.unlisted(account, region) {
        return Err(Lack::Unlisted(app));
    }
    stated.proof(facts.control(account, region).is_some())
}

/// One app. Where its event stream is there, that is known, whatever else of the region is.
fn one_app<'a>(facts: &Facts<'a>, place: &AppArn) -> Result<Proof, Lack<'a>> {
    let AppArn { account, region, .. } = place;
    let stated = Stated::of(facts, account, region);
    if !facts.sweep.options.regions.contains(region) {
        return if stated.never_used { Ok(Proof::NeverUsed) } else { Err(Lack::NotRead) };
    }
    event_stream(facts, stated, place)?;
    stated.proof(facts.control(account, region).is_some())
}

fn event_stream<'a>(facts: &Facts<'a>, stated: Stated, place: &AppArn) -> Result<(), Lack<'a>> {
    match facts.live.event_streams.get(place) {
        Some(Read::Present(_) | Read::Absent) => Ok(()),
        Some(Read::Unreadable(why)) if stated.excuse(why) => Ok(()),
        Some(Read::Unreadable(why)) => Err(Lack::Failed(Subject::EventStream(place.clone()), why)),
        None => Err(Lack::NotRead),
    }
}

/// What the manifest or a person states of a place.
#[derive(Debug, Clone, Copy)]
struct Stated {
    never_used: bool,
    asserted: bool,
}

impl Stated {
    fn of(facts: &Facts<'_>, account: &AccountId, region: &Region) -> Stated {
        let options = &facts.sweep.options;
        Stated {
            never_used: never_used(&options.no_pinpoint_in, region),
            asserted: options.event_streams_gone.contains(&AccountRegion::of(account, region)),
        }
    }

    /// Whether a failure is what one expects there: that of a service that has ended. A caller who is refused,
    /// throttled or not answered learns nothing, whatever is stated.
    fn excuse(self, why: &Unreadable) -> bool {
        why.kind == FailureKind::ServiceEnded && (self.never_used || self.asserted)
    }

    fn proof<'a>(self, control: bool) -> Result<Proof, Lack<'a>> {
        match self {
            _ if control => Ok(Proof::Control),
            Stated { never_used: true, .. } => Ok(Proof::NeverUsed),
            Stated { asserted: true, .. } => Ok(Proof::Assertion),
            Stated { .. } => Err(Lack::NoControl),
        }
    }
}

/// Whether the manifest says that Pinpoint was never used in the region.
pub(super) fn never_used(no_pinpoint_in: &BTreeSet<String>, region: &Region) -> bool {
    no_pinpoint_in.iter().any(|glob| WildMatch::new(glob).matches(region.as_str()))
}
