//! `verify`: whether the event stream of each app can work. Read-only.
mod page;
#[cfg(test)]
mod tests;
mod view;

use super::page_output::{PageFormat, PageOutput};
use super::planning::{self, PlanFlags, Planning, Selectors};
use crate::accounts::{Selection, connect};
use crate::ui::{CommandContext, Error, Exit};
use crate::workspace::{Workspace, announce_interrupted_run};
use clap::Args;
use page::VerifyCommands;
use pinpoint_streams_model::plan::Options;
use pinpoint_streams_planner::Verify;

/// `verify`
#[derive(Debug, Clone, Args)]
pub(crate) struct VerifyArgs {
    #[command(flatten)]
    pub output: PageOutput,
    #[command(flatten)]
    pub selectors: Selectors,
}

pub(super) async fn run(args: VerifyArgs, context: &CommandContext<'_>) -> Result<Exit, Error> {
    let VerifyArgs { selectors, output: PageOutput { format } } = args;
    let workspace = Workspace::open(context)?;
    let start = workspace.load().await?;
    announce_interrupted_run(&start, context);
    let accounts = connect(Selection::Manifest, &workspace, None, context).await?;
    let options: Options = Planning { selectors, shaping: PlanFlags::default() }.into();
    let commands = commands(&options, context);
    let verify = Verify { desired: accounts.desired(&workspace)?, recorded: start.recorded, options };
    let verification = context.ask(&verify, &accounts.cloud).await.map_err(Error::Problems)?;
    let page = || page::page(&workspace.name, &verification, &commands);
    match format {
        PageFormat::Text => {
            let closing = view::Summary::of(&verification).sentence();
            context.show_text(&closing, || view::text(&verification, context.environment.width()))
        }
        PageFormat::Json => context.show(&view::json(&workspace.name, &verification)),
        PageFormat::Markdown => context.show(&page().markdown()),
        PageFormat::Html => context.show(&page().html()),
    }?;
    // As in a sweep, what is unknown comes before what was found.
    Ok(if verification.has_unknown() {
        Exit::Unknown
    } else if verification.findings().next().is_some() {
        Exit::Differs
    } else {
        Exit::Done
    })
}

/// The commands that a page ends with.
fn commands(options: &Options, context: &CommandContext<'_>) -> VerifyCommands {
    let settings = context.settings;
    let flags = planning::flags(options);
    let again = format!("{}{flags}", settings.command("verify"));
    VerifyCommands {
        apply: format!("{}{flags}", settings.command("apply")),
        everything: format!("{again} --format html"),
        again,
        permissions: settings.command("permissions --for audit"),
    }
}
