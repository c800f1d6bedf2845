//! A report for a spreadsheet: a line a write, and one for each thing that was found and left as it is.
use super::{About, RunReport, Subject, Written, mode_words};
use crate::view::escape::escape;

const COLUMNS: [&str; 18] = [
    "run",
    "began_at",
    "what",
    "approved_by",
    "plan_digest",
    "address",
    "action",
    "reason",
    "verdict",
    "purpose",
    "last_used",
    "evidence",
    "archive",
    "archive_digest",
    "operation",
    "time",
    "result",
    "request_id",
];

/// RFC 4180, with CRLF.
pub(crate) fn csv(runs: &[RunReport]) -> String {
    let mut text = line(&COLUMNS.map(str::to_owned));
    for run in runs {
        for subject in &run.subjects {
            let writes: Vec<Option<&Written>> = match subject.writes.as_slice() {
                [] => vec![None],
                writes => writes.iter().map(Some).collect(),
            };
            for write in writes {
                text.push_str(&line(&cells(run, subject, write)));
            }
        }
    }
    text
}

fn cells(run: &RunReport, subject: &Subject, write: Option<&Written>) -> [String; 18] {
    let about = |of: fn(&About) -> String| run.about.as_ref().map(of).unwrap_or_default();
    let archives =
        |of: fn(&super::Archive) -> String| subject.archives.iter().map(of).collect::<Vec<_>>().join(" ");
    let used = subject.finding.as_ref().map(|finding| crate::view::sweep::used(&finding.last_used));
    [
        run.run.to_string(),
        about(|about| about.began_at.to_string()),
        about(|about| mode_words(about.mode).to_owned()),
        about(|about| about.approved_by.clone().unwrap_or_default()),
        about(|about| about.plan_digest.to_string()),
        subject.address.to_string(),
        subject.action().to_owned(),
        subject.reason().to_owned(),
        subject.verdict().to_owned(),
        subject.purpose().to_owned(),
        used.unwrap_or_default(),
        subject.evidence().join("; "),
        archives(|archive| archive.path.clone()),
        archives(|archive| archive.digest.to_string()),
        write.map(|write| write.operation.to_owned()).unwrap_or_default(),
        write.map(|write| write.began_at.to_string()).unwrap_or_default(),
        write.map(|write| write.result.words().to_owned()).unwrap_or_default(),
        write.and_then(|write| write.request_id.clone()).unwrap_or_default(),
    ]
}

fn line(cells: &[String]) -> String {
    let cells: Vec<String> = cells.iter().map(|cell| quoted(cell)).collect();
    format!("{}\r\n", cells.join(","))
}

/// A cell that a spreadsheet would take for a formula gets an apostrophe, which it takes for text.
fn quoted(cell: &str) -> String {
    let cell = escape(cell);
    let guard = if cell.starts_with(['=', '+', '-', '@']) { "'" } else { "" };
    format!("\"{guard}{}\"", cell.replace('"', "\"\""))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cell_is_text_whatever_is_in_it() {
        assert_eq!(quoted("a,\"b\""), "\"a,\"\"b\"\"\"");
        assert_eq!(quoted("=cmd()"), "\"'=cmd()\"");
        assert_eq!(quoted("a\nb"), "\"a\\nb\"");
    }
}
