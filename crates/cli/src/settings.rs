//! What holds for the whole run: global flags and the process's surroundings, and what they mean together.
mod environment;
mod globals;

pub use environment::Environment;
pub(crate) use globals::Globals;

use globals::Color;
use pinpoint_streams_store::archive::quoted;
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

/// What a manifest is called where nothing else is said.
pub(crate) const FILE_NAME: &str = "pinpoint-streams.toml";

/// What holds for the whole run, whatever the command.
#[derive(Debug, Clone)]
pub(crate) struct Settings {
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
pub(crate) enum Verbosity {
    /// Nothing.
    Quiet,
    /// Progress and warnings.
    Normal,
    /// What was read, too.
    Verbose,
}

const DEFAULT_PARALLELISM: u16 = 10;

impl Settings {
    /// What these flags mean in this environment.
    pub(crate) fn of(globals: Globals, environment: &Environment) -> Settings {
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

    /// How a person types this command for the same workspace.
    pub(crate) fn command(&self, name: &str) -> String {
        format!("pinpoint-streams{} {name}", self.carried)
    }

    /// The same with a file, or whatever else must be quoted for a shell.
    pub(crate) fn command_on(&self, name: &str, word: &str) -> String {
        format!("{} {}", self.command(name), quoted(word))
    }
}

/// The flags that say which workspace is meant.
fn carried(globals: &Globals) -> String {
    let mut flags = String::new();
    if globals.sandbox {
        flags.push_str(" --sandbox");
    }
    if let Some(config) = &globals.config {
        flags.push_str(&format!(" --config {}", quoted(&config.to_string_lossy())));
    }
    for (name, value) in &globals.var {
        flags.push_str(&format!(" --var {}", quoted(&format!("{name}={value}"))));
    }
    flags
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_typed_next_is_quoted_for_a_shell() {
        let globals = Globals {
            config: Some("my shop.toml".into()),
            var: vec![("stage".to_owned(), "$(reboot)".to_owned())],
            ..Globals::default()
        };
        let settings = Settings::of(globals, &Environment::default());
        assert_eq!(
            settings.command_on("apply", "this week's.plan"),
            r"pinpoint-streams --config 'my shop.toml' --var 'stage=$(reboot)' apply 'this week'\''s.plan'"
        );
        assert_eq!(settings.command_on("show", "shop.plan").rsplit(' ').next(), Some("shop.plan"));
    }
}
