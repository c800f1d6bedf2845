//! `verify`: whether the event stream of each app can work. Read-only.
mod view;

use super::planning::{PlanFlags, Planning, Selectors};
use crate::accounts::{Selection, connect};
use crate::ui::{CommandContext, Error, Exit};
use crate::workspace::{Workspace, announce_interrupted_run};
use clap::{Args, ValueEnum};
use pinpoint_streams_planner::Verify;

/// `verify`
#[derive(Debug, Clone, Args)]
pub(crate) struct VerifyArgs {
    /// Output format.
    #[arg(long, value_enum, default_value_t)]
    pub format: VerifyFormat,
    #[command(flatten)]
    pub selectors: Selectors,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub(crate) enum VerifyFormat {
    /// Human-readable.
    #[default]
    Text,
    /// Versioned JSON.
    Json,
    /// For a comment on a pull request.
    Markdown,
}

pub(super) async fn run(args: VerifyArgs, context: &CommandContext<'_>) -> Result<Exit, Error> {
    let VerifyArgs { selectors, format } = args;
    let workspace = Workspace::open(context)?;
    let start = workspace.load().await?;
    announce_interrupted_run(&start, context);
    let accounts = connect(Selection::Manifest, &workspace, None, context).await?;
    let verify = Verify {
        desired: accounts.desired(&workspace)?,
        recorded: start.recorded,
        options: Planning { selectors, shaping: PlanFlags::default() }.into(),
    };
    let verification = context.ask(&verify, &accounts.cloud).await.map_err(Error::Problems)?;
    context.show(&match format {
        VerifyFormat::Text => view::text(&verification, context.environment.width()),
        VerifyFormat::Json => view::json(&workspace.name, &verification),
        VerifyFormat::Markdown => view::markdown(&workspace.name, &verification),
    })?;
    // As in a sweep, what is unknown comes before what was found.
    Ok(if verification.has_unknown() {
        Exit::Unknown
    } else if verification.findings().next().is_some() {
        Exit::Differs
    } else {
        Exit::Done
    })
}
