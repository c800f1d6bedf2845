//! A report on a terminal.
use super::facts::{Outcome, Purport, Report, Run, Subject};
use super::rows::{self, Row};
use super::{at, count, words};
use crate::ui::escape::escape;
use crate::ui::style::{ADDED, ERROR, HELP, QUIET, STRONG, WARNING, paint};
use crate::ui::views::sweep::wrapped;
use anstyle::Style;
use std::fmt::Write as _;

/// All of it, the latest run first.
pub(crate) fn text(report: &Report, width: usize) -> String {
    if let Some(why) = report.without_runs() {
        return format!("{}\n", escape(&why));
    }
    report.runs.iter().map(|one| run(one, width)).collect::<Vec<_>>().join("\n")
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
    let mut text = String::new();
    // The heading says what; and each resource its account.
    for Row { label, value, .. } in
        rows::of_run(about).iter().filter(|row| !["what", "account"].contains(&row.label))
    {
        if *label == "not read" {
            text.push_str(&wrapped(value, 2, width, "not read: ", WARNING));
        } else {
            let _ = writeln!(text, "  {label:<11}  {}", escape(value));
        }
    }
    text
}

fn subject(subject: &Subject, width: usize) -> String {
    let title = paint(of_outcome(subject.outcome), super::in_short(subject));
    let mut text = format!("\n  {}: {title}\n", paint(STRONG, &subject.address));
    for Row { label, value, outcome } in rows::of_subject(subject) {
        let style = match (outcome, label) {
            (Some(outcome), _) => of_outcome(outcome),
            (None, "where" | "ARN" | "evidence" | "note") => QUIET,
            (None, "left alone" | "not begun") => WARNING,
            (None, "advice") => HELP,
            (None, _) => Style::new(),
        };
        text.push_str(&wrapped(&escape(&value), 4, width, &format!("{label}: "), style));
    }
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
