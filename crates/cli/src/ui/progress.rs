//! The progress of a run. Each presentation is derived from the event stream.
mod bars;
#[cfg(test)]
pub(crate) mod tests;

pub(crate) use bars::Bars;

use crate::settings::{Environment, Verbosity};
use crate::ui::escape::{escape, escape_json};
use crate::ui::printer::Printer;
use crate::ui::text;
use pinpoint_streams_model::event::{Event, EventKind, StepRef};

#[derive(Debug)]
pub(crate) enum Progress {
    /// On a terminal.
    Bars(Bars),
    Lines,
    /// On stdout.
    Ndjson,
    Silent,
}

impl Progress {
    pub(crate) fn new(events: bool, verbosity: Verbosity, environment: &Environment) -> Progress {
        match verbosity {
            _ if events => Progress::Ndjson,
            Verbosity::Quiet => Progress::Silent,
            Verbosity::Normal | Verbosity::Verbose if environment.can_redraw() => Progress::Bars(Bars::new()),
            Verbosity::Normal | Verbosity::Verbose => Progress::Lines,
        }
    }

    /// Shows an event. If stdout is closed, the run continues silently.
    pub(crate) fn show(&mut self, event: &Event, printer: &Printer) {
        match self {
            Progress::Bars(bars) => {
                bars.show(event);
                match &event.what {
                    EventKind::Plan { .. } => printer.set_bars(Some(bars.multi_progress())),
                    EventKind::Summary { .. } => printer.set_bars(None),
                    _ => {}
                }
            }
            Progress::Lines => {
                if let Some(line) = line(event) {
                    printer.note(&line);
                }
            }
            Progress::Ndjson => {
                if printer.result(&record(event)).is_err() {
                    *self = Progress::Silent;
                }
            }
            Progress::Silent => {}
        }
    }
}

/// The event as a line of text; `None` for events that are printed elsewhere, such as the plan and the result table.
pub(crate) fn line(event: &Event) -> Option<String> {
    let Event { what, seq: _, time: _, elapsed_ms } = event;
    let line = match what {
        EventKind::Version { .. }
        | EventKind::Plan { .. }
        | EventKind::Problems { .. }
        | EventKind::Summary { .. } => return None,
        EventKind::StepStarted { step } => format!("{} ...", name(step)),
        EventKind::StepWaiting { step, reason, waited_ms } => {
            format!("{} waiting ({}): {}", name(step), seconds(*waited_ms), escape(reason))
        }
        EventKind::StepRetried { step, attempt, reason } => {
            format!("{} retry, attempt {attempt}: {}", name(step), escape(reason))
        }
        EventKind::StepDone { step } => format!("{} done", name(step)),
        EventKind::StepFailed { step, failure } => format!("{} failed: {}", name(step), text::failure(failure)),
        EventKind::StepSkipped { step, because_of } => format!("{} skipped: step {because_of} failed", name(step)),
        EventKind::Heartbeat { done, total, running } => format!("{done} of {total} done, {running} running"),
    };
    Some(format!("{:>7} {line}\n", seconds(*elapsed_ms)))
}

/// The event as a line of JSON.
pub(crate) fn record(event: &Event) -> String {
    // Our own types to memory: this cannot fail.
    let mut line = serde_json::to_string(event).unwrap_or_default();
    line.push('\n');
    escape_json(&line).into_owned()
}

/// The name of a step: `event_stream.shop put_event_stream`.
fn name(step: &StepRef) -> String {
    let StepRef { step: _, address, op } = step;
    format!("{address} {op}")
}

fn seconds(ms: u64) -> String {
    format!("{}.{}s", ms / 1000, ms % 1000 / 100)
}
