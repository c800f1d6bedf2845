//! The progress of a run. Each presentation is derived from the event stream.
mod bars;
#[cfg(test)]
pub(crate) mod tests;
mod tracker;

pub(crate) use bars::Bars;

use crate::settings::{Environment, Verbosity};
use crate::ui::escape::escape_json;
use crate::ui::printer::Printer;
use pinpoint_streams_model::event::{Event, EventKind, StepRef};
pub(crate) use tracker::Tracker;

#[derive(Debug)]
pub(crate) enum Progress {
    /// On a terminal.
    Bars(Bars),
    /// A line when a step ends, and a heartbeat. The table at the end has what failed.
    Lines(Tracker),
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
            Verbosity::Normal | Verbosity::Verbose => Progress::Lines(Tracker::default()),
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
            Progress::Lines(tracker) => {
                tracker.follow(event);
                if let Some(line) = line(event, tracker) {
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

/// A step that is done, or a heartbeat, as a line of text. Everything else is in the plan or in the table at the end.
pub(crate) fn line(event: &Event, tracker: &Tracker) -> Option<String> {
    let Event { what, seq: _, time: _, elapsed_ms } = event;
    let line = match what {
        EventKind::Version { .. }
        | EventKind::Plan { .. }
        | EventKind::Problems { .. }
        | EventKind::StepStarted { .. }
        | EventKind::StepWaiting { .. }
        | EventKind::StepRetried { .. }
        | EventKind::StepFailed { .. }
        | EventKind::StepUnfinished { .. }
        | EventKind::StepSkipped { .. }
        | EventKind::Summary { .. } => return None,
        EventKind::StepDone { step } => format!("{} done", name(step)),
        EventKind::Heartbeat { done, total, running } => {
            let failed = match tracker.failed {
                0 => String::new(),
                failed => format!(", {failed} failed or skipped"),
            };
            let waiting = tracker.waiting().map(|waiting| format!("; {waiting}")).unwrap_or_default();
            format!("{done} of {total} done, {running} running{failed}{waiting}")
        }
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
