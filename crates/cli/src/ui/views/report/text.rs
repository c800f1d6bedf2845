//! A report on a terminal.
use super::facts::{Coverage, Kept, Outcome, Purport, Report, Run, Subject};
use super::{at, count, evidence, words};
use crate::ui::escape::escape;
use crate::ui::style::{ADDED, ERROR, HELP, QUIET, STRONG, WARNING, paint};
use crate::ui::views::sweep::{used, wrapped};
use anstyle::Style;
use std::fmt::Write as _;

/// All of it, the latest run first.
pub(crate) fn text(Report { format_version: _, runs }: &Report, width: usize) -> String {
    if runs.is_empty() {
        return "No run was kept here: nothing was applied yet.\n".to_owned();
    }
    runs.iter().map(|one| run(one, width)).collect::<Vec<_>>().join("\n")
}

fn run(run: &Run, width: usize) -> String {
    let mode = run.about.as_ref().map_or("of unknown purpose", |about| words::mode(about.mode));
    let mut text = format!("{}\n", paint(STRONG, format!("Run {}: {mode}, {}", run.run, run.end_words())));
    if let Some(about) = &run.about {
        text.push_str(&purport(about, width));
    }
    if let Some(last) = run.last_at {
        let _ = writeln!(text, "  last entry   {}", at(last));
    }
    let writes: Vec<String> = [Outcome::Done, Outcome::Failed, Outcome::InDoubt]
        .into_iter()
        .filter(|result| run.writes(Some(*result)) > 0)
        .map(|result| format!("{} {}", run.writes(Some(result)), result.words()))
        .collect();
    let all = count(run.writes(None), "write to AWS", "writes to AWS");
    let of = if writes.is_empty() { String::new() } else { format!(": {}", writes.join(", ")) };
    let _ = writeln!(text, "  {all}{of}");
    run.subjects.iter().for_each(|one| text.push_str(&subject(one, width)));
    text
}

fn purport(about: &Purport, width: usize) -> String {
    let Purport {
        workspace,
        mode: _,
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
    let mut line = |name: &str, value: &str| {
        let _ = writeln!(text, "  {name:<11}  {}", escape(value));
    };
    line("workspace", workspace.as_str());
    line("began", &at(*began_at));
    line("approved by", approved_by.as_deref().unwrap_or("not written down"));
    line("plan digest", &plan_digest.to_string());
    line("made with", &format!("pinpoint-streams {tool_version}"));
    for place in event_streams_gone {
        line("on the word", &format!("no event stream is left in {place}"));
    }
    for what in allow_detach {
        line("on the word", &format!("{} may be taken off", words::detach(*what)));
    }
    if let Some(Coverage { at: read_at, accounts, unread }) = reading {
        line("read", &format!("{} at {}", super::accounts_read(accounts), at(*read_at)));
        for what in super::not_read(accounts, unread) {
            text.push_str(&wrapped(&what, 2, width, "not read: ", WARNING));
        }
    }
    text
}

fn subject(subject: &Subject, width: usize) -> String {
    let Subject {
        address,
        arn,
        account: _,
        region,
        action: _,
        reason,
        outcome,
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
    let mut text =
        format!("\n  {}: {}\n", paint(STRONG, address), paint(of_outcome(*outcome), super::in_short(subject)));
    let mut row = |sign: &str, words: &str, style: Style| text.push_str(&wrapped(words, 4, width, sign, style));
    if let Some(arn) = arn {
        row("", &escape(arn), QUIET);
    }
    if let Some(region) = region {
        row("", region.as_str(), QUIET);
    }
    if let Some(reason) = reason {
        row("why: ", reason.words(), Style::new());
    }
    let times = [created.map(|time| format!("made {}", at(time))), last_used.as_ref().map(used)];
    let times: Vec<String> = times.into_iter().flatten().collect();
    if !times.is_empty() {
        row("", &times.join(", "), Style::new());
    }
    evidences.iter().for_each(|one| row("- ", &evidence(one), QUIET));
    notes.iter().for_each(|note| row("- ", &escape(note), QUIET));
    held_by.iter().for_each(|held| row("! ", &format!("left alone: {}", escape(held)), WARNING));
    if let Some(advice) = advice {
        row("> ", &escape(advice), HELP);
    }
    for Kept { path, digest, time } in archives {
        let digest = digest.to_string();
        row("archived: ", &format!("{} {} ({})", at(*time), escape(path), escape(&digest)), Style::new());
    }
    writes.iter().for_each(|one| row("", &super::write(one).join("  "), of_outcome(one.result)));
    not_begun.iter().for_each(|op| row("not begun: ", op, WARNING));
    text
}

fn of_outcome(outcome: Outcome) -> Style {
    match outcome {
        Outcome::LeftAlone => QUIET,
        Outcome::Done => ADDED,
        Outcome::NotDone | Outcome::InDoubt => WARNING,
        Outcome::Failed => ERROR,
    }
}
