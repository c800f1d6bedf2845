//! Which questions a sweep has. Only roles that trust Pinpoint are read further. What may speak for a role is asked in
//! stages, each once the stage before it is answered, so that nothing is asked that an outstanding answer makes needless:
//!
//! 1. the role and its policies, and the event streams of the accounts whose apps it admits
//! 2. who else of Pinpoint uses it, and the optional sources
//! 3. CloudFormation, if nothing else speaks for the role
use super::candidate::{Candidate, candidates};
use super::readings::Readings;
use super::{judge, local_fact, other_users, owner, proof, sources};
use crate::settle;
use jiff::Timestamp;
use pinpoint_streams_model::live::history::ConfigAggregator;
use pinpoint_streams_model::live::question::{AccountPolicy, RegionalRole, RegionalRoleArn};
use pinpoint_streams_model::{
    AccountId, AccountRegion, AppArn, Evidence, EvidenceSource, Fact, Partition, Question, Read, RoleArn,
};
use std::collections::{BTreeMap, BTreeSet};

/// What must be asked, given what has been answered so far.
pub(super) fn questions(readings: &Readings<'_>, extent: Extent) -> BTreeSet<Question> {
    let mut set = QuestionSet::new(readings, extent);
    set.questions.extend(settle::questions(&readings.sweep.recorded, readings.live));
    for account in readings.accounts() {
        set.questions.extend(Question::of_account(account));
        set.ask(Question::RoleList(account.clone()));
        set.questions.extend(unlisted(readings, account));
    }
    // Which accounts' apps can be read at all decides what is asked of a role.
    if readings.accounts().into_iter().all(|account| readings.live.callers.contains_key(account)) {
        set.candidates(&candidates(readings));
    }
    set.questions
}

/// A role that the list could not parse is read by itself.
pub(super) fn unlisted(readings: &Readings<'_>, account: &AccountId) -> impl Iterator<Item = Question> {
    let list = readings.live.role_lists.get(account).and_then(Read::present).into_iter().flatten();
    list.filter(|(_, listed)| listed.present().is_none()).map(|(name, _)| Question::role_directly(account, name))
}

/// The answers of bundles that the verdict on a role rests on.
pub(super) fn kept(readings: &Readings<'_>, candidate: &Candidate<'_>) -> Vec<Evidence> {
    if readings.origins.is_empty() {
        return Vec::new();
    }
    let account = &candidate.arn.account;
    let mut set = QuestionSet::new(readings, Extent::EverySource);
    set.ask(Question::RoleList(account.clone()));
    set.candidates(std::slice::from_ref(candidate));
    let mut by_bundle: BTreeMap<usize, (BTreeSet<String>, Vec<Timestamp>)> = BTreeMap::new();
    for question in &set.questions {
        if let Some((bundle, at)) = readings.origins.get(question) {
            let (names, times) = by_bundle.entry(*bundle).or_default();
            names.insert(question.name().to_owned());
            times.push(*at);
        }
    }
    let evidence = by_bundle.into_iter().filter_map(|(bundle, (questions, times))| {
        let bundle = readings.sweep.bundles.get(bundle)?.name.clone();
        let (from, to) = (*times.iter().min()?, *times.iter().max()?);
        Some(local_fact(Fact::Kept { bundle, questions, answers: times.len(), from, to }))
    });
    evidence.collect()
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Extent {
    /// What verdicts need.
    Needed,
    /// Also what no verdict needs now, but may need later when other sources no longer answer.
    Everything,
    /// The same of every source, asked for or not, also where an assertion stands in: whatever a bundle may hold.
    EverySource,
}

struct QuestionSet<'a> {
    readings: &'a Readings<'a>,
    questions: BTreeSet<Question>,
    extent: Extent,
    /// The places whose event streams were asked for, and whether Pinpoint is called there.
    places: BTreeMap<AccountRegion, bool>,
}

