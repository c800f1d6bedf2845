//! A report as a comment: what was done in short first, each role folded, cut where a comment would be refused.
use super::facts::{Purport, Report, Run, Subject};
use super::rows::{self, Row};
use super::{at, count, words};
use crate::ui::escape::escape;
use std::fmt::Write as _;

/// The text stays below so many characters. GitHub refuses a comment of more than 65,536.
const LIMIT: usize = 65_000;
/// Room for the note that something was cut.
const NOTE: usize = 300;
/// So many runs stand in the table that comes first.
const LISTED: usize = 50;

/// All of it, or as much as a comment holds.
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
        let (runs, subjects) = (count(runs_cut, "run", "runs"), count(subjects_cut, "resource", "resources"));
        let _ = write!(
            page.text,
            "\n**Cut:** {subjects} and {runs} are not shown, because a comment holds no more than 65,000 \
             characters. `pinpoint-streams report --format html` shows all.\n"
        );
    }
    page.text
}

/// Text that is only added to while all of it fits.
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
    let mut text = "# Report\n\n| run | began | what | approved by | resources | writes to AWS | |\n".to_owned();
    text.push_str("| --- | --- | --- | --- | ---: | ---: | --- |\n");
    for run in runs.iter().take(LISTED) {
        let about = |of: fn(&Purport) -> String| run.about.as_ref().map(of).unwrap_or_default();
        let _ = writeln!(
            text,
            "| {} | {} | {} | {} | {} | {} | {} |",
            run.run,
            about(|about| at(about.began_at)),
            about(|about| words::mode(about.mode).to_owned()),
            about(|about| plain(&short(about.approved_by.as_deref().unwrap_or("not written down")))),
            run.subjects.len(),
            run.writes(None),
            run.end_words(),
        );
    }
    if runs.len() > LISTED {
        let _ =
            writeln!(text, "\n{} before these are not in the table.", count(runs.len() - LISTED, "run", "runs"));
    }
    text
}

/// At most 200 characters of it.
fn short(text: &str) -> String {
    text.chars().take(200).collect()
}

fn heading(run: &Run) -> String {
    let mut text = format!("\n## Run {}: {}\n\n", run.run, run.end_words());
    if let Some(about) = &run.about {
        text.push_str(&list(rows::of_run(about)));
    }
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

/// Text that Markdown leaves as it is.
fn plain(text: &str) -> String {
    let mut safe = String::with_capacity(text.len() + 16);
    for character in escape(text).chars() {
        match character {
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            // A name after it would be told of every report.
            '@' => safe.push_str("&#64;"),
            '&' => safe.push_str("&amp;"),
            '\\' | '`' | '*' | '_' | '[' | ']' | '#' | '|' | '~' | '!' | '$' => safe.extend(['\\', character]),
            other => safe.push(other),
        }
    }
    safe
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
    }
}
