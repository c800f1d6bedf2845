//! A report as a Markdown comment: a summary of runs, then each resource folded, truncated to what GitHub accepts.
use super::facts::{Report, Run, RunInfo, Subject};
use super::rows::{self, Row};
use super::{at, mode};
use crate::ui::escape::escape;
use crate::ui::text::count;
use std::fmt::Write as _;

/// The maximum number of characters. GitHub rejects a comment of more than 65,536.
const LIMIT: usize = 65_000;
/// Reserved for the note that something was cut.
const NOTE: usize = 300;
/// The maximum number of runs in the table.
const LISTED: usize = 50;

pub(crate) fn markdown(report: &Report) -> String {
    if let Some(why) = report.without_runs() {
        return format!("# Report\n\n{}\n", plain(&why));
    }
    let runs = &report.runs;
    let mut page = Page::default();
    let _ = page.add(&summary(runs));
    let (mut runs_cut, mut subjects_cut) = (0, 0);
    for run in runs {
        let is_whole = runs_cut == 0 && subjects_cut == 0;
        if !(is_whole && page.add(&heading(run))) {
            runs_cut += 1;
            subjects_cut += run.subjects.len();
            continue;
        }
        for one in &run.subjects {
            if subjects_cut > 0 || !page.add(&subject(one)) {
                subjects_cut += 1;
            }
        }
    }
    if runs_cut > 0 || subjects_cut > 0 {
        let (runs, subjects) = (count(runs_cut, "run"), count(subjects_cut, "resource"));
        let _ = write!(
            page.text,
            "\n**Cut:** {subjects} and {runs} are not shown, because a comment holds at most 65,000 characters. \
             `pinpoint-streams report --format html` shows all.\n"
        );
    }
    page.text
}

/// Text that accepts a block only if the whole block fits.
#[derive(Debug, Default)]
struct Page {
    text: String,
    characters: usize,
}

impl Page {
    fn add(&mut self, block: &str) -> bool {
        let characters = self.characters + block.chars().count();
        let fits = characters + NOTE < LIMIT;
        if fits {
            self.characters = characters;
            self.text.push_str(block);
        }
        fits
    }
}

fn summary(runs: &[Run]) -> String {
    let mut text = "# Report\n\n| run | began | mode | approved by | resources | writes to AWS | |\n".to_owned();
    text.push_str("| --- | --- | --- | --- | ---: | ---: | --- |\n");
    for run in runs.iter().take(LISTED) {
        let about = |of: fn(&RunInfo) -> String| run.about.as_ref().map(of).unwrap_or_default();
        let _ = writeln!(
            text,
            "| {} | {} | {} | {} | {} | {} | {} |",
            run.run,
            about(|about| at(about.began_at)),
            about(|about| mode(about.mode).to_owned()),
            about(|about| plain(&short(about.approved_by.as_deref().unwrap_or("unknown")))),
            run.subjects.len(),
            run.writes(None),
            run.end(),
        );
    }
    if runs.len() > LISTED {
        let _ = writeln!(text, "\nThe table omits {}.", count(runs.len() - LISTED, "older run"));
    }
    text
}

/// The first 200 characters.
fn short(text: &str) -> String {
    text.chars().take(200).collect()
}

fn heading(run: &Run) -> String {
    let mut text = format!("\n## Run {}: {}\n\n", run.run, run.end());
    if let Some(about) = &run.about {
        text.push_str(&list(rows::of_run(about)));
    }
    let _ = writeln!(text, "- log: {}", plain(run.log.as_str()));
    text.push_str("\n| verdict | action | outcome | |\n| --- | --- | --- | ---: |\n");
    for ((verdict, action, outcome), number) in run.tally() {
        let _ = writeln!(text, "| {verdict} | {action} | {outcome} | {number} |");
    }
    text.push('\n');
    text
}

fn subject(subject: &Subject) -> String {
    let (address, words) = (super::html_text(&subject.address.to_string()), super::in_short(subject));
    let rows = list(rows::of_subject(subject));
    format!("<details><summary><b>{address}</b>: {words}</summary>\n\n{rows}\n</details>\n")
}

fn list(rows: Vec<Row>) -> String {
    rows.iter().map(|Row { label, value, .. }| format!("- {label}: {}\n", plain(value))).collect()
}

/// Escapes text for Markdown.
pub(in crate::ui::views) fn plain(text: &str) -> String {
    let mut safe = String::with_capacity(text.len() + 16);
    for character in escape(text).chars() {
        match character {
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            // A mention would notify the person.
            '@' => safe.push_str("&#64;"),
            '&' => safe.push_str("&amp;"),
            '\\' | '`' | '*' | '_' | '[' | ']' | '#' | '|' | '~' | '!' | '$' => safe.extend(['\\', character]),
            other => safe.push(other),
        }
    }
    // GitHub makes links of these. Source: GitHub Flavored Markdown specification, "Autolinks (extension)".
    safe.replace("://", "&#58;//").replace("www.", "www&#46;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_in_a_text_is_taken_for_markup() {
        assert_eq!(
            plain("@ana a|b <img> *c* `d` [e](f)\n# g"),
            "&#64;ana a\\|b &lt;img&gt; \\*c\\* \\`d\\` \\[e\\](f)\\\\n\\# g"
        );
        assert_eq!(plain("http://e.example www.e.example"), "http&#58;//e.example www&#46;e.example");
    }
}