impl<'a> QuestionSet<'a> {
    fn new(readings: &'a Readings<'a>, extent: Extent) -> QuestionSet<'a> {
        QuestionSet { readings, questions: BTreeSet::new(), extent, places: BTreeMap::new() }
    }

    fn ask(&mut self, question: Question) {
        self.questions.insert(question);
    }

    fn candidates(&mut self, candidates: &[Candidate<'_>]) {
        for candidate in candidates {
            self.event_streams(candidate);
        }
        // Stages save calls while answers are outstanding. Where bundles complete the answers, some of these never come: what
        // the bundles leave unproven is forgotten.
        let is_in_stages = self.extent != Extent::EverySource && self.readings.sweep.bundles.is_empty();
        // Any of these may be about an event stream that names any of the account's roles.
        let open = self.questions.iter().filter(|question| !self.readings.live.answers(question));
        let open: BTreeSet<AccountId> = open.map(|question| question.account().clone()).collect();
        for candidate in candidates {
            let role = role(candidate);
            let is_read = self.are_answered(&role) && !accounts(candidate).any(|account| open.contains(account));
            self.questions.extend(role);
            self.streams(candidate);
            if is_read || !is_in_stages {
                self.further(candidate);
            }
        }
    }

    fn are_answered(&self, questions: &BTreeSet<Question>) -> bool {
        questions.iter().all(|question| self.readings.live.answers(question))
    }

    /// Of a role that was read, as were the event streams.
    fn further(&mut self, candidate: &Candidate<'_>) {
        let mut further = self.sources(candidate);
        let all_purposes = self.readings.sweep.options.all_purposes || self.extent != Extent::Needed;
        if other_users::are_needed(self.readings, candidate, all_purposes) {
            further.extend(other_users::questions(self.readings, candidate));
        }
        let needs_stacks = || self.are_answered(&further) && judge::needs_stacks(self.readings, candidate);
        let needs_stacks = self.extent != Extent::Needed || needs_stacks();
        self.questions.extend(further);
        if needs_stacks {
            self.stacks(candidate.arn);
        }
    }

    fn stacks(&mut self, role: &RoleArn) {
        if role.partition == Partition::Aws {
            self.ask(Question::EnabledRegions(role.account.clone()));
        }
        for region in owner::stack_regions(self.readings, role).into_iter().flatten() {
            self.ask(Question::Stack(RegionalRole::of(&role.account, &region, &role.name)));
        }
    }

    /// The event streams that may name the role.
    fn event_streams(&mut self, candidate: &Candidate<'_>) {
        let RoleArn { partition, account, .. } = candidate.arn;
        for region in self.readings.sweep.options.regions.iter().filter(|region| region.partition() == *partition)
        {
            self.place(AccountRegion::of(account, region));
        }
        self.possible_apps(candidate);
    }

    /// The event streams of a place: which roles they name, and whether Pinpoint answers there. False where it is not
    /// called: where an assertion stands in for it.
    fn place(&mut self, place: AccountRegion) -> bool {
        if let Some(is_called) = self.places.get(&place) {
            return *is_called;
        }
        let is_called = place.region.has_pinpoint() && self.new_place(&place);
        self.places.insert(place, is_called);
        is_called
    }

    fn new_place(&mut self, place: &AccountRegion) -> bool {
        if self.is_asked_for(EvidenceSource::Config) {
            self.ask(Question::ConfigRecorder(place.clone()));
            self.ask(Question::ConfigEventStreams(place.clone()));
            self.ask(Question::ConfigAggregators(place.clone()));
            if let Some(Read::Present(aggregators)) = self.readings.live.config_aggregators.get(place) {
                for name in &aggregators.0 {
                    let aggregator = ConfigAggregator { place: place.clone(), name: name.clone() };
                    self.ask(Question::AggregatedEventStreams(aggregator));
                }
            }
        }
        if self.is_asked_for(EvidenceSource::CloudTrail) {
            self.ask(Question::EventStreamChanges(place.clone()));
        }
        if self.is_asked_for(EvidenceSource::AccessAnalyzer) {
            self.ask(Question::UnusedRoles(place.clone()));
        }
        let options = &self.readings.sweep.options;
        let is_asserted = options.event_streams_gone.contains(place)
            || proof::never_used(&options.no_pinpoint_in, &place.region);
        if is_asserted && self.extent != Extent::EverySource {
            return false;
        }
        self.ask(Question::Apps(place.clone()));
        if let Some(Read::Present(apps)) = self.readings.live.apps.get(place) {
            for id in apps.keys() {
                self.ask(Question::EventStream(AppArn::of(&place.account, &place.region, id)));
            }
        }
        true
    }

    /// The apps that the role names, also where a list lacks them, or in other accounts.
    fn possible_apps(&mut self, candidate: &Candidate<'_>) {
        let Some(possible) = &candidate.possible_apps else { return };
        let swept = &self.readings.sweep.options.regions;
        for place in possible.regions.iter().filter(|place| swept.contains(&place.region)) {
            self.place(place.clone());
        }
        for app in possible.apps.iter().filter(|app| swept.contains(&app.region)) {
            if self.place(app.place()) {
                self.ask(Question::EventStream(app.clone()));
            }
        }
    }

    /// What the optional sources say of the role and of the apps that it names.
    fn sources(&self, candidate: &Candidate<'_>) -> BTreeSet<Question> {
        let mut questions = BTreeSet::new();
        let Some(role) = candidate.role else { return questions };
        if self.extent == Extent::Needed && !judge::is_open(self.readings, candidate) {
            return questions;
        }
        if self.is_asked_for(EvidenceSource::LastAccessed) {
            questions.insert(Question::LastAccessed(role.arn.clone()));
        }
        if self.is_asked_for(EvidenceSource::CloudTrail)
            && let Some(region) = sources::region_of_use(self.readings, role)
        {
            questions.insert(Question::RoleUses(RegionalRoleArn { role: role.arn.clone(), region }));
        }
        let Some(possible) = &candidate.possible_apps else { return questions };
        if self.is_asked_for(EvidenceSource::Config) {
            let is_recorded = |app: &&AppArn| {
                matches!(self.readings.live.config_recorders.get(&app.place()), Some(Read::Present(_)))
            };
            questions.extend(possible.apps.iter().filter(is_recorded).cloned().map(Question::ConfigHistory));
        }
        questions
    }

    fn is_asked_for(&self, source: EvidenceSource) -> bool {
        self.extent == Extent::EverySource || self.readings.sweep.options.sources.contains(&source)
    }

    /// Whether the streams that the role may write to are there.
    fn streams(&mut self, candidate: &Candidate<'_>) {
        let Some(permissions) = &candidate.permissions else { return };
        let swept: BTreeSet<&AccountId> = self.readings.accounts();
        for stream in permissions.streams() {
            if swept.contains(stream.account()) && self.readings.sweep.options.regions.contains(stream.region()) {
                self.ask(Question::Stream(stream));
            }
        }
    }
}

/// The role itself, and what its managed policies say.
fn role(candidate: &Candidate<'_>) -> BTreeSet<Question> {
    let RoleArn { account, name, .. } = candidate.arn;
    let mut questions = BTreeSet::from([Question::role_directly(account, name)]);
    if candidate.lacks_policies() {
        questions.insert(Question::RoleInPart(candidate.arn.in_account()));
    }
    let policies = candidate.role.iter().flat_map(|role| &role.attached_policies).cloned();
    let policy = |arn| Question::PolicyDocument(AccountPolicy { account: account.clone(), arn });
    questions.extend(policies.map(policy));
    questions
}

/// The accounts whose event streams may name the role.
fn accounts<'c>(candidate: &'c Candidate<'_>) -> impl Iterator<Item = &'c AccountId> {
    let possible = candidate.possible_apps.iter();
    let admitted = possible.flat_map(|possible| {
        let apps = possible.apps.iter().map(|app| &app.account);
        apps.chain(possible.regions.iter().map(|place| &place.account))
    });
    admitted.chain([&candidate.arn.account])
}
