//! What is typed of how a plan is approved and reported.
use clap::{Args, ValueEnum};
use pinpoint_streams_model::ids::AccountId;

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
