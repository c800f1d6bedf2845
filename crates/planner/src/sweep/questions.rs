//! Which questions a sweep has. Asked again after every answer: only roles that trust Pinpoint are read
//! further, and only for those that nothing else speaks for is CloudFormation asked.
use super::candidate::{Candidate, candidates};
use super::readings::Readings;
use super::{judge, local_fact, other_users, owner, proof, sources};
use crate::settle;
use jiff::Timestamp;
use pinpoint_streams_model::live::history::ConfigAggregator;
use pinpoint_streams_model::live::question::{AccountPolicy, RegionalRole, RegionalRoleArn};
use pinpoint_streams_model::{
    AccountId, AccountRegion, AppArn, Evidence, EvidenceSource, Fact, Partition, Question, Read, Region, RoleArn,
};
use std::collections::{BTreeMap, BTreeSet};

/// What must be asked, given what has been answered so far.
pub(super) fn questions(readings: &Readings<'_>, extent: Extent) -> BTreeSet<Question> {
    let questions = settle::questions(&readings.sweep.recorded, readings.live);
    let mut set = QuestionSet { questions, readings, extent };
    for account in readings.accounts() {
        set.questions.extend(Question::of_account(account));
        set.ask(Question::RoleList(account.clone()));
        set.questions.extend(unlisted(readings, account));
    }
    for candidate in &candidates(readings) {
        set.candidate(candidate);
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
    let questions = BTreeSet::from([Question::RoleList(account.clone())]);
    let mut set = QuestionSet { questions, readings, extent: Extent::EverySource };
    set.candidate(candidate);
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
}

impl QuestionSet<'_> {
    fn ask(&mut self, question: Question) {
        self.questions.insert(question);
    }

    fn candidate(&mut self, candidate: &Candidate<'_>) {
        let RoleArn { partition, account, name, .. } = candidate.arn;
        self.ask(Question::role_directly(account, name));
        if candidate.lacks_policies() {
            self.ask(Question::RoleInPart(candidate.arn.in_account()));
        }
        for region in self.readings.sweep.options.regions.iter().filter(|region| region.partition() == *partition)
        {
            self.place(account, region);
        }
        self.permissions(candidate);
        self.possible_apps(candidate);
        self.sources(candidate);
        let all_purposes = self.readings.sweep.options.all_purposes || self.extent != Extent::Needed;
        if other_users::are_needed(self.readings, candidate, all_purposes) {
            self.questions.extend(other_users::questions(self.readings, candidate));
        }
        if self.extent != Extent::Needed || judge::needs_stacks(self.readings, candidate) {
            if *partition == Partition::Aws {
                self.ask(Question::EnabledRegions(account.clone()));
            }
            for region in owner::stack_regions(self.readings, candidate.arn).into_iter().flatten() {
                self.ask(Question::Stack(RegionalRole::of(account, &region, name)));
            }
        }
    }

    /// The event streams of a place: which roles they name, and whether Pinpoint answers there. False where it is not
    /// called: where an assertion stands in for it.
    fn place(&mut self, account: &AccountId, region: &Region) -> bool {
        if !region.has_pinpoint() {
            return false;
        }
        let place = AccountRegion::of(account, region);
        if self.is_asked_for(EvidenceSource::Config) {
            self.ask(Question::ConfigRecorder(place.clone()));
            self.ask(Question::ConfigEventStreams(place.clone()));
            self.ask(Question::ConfigAggregators(place.clone()));
            if let Some(Read::Present(aggregators)) = self.readings.live.config_aggregators.get(&place) {
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
        let is_asserted =
            options.event_streams_gone.contains(&place) || proof::never_used(&options.no_pinpoint_in, region);
        if is_asserted && self.extent != Extent::EverySource {
            return false;
        }
        self.ask(Question::Apps(place));
        if let Some(Read::Present(apps)) = self.readings.live.apps.get(&AccountRegion::of(account, region)) {
            for id in apps.keys() {
                self.ask(Question::EventStream(AppArn::of(account, region, id)));
            }
        }
        true
    }

    /// The apps that the role names, also where a list lacks them, or in other accounts.
    fn possible_apps(&mut self, candidate: &Candidate<'_>) {
        let Some(possible) = &candidate.possible_apps else { return };
        let swept = &self.readings.sweep.options.regions;
        for AccountRegion { account, region } in
            possible.regions.iter().filter(|place| swept.contains(&place.region))
        {
            self.place(account, region);
        }
        for app in possible.apps.iter().filter(|app| swept.contains(&app.region)) {
            if self.place(&app.account, &app.region) {
                self.ask(Question::EventStream(app.clone()));
            }
        }
    }

    /// What the optional sources say of the role and of the apps that it names.
    fn sources(&mut self, candidate: &Candidate<'_>) {
        let Some(role) = candidate.role else { return };
        if self.extent == Extent::Needed && !judge::is_open(self.readings, candidate) {
            return;
        }
        if self.is_asked_for(EvidenceSource::LastAccessed) {
            self.ask(Question::LastAccessed(role.arn.clone()));
        }
        if self.is_asked_for(EvidenceSource::CloudTrail)
            && let Some(region) = sources::region_of_use(self.readings, role)
        {
            self.ask(Question::RoleUses(RegionalRoleArn { role: role.arn.clone(), region }));
        }
        let Some(possible) = &candidate.possible_apps else { return };
        if !self.is_asked_for(EvidenceSource::Config) {
            return;
        }
        for app in &possible.apps {
            if matches!(self.readings.live.config_recorders.get(&app.place()), Some(Read::Present(_))) {
                self.questions.insert(Question::ConfigHistory(app.clone()));
            }
        }
    }

    fn is_asked_for(&self, source: EvidenceSource) -> bool {
        self.extent == Extent::EverySource || self.readings.sweep.options.sources.contains(&source)
    }

    /// What its managed policies say; and whether the streams that it may write to are there.
    fn permissions(&mut self, candidate: &Candidate<'_>) {
        let (Some(live), Some(permissions)) = (candidate.role, &candidate.permissions) else { return };
        for policy in &live.attached_policies {
            self.ask(Question::PolicyDocument(AccountPolicy {
                account: live.arn.account.clone(),
                arn: policy.clone(),
            }));
        }
        let swept: BTreeSet<&AccountId> = self.readings.accounts();
        for stream in permissions.streams() {
            if swept.contains(stream.account()) && self.readings.sweep.options.regions.contains(stream.region()) {
                self.ask(Question::Stream(stream));
            }
        }
    }
}
