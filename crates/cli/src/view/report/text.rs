//! A report for a terminal.
use super::{RunReport, Written};
use crate::view::escape::escape;
use crate::view::style::{QUIET, STRONG, paint};
use std::fmt::Write as _;

/// A paragraph a run: its head, then what it found and wrote.
pub(crate) fn text(runs: &[RunReport]) -> String {
    if runs.is_empty() {
        return "No run was recorded here.\n".to_owned();
    }
    runs.iter().map(one).collect::<Vec<_>>().join("\n")
}

fn one(run: &RunReport) -> String {
    let mut text = String::new();
    for (name, value) in run.head() {
        let _ = writeln!(text, "{} {}", paint(STRONG, format!("{name}:")), escape(&value));
    }
    for subject in &run.subjects {
        let parts = [subject.verdict(), subject.purpose(), subject.action(), subject.reason()];
        let words: Vec<&str> = parts.into_iter().filter(|part| !part.is_empty()).collect();
        let _ = writeln!(text, "\n  {}: {}", paint(STRONG, &subject.address), words.join("; "));
        for evidence in subject.evidence() {
            let _ = writeln!(text, "    {}", paint(QUIET, format!("- {}", escape(&evidence))));
        }
        for archive in &subject.archives {
            let digest = escape(&archive.digest.to_string()).into_owned();
            let _ = writeln!(text, "    archive {} {digest}", escape(&archive.path));
        }
        for Written { operation, began_at, ended_at: _, result, code, message: _, request_id } in &subject.writes {
            let code = code.as_deref().map(|code| format!(" {}", escape(code))).unwrap_or_default();
            let id = request_id.as_deref().map_or_else(|| "no request id".into(), escape);
            let _ = writeln!(text, "    {began_at} {operation} {}{code} ({id})", result.words());
        }
    }
    text
}
