//! What every command is given.
use crate::settings::Environment;
use crate::settings::{Settings, Verbosity};
use crate::ui::error::Error;
use crate::ui::escape::escape;
use crate::ui::printer::Printer;
use crate::ui::style::{QUIET, paint};
use crate::ui::views::count;
use crate::ui::views::sweep::Evidences;
use indicatif::ProgressBar;
use pinpoint_streams_executor::cloud::ReadCloud;
use pinpoint_streams_executor::{AskOptions, Asked, ask};
use pinpoint_streams_planner::Inquiry;
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

    /// Asks an inquiry of AWS. Handed a [`ReadCloud`] alone, so nothing can be written.
    pub(crate) async fn ask<I: Inquiry>(&self, inquiry: &I, cloud: &impl ReadCloud) -> I::Output {
        let Asked { output, live, hints } = {
            let _busy = self.busy("reading");
            ask(inquiry, cloud, AskOptions { parallelism: self.settings.parallelism }).await
        };
        if self.printer.verbosity() == Verbosity::Verbose {
            let roles = count(live.roles.len(), "role");
            let (regions, streams) =
                (count(live.apps.len(), "region"), count(live.event_streams.len(), "event stream"));
            self.printer.aside(&format!("read {roles}, the apps of {regions} and {streams}\n"));
        }
        for hint in hints {
            self.printer.aside(&format!("{} {}\n", paint(QUIET, "hint:"), escape(&hint.to_string())));
        }
        output
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
