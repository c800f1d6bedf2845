//! The result table of an apply.
use crate::ui::escape::escape;
use crate::ui::style::{ADDED, ERROR, HELP, QUIET, STRONG, WARNING, of_ending, paint};
use crate::ui::text::{causes, failure as failure_text};
use pinpoint_streams_executor::execute::{NotWritten, Outcome, StepOutcome, StepResult, Tally};
use pinpoint_streams_model::event::Ending;
use pinpoint_streams_model::ids::StepId;
use pinpoint_streams_store::state::StateError;
use std::fmt::Write as _;

/// With more steps than this, completed ones are only counted.
const SHORT: usize = 20;

/// The table, the counts, and the next command.
pub(crate) fn outcome(outcome: &Outcome, next: &NextCommands) -> String {
    let Outcome { ending, steps, recorded: _, state: _, state_written } = outcome;
    let mut text = String::new();
    let width = steps.values().map(|step| step.address.to_string().len() + step.op.len() + 1).max().unwrap_or(0);
    for step in steps.values() {
        if steps.len() <= SHORT || !matches!(step.result, StepResult::Done { .. }) {
            text.push_str(&row(step, width, |id| name(outcome, id)));
        }
    }
    let tally = outcome.tally();
    let Tally { done, failed, skipped, not_started } = tally;
    let unfinished = steps.values().filter(|step| step.result.is_unfinished()).count();
    let failed = failed - unfinished;
    let unfinished = if unfinished > 0 { format!("{unfinished} unfinished, ") } else { String::new() };
    let counts =
        format!("{done} done, {failed} failed, {unfinished}{skipped} skipped, {not_started} not started.");
    let word = match ending {
        Ending::Done => "Applied",
        Ending::NoChanges => "Nothing to do",
        Ending::Failed if tally.is_all_done() => "Applied, but the state was not written",
        Ending::Failed => "Partially applied",
        Ending::Stopped => "Stopped",
        Ending::Refused => "Refused",
    };
    let _ = writeln!(text, "\n{} {counts}", paint(of_ending(*ending), format!("{word}:")));
    if let Err(not_written) = state_written {
        text.push_str(&unwritten(not_written, next.push.as_deref()));
    }
    let next = match ending {
        Ending::Done | Ending::NoChanges => match &next.plan {
            Some(plan) => format!("run {plan} to check that nothing is left to do"),
            None => "nothing to do; the state has no resources left".to_owned(),
        },
        Ending::Failed if tally.is_all_done() => {
            format!("fix the error, then run {}; it completes the state first", next.apply)
        }
        Ending::Failed => {
            format!("fix the failures, then run {} to continue; completed steps are kept", next.apply)
        }
        Ending::Stopped => format!("run {} to continue", next.apply),
        Ending::Refused => format!("resolve the problems, then run {}", next.apply),
    };
    let _ = writeln!(text, "{} {next}", paint(STRONG, "Next:"));
    text
}

/// Next commands, quoted, with the global flags of this run.
#[derive(Debug, Clone)]
pub(crate) struct NextCommands {
    /// `None` if nothing is left to plan.
    pub plan: Option<String>,
    pub apply: String,
    /// Uploads the state that was saved to a local file, if there is one.
    pub push: Option<String>,
}

fn row(step: &StepOutcome, width: usize, name: impl Fn(StepId) -> String) -> String {
    let StepOutcome { address, op, result } = step;
    let what = format!("{address} {op}");
    let (style, word, why) = match result {
        StepResult::Done { request_id: _ } => (ADDED, "done", String::new()),
        StepResult::Failed(failure) if result.is_unfinished() => (WARNING, "unfinished", failure_text(failure)),
        StepResult::Failed(failure) => (ERROR, "failed", failure_text(failure)),
        StepResult::Skipped { because_of } => (WARNING, "skipped", format!("{} failed", name(*because_of))),
        StepResult::NotStarted { reason } => (QUIET, "not started", escape(reason).into_owned()),
    };
    let line = format!("{} {what:<width$}  {why}", paint(style, format!("{word:<11}")));
    let mut text = format!("{}\n", line.trim_end());
    if let StepResult::Failed(failure) = result {
        for detail in &failure.details {
            let _ = writeln!(text, "            {}", escape(detail));
        }
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
        NotWritten::NothingBegun { .. } | NotWritten::State(_) | NotWritten::ExitedNow => (ERROR, "error:"),
    };
    let mut text = format!("{} {}\n", paint(style, word), escape(&not_written.to_string()));
    for error in causes(not_written) {
        let _ = writeln!(text, "  caused by: {}", escape(&error.to_string()));
    }
    let hint = match (not_written, push) {
        (NotWritten::NothingBegun { .. }, _) => "fix the cause, then run the command again".to_owned(),
        (NotWritten::State(StateError::Conflict { .. }), None) => {
            "restore the state that this run started from; the next run then updates it from the journal. To keep \
             the new state, move the journal aside: the next run finds the resources in AWS"
                .to_owned()
        }
        (NotWritten::State(_), None) => {
            "the journal next to the state records every step; the next run updates the state from it".to_owned()
        }
        (NotWritten::State(_), Some(push)) => format!(
            "the state was saved to a local file; upload it with {push}. In this directory, the next run does so \
             from the journal"
        ),
        (NotWritten::ExitedNow | NotWritten::Journal(_), _) => "the next run completes it".to_owned(),
    };
    let _ = writeln!(text, "{} {hint}", paint(HELP, "help:"));
    text
}
