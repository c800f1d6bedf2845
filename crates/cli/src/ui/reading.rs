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
    /// The account that was asked, or that answered, last.
    latest: Option<AccountId>,
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
        self.line_of(&self.progress())
    }

    fn line_of(&self, progress: &Progress) -> Option<String> {
        let account = progress.latest.as_ref()?;
        let (nth, answers) = *progress.accounts.get(account)?;
        Some(line(nth, self.names.len(), self.names.get(account)?, answers, progress.answers))
    }

    fn progress(&self) -> MutexGuard<'_, Progress> {
        self.progress.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Notes that the account is asked, or that it answered.
    fn note(&self, account: &AccountId, has_answered: bool) {
        let mut progress = self.progress();
        progress.answers += usize::from(has_answered);
        if !self.names.contains_key(account) {
            return;
        }
        let next = progress.accounts.len() + 1;
        match progress.accounts.get_mut(account) {
            Some((_, answers)) => *answers += usize::from(has_answered),
            None => drop(progress.accounts.insert(account.clone(), (next, 0))),
        }
        if progress.latest.as_ref() != Some(account) {
            progress.latest = Some(account.clone());
        }
        if let Some(bar) = &self.bar
            && let Some(line) = self.line_of(&progress)
        {
            bar.set_message(shortened(&format!("reading {line}"), self.width.saturating_sub(3)));
        }
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
        self.note(question.account(), false);
        let answer = self.cloud.read(question).await;
        self.note(question.account(), true);
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

    #[test]
    fn each_account_is_counted_by_itself_and_the_one_of_the_latest_event_is_shown() {
        let [first, second, unnamed]: [AccountId; 3] =
            ["111111111111", "222222222222", "333333333333"].map(|id| id.parse().unwrap());
        let swept = |alias: &str, id: &AccountId| SweptAccount {
            alias: alias.parse().unwrap(),
            id: Some(id.clone()),
            unreachable: None,
        };
        let reading = Reading::new(&(), &[swept("a", &first), swept("b", &second)], None, 80);
        assert_eq!(reading.line(), None);
        reading.note(&first, false);
        reading.note(&second, false);
        assert_eq!(reading.line().unwrap(), "2 of 2: b 222222222222, 0 answers (0 in all)");
        reading.note(&first, true);
        assert_eq!(reading.line().unwrap(), "1 of 2: a 111111111111, 1 answer (1 in all)");
        reading.note(&unnamed, true);
        assert_eq!(reading.line().unwrap(), "1 of 2: a 111111111111, 1 answer (2 in all)");
    }
}
