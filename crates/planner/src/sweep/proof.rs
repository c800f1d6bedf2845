//! Whether absence is proven. Event streams have ended in Pinpoint: that none is found may mean that none is
//! there, or that nobody answers any more. It counts only where, in that account and region and in this run,
//! at least one event stream was found; or where the manifest or a person says so.
use super::facts::Facts;
use super::trust::Reach;
use super::{said, told};
use pinpoint_streams_model::arn::AppArn;
use pinpoint_streams_model::ids::{AccountId, AppId};
use pinpoint_streams_model::live::{FailureKind, Read, Unreadable};
use pinpoint_streams_model::region::{AccountRegion, Region};
use pinpoint_streams_model::sweep::Evidence;
use std::collections::{BTreeMap, BTreeSet};
use wildmatch::WildMatch;

/// Something that would have to be known and is not, and what a person can do about it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Gap {
    pub(super) evidence: Evidence,
    pub(super) way_out: String,
}

/// What shows that no event stream of a place is left out of sight.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Proof {
    /// An event stream was found there, so the service answers.
    Control,
    /// The manifest says that Pinpoint was never used there.
    NeverUsed,
    /// A person vouches for it.
    Word,
}

/// What stands in the way of a proof in one place.
enum Lack<'a> {
    NotRead,
    Failed(String, &'a Unreadable),
    NoControl,
    Unlisted(&'a AppId),
}

/// That no app within reach has an event stream that could not be seen: what shows it, or all that is missing.
/// Whether one that was seen names the role is another question.
pub(super) fn absence(facts: &Facts<'_>, reach: &Reach) -> Result<Vec<Evidence>, Vec<Gap>> {
    let mut proven: BTreeMap<Proof, BTreeSet<AccountRegion>> = BTreeMap::new();
    let mut gaps: BTreeSet<Gap> = reach.unread.iter().map(account_gap).collect();
    let (mut unread, mut uncontrolled) = (BTreeSet::new(), BTreeSet::new());
    let whole = reach.places.iter().map(|place| (place.clone(), whole_place(facts, place)));
    let single = reach.apps.iter().map(|app| (app.place(), one_app(facts, app)));
    for (place, result) in whole.chain(single) {
        match result {
            Ok(proof) => drop(proven.entry(proof).or_default().insert(place)),
            Err(Lack::NotRead) => drop(unread.insert(place)),
            Err(Lack::NoControl) => drop(uncontrolled.insert(place)),
            Err(Lack::Failed(what, why)) => drop(gaps.insert(failed(&what, why))),
            Err(Lack::Unlisted(app)) => drop(gaps.insert(unlisted(&place, app))),
        }
    }
    if !unread.is_empty() {
        let evidence = told(format!("{} was not read, and its apps could use the role", listed(&unread)));
        let way_out = "read it with --regions; where Pinpoint was never used, list it in [sweep] no_pinpoint_in";
        gaps.insert(Gap { evidence, way_out: way_out.to_owned() });
    }
    if !uncontrolled.is_empty() {
        let fact = format!(
            "no positive control in {}: no event stream was found there, which proves nothing now that they end",
            listed(&uncontrolled)
        );
        let words: Vec<_> = uncontrolled.iter().map(|place| format!("--event-streams-gone {place}")).collect();
        let way_out = format!("if you know that none is left there, {} gives your word", words.join(" "));
        gaps.insert(Gap { evidence: said("GetEventStream", fact), way_out });
    }
    if !gaps.is_empty() {
        return Err(gaps.into_iter().collect());
    }
    Ok(proven.into_iter().map(|(proof, places)| shown(proof, &listed(&places))).collect())
}

fn shown(proof: Proof, places: &str) -> Evidence {
    match proof {
        Proof::Control => said(
            "GetEventStream",
            format!("no event stream of {places} names it, and Pinpoint answers there: others were found"),
        ),
        Proof::NeverUsed => told(format!("the manifest says that Pinpoint was never used in {places}")),
        Proof::Word => told(format!("a person vouches that no event stream is left in {places}")),
    }
}

fn account_gap(account: &AccountId) -> Gap {
    Gap {
        evidence: told(format!("account {account}, whose apps could use the role, was not read")),
        way_out: format!("sweep account {account} in the same run"),
    }
}

fn unlisted(place: &AccountRegion, app: &AppId) -> Gap {
    let fact = format!("the apps of {place} lack {app}, which has an event stream: the list is not whole");
    Gap { evidence: said("GetApps", fact), way_out: "sweep again".to_owned() }
}

/// The gap that a failed read is.
pub(super) fn failed(what: &str, why: &Unreadable) -> Gap {
    let Unreadable { kind, operation, .. } = why;
    let way_out = match kind {
        FailureKind::Denied => format!("allow {operation} to the credentials"),
        FailureKind::Credentials => "renew the credentials".to_owned(),
        FailureKind::Throttled => "sweep again with a smaller --parallelism".to_owned(),
        FailureKind::ServiceEnded => {
            "the service seems to have ended there; if you know that no event stream is left, \
             --event-streams-gone ACCOUNT/REGION gives your word"
                .to_owned()
        }
        _ => "sweep again".to_owned(),
    };
    Gap { evidence: said(operation, format!("{what} could not be read: {why}")), way_out }
}

fn listed(places: &BTreeSet<AccountRegion>) -> String {
    places.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
}

/// All apps of a place.
fn whole_place<'a>(facts: &Facts<'a>, place: &AccountRegion) -> Result<Proof, Lack<'a>> {
    let says = Says::of(facts, place);
    if !facts.sweep.options.regions.contains(&place.region) {
        return if says.never_used { Ok(Proof::NeverUsed) } else { Err(Lack::NotRead) };
    }
    match facts.live.apps.get(place) {
        None => return Err(Lack::NotRead),
        Some(Read::Unreadable(why)) if says.excuse(why) => {}
        Some(Read::Unreadable(why)) => {
            return Err(Lack::Failed(format!("the apps of {place}"), why));
        }
        Some(Read::Absent) => return Err(Lack::NoControl),
        Some(Read::Present(apps)) => {
            for id in apps.keys() {
                event_stream(facts, says, &AppArn::of(&place.account, &place.region, id))?;
            }
        }
    }
    if let Some(app) = facts.unlisted(place) {
        return Err(Lack::Unlisted(app));
    }
    says.proof(facts.control(place).is_some())
}

