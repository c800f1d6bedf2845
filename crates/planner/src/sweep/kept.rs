//! Answers that were kept in bundles of evidence, and how they complete those of AWS. The newer answer counts, with one
//! exception: absence in Pinpoint counts only if the same source shows that the service answered there, by an event stream
//! that it found. An API that has ended may answer that there is nothing.
use jiff::Timestamp;
use pinpoint_streams_model::{AccountRegion, Answer, AppArn, FailureKind, Live, Question, Read, Unreadable};
use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

/// A bundle of evidence: what AWS answered at an earlier time.
#[derive(Debug, Clone, Default)]
pub struct Bundle {
    /// How it is named in evidence: its file.
    pub name: String,
    /// Each answer and its time.
    pub answers: BTreeMap<Question, (Read<Answer>, Timestamp)>,
}

/// Where each answer comes from that AWS did not give in this run: the bundle's index and the answer's time.
pub(super) type Origins = BTreeMap<Question, (usize, Timestamp)>;

/// The answers of AWS, completed by those of bundles, the newest first.
pub(super) fn completed<'l>(live: &'l Live, bundles: &[Bundle]) -> (Cow<'l, Live>, Origins) {
    let (mut completed, mut origins) = (Cow::Borrowed(live), Origins::new());
    for (index, bundle) in bundles.iter().enumerate() {
        complete(completed.to_mut(), bundle, index, &mut origins);
    }
    (completed, origins)
}

fn complete(live: &mut Live, bundle: &Bundle, index: usize, origins: &mut Origins) {
    let (newer, older) = (controls(live), bundle.controls());
    let is_proven_by_older = |place: &AccountRegion| older.contains(place) && !newer.contains(place);
    for (question, (answer, at)) in &bundle.answers {
        let place = place_in_pinpoint(question);
        // A capture that was continued may hold an answer that is newer than that of a newer bundle.
        let is_newer = origins.get(question).is_some_and(|(_, known)| at > known) && answer.is_known();
        let is_absence = place.is_some() && !matches!(answer, Read::Present(Answer::EventStream(_)));
        let is_used = match (live.knows(question), &place) {
            // Only the end of the service lets an older answer say that there is nothing: a call that was denied, or that
            // failed otherwise, may have hidden what is there now.
            (Some(false), Some(_))
                if is_absence && !has_ended(live, question) && !origins.contains_key(question) =>
            {
                false
            }
            // The newer list may lack apps: it is joined with the older one.
            (Some(_), Some(place)) if is_proven_by_older(place) => match (question, answer) {
                (Question::Apps(_), Read::Present(Answer::Apps(apps))) => {
                    let joined = live.apps.get(place).and_then(Read::present).into_iter().flatten();
                    let joined = joined.chain(apps).map(|(id, app)| (id.clone(), app.clone())).collect();
                    live.record(question.clone(), Read::Present(Answer::Apps(joined)));
                    origins.insert(question.clone(), (index, *at));
                    continue;
                }
                _ => answer.is_known(),
            },
            (Some(true), Some(place)) => is_newer && (!is_absence || older.contains(place)),
            (Some(true), None) => is_newer,
            // Absence without a control of its own does not replace a failure.
            (Some(false), Some(place)) if !older.contains(place) => {
                matches!(answer, Read::Present(Answer::EventStream(_)))
            }
            (Some(false), _) => answer.is_known(),
            (None, _) => true,
        };
        if is_used {
            live.record(question.clone(), answer.clone());
            origins.insert(question.clone(), (index, *at));
        }
    }
    // What only the newer source calls absent stays open where the older one alone shows that the service answered.
    let unproven = |(app, read): (&AppArn, &Read<_>)| {
        let question = Question::EventStream(app.clone());
        let is_open = matches!(read, Read::Absent) && is_proven_by_older(&app.place());
        (is_open && !bundle.knows(&question)).then_some(question)
    };
    let lists = older.iter().filter(|place| is_proven_by_older(place)).map(|place| Question::Apps(place.clone()));
    let lists = lists.filter(|list| !bundle.knows(list));
    let unproven: Vec<Question> = live.event_streams.iter().filter_map(unproven).chain(lists).collect();
    unproven.iter().for_each(|question| live.forget(question));
}

impl Bundle {
    /// Whether AWS answered this question.
    fn knows(&self, question: &Question) -> bool {
        self.answers.get(question).is_some_and(|(answer, _)| answer.is_known())
    }

    /// Where an event stream was found.
    fn controls(&self) -> BTreeSet<AccountRegion> {
        let found = self.answers.iter().filter_map(|(question, (answer, _))| match (question, answer) {
            (Question::EventStream(app), Read::Present(_)) => Some(app.place()),
            _ => None,
        });
        found.collect()
    }
}

fn controls(live: &Live) -> BTreeSet<AccountRegion> {
    let found = live.event_streams.iter().filter(|(_, read)| read.present().is_some());
    found.map(|(app, _)| app.place()).collect()
}

/// Whether the read failed as one of a service that has ended, which may go on answering 200 without content. A denial,
/// whosever, says nothing of the service: others may go on using it.
fn has_ended(live: &Live, question: &Question) -> bool {
    let is_expected =
        |why: &Unreadable| matches!(why.kind, FailureKind::ServiceEnded | FailureKind::Unintelligible);
    match question {
        Question::Apps(place) => matches!(live.apps.get(place), Some(Read::Unreadable(why)) if is_expected(why)),
        Question::EventStream(app) => {
            matches!(live.event_streams.get(app), Some(Read::Unreadable(why)) if is_expected(why))
        }
        _ => false,
    }
}

/// The account and region that a question to Pinpoint is about.
pub(super) fn place_in_pinpoint(question: &Question) -> Option<AccountRegion> {
    match question {
        Question::Apps(place) => Some(place.clone()),
        Question::App(app) | Question::AppTags(app) | Question::Channels(app) | Question::EventStream(app) => {
            Some(app.place())
        }
        _ => None,
    }
}
