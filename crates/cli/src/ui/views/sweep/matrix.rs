//! The accounts of a sweep and the verdicts on their roles, as a table that fits the width.
use super::{heading, of_verdict};
use crate::ui::escape::escape;
use crate::ui::page::{PageTable, Untrusted};
use crate::ui::style::{QUIET, STRONG, WARNING, paint};
use crate::ui::text::{count, shortened};
use pinpoint_streams_model::ids::AccountId;
use pinpoint_streams_model::sweep::{Findings, SweptAccount, Verdict};
use std::collections::BTreeMap;
use std::fmt::Write as _;

/// The verdicts of a column.
struct Column {
    heading: String,
    verdicts: Vec<Verdict>,
}

/// An account with roles or with something that was not read.
struct AccountRow {
    name: String,
    counts: BTreeMap<Verdict, usize>,
    note: String,
}

/// The accounts that have a row, and the number of the others.
fn account_rows(accounts: &[SweptAccount], findings: &Findings) -> (Vec<AccountRow>, usize) {
    let mut roles: BTreeMap<&AccountId, BTreeMap<Verdict, usize>> = BTreeMap::new();
    for finding in &findings.roles {
        *roles.entry(&finding.role.account).or_default().entry(finding.verdict).or_default() += 1;
    }
    let (mut rows, mut empty) = (Vec::new(), 0);
    for SweptAccount { alias, id, unreachable } in accounts {
        let name = id.as_ref().map_or_else(|| alias.to_string(), |id| heading(alias.as_str(), id));
        let counts = id.as_ref().and_then(|id| roles.get(id));
        let unread = findings.unread.iter().filter(|unread| Some(&unread.account) == id.as_ref());
        let is_unlisted = unread.clone().any(|unread| unread.role.is_none());
        let note = match unread.filter(|unread| unread.role.is_some()).count() {
            _ if unreachable.is_some() || is_unlisted => "not read".to_owned(),
            0 => String::new(),
            some => format!("{} not read", count(some, "role")),
        };
        match counts {
            None if note.is_empty() => empty += 1,
            counts => rows.push(AccountRow { name, counts: counts.cloned().unwrap_or_default(), note }),
        }
    }
    (rows, empty)
}

/// The same on a page, where every verdict has a column.
pub(super) fn table(accounts: &[SweptAccount], findings: &Findings) -> Option<PageTable> {
    let (rows, _) = account_rows(accounts, findings);
    let verdicts: Vec<Verdict> =
        Verdict::ALL.into_iter().rev().filter(|verdict| findings.count(*verdict) > 0).collect();
    let has_notes = rows.iter().any(|row| !row.note.is_empty());
    let line = |name: String, number: &dyn Fn(Verdict) -> usize, note: String| -> Vec<Untrusted> {
        let cell = |verdict: &Verdict| match number(*verdict) {
            0 => "-".to_owned(),
            some => some.to_string(),
        };
        let cells = [name].into_iter().chain(verdicts.iter().map(cell));
        cells.chain(has_notes.then_some(note)).map(Untrusted::from).collect()
    };
    let of_account = |AccountRow { name, counts, note }: &AccountRow| {
        line(name.clone(), &|verdict| counts.get(&verdict).copied().unwrap_or_default(), note.clone())
    };
    let total =
        (rows.len() > 1).then(|| line("total".to_owned(), &|verdict| findings.count(verdict), String::new()));
    let columns = ["account"].into_iter().chain(verdicts.iter().map(|verdict| verdict.as_str()));
    Some(PageTable {
        columns: columns.chain(has_notes.then_some("")).map(Untrusted::from).collect(),
        rows: rows.iter().map(of_account).chain(total).collect(),
    })
    .filter(|table| !table.rows.is_empty())
}

/// One row for each account with roles, and the sum. Empty if no account has any and all were read.
pub(super) fn matrix(accounts: &[SweptAccount], findings: &Findings, width: usize) -> String {
    let (rows, empty) = account_rows(accounts, findings);
    if rows.is_empty() {
        return String::new();
    }
    let longest = rows.iter().map(|row| row.name.chars().count()).chain(["account".len()]).max().unwrap_or(0);
    let name_width = longest.min((width / 2).max(20));
    let columns = columns(findings, width.saturating_sub(name_width));
    let line = |name: &str, cells: &[String]| {
        let name = shortened(name, name_width);
        let mut line = format!("{name:<name_width$}");
        for (cell, column) in cells.iter().zip(&columns) {
            let _ = write!(line, "  {cell:>width$}", width = column.heading.len());
        }
        line
    };
    let cells = |counts: &BTreeMap<Verdict, usize>| -> Vec<String> {
        let sum =
            |column: &Column| column.verdicts.iter().filter_map(|verdict| counts.get(verdict)).sum::<usize>();
        columns.iter().map(sum).map(|sum| if sum == 0 { "-".to_owned() } else { sum.to_string() }).collect()
    };
    let headings: Vec<String> = columns.iter().map(|column| column.heading.clone()).collect();
    let mut text = format!("\n{}\n", paint(STRONG, line("account", &headings).trim_end()));
    let mut total: BTreeMap<Verdict, usize> = BTreeMap::new();
    for AccountRow { name, counts, note } in &rows {
        counts.iter().for_each(|(verdict, number)| *total.entry(*verdict).or_default() += number);
        let row = if counts.is_empty() { shortened(name, name_width) } else { line(name, &cells(counts)) };
        let worst = counts.keys().max().copied().map(of_verdict).unwrap_or(WARNING);
        let _ = write!(text, "{}", paint(if counts.is_empty() { WARNING } else { worst }, escape(&row)));
        let _ = match note.is_empty() {
            true => writeln!(text),
            false => writeln!(text, "  {}", paint(WARNING, note)),
        };
    }
    if rows.len() > 1 {
        let _ = writeln!(text, "{}", paint(STRONG, line("total", &cells(&total)).trim_end()));
    }
    if empty > 0 {
        let others =
            if empty == 1 { "1 other account has".to_owned() } else { format!("{empty} other accounts have") };
        let _ = writeln!(text, "{}", paint(QUIET, format!("{others} no role that trusts Pinpoint")));
    }
    text
}

/// The verdicts that occur, the ones to act on first. Those that do not fit are counted together.
fn columns(findings: &Findings, width: usize) -> Vec<Column> {
    let occurs = |verdict: &Verdict| findings.count(*verdict) > 0;
    let verdicts: Vec<Verdict> = Verdict::ALL.into_iter().rev().filter(occurs).collect();
    let own = |verdict: &Verdict| Column { heading: short(*verdict).to_owned(), verdicts: vec![*verdict] };
    let mut columns: Vec<Column> = verdicts.iter().map(own).collect();
    let needed = |columns: &[Column]| columns.iter().map(|column| column.heading.len() + 2).sum::<usize>();
    let mut rest = Vec::new();
    while needed(&columns) + if rest.is_empty() { 0 } else { "  others".len() } > width && columns.len() > 1 {
        rest.extend(columns.pop().into_iter().flat_map(|column| column.verdicts));
    }
    if !rest.is_empty() {
        columns.push(Column { heading: "others".to_owned(), verdicts: rest });
    }
    columns
}

fn short(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::ManagedElsewhere => "elsewhere",
        other => other.as_str(),
    }
}