/// One app. Where its event stream is there, that is known, whatever else of the region is.
fn one_app<'a>(facts: &Facts<'a>, app: &AppArn) -> Result<Proof, Lack<'a>> {
    let place = app.place();
    let says = Says::of(facts, &place);
    if !facts.sweep.options.regions.contains(&place.region) {
        return if says.never_used { Ok(Proof::NeverUsed) } else { Err(Lack::NotRead) };
    }
    event_stream(facts, says, app)?;
    says.proof(facts.control(&place).is_some())
}

fn event_stream<'a>(facts: &Facts<'a>, says: Says, app: &AppArn) -> Result<(), Lack<'a>> {
    match facts.live.event_streams.get(app) {
        Some(Read::Present(_) | Read::Absent) => Ok(()),
        Some(Read::Unreadable(why)) if says.excuse(why) => Ok(()),
        Some(Read::Unreadable(why)) => {
            Err(Lack::Failed(format!("the event stream of app {} in {}", app.id, app.place()), why))
        }
        None => Err(Lack::NotRead),
    }
}

/// What is said of a place without its being read.
#[derive(Debug, Clone, Copy)]
struct Says {
    never_used: bool,
    word: bool,
}

impl Says {
    fn of(facts: &Facts<'_>, place: &AccountRegion) -> Says {
        let options = &facts.sweep.options;
        Says {
            never_used: never_used(&options.no_pinpoint_in, &place.region),
            word: options.event_streams_gone.contains(place),
        }
    }

    /// Whether a failure is what one expects there: that of a service that has ended. A caller who is refused,
    /// throttled or not answered learns nothing, whatever is said.
    fn excuse(self, why: &Unreadable) -> bool {
        why.kind == FailureKind::ServiceEnded && (self.never_used || self.word)
    }

    fn proof<'a>(self, control: bool) -> Result<Proof, Lack<'a>> {
        match self {
            _ if control => Ok(Proof::Control),
            Says { never_used: true, .. } => Ok(Proof::NeverUsed),
            Says { word: true, .. } => Ok(Proof::Word),
            Says { .. } => Err(Lack::NoControl),
        }
    }
}

/// Whether the manifest says that Pinpoint was never used in the region.
pub(super) fn never_used(no_pinpoint_in: &BTreeSet<String>, region: &Region) -> bool {
    no_pinpoint_in.iter().any(|glob| WildMatch::new(glob).matches(region.as_str()))
}
