//! Answers the questions of an inquiry until it has no new ones. `roles` chooses how to read roles in few calls.
mod queue;
mod roles;

use crate::cloud::ReadCloud;
use futures::StreamExt;
use futures::stream::FuturesUnordered;
use pinpoint_streams_model::{AccountId, Answer, Live, Question, Read, Unreadable};
use pinpoint_streams_planner::Inquiry;
use queue::Queue;
use roles::Roles;
use std::collections::BTreeSet;
use std::fmt;

#[derive(Debug, Clone, Copy)]
pub struct AskOptions {
    /// The maximum number of concurrent calls over all accounts; at least 1.
    pub parallelism: usize,
}

/// What an inquiry concluded, and the answers it rests on.
#[derive(Debug, Clone)]
pub struct InquiryResult<T> {
    pub output: T,
    pub live: Live,
    /// How to make the next read cheaper.
    pub hints: Vec<Hint>,
}

/// A remark on how something was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Hint {
    /// Roles were read one by one, because `denied` refused a bulk read.
    BulkDenied { account: AccountId, denied: Unreadable, roles: usize },
}

impl fmt::Display for Hint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Hint::BulkDenied { account, denied, roles } = self;
        let operation = &denied.operation;
        write!(
            f,
            "{roles} roles of {account} were read one by one; allowing iam:{operation} saves most of these calls"
        )
    }
}

/// Asks until there is no new question, and concludes. A failed read is an answer too: [`Read::Unreadable`].
pub async fn ask<I: Inquiry>(
    inquiry: &I,
    cloud: &impl ReadCloud,
    options: AskOptions,
) -> InquiryResult<I::Output> {
    let mut asker = Asker { cloud, live: Live::default(), hints: Vec::new(), roles: Roles::default() };
    loop {
        let mut new = inquiry.questions(&asker.live);
        new.retain(|question| !asker.live.answers(question));
        if new.is_empty() {
            let Asker { live, hints, .. } = asker;
            return InquiryResult { output: inquiry.conclude(&live), live, hints };
        }
        asker.round(new, options.parallelism.max(1)).await;
    }
}

struct Asker<'a, C> {
    cloud: &'a C,
    live: Live,
    hints: Vec<Hint>,
    roles: Roles,
}

impl<C: ReadCloud> Asker<'_, C> {
    /// Answers these questions. A read waits for another only if it depends on its answer.
    async fn round(&mut self, questions: BTreeSet<Question>, parallelism: usize) {
        let live = &mut self.live;
        let (mut first, mut rest, mut accounts) = (BTreeSet::new(), BTreeSet::new(), BTreeSet::new());
        for question in questions {
            match question {
                Question::Role { role, directly: false } => {
                    accounts.insert(role.account.clone());
                    self.roles.want(role);
                }
                Question::Quotas(_) => drop(first.insert(question)),
                other => drop(rest.insert(other)),
            }
        }
        let mut roles = Vec::new();
        for account in accounts {
            // How to read roles depends on their number.
            if live.quotas.contains_key(&account) {
                roles.extend(self.roles.decide(&account, live));
            } else {
                first.insert(Question::Quotas(account.clone()));
            }
            let caller = Question::Caller(account);
            if !live.answers(&caller) {
                rest.insert(caller);
            }
        }
        let mut queue = Queue::default();
        first.into_iter().chain(roles).chain(rest).for_each(|question| queue.push(question));

        // Futures are created when they start: ten thousand waiting ones would take more memory than all answers.
        let mut running = FuturesUnordered::new();
        loop {
            while running.len() < parallelism
                && let Some((question, limit)) = queue.pop()
            {
                let cloud = self.cloud;
                running.push(async move { (cloud.read(&question).await, question, limit) });
            }
            let Some((answer, question, limit)) = running.next().await else { return };
            queue.answered(limit);
            self.take(question, answer).into_iter().for_each(|question| queue.push(question));
        }
    }

    /// Records an answer; returns the questions that follow from it.
    fn take(&mut self, question: Question, answer: Read<Answer>) -> Vec<Question> {
        let live = &mut self.live;
        live.record(question.clone(), answer);
        match question {
            Question::Quotas(account) => self.roles.decide(&account, live),
            Question::Roles(account) => {
                let (asks, hint) = self.roles.take_all(&account, live);
                self.hints.extend(hint);
                asks
            }
            _ => Vec::new(),
        }
    }
}
