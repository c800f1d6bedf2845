//! What an apply did, as the table that every run ends with.
use super::failure as failure_words;
use crate::ui::error::beneath;
use crate::ui::escape::escape;
use crate::ui::style::{ADDED, ERROR, HELP, QUIET, STRONG, WARNING, of_ending, paint};
use pinpoint_streams_executor::execute::{NotWritten, Outcome, StepOutcome, StepResult, Tally};
use pinpoint_streams_model::event::Ending;
use pinpoint_streams_model::ids::StepId;
use std::fmt::Write as _;

/// Up to this many steps those that are done are listed too; of more they are only counted.
const SHORT: usize = 20;

/// The table, the counts, and the next command to type.
pub(crate) fn outcome(outcome: &Outcome, next: &NextCommands) -> String {
    let Outcome { ending, steps, recorded: _, state: _, state_written } = outcome;
    let mut text = String::new();
    let width = steps.values().map(|step| step.address.to_string().len() + step.op.len() + 1).max().unwrap_or(0);
    for step in steps.values() {
        if steps.len() <= SHORT || !matches!(step.result, StepResult::Done { .. }) {
            text.push_str(&row(step, width, |id| name(outcome, id)));
        }
    }
    let Tally { done, failed, skipped, not_started } = outcome.tally();
    let counts = format!("{done} done, {failed} failed, {skipped} skipped, {not_started} not started.");
    let word = match ending {
        Ending::Done => "Applied",
        Ending::NoChanges => "Nothing to do",
        Ending::Failed => "Failed in part",
        Ending::Stopped => "Stopped",
        Ending::Refused => "Refused",
    };
    let _ = writeln!(text, "\n{} {counts}", paint(of_ending(*ending), format!("{word}:")));
    if let Err(not_written) = state_written {
        text.push_str(&unwritten(not_written, next.push.as_deref()));
    }
    let next = match ending {
        Ending::Done | Ending::NoChanges => format!("{} shows whether anything is left to do", next.plan),
        Ending::Failed => {
            format!("put right what failed, then {} does the rest; what is done stays done", next.apply)
        }
        Ending::Stopped => format!("{} goes on from here", next.apply),
        Ending::Refused => format!("{} once what stands in the way is gone", next.apply),
    };
    let _ = writeln!(text, "{} {next}", paint(STRONG, "Next:"));
    text
}

/// The commands to type next, with the global flags of this run.
#[derive(Debug, Clone)]
pub(crate) struct NextCommands {
    /// To see what is left.
    pub plan: String,
    /// To go on.
    pub apply: String,
    /// To put the state where it belongs, where that failed and it was left in a file.
    pub push: Option<String>,
}

fn row(step: &StepOutcome, width: usize, name: impl Fn(StepId) -> String) -> String {
    let StepOutcome { address, op, result } = step;
    let what = format!("{address} {op}");
    let (style, word, why) = match result {
        StepResult::Done { request_id: _ } => (ADDED, "done", String::new()),
        StepResult::Failed(failure) => (ERROR, "failed", failure_words(failure)),
        StepResult::Skipped { because_of } => (WARNING, "skipped", format!("{} failed", name(*because_of))),
        StepResult::NotStarted { reason } => (QUIET, "not started", escape(reason).into_owned()),
    };
    let line = format!("{} {what:<width$}  {why}", paint(style, format!("{word:<11}")));
    let mut text = format!("{}\n", line.trim_end());
    if let StepResult::Failed(failure) = result {
        for hint in &failure.hints {
            let _ = writeln!(text, "            {} {}", paint(HELP, "help:"), escape(hint));
        }
    }
    text
}

fn name(outcome: &Outcome, id: StepId) -> String {
    match outcome.steps.get(&id) {
        Some(step) => format!("{} {}", step.address, step.op),
        None => format!("step {id}"),
    }
}

fn unwritten(not_written: &NotWritten, push: Option<&str>) -> String {
    let (style, word) = match not_written {
        NotWritten::Journal(_) => (WARNING, "warning:"),
        NotWritten::NothingBegun { .. } | NotWritten::State(_) | NotWritten::Left => (ERROR, "error:"),
    };
    let mut text = format!("{} {}\n", paint(style, word), escape(&not_written.to_string()));
    let mut cause = beneath(not_written);
    while let Some(error) = cause {
        let _ = writeln!(text, "  because: {}", escape(&error.to_string()));
        cause = beneath(error);
    }
    let hint = match (not_written, push) {
        (NotWritten::NothingBegun { .. }, _) => "put that right, then run the same command again".to_owned(),
        (NotWritten::State(_), None) => {
            "the journal beside the state has all that was done, and the next run takes it in".to_owned()
        }
        (NotWritten::State(_), Some(push)) => format!(
            "the whole state is left here in a file, and {push} puts it where it belongs; in this folder the next \
             run does the same from its journal"
        ),
        (NotWritten::Left | NotWritten::Journal(_), _) => "the next run takes care of it".to_owned(),
    };
    let _ = writeln!(text, "{} {hint}", paint(HELP, "help:"));
    text
}
