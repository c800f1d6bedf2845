//! Which questions a sweep has. Asked again after every answer: only roles that trust Pinpoint are read
//! further, and only for those that nothing else speaks for is CloudFormation asked.
use super::candidate::{Candidate, candidates};
use super::readings::Readings;
use super::{Sweep, judge, owner};
use crate::settle;
use pinpoint_streams_model::arn::{AppArn, RoleArn};
use pinpoint_streams_model::ids::AccountId;
use pinpoint_streams_model::live::question::{AccountPolicy, RegionalRole};
use pinpoint_streams_model::live::{Live, Question, Read};
use pinpoint_streams_model::region::{AccountRegion, Partition, Region};
use std::collections::BTreeSet;

/// What must be asked, given what has been answered so far.
pub(super) fn questions(sweep: &Sweep, live: &Live) -> BTreeSet<Question> {
    let readings = Readings::of(sweep, live);
    let mut set = QuestionSet { questions: settle::questions(&sweep.recorded, live), readings: &readings };
    for account in readings.accounts() {
        set.questions.extend(Question::of_account(account));
        set.ask(Question::RoleList(account.clone()));
        set.unlisted(account);
    }
    for candidate in &candidates(&readings) {
        set.candidate(candidate);
    }
    set.questions
}

struct QuestionSet<'a> {
    readings: &'a Readings<'a>,
    questions: BTreeSet<Question>,
}

impl QuestionSet<'_> {
    fn ask(&mut self, question: Question) {
        self.questions.insert(question);
    }

    /// A role that the list could not parse is read by itself.
    fn unlisted(&mut self, account: &AccountId) {
        let Some(Read::Present(list)) = self.readings.live.role_lists.get(account) else { return };
        for (name, listed) in list {
            if listed.present().is_none() {
                self.ask(Question::role_directly(account, name));
            }
        }
    }

    fn candidate(&mut self, candidate: &Candidate<'_>) {
        let RoleArn { partition, account, name, .. } = candidate.arn;
        self.ask(Question::role_directly(account, name));
        for region in self.readings.sweep.options.regions.iter().filter(|region| region.partition() == *partition)
        {
            self.place(account, region);
        }
        self.permissions(candidate);
        self.possible_apps(candidate);
        if judge::needs_stacks(self.readings, candidate) {
            if *partition == Partition::Aws {
                self.ask(Question::EnabledRegions(account.clone()));
            }
            for region in owner::stack_regions(self.readings, candidate.arn).into_iter().flatten() {
                self.ask(Question::Stack(RegionalRole::of(account, &region, name)));
            }
        }
    }

    /// The event streams of a place: who is in use there, and whether anyone answers.
    fn place(&mut self, account: &AccountId, region: &Region) {
        if !region.has_pinpoint() {
            return;
        }
        self.ask(Question::Apps(AccountRegion::of(account, region)));
        if let Some(Read::Present(apps)) = self.readings.live.apps.get(&AccountRegion::of(account, region)) {
            for id in apps.keys() {
                self.ask(Question::EventStream(AppArn::of(account, region, id)));
            }
        }
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
            self.place(&app.account, &app.region);
            self.ask(Question::EventStream(app.clone()));
        }
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
