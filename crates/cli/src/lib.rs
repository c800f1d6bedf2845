//! The command line of pinpoint-streams: arguments, files, prompts and output. Planning and execution are in the crates
//! below.
//!
//! | module | responsibility |
//! | --- | --- |
//! | `settings` | global flags and the environment of the process |
//! | `commands` | a file or folder per command: arguments, help and implementation |
//! | `workspace` | the manifest on disk, its state, lock, archives and runs |
//! | `accounts` | credentials, profiles, organizations and the sandbox, up to connected accounts |
//! | `completion` | what a shell completes |
//! | `plan_file` | saved plans: writing, reading and the stale check |
//! | `ui` | results, progress, prompts and errors |
mod accounts;
mod commands;
mod completion;
#[cfg(test)]
mod formats;
pub mod plan_file;
mod settings;
#[cfg(test)]
mod testing;
mod ui;
mod workspace;

pub use completion::complete;
pub use settings::Environment;
pub use ui::exit::Exit;
pub use ui::printer::Streams;

use clap::error::ErrorKind;
use commands::Invocation;
use commands::page_output::PageFormat;
use settings::{Settings, Verbosity};
use std::ffi::OsString;
use ui::error::Error;
use ui::escape::{escape_lines, escape_styled};
use ui::printer::Printer;
use ui::{CommandContext, signals};

/// Parses the arguments, runs the command, and returns the exit code.
pub async fn run(args: impl IntoIterator<Item = OsString>, environment: &Environment, streams: Streams) -> Exit {
    signals::ignore_sigxfsz();
    let args: Vec<OsString> = args.into_iter().collect();
    let Invocation { globals, command, format } = match commands::parse(args.iter().cloned()) {
        Ok(typed) => typed,
        Err(answer) => return print_clap_message(&answer, &args, environment, streams),
    };
    let settings = Settings::of(globals, environment);
    let printer = Printer::new(streams, settings.color_results, settings.color_messages, settings.verbosity)
        .with_workspace_flags(settings.workspace_flags())
        .with_message_width(environment.message_width());
    let work = command.work();
    let ran = if environment.folder_is_unknown {
        Err(Error::NoCurrentFolder)
    } else {
        commands::run(command, CommandContext { settings: &settings, environment, printer: &printer }).await
    };
    match ran {
        Ok(exit) => exit,
        Err(error) => {
            printer.message(&error.text_for(Some(work), environment));
            printer.message(&error.annotations(environment));
            if let Some(details) = error.details().filter(|_| settings.verbosity == Verbosity::Verbose) {
                printer.message(&format!("{}\n", escape_lines(details)));
            }
            let in_workspace = |hint: &str| settings.in_this_workspace(hint);
            let page = || error.page(Some(work), environment, in_workspace);
            let shown = match format {
                _ if matches!(error, Error::OutputClosed | Error::Output(_)) => Ok(()),
                PageFormat::Json => printer.result(&error.json_for(Some(work), environment, in_workspace)),
                // The result of some commands shows the problems itself.
                PageFormat::Markdown if !printer.has_result() => printer.result(&page().markdown()),
                PageFormat::Html if !printer.has_result() => printer.result(&page().html()),
                PageFormat::Text | PageFormat::Markdown | PageFormat::Html => Ok(()),
            };
            // The exit code reports the error even if it cannot be printed.
            shown.map_or_else(|failed| Error::of_output(failed).exit(), |()| error.exit())
        }
    }
}

/// Prints help and version as results, and usage errors as messages.
fn print_clap_message(
    answer: &clap::Error,
    args: &[OsString],
    environment: &Environment,
    streams: Streams,
) -> Exit {
    let color = |is_terminal| environment.wants_color(is_terminal);
    let (results, messages) = (color(environment.stdout_is_terminal), color(environment.stderr_is_terminal));
    let printer = Printer::new(streams, results, messages, Verbosity::Normal)
        .with_message_width(environment.message_width());
    // The message quotes the arguments.
    let text = escape_styled(&answer.render().ansi().to_string());
    match answer.kind() {
        ErrorKind::DisplayHelp | ErrorKind::DisplayVersion => match printer.result(&text) {
            Ok(()) => Exit::Done,
            Err(error) => Error::of_output(error).exit(),
        },
        _ => {
            let ours = commands::foreign_words::answer(answer, args);
            let text = ui::error::usage_text(&text, ours.as_deref());
            printer.message(&text);
            if commands::asks_for_json(args) {
                // The exit code reports the error even if it cannot be printed.
                let _ = printer.result(&ui::error::usage_json(&text));
            }
            Exit::Error
        }
    }
}
