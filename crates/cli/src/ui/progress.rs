//! The progress of a run. Each presentation is derived from the event stream.
mod bars;
mod lines;
#[cfg(test)]
pub(crate) mod tests;

pub(crate) use bars::Bars;
pub(crate) use lines::{line, record};

use crate::settings::{Environment, Verbosity};
use crate::ui::printer::Printer;
use pinpoint_streams_model::event::{Event, What};

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
                    What::Plan { .. } => printer.set_bars(Some(bars.multi_progress())),
                    What::Summary { .. } => printer.set_bars(None),
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
