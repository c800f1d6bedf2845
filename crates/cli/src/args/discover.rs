//! The flags of `discover`.
use super::Reach;
use clap::Args;
use pinpoint_streams_model::ids::Workspace;
use std::path::PathBuf;

/// `discover`
#[derive(Debug, Args)]
pub struct Discover {
    /// Which accounts are read.
    #[command(flatten)]
    pub reach: Reach,
    /// What the manifest calls its workspace; by default as the folder is called.
    #[arg(long, value_name = "NAME")]
    pub workspace: Option<Workspace>,
    /// Write the manifest to this file, which must not be there yet; otherwise it is printed.
    #[arg(long, value_name = "FILE")]
    pub out: Option<PathBuf>,
}
