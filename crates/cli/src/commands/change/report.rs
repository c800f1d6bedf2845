//! The result table and the exit code of an apply.
use super::{ApplyArgs, Request};
use crate::settings::Verbosity;
use crate::ui::views::applied;
use crate::ui::views::outcome::{Continuation, NextCommands, Rows, closing_line, errors, outcome as view};
use crate::ui::{CommandContext, Error, Exit};
use crate::workspace::{Store, Workspace};
use pinpoint_streams_executor::Outcome;
use pinpoint_streams_executor::execute::{NotWritten, StepOutcome, StepResult};
use pinpoint_streams_model::event::Ending;
use pinpoint_streams_model::ids::RunId;
use pinpoint_streams_model::plan::{Mode, Plan};
use pinpoint_streams_store::archive::quoted;
use pinpoint_streams_store::session::SessionError;
use pinpoint_streams_store::state::write_copy;
use std::path::{Path, PathBuf};

/// A run that reached its steps, with all that its report needs.
pub(super) struct Finished<'a> {
    pub(super) run: &'a RunId,
    /// For `--format json`.
    pub(super) plan: Option<&'a Plan>,
    pub(super) outcome: &'a Outcome,
    pub(super) next: NextCommands,
    /// The file of a state that could not be written to its bucket.
    pub(super) unpushed: Option<&'a Path>,
}

/// What to type next after this request, whatever its outcome is.
pub(super) fn next_commands<R: Request>(
    request: &R,
    saved: Option<&Path>,
    args: &ApplyArgs,
    context: &CommandContext<'_>,
) -> NextCommands {
    let command = |name: &str| format!("`{}`", context.settings.command(name));
    let continuation = match saved {
        None => Continuation::SameCommand(command(&format!("{}{}", request.again(), args.approval_flag()))),
        Some(file) => {
            let file = quoted(&file.to_string_lossy()).into_owned();
            let again = request.again();
            // A dry run of a sweep or restore is the same command without this.
            let plan = match request.mode() {
                Mode::Sweep | Mode::Restore => again.replace(" --apply", ""),
                Mode::Converge | Mode::Destroy | Mode::Drift => request.look(),
            };
            Continuation::PlanAgain {
                save: command(&format!("{plan} --out {file}")),
                apply: command(&format!("apply {file}{}", args.approval_flag())),
            }
        }
    };
    let (plan, purpose) = (Some(command(&request.look())), request.purpose());
    NextCommands { plan, purpose, continuation, restore: None, push: None }
}

impl Finished<'_> {
    /// Prints to stdout, or to stderr if stdout carries events.
    pub(super) fn show(self, mode: Mode, args: &ApplyArgs, context: &CommandContext<'_>) -> Exit {
        let Finished { run, plan, outcome, next, unpushed } = self;
        let (settings, printer, width) = (context.settings, context.printer, context.environment.width());
        let is_all_destroyed = mode == Mode::Destroy && outcome.recorded.resources.is_empty();
        let next = NextCommands {
            plan: next.plan.filter(|_| !is_all_destroyed),
            restore: archive_of(run, outcome, context)
                .map(|folder| format!("`{}`", settings.command_with("restore", &folder))),
            push: unpushed.map(|file| {
                let file = context.environment.display_path(file).to_string();
                format!("`{}`", settings.command_with("state push", &file))
            }),
            ..next
        };
        let rows = if context.environment.can_redraw() { Rows::All } else { Rows::NotDone };
        let is_empty = outcome.steps.is_empty() && outcome.state_written.is_ok();
        if let Some(plan) = plan {
            printer.note(&if is_empty { String::new() } else { view(outcome, &next, rows, width) });
            let _ = printer.result(&applied::document(run, plan, outcome));
        } else if is_empty {
            // The plan says that there is nothing to do.
        } else if args.events {
            printer.note(&view(outcome, &next, rows, width));
        } else if printer.verbosity() == Verbosity::Quiet {
            printer.message(&errors(outcome, &next, width));
            let _ = printer.result(&format!("{}\n", closing_line(outcome)));
        } else {
            let _ = printer.result(&view(outcome, &next, rows, width));
        }
        exit(outcome)
    }
}

/// The folder of the archives that this run wrote, if it deleted anything.
fn archive_of(run: &RunId, outcome: &Outcome, context: &CommandContext<'_>) -> Option<String> {
    let is_deleted = |step: &StepOutcome| {
        let deletes = ["delete_role", "delete_event_stream", "delete_app"];
        deletes.contains(&step.op) && matches!(step.result, StepResult::Done { request_id: _ })
    };
    let state = outcome.state.as_ref().filter(|_| outcome.steps.values().any(is_deleted))?;
    let is_of_run = |folder: &&str| folder.ends_with(&format!("-{run}"));
    let folder = state.archives.keys().filter_map(|path| Some(path.rsplit_once('/')?.0)).find(is_of_run)?;
    Some(context.environment.display_path(Path::new(folder)).to_string())
}

/// A stop takes precedence over failed steps. An unwritten state is a failure even if every step succeeded.
fn exit(outcome: &Outcome) -> Exit {
    match (&outcome.ending, &outcome.state_written) {
        (_, Err(NotWritten::NothingBegun { .. })) => Exit::Error,
        // Exit code 130 guarantees that the state was written.
        (_, Err(NotWritten::State(_))) => Exit::Partial,
        (Ending::Stopped, _) => Exit::Stopped,
        (Ending::Failed, _) | (_, Err(NotWritten::ExitedNow)) => Exit::Partial,
        (Ending::Done | Ending::NoChanges, Ok(_) | Err(NotWritten::Journal(_))) => Exit::Done,
        (Ending::Refused, Ok(_) | Err(NotWritten::Journal(_))) => Exit::Problems,
    }
}

/// Saves a state that could not be written to its bucket next to the manifest, for `state push`.
///
/// The path of the saved state; `None` if the state was written, or is a local file anyway.
pub(super) async fn keep_unpushed(
    store: &Store,
    outcome: &Outcome,
    workspace: &Workspace,
    context: &CommandContext<'_>,
) -> Option<PathBuf> {
    let (Some(_), Err(NotWritten::State(_)), Some(state)) =
        (store.remote(), &outcome.state_written, &outcome.state)
    else {
        return None;
    };
    let path = workspace.paths.unpushed(state.last_run.as_ref());
    match write_copy(&path, state).await {
        Ok(()) => Some(path),
        Err(error) => {
            let error = Error::from(SessionError::from(error));
            context.printer.message(&error.text(context.environment));
            None
        }
    }
}
