//! A report on a terminal.
use super::at;
use super::facts::{Integrity, Outcome, Report, Run, RunInfo, Subject};
use super::rows::{self, Row};
use crate::ui::escape::escape;
use crate::ui::style::{ADDED, ERROR, HELP, QUIET, STRONG, WARNING, paint};
use crate::ui::table::beside;
use crate::ui::text::count;
use crate::ui::views::sweep::wrapped;
use crate::ui::wrap::folded;
use anstyle::Style;
use std::fmt::Write as _;

/// The least room for a value beside its label.
const LEAST_VALUE: usize = 20;

pub(crate) fn text(report: &Report, width: usize) -> String {
    if let Some(why) = report.without_runs() {
        return format!("{}\n", escape(&why));
    }
    report.runs.iter().map(|one| run(one, width)).collect::<Vec<_>>().join("\n")
}

fn run(run: &Run, width: usize) -> String {
    let mode = run.about.as_ref().map_or("unknown mode", RunInfo::command);
    let mut text = format!("{}\n", paint(STRONG, format!("Run {}: {mode}, {}", run.run, run.end())));
    if let Some(about) = &run.about {
        text.push_str(&info(about, width));
    }
    if let Some(last) = run.last_at {
        text.push_str(&labelled("last entry", &at(last), width));
    }
    let style = if run.log == Integrity::Edited { ERROR } else { QUIET };
    text.push_str(&labelled("log", &paint(style, run.log.as_str()).to_string(), width));
    let writes: Vec<String> = [Outcome::Done, Outcome::NotDone, Outcome::Failed, Outcome::InDoubt]
        .into_iter()
        .filter(|result| run.writes(Some(*result)) > 0)
        .map(|result| format!("{} {}", run.writes(Some(result)), result.as_str()))
        .collect();
    let all = count(run.writes(None), "write");
    let of = if writes.is_empty() { String::new() } else { format!(": {}", writes.join(", ")) };
    let _ = writeln!(text, "  {all} to AWS{of}");
    run.subjects.iter().for_each(|one| text.push_str(&subject(one, width)));
    text
}

fn info(about: &RunInfo, width: usize) -> String {
    let mut text = String::new();
    // The heading has the mode, and each resource its account.
    let is_shown = |row: &&Row| !["mode", "account"].contains(&row.label);
    for Row { label, value, .. } in rows::of_run(about).iter().filter(is_shown) {
        if *label == "not read" {
            text.push_str(&wrapped(value, 2, width, "not read: ", WARNING));
        } else {
            text.push_str(&labelled(label, &escape(value), width));
        }
    }
    text
}

fn labelled(label: &str, value: &str, width: usize) -> String {
    format!("{}\n", beside(&format!("  {label:<11}  "), value, LEAST_VALUE, 4, width))
}

fn subject(subject: &Subject, width: usize) -> String {
    let title = paint(of_outcome(subject.outcome), super::in_short(subject));
    let mut text = folded(&format!("\n  {}: {title}\n", paint(STRONG, &subject.address)), width);
    for Row { label, value, outcome } in rows::of_subject(subject) {
        let style = match (outcome, label) {
            (Some(outcome), _) => of_outcome(outcome),
            (None, "where" | "ARN" | "evidence" | "note") => QUIET,
            (None, "skipped" | "not started") => WARNING,
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
