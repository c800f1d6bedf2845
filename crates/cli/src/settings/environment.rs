//! The environment of the process: variables, current directory and terminals. Read once, and only here.
use pinpoint_streams_model::manifest::ENVIRONMENT_PREFIX;
use std::collections::BTreeMap;
use std::ffi::OsString;
use std::io::IsTerminal;
use std::path::{Display, Path, PathBuf};

/// What `pinpoint-streams` runs in. Tests construct their own.
#[derive(Debug, Clone, Default)]
pub struct Environment {
    /// The current directory.
    pub folder: PathBuf,
    /// The current directory cannot be determined, for example because it was deleted.
    pub folder_is_unknown: bool,
    /// `PINPOINT_STREAMS_VAR_*`, by the name after the prefix.
    pub manifest_variables: BTreeMap<String, String>,
    /// `PINPOINT_STREAMS_READ_ONLY`: no writes to AWS.
    pub read_only: bool,
    /// `PINPOINT_STREAMS_SANDBOX_DAYS`: how many days the time in the sandbox is ahead.
    pub sandbox_days: u32,
    /// `NO_COLOR`: no color, unless `--color` asks for it.
    pub no_color: bool,
    /// `CLICOLOR_FORCE`: color even without a terminal.
    pub force_color: bool,
    /// `TERM=dumb`: a terminal that cannot move its cursor.
    pub dumb_terminal: bool,
    /// `CI`: no progress bars.
    pub continuous_integration: bool,
    /// `GITHUB_ACTIONS`: the root of the repository, `GITHUB_WORKSPACE`.
    pub github_actions: Option<PathBuf>,
    /// `GITHUB_STEP_SUMMARY`: the file that becomes the summary of a job.
    pub step_summary: Option<PathBuf>,
    /// `COLUMNS`, else the width of the terminal.
    pub columns: Option<usize>,
    /// `COLUMNS` is set: text is laid out for that width, whatever reads it.
    pub columns_are_set: bool,
    /// The user, as recorded in locks and run logs.
    pub who: String,
    pub host: String,
    pub stdin_is_terminal: bool,
    pub stdout_is_terminal: bool,
    pub stderr_is_terminal: bool,
}

/// The user that the process runs as, by the host's list of users: `USER` may be unset, as in containers.
#[cfg(unix)]
fn user_of_process() -> String {
    let uid = rustix::process::getuid().as_raw();
    let users = std::fs::read_to_string("/etc/passwd").unwrap_or_default();
    user_of(uid, &users)
}

#[cfg(not(unix))]
fn user_of_process() -> String {
    "unknown".to_owned()
}

/// The name of this user ID in the text of `/etc/passwd`, else `uid 1000`.
#[cfg(unix)]
fn user_of(uid: u32, users: &str) -> String {
    let name = |line: &str| {
        let mut fields = line.split(':');
        let (name, _, id) = (fields.next()?, fields.next()?, fields.next()?);
        (id == uid.to_string() && !name.is_empty()).then(|| name.to_owned())
    };
    users.lines().find_map(name).unwrap_or_else(|| format!("uid {uid}"))
}

/// Where nothing is a terminal, such as in a log.
const DEFAULT_COLUMNS: usize = 120;
/// Below this, text is not wrapped any narrower.
const MIN_COLUMNS: usize = 40;

/// The width of the terminal that stdout, or else stderr, is connected to.
fn terminal_columns() -> Option<usize> {
    let size = |terminal: console::Term| terminal.size_checked().map(|(_, columns)| usize::from(columns));
    size(console::Term::stdout()).or_else(|| size(console::Term::stderr())).filter(|columns| *columns > 0)
}

/// The host name, as `uname -n` prints it.
#[cfg(unix)]
fn host() -> String {
    rustix::system::uname().nodename().to_string_lossy().into_owned()
}

/// The host name, as Windows gives it to every process.
#[cfg(not(unix))]
fn host() -> String {
    std::env::var("COMPUTERNAME").unwrap_or_else(|_| "this machine".to_owned())
}

impl Environment {
    pub fn from_process() -> Environment {
        let folder = std::env::current_dir();
        let environment = Environment {
            folder_is_unknown: folder.is_err(),
            folder: folder.unwrap_or_default(),
            who: user_of_process(),
            host: host(),
            columns: terminal_columns(),
            stdin_is_terminal: std::io::stdin().is_terminal(),
            stdout_is_terminal: std::io::stdout().is_terminal(),
            stderr_is_terminal: std::io::stderr().is_terminal(),
            ..Environment::default()
        };
        environment.with_variables(std::env::vars_os())
    }

