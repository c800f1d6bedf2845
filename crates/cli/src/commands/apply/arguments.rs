//! What is typed for `apply` and `destroy`, and how a plan is approved and reported.
use crate::commands::planning::Planning;
use clap::{Args, ValueEnum};
use pinpoint_streams_model::ids::AccountId;
use std::path::PathBuf;

/// `apply`
#[derive(Debug, Args)]
pub(crate) struct Apply {
    /// A plan saved by `plan --out`. It holds its own flags.
    #[arg(value_name = "PLANFILE", conflicts_with_all = ["Selectors", "Shaping", "destroy"])]
    pub plan: Option<PathBuf>,
    /// Delete what this workspace created.
    #[arg(long)]
    pub destroy: bool,
    /// How it is approved and reported.
    #[command(flatten)]
    pub doing: ApplyArgs,
    /// What shapes the plan.
    #[command(flatten)]
    pub planning: Planning,
}

/// `destroy`
#[derive(Debug, Args)]
pub(crate) struct Destroy {
    /// How it is approved and reported.
    #[command(flatten)]
    pub doing: ApplyArgs,
    /// What shapes the plan.
    #[command(flatten)]
    pub planning: Planning,
}

/// How an apply is approved and reported.
#[derive(Debug, Clone, Default, Args)]
pub(crate) struct ApplyArgs {
    /// Do not ask. With `=safe` only plans without delete, replace and wider policies are approved.
    #[arg(long, value_name = "safe", value_enum, num_args = 0..=1, require_equals = true,
          default_missing_value = "all", hide_possible_values = true)]
    pub auto_approve: Option<AutoApprove>,
    /// Approve a saved sweep for these accounts, by their ids; needs --expect-digest too.
    #[arg(long, value_name = "ID", value_delimiter = ',', requires = "expect_digest")]
    pub approve_accounts: Vec<AccountId>,
    /// Do it only if the plan has this digest.
    #[arg(long, value_name = "DIGEST")]
    pub expect_digest: Option<String>,
    /// Write what happens to stdout, one JSON object a line, and nothing else.
    #[arg(long)]
    pub events: bool,
    /// Show every field and whole policies before asking.
    #[arg(long)]
    pub diff: bool,
}

/// What `--auto-approve` approves.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum AutoApprove {
    /// Every plan.
    All,
    /// Plans without delete, replace and wider policies.
    Safe,
}
