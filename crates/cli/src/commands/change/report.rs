//! How an apply ended: the table, and the exit code.
use crate::ui::CommandContext;
use crate::ui::exit::Exit;
use crate::ui::views::outcome::{NextCommands, outcome as view};
use pinpoint_streams_executor::Outcome;
use pinpoint_streams_executor::execute::NotWritten;
use pinpoint_streams_model::event::Ending;
use pinpoint_streams_model::plan::Mode;
use std::path::Path;

/// Shows what was done, on stdout, or on stderr where stdout is for events. That nobody reads it changes
/// nothing.
pub(super) fn show(
    outcome: &Outcome,
    mode: Mode,
    events: bool,
    unpushed: Option<&Path>,
    context: &CommandContext<'_>,
) -> Exit {
    let (look, again) = match mode {
        Mode::Destroy => ("plan", "destroy"),
        Mode::Converge | Mode::Drift => ("plan", "apply"),
        Mode::Sweep => ("sweep", "sweep --apply"),
        Mode::Restore => ("sweep", "restore ARCHIVE --apply"),
    };
    let next = NextCommands {
        plan: format!("`{}`", context.settings.command(look)),
        apply: format!("`{}`", context.settings.command(again)),
        push: unpushed.map(|file| {
            let file = context.environment.shown(file).to_string();
            format!("`{}`", context.settings.command_on("state push", &file))
        }),
    };
    let nothing_to_tell = outcome.steps.is_empty() && outcome.state_written.is_ok();
    if !nothing_to_tell {
        let text = view(outcome, &next);
        if events {
            context.printer.aside(&text);
        } else {
            let _ = context.printer.result(&text);
        }
    }
    exit(outcome)
}

/// A stop wins over failed steps; a state that could not be written is a failure even where every step was done.
fn exit(outcome: &Outcome) -> Exit {
    match (&outcome.ending, &outcome.state_written) {
        (_, Err(NotWritten::NothingBegun { .. })) => Exit::Error,
        // The code for a stop promises that the state is written.
        (_, Err(NotWritten::State(_))) => Exit::Partial,
        (Ending::Stopped, _) => Exit::Stopped,
        (Ending::Failed, _) | (_, Err(NotWritten::Left)) => Exit::Partial,
        (Ending::Done | Ending::NoChanges, Ok(_) | Err(NotWritten::Journal(_))) => Exit::Done,
        (Ending::Refused, Ok(_) | Err(NotWritten::Journal(_))) => Exit::Problems,
    }
}
