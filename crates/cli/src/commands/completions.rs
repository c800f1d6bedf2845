//! `completions`: prints the script with which a shell completes arguments.
mod bash;

pub(crate) use bash::{Bash, shells};

use crate::ui::{CommandContext, Error, Exit};
use clap::Args;
use clap_complete::Shell;
use clap_complete::env::Shells;

/// `completions`
#[derive(Debug, Args)]
pub(crate) struct CompletionsArgs {
    /// The shell.
    shell: Shell,
}

/// The variable with which a shell asks for completions, and names itself.
pub(crate) const VARIABLE: &str = "PINPOINT_STREAMS_COMPLETE";

const PROGRAM: &str = "pinpoint-streams";

pub(super) fn run(args: &CompletionsArgs, context: &CommandContext<'_>) -> Result<Exit, Error> {
    let CompletionsArgs { shell } = args;
    let mut script = Vec::new();
    if let Some(known) = Shells(&shells(&Bash::default())).completer(&shell.to_string()) {
        known.write_registration(VARIABLE, PROGRAM, PROGRAM, PROGRAM, &mut script).map_err(Error::of_output)?;
    }
    context.show(&String::from_utf8_lossy(&script))?;
    Ok(Exit::Done)
}
