//! Which questions a sweep has. Asked again after every answer: only roles that trust Pinpoint are read
//! further, and only for those that nothing else speaks for is CloudFormation asked.
use super::facts::{Candidate, Facts};
use super::purpose::Permissions;
use super::{Sweep, judge, owner, trust};
use crate::settle;
use pinpoint_streams_model::arn::RoleArn;
use pinpoint_streams_model::ids::AccountId;
use pinpoint_streams_model::live::{Live, Question, Read};
use pinpoint_streams_model::region::Region;
use std::collections::BTreeSet;

/// What must be asked, given what has been answered so far.
pub(super) fn questions(sweep: &Sweep, live: &Live) -> BTreeSet<Question> {
    let facts = Facts::of(sweep, live);
    let mut wants = Wants { questions: settle::questions(&sweep.recorded, live), facts: &facts };
    for account in facts.accounts() {
        wants.ask(Question::Account(account.clone()));
        wants.ask(Question::RoleList(account.clone()));
        wants.unlisted(account);
    }
    for candidate in facts.candidates() {
        wants.candidate(&candidate);
    }
    wants.questions
}

struct Wants<'a> {
    facts: &'a Facts<'a>,
    questions: BTreeSet<Question>,
}

impl Wants<'_> {
    fn ask(&mut self, question: Question) {
        self.questions.insert(question);
    }

    /// A role that the list could not make out may still answer for itself.
    fn unlisted(&mut self, account: &AccountId) {
        let Some(Read::Present(list)) = self.facts.live.role_lists.get(account) else { return };
        for (name, listed) in list {
            if listed.present().is_none() {
                self.ask(Question::RoleAgain(account.clone(), name.clone()));
            }
        }
    }

    fn candidate(&mut self, candidate: &Candidate<'_>) {
        let RoleArn { partition, account, name, .. } = candidate.arn;
        self.ask(Question::RoleAgain(account.clone(), name.clone()));
        for region in self.facts.sweep.options.regions.iter().filter(|region| region.partition() == *partition) {
            self.place(account, region);
        }
        self.permissions(candidate);
        self.reach(candidate);
        if judge::hangs_on_stacks(self.facts, candidate) {
            for region in owner::stack_regions(self.facts, candidate.arn) {
                self.ask(Question::Stack(account.clone(), region.clone(), name.clone()));
            }
        }
    }

    /// The event streams of a place: who is in use there, and whether anyone answers.
    fn place(&mut self, account: &AccountId, region: &Region) {
        if !region.has_pinpoint() {
            return;
        }
        self.ask(Question::Apps(account.clone(), region.clone()));
        if let Some(Read::Present(apps)) = self.facts.live.apps.get(&(account.clone(), region.clone())) {
            for id in apps.keys() {
                self.ask(Question::EventStream(account.clone(), region.clone(), id.clone()));
            }
        }
    }

    /// The apps that the role names, also where a list lacks them, or in other accounts.
    fn reach(&mut self, candidate: &Candidate<'_>) {
        let Some(reach) = trust::reach(self.facts, candidate) else { return };
        let swept = &self.facts.sweep.options.regions;
        for (account, region) in reach.places.iter().filter(|(_, region)| swept.contains(region)) {
            self.place(account, region);
        }
        for (account, region, id) in reach.apps.into_iter().filter(|(_, region, _)| swept.contains(region)) {
            self.place(&account, &region);
            self.ask(Question::EventStream(account, region, id));
        }
    }

    /// What its managed policies say; and whether the streams that it may write to are there.
    fn permissions(&mut self, candidate: &Candidate<'_>) {
        let Some(live) = candidate.live() else { return };
        for policy in &live.attached_policies {
            self.ask(Question::PolicyDocument(live.arn.account.clone(), policy.clone()));
        }
        let swept: BTreeSet<&AccountId> = self.facts.accounts();
        for stream in Permissions::of(self.facts, live).streams() {
            if swept.contains(stream.account()) && self.facts.sweep.options.regions.contains(stream.region()) {
                self.ask(Question::Stream(stream));
            }
        }
    }
}
