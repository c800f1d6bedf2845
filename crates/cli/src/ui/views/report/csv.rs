//! A report as CSV (RFC 4180): a row for each write or step that did not start, and one for each resource without either.
use super::facts::{Archive, Coverage, Planned, Report, Run, RunInfo, Subject, SweepFacts, Write};
use super::{at, evidence, held, mode};
use crate::ui::escape::escape;
use crate::ui::views::sweep::used;

const HEADING: &str = "run,mode,ended,log,workspace,began_at,approved_by,plan_digest,account,region,address,arn,verdict,\
     purpose,action,outcome,reason,created,last_used,evidence,evidence_read_at,left_alone_because,archive,\
     archive_digest,call,call_began_at,call_ended_at,result,error,request_id\r\n";

pub(crate) fn csv(Report { format_version: _, runs, unreadable: _ }: &Report) -> String {
    let mut text = HEADING.to_owned();
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

/// The cells that all rows of a resource share.
fn resource(run: &Run, subject: &Subject) -> [String; 24] {
    let Run { run: id, ended: _, log, last_at: _, about, subjects: _ } = run;
    let Subject {
        address,
        arn,
        account,
        region: _,
        planned,
        outcome,
        found,
        notes,
        archives,
        writes: _,
        not_begun: _,
    } = subject;
    let Planned { action: _, reason, why: _ } = planned;
    let SweepFacts { verdict: _, purpose: _, created, last_used, evidence: found, held_by, advice: _ } = found;
    let about = |of: fn(&RunInfo) -> String| about.as_ref().map(of).unwrap_or_default();
    let archives = |of: fn(&Archive) -> String| join(archives.iter().map(of));
    [
        id.to_string(),
        about(|about| mode(about.mode).to_owned()),
        run.end().to_owned(),
        log.as_str().to_owned(),
        about(|about| about.workspace.to_string()),
        about(|about| at(about.began_at)),
        about(|about| optional(about.approved_by.as_deref())),
        about(|about| escape(&about.plan_digest.to_string()).into_owned()),
        account.as_ref().map(ToString::to_string).unwrap_or_default(),
        subject.place().to_owned(),
        address.to_string(),
        optional(arn.as_deref()),
        subject.verdict().to_owned(),
        subject.purpose().to_owned(),
        subject.action().to_owned(),
        outcome.in_csv().to_owned(),
        reason.map(|reason| reason.to_string()).unwrap_or_default(),
        created.map(at).unwrap_or_default(),
        last_used.as_ref().map(used).unwrap_or_default(),
        join(found.iter().chain(notes).map(evidence)),
        about(|about| about.reading.as_ref().map(|Coverage { at: time, .. }| at(*time)).unwrap_or_default()),
        join(held_by.iter().map(held)),
        archives(|archive| escape(&archive.path).into_owned()),
        archives(|archive| escape(&archive.digest.to_string()).into_owned()),
    ]
}

/// The cells that differ: one array a write or step that did not start, or one that is empty.
fn calls(Subject { writes, not_begun, .. }: &Subject) -> Vec<[String; 6]> {
    let made = writes.iter().map(|write| {
        let Write { op: _, call: _, began_at, ended_at, result, code, message, request_id } = write;
        let why = [code, message].into_iter().flatten().filter(|part| !part.is_empty());
        let why = why.map(|part| escape(part).into_owned()).collect::<Vec<_>>().join(": ");
        let ended_at = ended_at.map(at).unwrap_or_default();
        let request_id = optional(request_id.as_deref());
        [write.what(), at(*began_at), ended_at, result.in_csv().to_owned(), why, request_id]
    });
    let not_begun = not_begun.iter().map(|op| {
        let none = String::new;
        [(*op).to_owned(), none(), none(), "not started".to_owned(), none(), none()]
    });
    let calls: Vec<_> = made.chain(not_begun).collect();
    if calls.is_empty() { vec![Default::default()] } else { calls }
}

fn optional(text: Option<&str>) -> String {
    text.map(escape).unwrap_or_default().into_owned()
}

fn join(parts: impl Iterator<Item = String>) -> String {
    parts.collect::<Vec<_>>().join("; ")
}

fn line(cells: &[String]) -> String {
    let cells: Vec<String> = cells.iter().map(|text| cell(text)).collect();
    format!("{}\r\n", cells.join(","))
}

/// The characters that a formula may begin with, and their full-width forms. Source: OWASP, "CSV Injection".
const FORMULA: [char; 10] = ['=', '+', '-', '@', '\t', '\r', '\u{ff1d}', '\u{ff0b}', '\u{ff0d}', '\u{ff20}'];

/// A cell, quoted if necessary. An apostrophe makes a spreadsheet treat a possible formula as text.
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
        assert_eq!(line(&["a".to_owned(), String::new()]), "a,\r\n");
    }
}
