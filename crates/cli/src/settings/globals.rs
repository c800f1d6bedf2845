//! Flags that are accepted before or after any command.
use clap::{ArgAction, Args, ValueEnum};
use jiff::SignedDuration;
use std::path::PathBuf;
use std::time::Duration;

/// Global flags.
#[derive(Debug, Clone, Default, Args)]
pub(crate) struct Globals {
    /// Path to the manifest [default: pinpoint-streams.toml in this directory or a parent].
    #[arg(long, value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// Set a manifest variable.
    #[arg(long, value_name = "NAME=VALUE", value_parser = variable)]
    pub var: Vec<(String, String)>,
    /// Use the embedded AWS account on this machine instead of AWS.
    #[arg(long)]
    pub sandbox: bool,
    /// When to use color.
    #[arg(long, value_enum, value_name = "WHEN")]
    pub color: Option<Color>,
    /// Print only errors and the closing line of a result; documents in full.
    #[arg(short, long, action = ArgAction::Count, conflicts_with = "verbose")]
    pub quiet: u8,
    /// Print more detail.
    #[arg(short, long, action = ArgAction::Count)]
    pub verbose: u8,
    /// Maximum number of concurrent AWS calls [default: adaptive, at most 512].
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=1000))]
    pub parallelism: Option<u16>,
    /// How long to wait for the state lock, such as 30s or 5m [default: 0s].
    #[arg(long, value_name = "DURATION", value_parser = duration)]
    pub lock_timeout: Option<Duration>,
}

/// When to use color.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub(crate) enum Color {
    /// On a terminal, subject to NO_COLOR and CLICOLOR_FORCE.
    #[default]
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

impl Globals {
    /// Merges flags from further right, which take precedence.
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
        _ => Err("expected NAME=VALUE, such as stage=prod".to_owned()),
    }
}

fn duration(text: &str) -> Result<Duration, String> {
    let wrong = || "expected a duration such as 30s, 5m or 1h30m".to_owned();
    let duration: SignedDuration = text.parse().map_err(|_| wrong())?;
    Duration::try_from(duration).map_err(|_| wrong())
}
