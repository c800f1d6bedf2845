//! The result table of an apply.
use crate::ui::escape::escape;
use crate::ui::style::{ADDED, ERROR, HELP, QUIET, STRONG, WARNING, of_ending, paint};
use crate::ui::table::beside;
use crate::ui::text::{causes, count, failure as failure_text};
use crate::ui::wrap::folded;
use anstyle::Style;
use pinpoint_streams_executor::execute::{NotWritten, Outcome, StepOutcome, StepResult, Tally};
use pinpoint_streams_model::address::Address;
use pinpoint_streams_model::event::Ending;
use pinpoint_streams_model::ids::StepId;
use pinpoint_streams_model::op::is_call;
use pinpoint_streams_store::state::StateError;
use std::collections::BTreeMap;
use std::fmt::Write as _;

/// With more steps than this, completed ones are only counted.
const SHORT: usize = 20;
/// With more steps of the same result and reason than this, the first are named and the rest counted.
const ALIKE: usize = 4;
/// What belongs to a row stands below the name of its step.
const INDENT: usize = 12;
/// The least room for a reason beside its step.
const LEAST_REASON: usize = 30;

/// Which steps have a row of their own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Rows {
    All,
    /// Those that are done were lines of the log.
    NotDone,
}

/// Next commands, quoted, with the flags of this run.
#[derive(Debug, Clone)]
pub(crate) struct NextCommands {
    /// `None` if nothing is left to plan.
    pub plan: Option<String>,
    /// What the plan is good for: `to …`.
    pub purpose: &'static str,
    pub continuation: Continuation,
    /// Restores what this run deleted or quarantined.
    pub restore: Option<String>,
    /// Uploads the state that was saved to a local file, if there is one.
    pub push: Option<String>,
}

/// How a run that did not complete goes on.
#[derive(Debug, Clone)]
pub(crate) enum Continuation {
    /// The same command plans what is left.
    SameCommand(String),
    /// A saved plan fits only the state that it was made from.
    PlanAgain { save: String, apply: String },
}

/// The table, the counts, and the next command.
pub(crate) fn outcome(outcome: &Outcome, next: &NextCommands, rows: Rows, width: usize) -> String {
    let mut text = table(outcome, rows, width);
    let _ = writeln!(text, "\n{}", closing_line(outcome));
    if let Err(not_written) = &outcome.state_written {
        text.push_str(&unwritten(not_written, next.push.as_deref()));
    }
    if let Some(restore) = &next.restore {
        let _ = writeln!(text, "Deleted resources were archived; {restore} shows the plan that restores them.");
    }
    let _ = writeln!(text, "{} {}", paint(STRONG, "Next:"), next_step(outcome, next));
    folded(&text, width)
}

/// What failed or is not complete, and a state that was not written.
pub(crate) fn errors(outcome: &Outcome, next: &NextCommands, width: usize) -> String {
    let mut text = table(outcome, Rows::NotDone, width);
    if let Err(not_written) = &outcome.state_written {
        text.push_str(&unwritten(not_written, next.push.as_deref()));
    }
    text
}

/// `Applied: 8 resources, with 11 calls.`, or `Stopped: 3 of 8 resources; 5 of 11 calls done, 6 not started.`
pub(crate) fn closing_line(outcome: &Outcome) -> String {
    let word = match outcome.ending {
        Ending::Done => "Applied",
        Ending::NoChanges => "Nothing to do",
        Ending::Failed if outcome.tally().is_all_done() => "Applied, but the state was not written",
        Ending::Failed => "Partially applied",
        Ending::Stopped => "Stopped",
        Ending::Refused => "Refused",
    };
    let style = of_ending(outcome.ending);
    match resources(outcome) {
        none if none.is_empty() => format!("{}", paint(style, format!("{word}."))),
        resources => format!("{} {}", paint(style, format!("{word}:")), counts(outcome, &resources)),
    }
}

/// The resources that the plan changes, as it counts them, and whether all steps of each are done.
fn resources(outcome: &Outcome) -> BTreeMap<&Address, bool> {
    let mut resources: BTreeMap<&Address, bool> = BTreeMap::new();
    for StepOutcome { address, op: _, result } in outcome.steps.values() {
        *resources.entry(address).or_insert(true) &= matches!(result, StepResult::Done { request_id: _ });
    }
    // A role that was replaced is part of that change, under an address of its own until it is gone.
    for StepOutcome { address, op, result: _ } in outcome.steps.values() {
        let is_aside = *op == "move_record" && matches!(address, Address::Undeclared(_));
        if is_aside && resources.get(address) == Some(&true) {
            resources.remove(address);
        }
    }
    resources
}

