//! The command line of pinpoint-streams: what is typed, read, asked and shown. What is decided and done
//! is in the crates below; here values become text and text becomes values.
//!
//! | module | what it is responsible for |
//! | --- | --- |
//! | `args`, `environment` | what was typed, and in which surroundings |
//! | `project`, `connection` | the manifest on disk, and the accounts that it leads to |
//! | `reach`, `sweeping`, `restoring`, `terraform` | accounts that no manifest need declare, what is found in them and put back |
//! | `locking` | one run at a time on a state |
//! | `planning`, `saved`, `confirm` | from there to a plan that somebody approved |
//! | `commands`, `context` | one file a command, and what each is given |
//! | `view`, `progress` | how results and events look |
//! | `heap` | tasks that are too large for the stack |
//! | `printer`, `error`, `exit` | where that goes, and how the process ends |
pub mod args;
pub mod commands;
pub mod confirm;
mod connection;
pub mod context;
pub mod environment;
pub mod error;
pub mod exit;
#[cfg(test)]
mod formats;
mod heap;
mod locking;
mod planning;
pub mod printer;
pub mod progress;
mod project;
mod reach;
mod restoring;
#[cfg(feature = "sandbox")]
mod sandbox;
pub mod saved;
mod signals;
mod sweeping;
mod terraform;
#[cfg(test)]
mod testing;
pub mod view;

pub use environment::Environment;
pub use exit::Exit;
pub use printer::Streams;

use args::{Format, Settings, Typed, Verbosity};
use clap::error::ErrorKind;
use context::Context;
use error::Error;
use printer::Printer;
use std::ffi::OsString;
use view::escape::{escape_lines, escape_styled};

/// Does what these arguments ask for, and says how the process is to end.
pub async fn run(args: impl IntoIterator<Item = OsString>, environment: &Environment, streams: Streams) -> Exit {
    signals::outlive_full_files();
    let Typed { globals, command } = match args::parse(args) {
        Ok(typed) => typed,
        Err(answer) => return answered(&answer, environment, streams),
    };
    let settings = Settings::of(globals, environment);
    let format = command.format();
    let printer = Printer::new(streams, settings.color_results, settings.color_messages, settings.verbosity);
    match commands::run(command, Context { settings: &settings, environment, printer: &printer }).await {
        Ok(exit) => exit,
        Err(error) => {
            let shown = match error.json().filter(|_| format == Format::Json) {
                Some(json) => printer.result(&json),
                None => {
                    printer.message(&environment.from_here(&error.text(environment.width())));
                    if let Some(details) = error.details().filter(|_| settings.verbosity == Verbosity::Verbose) {
                        printer.message(&format!("{}\n", escape_lines(details)));
                    }
                    Ok(())
                }
            };
            // Where even the error cannot be shown, the code still says it.
            shown.map_or_else(|failed| Error::of_output(failed).exit(), |()| error.exit())
        }
    }
}

/// Help and the version are results; anything else that clap has to say is an error.
fn answered(answer: &clap::Error, environment: &Environment, streams: Streams) -> Exit {
    let color = |is_terminal| environment.wants_color(is_terminal);
    let (results, messages) = (color(environment.stdout_is_terminal), color(environment.stderr_is_terminal));
    let printer = Printer::new(streams, results, messages, Verbosity::Normal);
    // What was typed is in it.
    let text = escape_styled(&answer.render().ansi().to_string());
    match answer.kind() {
        ErrorKind::DisplayHelp | ErrorKind::DisplayVersion => match printer.result(&text) {
            Ok(()) => Exit::Done,
            Err(error) => Error::of_output(error).exit(),
        },
        _ => {
            printer.message(&text);
            Exit::Error
        }
    }
}
