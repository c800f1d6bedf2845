//! What else in the accounts names Pinpoint: SES, Lambda, Pinpoint's own jobs and channels, and the streams that its event
//! streams write or wrote to. Whatever could not be read is a gap, never absence.
mod found;
mod prices;
mod streams;

use super::Sweep;
use super::candidate::candidates;
use super::readings::Readings;
use crate::Inquiry;
use jiff::{SignedDuration, Timestamp};
use pinpoint_streams_model::arn::{AppArn, StreamArn};
use pinpoint_streams_model::ids::{AccountAlias, AccountId, Workspace};
use pinpoint_streams_model::live::question::AccountPolicy;
use pinpoint_streams_model::live::residue::{RegionalName, StreamPeriod};
use pinpoint_streams_model::live::{FailureKind, Live, Question, Read, Unreadable};
use pinpoint_streams_model::recorded::Recorded;
use pinpoint_streams_model::region::{AccountRegion, Region};
use pinpoint_streams_model::residue::{Gap, IDLE_DAYS, ResidueReport};
use pinpoint_streams_model::sweep::SweepOptions;
pub use prices::{PRICES_AS_OF, PRICES_SOURCE};
use std::collections::{BTreeMap, BTreeSet};
use streams::NamedStreams;

/// Finds what else names Pinpoint. Only reads.
#[derive(Debug, Clone)]
pub struct FindResidue(Sweep);

impl FindResidue {
    pub fn new(
        workspace: Workspace,
        accounts: BTreeMap<AccountAlias, AccountId>,
        regions: BTreeSet<Region>,
        now: Timestamp,
    ) -> FindResidue {
        let options = SweepOptions::to_read(now, regions, BTreeSet::new());
        FindResidue(Sweep::live(workspace, accounts, Recorded::default(), options))
    }

    /// The regions of an account: those of its partition, which its roles have in their ARNs.
    fn places(&self, live: &Live, account: &AccountId) -> Vec<AccountRegion> {
        let Some(list) = live.role_lists.get(account) else { return Vec::new() };
        let partition = list.present().and_then(|list| list.values().find_map(Read::present));
        let partition = partition.map(|listed| listed.arn.partition);
        let regions = self.0.options.regions.iter();
        let regions = regions.filter(|region| partition.is_none_or(|partition| partition == region.partition()));
        regions.map(|region| AccountRegion::of(account, region)).collect()
    }

    fn idle_period(&self, stream: &StreamArn) -> StreamPeriod {
        let to = self.0.options.now;
        let from = to.checked_sub(SignedDuration::from_hours(24 * IDLE_DAYS)).unwrap_or(to);
        StreamPeriod { stream: stream.clone(), from, to }
    }
}

impl Inquiry for FindResidue {
    type Output = ResidueReport;

    fn questions(&self, live: &Live) -> BTreeSet<Question> {
        let origins = BTreeMap::new();
        let readings = Readings::of(&self.0, live, &origins);
        let mut questions = BTreeSet::new();
        for account in readings.accounts() {
            questions.insert(Question::Caller(account.clone()));
            // What credentials of another account read says nothing of this one.
            if live.callers.get(account).and_then(Read::present) == Some(account) {
                questions.insert(Question::RoleList(account.clone()));
                questions.extend(super::questions::unlisted(&readings, account));
                questions.extend(self.places(live, account).iter().flat_map(|place| of_place(live, place)));
            }
        }
        for candidate in candidates(&readings) {
            let account = &candidate.arn.account;
            questions.insert(Question::role_directly(account, &candidate.arn.name));
            for arn in candidate.role.iter().flat_map(|role| &role.attached_policies) {
                let policy = AccountPolicy { account: account.clone(), arn: arn.clone() };
                questions.insert(Question::PolicyDocument(policy));
            }
        }
        for stream in NamedStreams::of(&readings).swept(&self.0) {
            questions.insert(Question::StreamCapacity(stream.clone()));
            if matches!(live.stream_capacities.get(stream), Some(Read::Present(_))) {
                questions.insert(Question::IncomingRecords(self.idle_period(stream)));
            }
        }
        questions
    }

