//! What flags and environment mean together.
use super::globals::{Color, Globals};
use super::{AutoApprove, Doing};
use crate::environment::Environment;
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

/// What holds for the whole run, whatever the command.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The manifest that was named; none: search for it.
    pub manifest: Option<PathBuf>,
    /// Variables from the command line.
    pub variables: BTreeMap<String, String>,
    /// Whether the embedded account is meant.
    pub sandbox: bool,
    /// Whether results are coloured.
    pub color_results: bool,
    /// Whether messages are coloured.
    pub color_messages: bool,
    /// How much is said.
    pub verbosity: Verbosity,
    /// How many calls run at once.
    pub parallelism: usize,
    /// How long to wait for another run to end; none: not at all.
    pub lock_timeout: Option<Duration>,
    /// Whether the environment forbids to write.
    pub read_only: bool,
    /// The global flags that a next command needs too, as they are typed.
    carried: String,
}

/// How much is said beside results and errors.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Verbosity {
    /// Nothing.
    Quiet,
    /// Progress and warnings.
    Normal,
    /// What was read, too.
    Verbose,
}

/// Who approves a plan.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Approval {
    /// A person, who is asked.
    Ask,
    /// The flag, whatever is in the plan.
    Given,
    /// The flag, if the plan has no delete, replace or wider policy.
    GivenIfSafe,
}

const DEFAULT_PARALLELISM: u16 = 10;

impl Settings {
    /// What these flags mean in this environment.
    pub fn of(globals: Globals, environment: &Environment) -> Settings {
        let carried = carried(&globals);
        let Globals { config, var, sandbox, color, quiet, verbose, parallelism, lock_timeout } = globals;
        let color = |is_terminal| match color.unwrap_or_default() {
            Color::Always => true,
            Color::Never => false,
            Color::Auto => environment.wants_color(is_terminal),
        };
        Settings {
            manifest: config,
            variables: var.into_iter().collect(),
            sandbox,
            color_results: color(environment.stdout_is_terminal),
            color_messages: color(environment.stderr_is_terminal),
            verbosity: match (quiet, verbose) {
                (1.., _) => Verbosity::Quiet,
                (0, 0) => Verbosity::Normal,
                (0, _) => Verbosity::Verbose,
            },
            parallelism: usize::from(parallelism.unwrap_or(DEFAULT_PARALLELISM)),
            lock_timeout,
            read_only: environment.read_only,
            carried,
        }
    }

    /// How a person types this command for the same project.
    pub fn command(&self, name: &str) -> String {
        format!("pinpoint-streams{} {name}", self.carried)
    }
}

/// The flags that say which project is meant.
fn carried(globals: &Globals) -> String {
    let mut flags = String::new();
    if globals.sandbox {
        flags.push_str(" --sandbox");
    }
    if let Some(config) = &globals.config {
        flags.push_str(&format!(" --config {}", config.display()));
    }
    for (name, value) in &globals.var {
        flags.push_str(&format!(" --var {name}={value}"));
    }
    flags
}

impl Doing {
    /// Who approves the plan.
    pub fn approval(&self) -> Approval {
        match self.auto_approve {
            None => Approval::Ask,
            Some(AutoApprove::All) => Approval::Given,
            Some(AutoApprove::Safe) => Approval::GivenIfSafe,
        }
    }
}
