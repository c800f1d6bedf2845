//! What runs found and did, for whoever has to answer for it: each role's verdict, purpose and evidence, who
//! approved what, what was archived, and AWS's request id of each write. One set of facts, in five forms.
mod csv;
mod facts;
mod html;
mod markdown;
mod rows;
mod text;
mod words;

pub(crate) use csv::csv;
pub(crate) use facts::{Ended, Report};
pub(crate) use html::html;
pub(crate) use markdown::markdown;
pub(crate) use text::text;

use crate::ui::escape::escape;
use crate::ui::facts::Words;
use facts::{Done, Subject};
use jiff::Timestamp;
use pinpoint_streams_model::fact::{Evidence, Fact};
use pinpoint_streams_model::sweep::{SweptAccount, Unread};

/// A point in time, to the second, as CloudTrail writes it.
fn at(time: Timestamp) -> String {
    time.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}

/// A fact and the call that it comes from, on one line.
fn evidence(evidence: &Evidence) -> String {
    escape(&crate::ui::facts::evidence(evidence)).into_owned()
}

/// What held a sweep back.
fn held(fact: &Fact) -> String {
    escape(&Words(fact).to_string()).into_owned()
}

/// A write in its parts: when, what, what became of it, AWS's request id.
fn write(done: &Done) -> Vec<String> {
    let Done { op: _, call: _, began_at, ended_at: _, result, code, message, request_id } = done;
    let mut parts = vec![at(*began_at), done.what(), result.words().to_owned()];
    parts.extend(code.as_deref().map(|code| escape(code).into_owned()));
    parts.extend(message.as_deref().map(|message| escape(message).into_owned()));
    parts.extend(request_id.as_deref().map(|id| format!("request id {}", escape(id))));
    parts
}

/// What a resource was found to be, and what was done, in a few words.
fn in_short(subject: &Subject) -> String {
    let found = [subject.verdict_words(), subject.purpose_words()].into_iter().filter(|word| !word.is_empty());
    let done = match subject.action_words() {
        "" => subject.outcome.words().to_owned(),
        action => format!("{action}: {}", subject.outcome.words()),
    };
    match found.collect::<Vec<_>>().join(", ").as_str() {
        "" => done,
        found => format!("{found}; {done}"),
    }
}

/// `38 of 40 accounts`
fn accounts_read(accounts: &[SweptAccount]) -> String {
    let read = accounts.iter().filter(|account| account.unreachable.is_none()).count();
    format!("{read} of {}", count(accounts.len(), "account", "accounts"))
}

/// What a sweep could not read, and why.
fn not_read(accounts: &[SweptAccount], unread: &[Unread]) -> Vec<String> {
    let account = |SweptAccount { alias, id, unreachable }: &SweptAccount| {
        let name = id.as_ref().map_or_else(|| alias.to_string(), |id| format!("{id} ({alias})"));
        unreachable.as_ref().map(|why| format!("{name}: {}", escape(why)))
    };
    let role = |Unread { account, role, why }: &Unread| {
        let what = role.as_ref().map_or_else(|| "its roles".to_owned(), |role| format!("role {role}"));
        format!("{account}, {what}: {}", evidence(why))
    };
    accounts.iter().filter_map(account).chain(unread.iter().map(role)).collect()
}

/// Text that HTML leaves as it is, within elements and within quoted attributes.
fn html_text(text: &str) -> String {
    let mut safe = String::with_capacity(text.len() + 16);
    for character in escape(text).chars() {
        match character {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '"' => safe.push_str("&quot;"),
            '\'' => safe.push_str("&#39;"),
            other => safe.push(other),
        }
    }
    safe
}

/// `1 role`, `3 roles`
fn count(number: usize, one: &str, several: &str) -> String {
    if number == 1 { format!("1 {one}") } else { format!("{number} {several}") }
}

#[cfg(test)]
mod tests;
