//! `completions`: prints a shell completion script.
use crate::ui::CommandContext;
use crate::ui::error::Error;
use crate::ui::exit::Exit;
use clap_complete::{Shell, generate};

pub(super) fn run(shell: Shell, context: &CommandContext<'_>) -> Result<Exit, Error> {
    let mut script = Vec::new();
    generate(shell, &mut super::command(), "pinpoint-streams", &mut script);
    context.show(&String::from_utf8_lossy(&script))?;
    Ok(Exit::Done)
}
