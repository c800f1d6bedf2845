//! Whether absence is proven. Event streams have ended in Pinpoint: finding none may mean that none is left, or
//! that the service no longer answers. It counts only where, in that account and region and in this run, at least
//! one event stream was found; or where the manifest or a person asserts it.
use super::readings::Readings;
use super::{api_fact, local_fact, read_failed};
use crate::usage::PossibleApps;
use pinpoint_streams_model::arn::AppArn;
use pinpoint_streams_model::fact::{Evidence, Fact, Subject};
use pinpoint_streams_model::ids::{AccountId, AppId};
use pinpoint_streams_model::live::{FailureKind, Read, Unreadable};
use pinpoint_streams_model::region::{AccountRegion, Region};
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
pub(super) fn absence(readings: &Readings<'_>, possible: &PossibleApps) -> Result<Vec<Evidence>, Vec<Evidence>> {
    let mut proven: BTreeMap<Proof, BTreeSet<AccountRegion>> = BTreeMap::new();
    let account_not_read = |account: &AccountId| local_fact(Fact::AccountNotRead { account: account.clone() });
    let mut gaps: BTreeSet<Evidence> = possible.elsewhere.keys().map(account_not_read).collect();
    let (mut unread, mut uncontrolled) = (BTreeSet::new(), BTreeSet::new());
    let whole = possible.regions.iter().map(|place| (place.clone(), whole_place(readings, place)));
    let single = possible.apps.iter().map(|app| (app.place(), one_app(readings, app)));
    for (place, result) in whole.chain(single) {
        match result {
            Ok(proof) => drop(proven.entry(proof).or_default().insert(place)),
            Err(MissingProof::NotRead) => drop(unread.insert(place)),
            Err(MissingProof::NoControl) => drop(uncontrolled.insert(place)),
            Err(MissingProof::Failed(what, why)) => drop(gaps.insert(read_failed(what, why))),
            Err(MissingProof::Unlisted(app)) => drop(gaps.insert(unlisted(&place, app))),
        }
    }
    if !unread.is_empty() {
        gaps.insert(local_fact(Fact::RegionsNotRead { places: unread }));
    }
    if !uncontrolled.is_empty() {
        gaps.insert(api_fact("GetEventStream", Fact::NoPositiveControl { places: uncontrolled }));
    }
    if !gaps.is_empty() {
        return Err(gaps.into_iter().collect());
    }
    Ok(proven.into_iter().map(|(proof, places)| shown(proof, places)).collect())
}

fn shown(proof: Proof, places: BTreeSet<AccountRegion>) -> Evidence {
    match proof {
        Proof::Control => api_fact("GetEventStream", Fact::PositiveControl { places }),
        Proof::NeverUsed => local_fact(Fact::NeverUsedThere { places }),
        Proof::Assertion => local_fact(Fact::Asserted { places }),
    }
}

fn unlisted(place: &AccountRegion, app: &AppId) -> Evidence {
    api_fact("GetApps", Fact::AppListIncomplete { app: AppArn::of(&place.account, &place.region, app) })
}

/// All apps of a region.
fn whole_place<'a>(readings: &Readings<'a>, place: &AccountRegion) -> Result<Proof, MissingProof<'a>> {
    let stated = Stated::of(readings, place);
    if !readings.sweep.options.regions.contains(&place.region) {
        return if stated.never_used { Ok(Proof::NeverUsed) } else { Err(MissingProof::NotRead) };
    }
    match readings.live.apps.get(place) {
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
        None => Err(MissingProof::NotRead),
    }
}

/// What the manifest or a person asserts of a region.
#[derive(Debug, Clone, Copy)]
struct Stated {
    never_used: bool,
    asserted: bool,
}

impl Stated {
    fn of(readings: &Readings<'_>, place: &AccountRegion) -> Stated {
        let options = &readings.sweep.options;
        Stated {
            never_used: never_used(&options.no_pinpoint_in, &place.region),
            asserted: options.event_streams_gone.contains(place),
        }
    }

    /// Whether the failure is the one expected there: that of a service that has ended. A denied, throttled or
    /// unanswered call proves nothing, whatever is asserted.
    fn excuse(self, why: &Unreadable) -> bool {
        why.kind == FailureKind::ServiceEnded && (self.never_used || self.asserted)
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
