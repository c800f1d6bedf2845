//! Flags for how a plan is approved and reported.
use clap::{Args, ValueEnum};
use pinpoint_streams_model::ids::AccountId;

/// How an apply is approved and reported.
#[derive(Debug, Clone, Default, Args)]
pub(crate) struct ApplyArgs {
    /// Skip the prompt. With =safe, refuse plans that delete, replace or widen anything.
    #[arg(long, value_name = "safe", value_enum, num_args = 0..=1, require_equals = true,
          default_missing_value = "all", hide_possible_values = true)]
    pub auto_approve: Option<AutoApprove>,
    /// Approve a saved sweep for these account IDs. Requires --expect-digest.
    #[arg(long, value_name = "ID", value_delimiter = ',', requires = "expect_digest")]
    pub approve_accounts: Vec<AccountId>,
    /// Apply only if the plan has this digest.
    #[arg(long, value_name = "DIGEST")]
    pub expect_digest: Option<String>,
    /// Print events to stdout as newline-delimited JSON, and nothing else.
    #[arg(long)]
    pub events: bool,
    /// Show every field and complete policies before the prompt.
    #[arg(long)]
    pub diff: bool,
}

/// What `--auto-approve` approves.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum AutoApprove {
    /// Every plan.
    All,
    /// Plans that delete, replace and widen nothing.
    Safe,
}
