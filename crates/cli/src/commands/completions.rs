//! `completions`: a script for a shell.
use crate::args;
use crate::context::Context;
use crate::error::Error;
use crate::exit::Exit;
use clap_complete::{Shell, generate};

pub(super) fn run(shell: Shell, context: &Context<'_>) -> Result<Exit, Error> {
    let mut script = Vec::new();
    generate(shell, &mut args::command(), "pinpoint-streams", &mut script);
    context.show(&String::from_utf8_lossy(&script))?;
    Ok(Exit::Done)
}
