//! A report for a pull request: a summary first, details folded.
use super::{RunReport, Subject};
use crate::view::escape::escape;
use std::collections::BTreeMap;
use std::fmt::Write as _;

/// What a comment on GitHub may hold, with room for what stands around it.
const LIMIT: usize = 64_000;

/// A section a run.
pub(crate) fn markdown(runs: &[RunReport]) -> String {
    let mut text = String::from("# Runs of pinpoint-streams\n");
    if runs.is_empty() {
        text.push_str("\nNo run was recorded here.\n");
    }
    for run in runs {
        let section = section(run);
        if text.len() + section.len() > LIMIT {
            let rest = "the rest is left out here; `report --format html` has all of it";
            let _ = writeln!(text, "\n*Run {} and {rest}.*", cell(run.run.as_str()));
            break;
        }
        text.push_str(&section);
    }
    text
}

fn section(run: &RunReport) -> String {
    let mut text = format!("\n## Run {}\n\n| | |\n| --- | --- |\n", cell(run.run.as_str()));
    for (name, value) in run.head() {
        let _ = writeln!(text, "| {name} | {} |", cell(&value));
    }
    let mut verdicts: BTreeMap<&str, usize> = BTreeMap::new();
    run.subjects.iter().for_each(|subject| *verdicts.entry(subject.verdict()).or_default() += 1);
    for (verdict, number) in verdicts.into_iter().filter(|(verdict, _)| !verdict.is_empty()) {
        let _ = writeln!(text, "| {verdict} | {number} |");
    }
    text.push_str("\n<details><summary>What it found and wrote</summary>\n\n");
    text.push_str("| address | verdict | purpose | action | evidence | archive | writes |\n");
    text.push_str("| --- | --- | --- | --- | --- | --- | --- |\n");
    run.subjects.iter().for_each(|subject| text.push_str(&row(subject)));
    text.push_str("\n</details>\n");
    text
}

fn row(subject: &Subject) -> String {
    let lines = |lines: Vec<String>| lines.iter().map(|line| cell(line)).collect::<Vec<_>>().join("<br>");
    let archives = subject.archives.iter().map(|archive| format!("{} {}", archive.path, archive.digest)).collect();
    let writes = subject.writes.iter().map(|write| {
        let id = write.request_id.as_deref().unwrap_or("no request id");
        format!("{} {} ({id})", write.operation, write.result.words())
    });
    format!(
        "| {} | {} | {} | {} | {} | {} | {} |\n",
        cell(&subject.address.to_string()),
        subject.verdict(),
        subject.purpose(),
        subject.action(),
        lines(subject.evidence()),
        lines(archives),
        lines(writes.collect()),
    )
}

/// Text that is neither markup nor the end of a cell.
fn cell(text: &str) -> String {
    let mut safe = String::new();
    for character in escape(text).chars() {
        match character {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '|' | '`' | '*' | '_' | '[' | ']' | '\\' | '#' | '~' => {
                safe.push('\\');
                safe.push(character);
            }
            // A name after it would be told of every report.
            '@' => safe.push_str("&#64;"),
            other => safe.push(other),
        }
    }
    safe
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_from_outside_is_no_markup() {
        assert_eq!(cell("a|b <img> @ana `x`"), "a\\|b &lt;img&gt; &#64;ana \\`x\\`");
    }
}
