//! Past runs, a line each.
use super::facts::{Ended, Integrity, Outcome, Report, Run};
use super::mode;
use crate::ui::escape::escape;
use crate::ui::style::{ADDED, ERROR, QUIET, STRONG, WARNING, paint};
use crate::ui::text::{aligned, shortened};
use std::collections::BTreeMap;
use std::fmt::Write as _;

/// The newest run first: time, run, command, who, counts, outcome.
pub(crate) fn log(report: &Report, width: usize) -> String {
    if let Some(why) = report.without_runs() {
        return format!("{}\n", escape(&why));
    }
    let heading = ["TIME (UTC)", "RUN", "COMMAND", "BY", "DID", "OUTCOME"].map(str::to_owned);
    let rows: Vec<[String; 6]> = std::iter::once(heading).chain(report.runs.iter().map(row)).collect();
    let mut text = String::new();
    for (nth, line) in aligned(&rows).into_iter().enumerate() {
        let line = shortened(&line, width);
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

fn row(run: &Run) -> [String; 6] {
    let about = run.about.as_ref();
    let at = about.map(|about| about.began_at).or(run.last_at);
    let by = about.and_then(|about| about.approved_by.as_deref()).unwrap_or("unknown");
    // Without how it was approved.
    let by = by.split_once(", ").map_or(by, |(who, _)| who);
    let end = match run.log {
        Integrity::Edited => "log EDITED",
        Integrity::Verified | Integrity::TakenAsFound | Integrity::NotVerified => run.end(),
    };
    [
        at.map_or_else(|| "unknown".to_owned(), |at| at.strftime("%Y-%m-%d %H:%M").to_string()),
        run.run.to_string(),
        about.map_or("unknown", |about| mode(about.mode)).to_owned(),
        escape(&shortened(by, 20)).into_owned(),
        counts(run),
        end.to_owned(),
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
    if counts.is_empty() { "nothing".to_owned() } else { counts.join(", ") }
}
