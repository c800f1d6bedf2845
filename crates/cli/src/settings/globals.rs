//! The flags that stand before or after any command.
use clap::{ArgAction, Args, ValueEnum};
use jiff::SignedDuration;
use std::path::PathBuf;
use std::time::Duration;

/// Flags of every command.
#[derive(Debug, Clone, Default, Args)]
pub(crate) struct Globals {
    /// The manifest; by default pinpoint-streams.toml here or in a folder above.
    #[arg(long, value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// Set a variable of the manifest.
    #[arg(long, value_name = "NAME=VALUE", value_parser = variable)]
    pub var: Vec<(String, String)>,
    /// Work on the embedded account, on this machine alone.
    #[arg(long)]
    pub sandbox: bool,
    /// When to use colours.
    #[arg(long, value_enum, value_name = "WHEN")]
    pub color: Option<Color>,
    /// Say less: results and errors only.
    #[arg(short, long, action = ArgAction::Count, conflicts_with = "verbose")]
    pub quiet: u8,
    /// Say more.
    #[arg(short, long, action = ArgAction::Count)]
    pub verbose: u8,
    /// How many calls run at once [default: 10].
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=1000))]
    pub parallelism: Option<u16>,
    /// How long to wait for another run to end, `30s` or `5m`; by default not at all.
    #[arg(long, value_name = "DURATION", value_parser = duration)]
    pub lock_timeout: Option<Duration>,
}

/// When colours are used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub(crate) enum Color {
    /// On a terminal; NO_COLOR and CLICOLOR_FORCE are respected.
    #[default]
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

impl Globals {
    /// These flags, and those typed further to the right, which win.
    pub(crate) fn with(mut self, later: Globals) -> Globals {
        let Globals { config, var, sandbox, color, quiet, verbose, parallelism, lock_timeout } = later;
        self.var.extend(var);
        Globals {
            config: config.or(self.config),
            var: self.var,
            sandbox: sandbox || self.sandbox,
            color: color.or(self.color),
            quiet: quiet.saturating_add(self.quiet),
            verbose: verbose.saturating_add(self.verbose),
            parallelism: parallelism.or(self.parallelism),
            lock_timeout: lock_timeout.or(self.lock_timeout),
        }
    }
}

fn variable(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((name, value)) if !name.is_empty() => Ok((name.to_owned(), value.to_owned())),
        _ => Err("a variable looks like stage=prod".to_owned()),
    }
}

fn duration(text: &str) -> Result<Duration, String> {
    let wrong = || "a duration looks like 30s, 5m or 1h30m".to_owned();
    let duration: SignedDuration = text.parse().map_err(|_| wrong())?;
    Duration::try_from(duration).map_err(|_| wrong())
}