fn counts(outcome: &Outcome, resources: &BTreeMap<&Address, bool>) -> String {
    let calls = outcome.steps.values().filter(|step| is_call(step.op)).map(|step| &step.result);
    let (calls, all) = (Tally::of(calls.clone()), calls.count());
    let all_resources = count(resources.len(), "resource");
    if outcome.tally().is_all_done() {
        return match all {
            0 => format!("{all_resources}, in the state alone."),
            all => format!("{all_resources}, with {}.", count(all, "call")),
        };
    }
    let done = resources.values().filter(|is_done| **is_done).count();
    let Tally { done: done_calls, failed, unfinished, skipped, not_started } = calls;
    let rest =
        [(failed, "failed"), (unfinished, "unfinished"), (skipped, "skipped"), (not_started, "not started")];
    let rest =
        rest.into_iter().filter(|(number, _)| *number > 0).map(|(number, what)| format!(", {number} {what}"));
    let calls = match all {
        0 => String::new(),
        _ => format!("; {done_calls} of {} done{}", count(all, "call"), rest.collect::<String>()),
    };
    format!("{done} of {all_resources}{calls}.")
}

fn next_step(outcome: &Outcome, next: &NextCommands) -> String {
    let go_on = |then: &str| match &next.continuation {
        Continuation::SameCommand(command) => format!("run {command}{then}"),
        Continuation::PlanAgain { save, apply } => format!(
            "the saved plan no longer matches the state: run {save} for what is left, review it, then run {apply}"
        ),
    };
    match outcome.ending {
        Ending::Done | Ending::NoChanges => match &next.plan {
            Some(plan) => format!("run {plan} {}", next.purpose),
            None => "nothing to do; the state has no resources left".to_owned(),
        },
        Ending::Failed if outcome.tally().is_all_done() => {
            format!("fix the error, then {}", go_on("; it completes the state first"))
        }
        Ending::Failed => {
            format!("fix the failures, then {}", go_on(" to continue; completed steps are kept"))
        }
        Ending::Stopped => go_on(" to continue"),
        Ending::Refused => format!("resolve the problems, then {}", go_on("")),
    }
}

fn table(outcome: &Outcome, rows: Rows, width: usize) -> String {
    let Outcome { ending: _, steps, recorded: _, state: _, state_written: _ } = outcome;
    let shows_done = rows == Rows::All && steps.len() <= SHORT;
    let shown: Vec<&StepOutcome> =
        steps.values().filter(|step| shows_done || !matches!(step.result, StepResult::Done { .. })).collect();
    let widest = shown.iter().map(|step| step.address.to_string().len() + step.op.len() + 1).max().unwrap_or(0);
    let reasons: Vec<String> = shown.iter().map(|step| reason(outcome, step)).collect();
    let mut alike: BTreeMap<(&str, &str), usize> = BTreeMap::new();
    for (step, reason) in shown.iter().zip(&reasons) {
        *alike.entry((word(&step.result).1, reason.as_str())).or_default() += 1;
    }
    let mut seen: BTreeMap<(&str, &str), usize> = BTreeMap::new();
    let mut text = String::new();
    for (step, reason) in shown.iter().zip(&reasons) {
        let (style, word) = word(&step.result);
        let total = alike.get(&(word, reason.as_str())).copied().unwrap_or_default();
        let nth = seen.entry((word, reason.as_str())).or_default();
        *nth += 1;
        let is_folded = total > ALIKE && !matches!(step.result, StepResult::Done { .. });
        match *nth {
            nth if !is_folded || nth < ALIKE => text.push_str(&row(step, widest, reason, width)),
            ALIKE => {
                let more = format!("and {} more", total - ALIKE + 1);
                let start = format!("{} {more:<widest$}  ", paint(style, format!("{word:<11}")));
                text.push_str(&line(&start, reason, width));
            }
            _ => {}
        }
    }
    text
}

fn word(result: &StepResult) -> (Style, &'static str) {
    match result {
        StepResult::Done { request_id: _ } => (ADDED, "done"),
        StepResult::Failed(_) => (ERROR, "failed"),
        StepResult::Unfinished(_) => (WARNING, "unfinished"),
        StepResult::Skipped { because_of: _ } => (WARNING, "skipped"),
        StepResult::NotStarted { reason: _ } => (QUIET, "not started"),
    }
}

/// Why a step is not done.
fn reason(outcome: &Outcome, step: &StepOutcome) -> String {
    match &step.result {
        StepResult::Done { request_id: _ } => String::new(),
        StepResult::Failed(failure) => failure_text(failure),
        StepResult::Unfinished(failure) => escape(&failure.message).into_owned(),
        StepResult::Skipped { because_of } => format!("{} failed", name(outcome, *because_of)),
        StepResult::NotStarted { reason } => escape(reason).into_owned(),
    }
}

fn row(step: &StepOutcome, widest: usize, why: &str, width: usize) -> String {
    let StepOutcome { address, op, result } = step;
    let what = format!("{address} {op}");
    let (style, word) = word(result);
    let mut text = line(&format!("{} {what:<widest$}  ", paint(style, format!("{word:<11}"))), why, width);
    if let StepResult::Failed(failure) = result {
        for detail in &failure.details {
            text.push_str(&folded(&format!("{:INDENT$}{}\n", "", escape(detail)), width));
        }
        for hint in &failure.hints {
            let help = format!("{:INDENT$}{} {}\n", "", paint(HELP, "help:"), escape(hint));
            text.push_str(&folded(&help, width));
        }
    }
    text
}

/// A row, with its reason below it where there is little room.
fn line(start: &str, why: &str, width: usize) -> String {
    format!("{}\n", beside(start, why, LEAST_REASON, INDENT, width).trim_end())
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
