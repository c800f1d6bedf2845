//! The result table and the exit code of an apply.
use crate::ui::views::outcome::{NextCommands, outcome as view};
use crate::ui::{CommandContext, Error, Exit};
use crate::workspace::{Store, Workspace};
use pinpoint_streams_executor::Outcome;
use pinpoint_streams_executor::execute::NotWritten;
use pinpoint_streams_model::event::Ending;
use pinpoint_streams_model::plan::Mode;
use pinpoint_streams_store::session::SessionError;
use pinpoint_streams_store::state::write_copy;
use std::path::{Path, PathBuf};

/// Prints to stdout, or to stderr if stdout carries events.
pub(super) fn show(
    outcome: &Outcome,
    mode: Mode,
    again: &str,
    events: bool,
    unpushed: Option<&Path>,
    context: &CommandContext<'_>,
) -> Exit {
    let look = match mode {
        Mode::Destroy => "plan --destroy",
        Mode::Converge | Mode::Drift | Mode::Restore => "plan",
        Mode::Sweep => "sweep",
    };
    let is_all_destroyed = mode == Mode::Destroy && outcome.recorded.resources.is_empty();
    let next = NextCommands {
        plan: (!is_all_destroyed).then(|| format!("`{}`", context.settings.command(look))),
        apply: format!("`{}`", context.settings.command(again)),
        push: unpushed.map(|file| {
            let file = context.environment.display_path(file).to_string();
            format!("`{}`", context.settings.command_with("state push", &file))
        }),
    };
    let is_empty = outcome.steps.is_empty() && outcome.state_written.is_ok();
    if !is_empty {
        let text = view(outcome, &next);
        if events {
            context.printer.note(&text);
        } else {
            let _ = context.printer.result(&text);
        }
    }
    exit(outcome)
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
