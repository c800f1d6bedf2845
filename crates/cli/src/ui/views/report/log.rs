//! Past runs, one per line.
use super::facts::{Ended, Integrity, Outcome, Report, Run, RunInfo};
use crate::ui::escape::escape;
use crate::ui::style::{ADDED, ERROR, QUIET, STRONG, WARNING, paint};
use crate::ui::table::{LastCell, table};
use crate::ui::text::shortened;
use std::collections::BTreeMap;
use std::fmt::Write as _;

/// On narrower terminals, names of approvers are shortened further.
const WIDE: usize = 100;
/// The least room for the counts of a run in its row.
const LEAST_COUNTS: usize = 12;

/// The newest run first: time, run, command, who, outcome, counts.
pub(crate) fn log(report: &Report, width: usize) -> String {
    if let Some(why) = report.without_runs() {
        return format!("{}\n", escape(&why));
    }
    let heading = ["TIME (UTC)", "RUN", "COMMAND", "BY", "OUTCOME", "CHANGES"].map(str::to_owned);
    let by_width = if width < WIDE { 12 } else { 20 };
    let runs = report.runs.iter().map(|run| row(run, by_width));
    let rows: Vec<[String; 6]> = std::iter::once(heading).chain(runs).collect();
    let mut text = String::new();
    for (nth, line) in table(&rows, LastCell::Wrap { least: LEAST_COUNTS }, width).into_iter().enumerate() {
        let style = match nth.checked_sub(1).and_then(|nth| report.runs.get(nth)) {
            None => STRONG,
            Some(run) if run.log == Integrity::Edited => ERROR,
            Some(run) if run.ended == Ended::NotSeen => WARNING,
            Some(run) if run.subjects.iter().any(|one| one.outcome > Outcome::Done) => ERROR,
            Some(run) if run.writes(None) == 0 => QUIET,
            Some(_) => ADDED,
        };
        let _ = writeln!(text, "{}", paint(style, line));
    }
    text
}

fn row(run: &Run, by_width: usize) -> [String; 6] {
    let about = run.about.as_ref();
    let at = about.map(|about| about.began_at).or(run.last_at);
    let by = about.and_then(|about| about.approved_by.as_deref()).unwrap_or("unknown");
    // Without how it was approved.
    let by = by.split_once(", ").map_or(by, |(who, _)| who);
    let end = match run.log {
        Integrity::Edited => "log EDITED",
        Integrity::Verified | Integrity::TakenAsFound | Integrity::NotVerified => match run.ended {
            Ended::NotSeen => "unfinished",
            Ended::Kept => run.end(),
        },
    };
    [
        at.map_or_else(|| "unknown".to_owned(), |at| at.strftime("%Y-%m-%d %H:%M").to_string()),
        run.run.to_string(),
        about.map_or("unknown", RunInfo::command).to_owned(),
        escape(&shortened(by, by_width)).into_owned(),
        end.to_owned(),
        counts(run),
    ]
}

/// `quarantine 40, 2 failed`
fn counts(run: &Run) -> String {
    let (mut done, mut failed): (BTreeMap<&str, usize>, BTreeMap<&str, usize>) = Default::default();
    for subject in &run.subjects {
        match subject.outcome {
            Outcome::LeftAlone => {}
            Outcome::Done => *done.entry(subject.action()).or_default() += 1,
            other => *failed.entry(other.as_str()).or_default() += 1,
        }
    }
    let done = done.into_iter().map(|(action, number)| match action {
        "" => format!("{number} done"),
        action => format!("{action} {number}"),
    });
    let failed = failed.into_iter().map(|(outcome, number)| format!("{number} {outcome}"));
    let counts: Vec<String> = done.chain(failed).collect();
    if counts.is_empty() { "none".to_owned() } else { counts.join(", ") }
}
