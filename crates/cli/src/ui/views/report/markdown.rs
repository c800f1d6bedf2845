//! A report as a comment: what was done in short first, each role folded, cut where a comment would be refused.
use super::facts::{Coverage, Kept, Purport, Report, Run, Subject};
use super::{at, count, evidence, words};
use crate::ui::escape::escape;
use crate::ui::views::sweep::used;
use std::fmt::Write as _;

/// The text stays below so many characters. GitHub refuses a comment of more than 65,536.
const LIMIT: usize = 65_000;
/// Room for the note that something was cut.
const NOTE: usize = 300;
/// So many runs stand in the table that comes first.
const LISTED: usize = 50;

/// All of it, or as much as a comment holds.
pub(crate) fn markdown(Report { format_version: _, runs }: &Report) -> String {
    if runs.is_empty() {
        return "# Report\n\nNo run was kept here: nothing was applied yet.\n".to_owned();
    }
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
        text.push_str(&purport(about));
    }
    text.push_str("\n| verdict | action | outcome | |\n| --- | --- | --- | ---: |\n");
    for ((verdict, action, outcome), number) in run.tally() {
        let _ = writeln!(text, "| {verdict} | {action} | {outcome} | {number} |");
    }
    text.push('\n');
    text
}

fn purport(about: &Purport) -> String {
    let Purport {
        workspace,
        mode,
        began_at,
        approved_by,
        plan_digest,
        tool_version,
        accounts: _,
        event_streams_gone,
        allow_detach,
        reading,
    } = about;
    let mut text = String::new();
    let mut item = |name: &str, value: &str| {
        let _ = writeln!(text, "- {name}: {}", plain(value));
    };
    item("what", words::mode(*mode));
    item("workspace", workspace.as_str());
    item("began", &at(*began_at));
    item("approved by", approved_by.as_deref().unwrap_or("not written down"));
    item("plan digest", &plan_digest.to_string());
    item("made with", &format!("pinpoint-streams {tool_version}"));
    for place in event_streams_gone {
        item("on a person's word", &format!("no event stream is left in {place}"));
    }
    for what in allow_detach {
        item("on a person's word", &format!("{} may be taken off", words::detach(*what)));
    }
    if let Some(Coverage { at: read_at, accounts, unread }) = reading {
        item("read", &format!("{} at {}", super::accounts_read(accounts), at(*read_at)));
        super::not_read(accounts, unread).iter().for_each(|what| item("**not read**", what));
    }
    text
}

fn subject(subject: &Subject) -> String {
    let Subject {
        address,
        arn,
        account: _,
        region: _,
        action: _,
        reason,
        outcome: _,
        verdict: _,
        purpose: _,
        created,
        last_used,
        evidence: evidences,
        held_by,
        advice,
        notes,
        archives,
        writes,
        not_begun,
    } = subject;
    let words = super::in_short(subject);
    let mut text =
        format!("<details><summary><b>{}</b>: {words}</summary>\n\n", super::html_text(&address.to_string()));
    let mut item = |name: &str, value: &str| {
        let colon = if name.is_empty() { "" } else { ": " };
        let _ = writeln!(text, "- {name}{colon}{}", plain(value));
    };
    item("where", subject.region_words());
    arn.iter().for_each(|arn| item("ARN", arn));
    reason.iter().for_each(|reason| item("why", reason.words()));
    created.iter().for_each(|time| item("made", &at(*time)));
    last_used.iter().for_each(|last| item("", &used(last)));
    evidences.iter().for_each(|one| item("evidence", &evidence(one)));
    notes.iter().for_each(|note| item("note", note));
    held_by.iter().for_each(|held| item("left alone", held));
    advice.iter().for_each(|advice| item("advice", advice));
    for Kept { path, digest, time } in archives {
        item("archived", &format!("{} {path} ({digest})", at(*time)));
    }
    writes.iter().for_each(|done| item("write", &super::write(done).join(", ")));
    not_begun.iter().for_each(|op| item("not begun", op));
    text.push_str("\n</details>\n");
    text
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
