//! Answers the questions of an inquiry until it has no new ones. `roles` chooses how to read roles in few calls, `queue` which
//! question is next, and `cadence` when answers are followed up while others are outstanding.
mod cadence;
mod queue;
mod roles;

use crate::cloud::ReadCloud;
use cadence::Cadence;
use futures::StreamExt;
use futures::stream::FuturesUnordered;
use pinpoint_streams_model::{AccountId, Answer, Live, Question, Read, Unreadable};
use pinpoint_streams_planner::Inquiry;
use queue::Queue;
use roles::Roles;
use std::collections::BTreeSet;
use std::fmt;
use tokio::time::{Instant, timeout_at};

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
    let (live, hints, roles) = (Live::default(), Vec::new(), Roles::default());
    let mut asker = Asker { inquiry, cloud, live, hints, roles, cadence: Cadence::new() };
    loop {
        let new = asker.new_questions();
        if new.is_empty() {
            let Asker { live, hints, .. } = asker;
            return InquiryResult { output: inquiry.conclude(&live), live, hints };
        }
        asker.round(new, options.parallelism.max(1)).await;
    }
}

struct Asker<'a, I, C> {
    inquiry: &'a I,
    cloud: &'a C,
    live: Live,
    hints: Vec<Hint>,
    roles: Roles,
    cadence: Cadence,
}

impl<I: Inquiry, C: ReadCloud> Asker<'_, I, C> {
    /// What the inquiry asks now that has no answer yet.
    fn new_questions(&mut self) -> BTreeSet<Question> {
        let mut questions = self.cadence.timed(|| self.inquiry.questions(&self.live));
        questions.retain(|question| !self.live.answers(question));
        questions
    }

    /// Answers these questions and, of those that follow from the answers, all but the roles that may be read in bulk:
    /// these wait for the next round, which has all of them.
    async fn round(&mut self, questions: BTreeSet<Question>, parallelism: usize) {
        let mut queue = self.first_questions(questions);
        // Futures are created when they start: ten thousand waiting ones would take more memory than all answers.
        let mut running = FuturesUnordered::new();
        loop {
            while running.len() < parallelism
                && let Some((question, limit)) = queue.pop()
            {
                let cloud = self.cloud;
                running.push(async move { (cloud.read(&question).await, question, limit) });
            }
            let due = self.cadence.due().filter(|_| self.inquiry.may_ask_ahead());
            let next = match due {
                Some(due) if due <= Instant::now() => None,
                Some(due) => timeout_at(due, running.next()).await.ok(),
                None => Some(running.next().await),
            };
            match next {
                Some(Some((answer, question, limit))) => {
                    queue.answered(limit, &question);
                    self.take(question, answer).into_iter().for_each(|question| queue.push(question));
                    self.cadence.answered();
                }
                Some(None) => return,
                None => {
                    let new = self.new_questions();
                    let ahead = new.into_iter().filter(|question| !may_be_read_in_bulk(question));
                    ahead.for_each(|question| queue.push(question));
                }
            }
        }
    }

    /// The questions of a round, with what must be known before its roles are read.
    fn first_questions(&mut self, questions: BTreeSet<Question>) -> Queue {
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
        queue
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

/// Whether how it is read depends on the number of roles that are wanted.
fn may_be_read_in_bulk(question: &Question) -> bool {
    matches!(question, Question::Role { directly: false, .. })
}
