//! What a run shows while it runs. Each way to show it is a function of the one event stream.
mod bars;
mod lines;
#[cfg(test)]
pub(crate) mod tests;

pub(crate) use bars::Bars;
pub(crate) use lines::{line, record};

use crate::settings::Environment;
use crate::settings::Verbosity;
use crate::ui::printer::Printer;
use pinpoint_streams_model::event::{Event, What};

/// One way to show events.
#[derive(Debug)]
pub(crate) enum Progress {
    /// Redrawn, on a terminal.
    Bars(Bars),
    /// One line an event.
    Lines,
    /// One JSON object a line, on stdout.
    Ndjson,
    /// Not at all.
    Silent,
}

impl Progress {
    /// The way that fits: records where they were asked for, bars where they can be redrawn, else lines.
    pub(crate) fn fitting(events: bool, verbosity: Verbosity, environment: &Environment) -> Progress {
        match verbosity {
            _ if events => Progress::Ndjson,
            Verbosity::Quiet => Progress::Silent,
            Verbosity::Normal | Verbosity::Verbose if environment.can_redraw() => Progress::Bars(Bars::new()),
            Verbosity::Normal | Verbosity::Verbose => Progress::Lines,
        }
    }

    /// Shows an event. Where nobody reads any more, the run goes on silently.
    pub(crate) fn show(&mut self, event: &Event, printer: &Printer) {
        match self {
            Progress::Bars(bars) => {
                bars.show(event);
                match &event.what {
                    What::Plan { .. } => printer.draws(Some(bars.drawing())),
                    What::Summary { .. } => printer.draws(None),
                    _ => {}
                }
            }
            Progress::Lines => {
                if let Some(line) = line(event) {
                    printer.aside(&line);
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
