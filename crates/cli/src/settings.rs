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

    /// Puts the flags that select the workspace into the commands of a hint, which are written without them: what is
    /// typed next is about the same workspace.
    pub(crate) fn in_this_workspace(&self, hint: &str) -> String {
        with_flags(hint, &self.workspace_flags)
    }

    pub(crate) fn workspace_flags(&self) -> &str {
        &self.workspace_flags
    }

    /// The command line that runs this command without the manifest.
    pub(crate) fn command_without_manifest(&self, name: &str) -> String {
        let sandbox = if self.sandbox { " --sandbox" } else { "" };
        format!("pinpoint-streams{sandbox} {name}")
    }

    /// The command line with an argument, which is quoted for the shell.
    pub(crate) fn command_with(&self, name: &str, argument: &str) -> String {
        format!("{} {}", self.command(name), quoted(argument))
    }
}

/// The commands that are of no workspace.
const WITHOUT_WORKSPACE: &[&str] = &["schema", "man", "completions", "--version"];

/// Puts flags into every command of a text, which begins with a backtick, unless it has them.
pub(crate) fn with_flags(text: &str, flags: &str) -> String {
    const COMMAND: &str = "`pinpoint-streams";
    if flags.is_empty() {
        return text.to_owned();
    }
    let mut pieces = text.split(COMMAND);
    let mut result = pieces.next().unwrap_or_default().to_owned();
    for rest in pieces {
        result.push_str(COMMAND);
        let is_of_none =
            WITHOUT_WORKSPACE.iter().any(|name| rest.strip_prefix(' ').is_some_and(|rest| rest.starts_with(name)));
        if rest.starts_with(' ') && !rest.starts_with(flags) && !is_of_none {
            result.push_str(flags);
        }
        result.push_str(rest);
    }
    result
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
    fn every_command_of_a_hint_has_the_flags_once() {
        let flags = " --sandbox --config x.toml";
        let hint = "run `pinpoint-streams plan`, or `pinpoint-streams --sandbox --config x.toml apply`; \
                    `pinpoint-streams schema` needs none";
        let expected = "run `pinpoint-streams --sandbox --config x.toml plan`, or `pinpoint-streams --sandbox --config \
                        x.toml apply`; `pinpoint-streams schema` needs none";
        assert_eq!(with_flags(hint, flags), expected);
        assert_eq!(with_flags(hint, ""), hint);
    }

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