    fn may_ask_ahead(&self) -> bool {
        true
    }

    fn conclude(&self, live: &Live) -> ResidueReport {
        let origins = BTreeMap::new();
        let readings = Readings::of(&self.0, live, &origins);
        let streams = NamedStreams::of(&readings);
        let mut found = found::named(live);
        found.extend(streams.idle(self, live));
        found.sort();
        let failed = self.questions(live).into_iter().filter_map(|question| {
            let why = match live.outcome(&question)? {
                Read::Unreadable(why) => why,
                Read::Absent if always_exists(&question) => {
                    unreadable("the read", "Absent", "something that always exists was not found".to_owned())
                }
                Read::Absent | Read::Present(()) => return None,
            };
            Some(Gap { question, why })
        });
        let mut gaps: Vec<Gap> = failed.collect();
        gaps.extend(other_callers(live));
        gaps.extend(streams.gaps(&self.0));
        ResidueReport { found, gaps }
    }
}

/// What is asked of a region, and of what was found there.
fn of_place(live: &Live, place: &AccountRegion) -> BTreeSet<Question> {
    let mut questions = BTreeSet::from([
        Question::Apps(place.clone()),
        Question::Recommenders(place.clone()),
        Question::MessageTemplates(place.clone()),
        Question::EmailIdentities(place.clone()),
        Question::ConfigurationSets(place.clone()),
        Question::Functions(place.clone()),
        Question::ConfigEventStreams(place.clone()),
    ]);
    for id in live.apps.get(place).and_then(Read::present).into_iter().flat_map(BTreeMap::keys) {
        let app = AppArn::of(&place.account, &place.region, id);
        questions.extend([
            Question::EventStream(app.clone()),
            Question::EmailChannel(app.clone()),
            Question::ImportJobs(app.clone()),
            Question::ExportJobs(app),
        ]);
    }
    let named = |name: &String| RegionalName { place: place.clone(), name: name.clone() };
    let identities = live.email_identities.get(place).and_then(Read::present);
    let identities = identities.into_iter().flat_map(|identities| &identities.0);
    questions.extend(identities.map(|name| Question::IdentityPolicies(named(name))));
    let sets = live.configuration_sets.get(place).and_then(Read::present);
    let sets = sets.into_iter().flat_map(|sets| &sets.0);
    questions.extend(sets.map(|name| Question::PinpointDestinations(named(name))));
    let functions = live.functions.get(place).and_then(Read::present);
    let functions = functions.into_iter().flat_map(|functions| &functions.0);
    questions.extend(functions.map(|name| Question::FunctionPolicy(named(name))));
    questions
}

/// Lists and the like.
fn always_exists(question: &Question) -> bool {
    matches!(
        question,
        Question::Caller(_)
            | Question::RoleList(_)
            | Question::Apps(_)
            | Question::Recommenders(_)
            | Question::MessageTemplates(_)
            | Question::EmailIdentities(_)
            | Question::ConfigurationSets(_)
            | Question::Functions(_)
            | Question::ConfigEventStreams(_)
            | Question::IncomingRecords(_)
    )
}

/// The accounts whose credentials lead to another account.
fn other_callers(live: &Live) -> impl Iterator<Item = Gap> {
    live.callers.iter().filter_map(|(account, caller)| {
        let caller = caller.present().filter(|caller| *caller != account)?;
        let message = format!("the credentials belong to account {caller}");
        let why = unreadable("GetCallerIdentity", "WrongAccount", message);
        Some(Gap { question: Question::Caller(account.clone()), why })
    })
}

fn unreadable(operation: &str, code: &str, message: String) -> Unreadable {
    let (operation, code) = (operation.to_owned(), code.to_owned());
    Unreadable { kind: FailureKind::Other, operation, code, message, request_id: None, beneath: Vec::new() }
}
