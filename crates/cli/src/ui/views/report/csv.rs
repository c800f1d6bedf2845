//! A report as a table for spreadsheets, RFC 4180: a row for each call, and one for each resource that was left
//! as it is.
use super::facts::{Coverage, Done, Kept, Purport, Report, Run, Subject};
use super::{at, evidence, held, words};
use crate::ui::escape::escape;
use crate::ui::views::sweep::used;

/// What is the same in all rows of a resource.
const COLUMNS: [&str; 23] = [
    "run",
    "mode",
    "ended",
    "workspace",
    "began_at",
    "approved_by",
    "plan_digest",
    "account",
    "region",
    "address",
    "arn",
    "verdict",
    "purpose",
    "action",
    "outcome",
    "reason",
    "created",
    "last_used",
    "evidence",
    "evidence_read_at",
    "left_alone_because",
    "archive",
    "archive_digest",
];

/// What one row adds to what is the same in all of a resource's.
const CALL: [&str; 6] = ["call", "call_began_at", "call_ended_at", "result", "error", "request_id"];

/// All of it, with a heading.
pub(crate) fn csv(Report { format_version: _, runs, unreadable: _ }: &Report) -> String {
    let mut text = line(&[&COLUMNS[..], &CALL].concat());
    for run in runs {
        for subject in &run.subjects {
            let resource = resource(run, subject);
            for call in calls(subject) {
                text.push_str(&line(&[&resource[..], &call].concat()));
            }
        }
    }
    text
}

fn resource(run: &Run, subject: &Subject) -> [String; COLUMNS.len()] {
    let Run { run: id, ended: _, last_at: _, about, subjects: _ } = run;
    let Subject {
        address,
        arn,
        account,
        region: _,
        action: _,
        reason,
        outcome,
        verdict: _,
        purpose: _,
        created,
        last_used,
        evidence: evidences,
        held_by,
        advice: _,
        notes,
        archives,
        writes: _,
        not_begun: _,
    } = subject;
    let about = |of: fn(&Purport) -> String| about.as_ref().map(of).unwrap_or_default();
    let known = evidences.iter().map(evidence).chain(notes.iter().map(evidence));
    let archives = |of: fn(&Kept) -> String| join(archives.iter().map(of));
    [
        id.to_string(),
        about(|about| words::mode(about.mode).to_owned()),
        run.end_words().to_owned(),
        about(|about| about.workspace.to_string()),
        about(|about| at(about.began_at)),
        about(|about| about.approved_by.as_deref().map(escape).unwrap_or_default().into_owned()),
        about(|about| escape(&about.plan_digest.to_string()).into_owned()),
        account.as_ref().map(ToString::to_string).unwrap_or_default(),
        subject.region_words().to_owned(),
        address.to_string(),
        arn.as_deref().map(escape).unwrap_or_default().into_owned(),
        subject.verdict_words().to_owned(),
        subject.purpose_words().to_owned(),
        subject.action_words().to_owned(),
        outcome.words().to_owned(),
        reason.map(|reason| reason.to_string()).unwrap_or_default(),
        created.map(at).unwrap_or_default(),
        last_used.as_ref().map(used).unwrap_or_default(),
        join(known),
        about(|about| about.reading.as_ref().map(|Coverage { at: time, .. }| at(*time)).unwrap_or_default()),
        join(held_by.iter().map(held)),
        archives(|kept| escape(&kept.path).into_owned()),
        archives(|kept| escape(&kept.digest.to_string()).into_owned()),
    ]
}

/// A call of its own, or a step that was not begun; nothing where there is neither.
fn calls(Subject { writes, not_begun, .. }: &Subject) -> Vec<[String; CALL.len()]> {
    let text = |text: &Option<String>| text.as_deref().map(escape).unwrap_or_default().into_owned();
    let made = writes.iter().map(|done| {
        let Done { op: _, call: _, began_at, ended_at, result, code, message, request_id } = done;
        let why: Vec<String> = [text(code), text(message)].into_iter().filter(|part| !part.is_empty()).collect();
        let ended_at = ended_at.map(at).unwrap_or_default();
        [done.what(), at(*began_at), ended_at, result.words().to_owned(), why.join(": "), text(request_id)]
    });
    let not_begun = not_begun.iter().map(|op| {
        let none = String::new;
        [(*op).to_owned(), none(), none(), "not begun".to_owned(), none(), none()]
    });
    let calls: Vec<_> = made.chain(not_begun).collect();
    if calls.is_empty() { vec![Default::default()] } else { calls }
}

fn join(parts: impl Iterator<Item = String>) -> String {
    parts.collect::<Vec<_>>().join("; ")
}

fn line(cells: &[impl AsRef<str>]) -> String {
    let cells: Vec<String> = cells.iter().map(|text| cell(text.as_ref())).collect();
    format!("{}\r\n", cells.join(","))
}

/// What a formula may begin with, in its wide forms too. Source: OWASP, "CSV Injection".
const FORMULA: [char; 10] = ['=', '+', '-', '@', '\t', '\r', '\u{ff1d}', '\u{ff0b}', '\u{ff0d}', '\u{ff20}'];

/// A cell. A spreadsheet takes what begins like a formula for one; behind an apostrophe it is text.
fn cell(text: &str) -> String {
    let guard = if text.starts_with(FORMULA) { "'" } else { "" };
    if text.contains([',', '"', '\n', '\r']) {
        format!("\"{guard}{}\"", text.replace('"', "\"\""))
    } else {
        format!("{guard}{text}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cell_is_quoted_where_it_must_be_and_never_a_formula() {
        assert_eq!(cell("a b"), "a b");
        assert_eq!(cell("a, \"b\"\nc"), "\"a, \"\"b\"\"\nc\"");
        assert_eq!(cell("=HYPERLINK(\"x\")"), "\"'=HYPERLINK(\"\"x\"\")\"");
        assert_eq!(cell("@x"), "'@x");
        assert_eq!(line(&["a", ""]), "a,\r\n");
    }
}
