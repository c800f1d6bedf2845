//! The process's surroundings, read once and only here: environment variables, folder and terminals.
use pinpoint_streams_model::manifest::ENVIRONMENT_PREFIX;
use std::collections::BTreeMap;
use std::ffi::OsString;
use std::io::IsTerminal;
use std::path::{Display, Path, PathBuf};

/// What `pinpoint-streams` is run in. Tests make their own.
#[derive(Debug, Clone, Default)]
pub struct Environment {
    /// The folder that relative paths start from.
    pub folder: PathBuf,
    /// The system does not say what that folder is, because it was deleted for instance.
    pub folder_is_unknown: bool,
    /// `PINPOINT_STREAMS_VAR_stage` and the like, by the name after the prefix.
    pub manifest_variables: BTreeMap<String, String>,
    /// `PINPOINT_STREAMS_READ_ONLY`: nothing may be written to AWS.
    pub read_only: bool,
    /// `NO_COLOR`: no colours, unless a flag asks for them.
    pub no_color: bool,
    /// `CLICOLOR_FORCE`: colours also where there is no terminal.
    pub force_color: bool,
    /// `TERM=dumb`: a terminal that cannot move its cursor.
    pub dumb_terminal: bool,
    /// `CI`: nobody watches, so nothing is redrawn.
    pub continuous_integration: bool,
    /// `COLUMNS`: how wide the terminal is.
    pub columns: Option<usize>,
    /// Who runs this, for whoever finds the lock held.
    pub who: String,
    /// On which machine.
    pub host: String,
    /// Whether a person can answer.
    pub stdin_is_terminal: bool,
    /// Whether results go to a terminal.
    pub stdout_is_terminal: bool,
    /// Whether messages go to a terminal.
    pub stderr_is_terminal: bool,
}

/// Where nothing says how wide the terminal is.
const DEFAULT_COLUMNS: usize = 120;

/// The machine's name, as `uname -n` prints it.
#[cfg(unix)]
fn host() -> String {
    rustix::system::uname().nodename().to_string_lossy().into_owned()
}

/// The machine's name, as Windows gives it to every process.
#[cfg(not(unix))]
fn host() -> String {
    std::env::var("COMPUTERNAME").unwrap_or_else(|_| "this machine".to_owned())
}

impl Environment {
    /// That of this process.
    pub fn of_process() -> Environment {
        let folder = std::env::current_dir();
        let environment = Environment {
            folder_is_unknown: folder.is_err(),
            folder: folder.unwrap_or_default(),
            who: "somebody".to_owned(),
            host: host(),
            stdin_is_terminal: std::io::stdin().is_terminal(),
            stdout_is_terminal: std::io::stdout().is_terminal(),
            stderr_is_terminal: std::io::stderr().is_terminal(),
            ..Environment::default()
        };
        environment.with_variables(std::env::vars_os())
    }

    /// The same with these environment variables.
    pub fn with_variables(mut self, variables: impl IntoIterator<Item = (OsString, OsString)>) -> Environment {
        for (name, value) in variables {
            let (name, value) = (name.to_string_lossy(), value.to_string_lossy().into_owned());
            // By https://no-color.org and https://bixense.com/clicolors an empty variable is an unset one.
            let is_set = !value.is_empty();
            let is_on = is_set && value != "0" && !value.eq_ignore_ascii_case("false");
            match name.as_ref() {
                "PINPOINT_STREAMS_READ_ONLY" => self.read_only = is_on,
                "NO_COLOR" => self.no_color = is_set,
                "CLICOLOR_FORCE" => self.force_color = is_on,
                "TERM" => self.dumb_terminal = value == "dumb",
                "CI" => self.continuous_integration = is_on,
                "USER" | "USERNAME" if is_set => self.who = value,
                "COLUMNS" => self.columns = value.parse().ok(),
                other => {
                    if let Some(variable) = other.strip_prefix(ENVIRONMENT_PREFIX) {
                        self.manifest_variables.insert(variable.to_owned(), value);
                    }
                }
            }
        }
        self
    }

    /// The path as a person in the folder would write it.
    pub(crate) fn shown<'a>(&self, path: &'a Path) -> Display<'a> {
        path.strip_prefix(&self.folder).ok().filter(|_| self.folder.parent().is_some()).unwrap_or(path).display()
    }

    /// How wide messages may be.
    pub fn width(&self) -> usize {
        self.columns.unwrap_or(DEFAULT_COLUMNS)
    }

    /// Whether a person can be asked: both who answers and who is shown the question must be there.
    pub fn can_ask(&self) -> bool {
        self.stdin_is_terminal && self.stderr_is_terminal
    }

    /// Whether lines may be redrawn on stderr.
    pub fn can_redraw(&self) -> bool {
        self.stderr_is_terminal && !self.dumb_terminal && !self.continuous_integration
    }

    /// Whether a stream gets colours where no flag decides it.
    pub fn wants_color(&self, is_terminal: bool) -> bool {
        !self.no_color && (self.force_color || (is_terminal && !self.dumb_terminal))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with(variables: &[(&str, &str)]) -> Environment {
        Environment::default().with_variables(variables.iter().map(|(k, v)| (k.into(), v.into())))
    }

    #[cfg(unix)]
    #[test]
    fn the_machine_is_called_what_uname_says() {
        let uname = std::process::Command::new("uname").arg("-n").output().unwrap();
        assert_eq!(host(), String::from_utf8(uname.stdout).unwrap().trim_end());
    }

    #[test]
    fn no_color_wins_over_force_and_force_over_a_missing_terminal() {
        assert!(with(&[("CLICOLOR_FORCE", "1")]).wants_color(false));
        assert!(!with(&[("CLICOLOR_FORCE", "1"), ("NO_COLOR", "1")]).wants_color(true));
        assert!(!with(&[]).wants_color(false));
        assert!(with(&[]).wants_color(true));
        assert!(!with(&[("TERM", "dumb")]).wants_color(true));
    }

    #[test]
    fn an_empty_variable_is_an_unset_one() {
        let environment = with(&[("NO_COLOR", ""), ("PINPOINT_STREAMS_READ_ONLY", ""), ("CI", "false")]);
        assert!(!environment.no_color && !environment.read_only && !environment.continuous_integration);
        assert!(with(&[("PINPOINT_STREAMS_READ_ONLY", "1")]).read_only);
    }

    #[test]
    fn a_person_can_be_asked_only_where_both_stdin_and_stderr_are_terminals() {
        let environment = Environment { stdin_is_terminal: true, ..Environment::default() };
        assert!(!environment.can_ask());
        assert!(Environment { stderr_is_terminal: true, ..environment }.can_ask());
    }

    #[test]
    fn paths_below_the_folder_are_shown_from_there() {
        let shown = |folder: &str, path: &str| {
            Environment { folder: folder.into(), ..Environment::default() }.shown(Path::new(path)).to_string()
        };
        assert_eq!(shown("/home/ana", "/home/ana/x.toml"), "x.toml");
        assert_eq!(shown("/home/ana", "/etc/x.toml"), "/etc/x.toml");
        assert_eq!(shown("/", "/etc/x.toml"), "/etc/x.toml");
    }

    #[test]
    fn variables_of_the_manifest_are_kept() {
        let environment = with(&[("PINPOINT_STREAMS_VAR_stage", "prod"), ("HOME", "/root")]);
        assert_eq!(environment.manifest_variables, BTreeMap::from([("stage".to_owned(), "prod".to_owned())]));
    }
}
