//! What else of Pinpoint uses roles: email channels, import and export jobs, and recommender configurations. A role whose
//! purpose is not an event stream is obsolete only where these were read and do not name it. Whatever its purpose, all are
//! read: Pinpoint accepts a role without the permissions that it will need.
use super::candidate::Candidate;
use super::named_roles::may_mean;
use super::proof::{self, Stated, grouped};
use super::readings::Readings;
use super::{api_fact, local_fact};
use crate::usage::PossibleApps;
use pinpoint_streams_model::live::residue::{EmailChannel, ExportJobs, ImportJobs, Recommenders};
use pinpoint_streams_model::{AccountRegion, Answer, AppArn, Evidence, Fact, Question, Read, RoleArn, Subject};
use std::collections::{BTreeMap, BTreeSet};

/// Whether these must be asked: roles of all purposes are judged, or the role is quarantined whatever its purpose; and it
/// is not, or not known to be, for event streams.
pub(super) fn are_needed(readings: &Readings<'_>, candidate: &Candidate<'_>, all_purposes: bool) -> bool {
    let quarantined = readings.recorded.quarantined.get(candidate.arn);
    let is_being_deleted =
        quarantined.is_some_and(|known| known.role_id == *candidate.id && known.is_being_deleted);
    let Some(permissions) = &candidate.permissions else { return false };
    let is_quarantined = candidate.marks.is_some_and(|marks| marks.is_quarantined());
    let is_unclear = permissions.purpose() != candidate.kind.purpose();
    // Where its deletion began, they were read before it; its policies are gone since.
    (all_purposes || is_quarantined) && is_unclear && !is_being_deleted
}

/// What is asked of the apps that the role's trust policy admits, and of their regions.
pub(super) fn questions(readings: &Readings<'_>, candidate: &Candidate<'_>) -> BTreeSet<Question> {
    let possible = candidate.possible_apps.iter();
    possible
        .flat_map(|possible| admitted(readings, possible))
        .flat_map(|(_, questions)| questions.into_iter().flatten())
        .collect()
}

/// The evidence that none of them names the role, or what names it or could not be read.
pub(super) fn absence(
    readings: &Readings<'_>,
    candidate: &Candidate<'_>,
    possible: &PossibleApps,
) -> Result<Evidence, Vec<Evidence>> {
    let (mut gaps, mut failed) = (BTreeSet::new(), Vec::new());
    let (mut places, mut unread, mut uncontrolled) = (BTreeSet::new(), BTreeSet::new(), BTreeSet::new());
    for (place, questions) in admitted(readings, possible) {
        let Some(questions) = questions else {
            unread.insert(place);
            continue;
        };
        // What AWS Config says of event streams says nothing of these.
        if readings.control(&place).is_none() {
            uncontrolled.insert(place);
            continue;
        }
        // A list that lacks one app may lack others.
        let unlisted = readings.unlisted(&place).filter(|_| possible.regions.contains(&place));
        gaps.extend(unlisted.map(|app| proof::unlisted(&place, app)));
        for question in questions {
            match readings.live.answer(&question) {
                Some(Read::Present(answer)) => gaps.extend(named_by(&question, &answer, candidate.arn)),
                Some(Read::Absent) => {}
                Some(Read::Unreadable(why)) => failed.push((place.clone(), subject(&question), why)),
                None => drop(unread.insert(place.clone())),
            }
        }
        places.insert(place);
    }
    gaps.extend(grouped(failed.iter().map(|(place, what, why)| (place.clone(), what.clone(), why)).collect()));
    if !unread.is_empty() {
        gaps.insert(local_fact(Fact::RegionsNotRead { places: unread }));
    }
    if !uncontrolled.is_empty() {
        gaps.insert(api_fact("GetEventStream", Fact::NoPositiveControl { places: uncontrolled }));
    }
    if gaps.is_empty() {
        Ok(local_fact(Fact::NotNamedElsewhere { places }))
    } else {
        Err(gaps.into_iter().collect())
    }
}

/// The questions about each region of the apps that the trust policy admits: about its listed apps, and those that the
/// policy names, listed or not. None where the region is not called, or its apps are not known and all are admitted. Where
/// Pinpoint was never used nothing is asked.
fn admitted(
    readings: &Readings<'_>,
    possible: &PossibleApps,
) -> BTreeMap<AccountRegion, Option<BTreeSet<Question>>> {
    let places = possible.regions.iter().cloned().chain(possible.apps.iter().map(AppArn::place));
    let places: BTreeSet<AccountRegion> =
        places.filter(|place| !Stated::of(readings, place).is_never_used()).collect();
    let questions = places.into_iter().map(|place| {
        let apps = readings.live.apps.get(&place);
        let listed = apps.and_then(Read::present);
        if apps.is_none() || (listed.is_none() && possible.regions.contains(&place)) {
            return (place, None);
        }
        let listed = listed.into_iter().flat_map(BTreeMap::keys);
        let listed = listed.map(|id| AppArn::of(&place.account, &place.region, id));
        let named = possible.apps.iter().filter(|app| app.place() == place).cloned();
        let of_apps = listed.chain(named).flat_map(|app| of_app(&app));
        let questions = of_apps.chain([Question::Recommenders(place.clone())]).collect();
        (place, Some(questions))
    });
    questions.collect()
}

fn of_app(app: &AppArn) -> [Question; 3] {
    [Question::EmailChannel(app.clone()), Question::ImportJobs(app.clone()), Question::ExportJobs(app.clone())]
}

fn subject(question: &Question) -> Subject {
    match question {
        Question::EmailChannel(app) => Subject::EmailChannel(app.clone()),
        Question::ImportJobs(app) | Question::ExportJobs(app) => Subject::Jobs(app.clone()),
        Question::Recommenders(place) => Subject::Recommenders(place.clone()),
        _ => Subject::Role,
    }
}

fn named_by(question: &Question, answer: &Answer, role: &RoleArn) -> Vec<Evidence> {
    let names = |named: &String| may_mean(named, role);
    let naming = |found: &BTreeMap<String, String>, fact: &dyn Fn(String) -> Fact| -> Vec<Fact> {
        found.iter().filter(|(_, named)| names(named)).map(|(id, _)| fact(id.clone())).collect()
    };
    let (call, facts) = match (question, answer) {
        (Question::ImportJobs(app), Answer::ImportJobs(ImportJobs(found))) => {
            ("GetImportJobs", naming(found, &|job| Fact::NamedByJob { app: app.clone(), job }))
        }
        (Question::ExportJobs(app), Answer::ExportJobs(ExportJobs(found))) => {
            ("GetExportJobs", naming(found, &|job| Fact::NamedByJob { app: app.clone(), job }))
        }
        (Question::Recommenders(place), Answer::Recommenders(Recommenders(found))) => {
            let fact = |recommender| Fact::NamedByRecommender { place: place.clone(), recommender };
            ("GetRecommenderConfigurations", naming(found, &fact))
        }
        (Question::EmailChannel(app), Answer::EmailChannel(EmailChannel { role_arn, sending_role_arn })) => {
            let is_named = role_arn.iter().chain(sending_role_arn).any(names);
            let fact = is_named.then(|| Fact::NamedByEmailChannel { app: app.clone() });
            ("GetEmailChannel", fact.into_iter().collect())
        }
        _ => return Vec::new(),
    };
    facts.into_iter().map(|fact| api_fact(call, fact)).collect()
}