    /// The same with these environment variables.
    pub fn with_variables(mut self, variables: impl IntoIterator<Item = (OsString, OsString)>) -> Environment {
        let (mut is_github, mut repository) = (false, PathBuf::new());
        for (name, value) in variables {
            let (name, value) = (name.to_string_lossy(), value.to_string_lossy().into_owned());
            // By https://no-color.org and https://bixense.com/clicolors an empty variable is an unset one.
            let is_set = !value.is_empty();
            let is_on = is_set && value != "0" && !value.eq_ignore_ascii_case("false");
            match name.as_ref() {
                "PINPOINT_STREAMS_READ_ONLY" => self.read_only = is_on,
                "PINPOINT_STREAMS_SANDBOX_DAYS" => self.sandbox_days = value.parse().unwrap_or_default(),
                "NO_COLOR" => self.no_color = is_set,
                "CLICOLOR_FORCE" => self.force_color = is_on,
                "TERM" => self.dumb_terminal = value == "dumb",
                "CI" => self.continuous_integration = is_on,
                "GITHUB_ACTIONS" => is_github = is_on,
                "GITHUB_WORKSPACE" => repository = value.into(),
                "USER" | "USERNAME" if is_set => self.who = value,
                "GITHUB_STEP_SUMMARY" if is_set => self.step_summary = Some(value.into()),
                "COLUMNS" => {
                    if let Some(columns) = value.parse().ok().filter(|columns| *columns > 0) {
                        (self.columns, self.columns_are_set) = (Some(columns), true);
                    }
                }
                other => {
                    if let Some(variable) = other.strip_prefix(ENVIRONMENT_PREFIX) {
                        self.manifest_variables.insert(variable.to_owned(), value);
                    }
                }
            }
        }
        if is_github {
            self.github_actions = Some(repository);
        }
        self
    }

    /// The path relative to the current directory, if it is below it.
    pub(crate) fn display_path<'a>(&self, path: &'a Path) -> Display<'a> {
        let below = path.strip_prefix(&self.folder).ok().filter(|_| self.folder.parent().is_some());
        match below {
            Some(below) if below.as_os_str().is_empty() => Path::new(".").display(),
            below => below.unwrap_or(path).display(),
        }
    }

    /// The width of the terminal, in columns.
    pub fn width(&self) -> usize {
        self.columns.unwrap_or(DEFAULT_COLUMNS).max(MIN_COLUMNS)
    }

    /// The width that a person reads messages at. `None` where they go to a log or another program.
    pub(crate) fn message_width(&self) -> Option<usize> {
        (self.columns_are_set || self.stderr_is_terminal).then(|| self.width())
    }

    /// The width that tables are shortened to. `None` where they go to a file or another program, which get them whole.
    pub(crate) fn table_width(&self) -> Option<usize> {
        (self.columns_are_set || self.stdout_is_terminal).then(|| self.width())
    }

    /// Whether prompts are possible: stdin and stderr must both be terminals.
    pub fn can_prompt(&self) -> bool {
        self.stdin_is_terminal && self.stderr_is_terminal
    }

    /// Whether progress bars can be drawn on stderr.
    pub fn can_redraw(&self) -> bool {
        self.stderr_is_terminal && !self.dumb_terminal && !self.continuous_integration
    }

    /// Whether to use color if `--color` does not decide it.
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

    #[cfg(unix)]
    #[test]
    fn a_user_without_a_variable_is_named_by_the_hosts_list() {
        let users = "root:x:0:0:root:/root:/bin/bash\nana:x:1000:1000::/home/ana:/bin/sh\n";
        assert_eq!(user_of(1000, users), "ana");
        assert_eq!(user_of(1001, users), "uid 1001");
        assert_ne!(Environment::from_process().who, "unknown");
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
    fn the_width_is_that_of_the_variable_else_of_the_terminal() {
        let terminal = Environment { columns: Some(80), ..Environment::default() };
        let width = |columns: &str| terminal.clone().with_variables([("COLUMNS".into(), columns.into())]).width();
        assert_eq!((terminal.width(), width("100"), width(""), width("0"), width("9")), (80, 100, 80, 80, 40));
        assert_eq!(Environment::default().width(), DEFAULT_COLUMNS);
    }

    #[test]
    fn what_another_program_reads_is_neither_folded_nor_shortened_unless_columns_asks_for_it() {
        let terminal = Environment { columns: Some(80), stdout_is_terminal: true, ..Environment::default() };
        assert_eq!((terminal.table_width(), terminal.message_width()), (Some(80), None));
        let piped = Environment { stdout_is_terminal: false, ..terminal };
        assert_eq!(piped.table_width(), None);
        let asked = piped.with_variables([("COLUMNS".into(), "100".into())]);
        assert_eq!((asked.table_width(), asked.message_width()), (Some(100), Some(100)));
    }

    #[test]
    fn a_person_can_be_asked_only_where_both_stdin_and_stderr_are_terminals() {
        let environment = Environment { stdin_is_terminal: true, ..Environment::default() };
        assert!(!environment.can_prompt());
        assert!(Environment { stderr_is_terminal: true, ..environment }.can_prompt());
    }

    #[test]
    fn paths_below_the_folder_are_shown_from_there() {
        let shown = |folder: &str, path: &str| {
            Environment { folder: folder.into(), ..Environment::default() }
                .display_path(Path::new(path))
                .to_string()
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
