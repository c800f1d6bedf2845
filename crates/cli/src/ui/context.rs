//! The context that every command receives.
use crate::settings::{Environment, Settings, Verbosity};
use crate::ui::error::Error;
use crate::ui::escape::escape;
use crate::ui::printer::Printer;
use crate::ui::problems;
use crate::ui::reading::Reading;
use crate::ui::style::{QUIET, paint};
use crate::ui::text::count;
use crate::ui::views::sweep::Evidences;
use crate::ui::wrap::folded;
use indicatif::ProgressBar;
use jiff::{SignedDuration, Timestamp};
use pinpoint_streams_executor::clock::{Clock, SystemClock};
use pinpoint_streams_executor::cloud::ReadCloud;
use pinpoint_streams_executor::{AskOptions, InquiryResult, ask};
use pinpoint_streams_model::live::{Live, Read};
use pinpoint_streams_model::plan::Warning;
use pinpoint_streams_model::sweep::SweptAccount;
use pinpoint_streams_planner::Inquiry;
use std::collections::BTreeMap;
use std::time::Duration;

/// How often it is printed what is being read.
const READING_EVERY: Duration = Duration::from_secs(10);

#[derive(Debug)]
pub(crate) struct CommandContext<'a> {
    pub settings: &'a Settings,
    pub environment: &'a Environment,
    pub printer: &'a Printer,
}

/// The clock of a command; in the sandbox it may be ahead.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct CommandClock {
    days_ahead: u32,
}

impl Clock for CommandClock {
    fn now(&self) -> Timestamp {
        let ahead = SignedDuration::from_hours(24 * i64::from(self.days_ahead));
        SystemClock.now().saturating_add(ahead).unwrap_or(Timestamp::MAX)
    }
}

impl CommandContext<'_> {
    pub(crate) fn clock(&self) -> CommandClock {
        CommandClock { days_ahead: if self.settings.sandbox { self.environment.sandbox_days } else { 0 } }
    }

    /// How much of a sweep's evidence is shown.
    pub(crate) fn evidences(&self) -> Evidences {
        if self.settings.verbosity == Verbosity::Verbose { Evidences::Each } else { Evidences::Common }
    }

    /// Runs an inquiry with read-only access to AWS.
    pub(crate) async fn ask<I: Inquiry>(&self, inquiry: &I, cloud: &impl ReadCloud) -> I::Output {
        self.ask_in(&[], inquiry, cloud).await
    }

    /// The same, and shows which of these accounts is read.
    pub(crate) async fn ask_in<I: Inquiry>(
        &self,
        accounts: &[SweptAccount],
        inquiry: &I,
        cloud: &impl ReadCloud,
    ) -> I::Output {
        self.ask_with_answers(accounts, inquiry, cloud).await.0
    }

    /// The same, with what AWS answered.
    pub(crate) async fn ask_with_answers<I: Inquiry>(
        &self,
        accounts: &[SweptAccount],
        inquiry: &I,
        cloud: &impl ReadCloud,
    ) -> (I::Output, Live) {
        let InquiryResult { output, live, hints } = {
            let spinner = self.spinner("reading");
            let reading = Reading::new(cloud, accounts, spinner.0.clone(), self.environment.width());
            let asked = ask(inquiry, &reading, AskOptions { parallelism: self.settings.parallelism });
            let mut asked = std::pin::pin!(asked);
            loop {
                tokio::select! {
                    biased;
                    result = &mut asked => break result,
                    // Where nothing can be redrawn.
                    () = tokio::time::sleep(READING_EVERY), if spinner.0.is_none() => {
                        if let Some(line) = reading.line() {
                            self.printer.note(&format!("reading {}\n", escape(&line)));
                        }
                    }
                }
            }
        };
        if self.printer.verbosity() == Verbosity::Verbose {
            self.printer.note(&format!("{}\n", read_in_short(&live)));
        }
        for hint in hints {
            self.printer.note(&format!("{} {}\n", paint(QUIET, "hint:"), escape(&hint.to_string())));
        }
        (output, live)
    }

    /// Prints the warnings of a plan, above the plan.
    pub(crate) fn warn(&self, warnings: &[Warning]) {
        self.warn_in_words(&problems::warnings(warnings));
    }

    /// Prints warnings. On a terminal, a blank line separates them from what follows.
    pub(crate) fn warn_in_words(&self, warnings: &str) {
        let is_terminal = self.environment.stdout_is_terminal && self.environment.stderr_is_terminal;
        let blank = if is_terminal && !warnings.is_empty() { "\n" } else { "" };
        self.printer.note(&format!("{warnings}{blank}"));
    }

    /// Shows a result in text; with `--quiet`, its closing line alone.
    pub(crate) fn show_text(&self, closing: &str, text: impl FnOnce() -> String) -> Result<(), Error> {
        match self.settings.verbosity {
            Verbosity::Quiet if closing.is_empty() => Ok(()),
            Verbosity::Quiet => self.show(&format!("{closing}\n")),
            Verbosity::Normal | Verbosity::Verbose => self.show(&text()),
        }
    }

    pub(crate) fn show(&self, text: &str) -> Result<(), Error> {
        self.printer.result(text).map_err(Error::of_output)
    }

    /// Shows a result in sentences, folded to the width of the terminal.
    pub(crate) fn show_prose(&self, text: &str) -> Result<(), Error> {
        self.show(&folded(text, self.environment.width()))
    }

    /// Shows a spinner until the returned guard is dropped.
    pub(crate) fn spinner(&self, message: &'static str) -> Spinner {
        let shown = self.environment.can_redraw() && self.settings.verbosity > Verbosity::Quiet;
        Spinner(shown.then(|| {
            let spinner = ProgressBar::new_spinner().with_message(message);
            spinner.enable_steady_tick(Duration::from_millis(100));
            spinner
        }))
    }
}

/// `read 67 roles, 5 apps of 12 regions, and 3 event streams (54 apps asked)`: what is there, and where it was looked
/// for.
fn read_in_short(live: &Live) -> String {
    let roles = live.roles.values().filter_map(Read::present).count();
    let apps: usize = live.apps.values().filter_map(Read::present).map(BTreeMap::len).sum();
    let streams = live.event_streams.values().filter_map(Read::present).count();
    format!(
        "read {}, {} of {}, and {} ({} asked)",
        count(roles, "role"),
        count(apps, "app"),
        count(live.apps.len(), "region"),
        count(streams, "event stream"),
        count(live.event_streams.len(), "app"),
    )
}

/// A spinner that is removed on drop.
#[derive(Debug)]
pub(crate) struct Spinner(Option<ProgressBar>);

impl Drop for Spinner {
    fn drop(&mut self) {
        if let Some(spinner) = self.0.take() {
            spinner.finish_and_clear();
        }
    }
}
