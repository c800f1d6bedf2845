//! Settings of the whole run, from global flags and the environment.
mod environment;
mod globals;
mod open_files;

pub use environment::Environment;
pub(crate) use globals::Globals;

use globals::Color;
use pinpoint_streams_store::archive::quoted;
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

/// The default name of a manifest.
pub(crate) const FILE_NAME: &str = "pinpoint-streams.toml";

#[derive(Debug, Clone)]
pub(crate) struct Settings {
    /// `--config`; `None` to search for the manifest.
    pub manifest: Option<PathBuf>,
    pub variables: BTreeMap<String, String>,
    pub sandbox: bool,
    pub color_results: bool,
    pub color_messages: bool,
    pub verbosity: Verbosity,
    /// The number of concurrent calls, at most.
    pub parallelism: usize,
    pub lock_timeout: Option<Duration>,
    /// `PINPOINT_STREAMS_READ_ONLY`.
    pub read_only: bool,
    /// The global flags that select the workspace, quoted for the shell.
    workspace_flags: String,
}

/// How much is printed besides results and errors.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Verbosity {
    Quiet,
    /// Progress and warnings.
    Normal,
    /// Details, such as what was read.
    Verbose,
}

impl Settings {
    pub(crate) fn of(globals: Globals, environment: &Environment) -> Settings {
        let workspace_flags = workspace_flags(&globals);
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
            parallelism: parallelism.map_or(usize::MAX, usize::from).min(open_files::most_calls()),
            lock_timeout,
            read_only: environment.read_only,
            workspace_flags,
        }
    }

    /// The command line that runs this command in the same workspace.
    pub(crate) fn command(&self, name: &str) -> String {
        format!("pinpoint-streams{} {name}", self.workspace_flags)
    }

    /// The same with an argument, which is quoted for the shell.
    pub(crate) fn command_with(&self, name: &str, argument: &str) -> String {
        format!("{} {}", self.command(name), quoted(argument))
    }
}

fn workspace_flags(globals: &Globals) -> String {
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
            settings.command_with("apply", "this week's.plan"),
            r"pinpoint-streams --config 'my shop.toml' --var 'stage=$(reboot)' apply 'this week'\''s.plan'"
        );
        assert_eq!(settings.command_with("show", "shop.plan").rsplit(' ').next(), Some("shop.plan"));
    }
}
