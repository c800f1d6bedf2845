//! Reports of past runs, for auditors: each role's verdict, purpose and evidence, who approved what, what was archived, and
//! the request ID of each write. JSON is [`Report`] itself.
mod csv;
mod facts;
mod log;
mod page;
mod rows;
mod text;

pub(crate) use csv::csv;
pub(crate) use facts::{Ended, FoundLog, Integrity, Report};
pub(crate) use log::log;
pub(crate) use page::page;
pub(crate) use text::text;

use crate::ui::escape::escape;
use crate::ui::facts::Words;
use crate::ui::text::count;
use crate::ui::views::sweep;
use facts::{Subject, Write};
use jiff::Timestamp;
use pinpoint_streams_model::fact::{Evidence, Fact};
use pinpoint_streams_model::plan::Mode;
use pinpoint_streams_model::sweep::{SweptAccount, Unread};

/// The command that made the plan.
pub(super) fn command(of: Mode, is_undo: bool) -> &'static str {
    if is_undo { "undo" } else { mode(of) }
}

/// The same in the CSV, which knows of no undo.
fn mode(mode: Mode) -> &'static str {
    match mode {
        Mode::Converge => "apply",
        Mode::Destroy => "destroy",
        Mode::Drift => "drift",
        Mode::Sweep => "sweep",
        Mode::Restore => "restore",
    }
}

/// A time to the second, as in CloudTrail.
fn at(time: Timestamp) -> String {
    time.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}

fn evidence(evidence: &Evidence) -> String {
    escape(&crate::ui::facts::evidence(evidence)).into_owned()
}

fn held(fact: &Fact) -> String {
    escape(&Words(fact).to_string()).into_owned()
}

/// Time, operation, result, error and request ID of a write.
fn write(write: &Write) -> String {
    let Write { op: _, call: _, began_at, ended_at: _, result, code, message, request_id } = write;
    let mut parts = vec![at(*began_at), write.what(), result.as_str().to_owned()];
    parts.extend([code, message].into_iter().flatten().map(|text| escape(text).into_owned()));
    parts.extend(request_id.as_deref().map(|id| format!("request id {}", escape(id))));
    parts.join(", ")
}

/// Verdict, purpose, action and outcome.
fn in_short(subject: &Subject) -> String {
    let found = [subject.verdict(), subject.purpose()].into_iter().filter(|word| !word.is_empty());
    let done = match subject.action() {
        "" => subject.outcome.as_str().to_owned(),
        action => format!("{action}: {}", subject.outcome.as_str()),
    };
    match found.collect::<Vec<_>>().join(", ").as_str() {
        "" => done,
        found => format!("{found}; {done}"),
    }
}

/// `38 of 40 accounts`
fn accounts_read(accounts: &[SweptAccount]) -> String {
    let read = accounts.iter().filter(|account| account.unreachable.is_none()).count();
    format!("{read} of {}", count(accounts.len(), "account"))
}

/// What a sweep could not read, and why.
fn not_read(accounts: &[SweptAccount], unread: &[Unread]) -> Vec<String> {
    let role = |unread: &Unread| format!("{}, {}", unread.account, sweep::unread(unread));
    accounts.iter().filter_map(sweep::unreachable).chain(unread.iter().map(role)).collect()
}

#[cfg(test)]
mod tests;
