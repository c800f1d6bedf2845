//! The progress of reading: which account is asked, and how many answers there are.
use crate::ui::text::{count, shortened};
use indicatif::ProgressBar;
use pinpoint_streams_executor::cloud::ReadCloud;
use pinpoint_streams_model::ids::AccountId;
use pinpoint_streams_model::live::{Answer, Question, Read};
use pinpoint_streams_model::sweep::SweptAccount;
use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// A cloud that shows what is read of it.
pub(crate) struct Reading<'a, C> {
    cloud: &'a C,
    /// In the order in which they were first asked. The rest is known by its number.
    names: BTreeMap<AccountId, String>,
    progress: Mutex<Progress>,
    bar: Option<ProgressBar>,
    width: usize,
}

#[derive(Debug, Default)]
struct Progress {
    /// The accounts that were asked, with their number and how many answers each gave.
    accounts: BTreeMap<AccountId, (usize, usize)>,
    answers: usize,
    /// What is being asked.
    line: Option<String>,
}

impl<'a, C> Reading<'a, C> {
    /// `bar` is redrawn, where that is possible.
    pub(crate) fn new(
        cloud: &'a C,
        accounts: &[SweptAccount],
        bar: Option<ProgressBar>,
        width: usize,
    ) -> Reading<'a, C> {
        let named = |account: &SweptAccount| {
            let SweptAccount { alias, id, unreachable } = account;
            let id = id.clone().filter(|_| unreachable.is_none())?;
            let name = if alias.as_str() == id.as_str() || alias.as_str() == "default" {
                id.to_string()
            } else {
                format!("{alias} {id}")
            };
            Some((id, name))
        };
        let names: BTreeMap<AccountId, String> = accounts.iter().filter_map(named).collect();
        Reading { cloud, names, progress: Mutex::default(), bar, width }
    }

    /// What is being asked, for a log.
    pub(crate) fn line(&self) -> Option<String> {
        self.progress().line.clone()
    }

    fn progress(&self) -> MutexGuard<'_, Progress> {
        self.progress.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn show(&self, account: &AccountId) {
        let mut progress = self.progress();
        let Some(name) = self.names.get(account) else { return };
        let next = progress.accounts.len() + 1;
        let (nth, answers) = *progress.accounts.entry(account.clone()).or_insert((next, 0));
        let text = line(nth, self.names.len(), name, answers, progress.answers);
        if let Some(bar) = &self.bar {
            bar.set_message(shortened(&format!("reading {text}"), self.width.saturating_sub(3)));
        }
        progress.line = Some(text);
    }
}

/// `3 of 22: growth-prod 123456789012, 41 answers (310 in all)`
fn line(nth: usize, accounts: usize, name: &str, answers: usize, all: usize) -> String {
    let answers = count(answers, "answer");
    match accounts {
        1 => format!("{name}: {answers}"),
        many => format!("{nth} of {many}: {name}, {answers} ({all} in all)"),
    }
}

impl<C: ReadCloud> ReadCloud for Reading<'_, C> {
    async fn read(&self, question: &Question) -> Read<Answer> {
        let account = question.account().clone();
        self.show(&account);
        let answer = self.cloud.read(question).await;
        {
            let mut progress = self.progress();
            progress.answers += 1;
            if let Some((_, answers)) = progress.accounts.get_mut(&account) {
                *answers += 1;
            }
        }
        self.show(&account);
        answer
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_account_is_counted_and_named() {
        let shown = line(3, 22, "growth-prod 123456789012", 41, 310);
        assert_eq!(shown, "3 of 22: growth-prod 123456789012, 41 answers (310 in all)");
        assert_eq!(line(1, 1, "123456789012", 1, 1), "123456789012: 1 answer");
    }
}
