//! What every command is given.
use crate::settings::Environment;
use crate::settings::{Settings, Verbosity};
use crate::ui::error::Error;
use crate::ui::escape::escape;
use crate::ui::printer::Printer;
use crate::ui::style::{QUIET, paint};
use crate::ui::views::sweep::Evidences;
use indicatif::ProgressBar;
use pinpoint_streams_executor::survey::Hint;
use std::time::Duration;

/// What every command is given.
#[derive(Debug)]
pub(crate) struct CommandContext<'a> {
    /// What holds for the whole run.
    pub settings: &'a Settings,
    /// What the process runs in.
    pub environment: &'a Environment,
    /// Where results and messages go.
    pub printer: &'a Printer,
}

impl CommandContext<'_> {
    /// How much of a sweep's evidence is shown.
    pub(crate) fn evidences(&self) -> Evidences {
        if self.settings.verbosity == Verbosity::Verbose { Evidences::Each } else { Evidences::Common }
    }

    /// What was learnt on the way that makes the next run better.
    pub(crate) fn hints(&self, hints: &[Hint]) {
        for hint in hints {
            self.printer.aside(&format!("{} {}\n", paint(QUIET, "hint:"), escape(&hint.to_string())));
        }
    }

    /// A result on stdout.
    pub(crate) fn show(&self, text: &str) -> Result<(), Error> {
        self.printer.result(text).map_err(Error::of_output)
    }

    /// Says that something takes a while, until what is returned is dropped.
    pub(crate) fn busy(&self, with: &'static str) -> Busy {
        let shown = self.environment.can_redraw() && self.settings.verbosity > Verbosity::Quiet;
        Busy(shown.then(|| {
            let spinner = ProgressBar::new_spinner().with_message(with);
            spinner.enable_steady_tick(Duration::from_millis(100));
            spinner
        }))
    }
}

/// Words that are gone when this is.
#[derive(Debug)]
pub(crate) struct Busy(Option<ProgressBar>);

impl Drop for Busy {
    fn drop(&mut self) {
        if let Some(spinner) = self.0.take() {
            spinner.finish_and_clear();
        }
    }
}
