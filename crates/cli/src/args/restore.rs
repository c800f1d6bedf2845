//! The flags of `restore`.
use super::{Doing, Output};
use clap::Args;
use std::path::PathBuf;

/// `restore`
#[derive(Debug, Args)]
pub struct Restore {
    /// What is put back.
    #[command(flatten)]
    pub what: RestoreWhat,
    /// Save the plan, to be applied as it is or not at all.
    #[arg(long, value_name = "FILE")]
    pub out: Option<PathBuf>,
    /// Ask at once, and do it.
    #[arg(long, conflicts_with_all = ["out", "format"])]
    pub apply: bool,
    /// How the result is printed.
    #[command(flatten)]
    pub output: Output,
    /// How it is approved and reported.
    #[command(flatten)]
    pub doing: Doing,
}

/// What is put back, and by whose credentials.
#[derive(Debug, Clone, Args)]
pub struct RestoreWhat {
    /// A file of the archive, or a folder of them.
    #[arg(value_name = "ARCHIVE")]
    pub archive: PathBuf,
    /// Put back also what neither state nor journal vouches for, or what trusts others beside Pinpoint.
    #[arg(long)]
    pub unverified: bool,
    /// A profile of the AWS configuration; repeatable. By default the accounts of the manifest, or the caller's.
    #[arg(long, value_name = "PROFILE")]
    pub profile: Vec<String>,
}
