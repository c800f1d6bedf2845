//! The command line of pinpoint-streams: what is typed, read, asked and shown. What is decided and done
//! is in the crates below; here values become text and text becomes values.
//!
//! | module | what it is responsible for |
//! | --- | --- |
//! | `settings` | the global flags and the process's surroundings |
//! | `commands` | one file or folder a command: its arguments, its help and what it does |
//! | `workspace` | the manifest on disk, its state, lock, archives and runs |
//! | `accounts` | credentials, profiles, organizations and the sandbox, up to accounts that answer |
//! | `plan_file` | saved plans: written, read back, and compared with what there is now |
//! | `ui` | results, progress, questions and errors |
mod accounts;
mod commands;
#[cfg(test)]
mod formats;
pub mod plan_file;
mod settings;
#[cfg(test)]
mod testing;
mod ui;
mod workspace;

pub use settings::Environment;
pub use ui::exit::Exit;
pub use ui::printer::Streams;

use clap::error::ErrorKind;
use commands::{Format, Typed};
use settings::{Settings, Verbosity};
use std::ffi::OsString;
use ui::CommandContext;
use ui::error::Error;
use ui::escape::{escape_lines, escape_styled};
use ui::printer::Printer;
use ui::signals;

/// Does what these arguments ask for, and says how the process is to end.
pub async fn run(args: impl IntoIterator<Item = OsString>, environment: &Environment, streams: Streams) -> Exit {
    signals::outlive_full_files();
    let Typed { globals, command } = match commands::parse(args) {
        Ok(typed) => typed,
        Err(answer) => return answered(&answer, environment, streams),
    };
    let settings = Settings::of(globals, environment);
    let format = command.format();
    let printer = Printer::new(streams, settings.color_results, settings.color_messages, settings.verbosity);
    let ran = if environment.folder_is_unknown {
        Err(Error::NoFolder)
    } else {
        commands::run(command, CommandContext { settings: &settings, environment, printer: &printer }).await
    };
    match ran {
        Ok(exit) => exit,
        Err(error) => {
            let shown = match error.json().filter(|_| format == Format::Json) {
                Some(json) => printer.result(&json),
                None => {
                    printer.message(&error.text(environment));
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
