//! `sweep --residue`: what else in the accounts names Pinpoint. Writes nothing.
use super::SweepArgs;
use super::again::again;
use crate::accounts::{Selection, connect};
use crate::commands::page_output::PageFormat;
use crate::ui::CommandContext;
use crate::ui::error::Error;
use crate::ui::exit::Exit;
use crate::ui::views::residue::{self as view, Searched};
use crate::workspace::Workspace;
use pinpoint_streams_planner::FindResidue;

pub(super) async fn run(args: SweepArgs, context: &CommandContext<'_>) -> Result<Exit, Error> {
    let workspace = Workspace::open_if_any(context)?;
    let accounts = connect(Selection::Flags(&args.selector), &workspace, None, context).await?;
    let now = accounts.now(context.clock())?;
    let chosen = &args.selector.regions;
    let regions = if chosen.is_empty() { accounts.regions } else { chosen.iter().cloned().collect() };
    let inquiry = FindResidue::new(workspace.name, accounts.reachable, regions, now);
    let report = context.ask_in(&accounts.all, &inquiry, &accounts.cloud).await;
    let searched = Searched { accounts: accounts.all, report };
    let everything = format!("{} --residue --format html", again(&args, context.settings));
    context.show(&match args.output.format {
        PageFormat::Text => view::text(&searched, context.environment.width()),
        PageFormat::Json => view::json(&searched),
        PageFormat::Markdown => view::page(&searched, &everything).markdown(),
        PageFormat::Html => view::page(&searched, &everything).html(),
    })?;
    if searched.has_unknown() {
        context.printer.note("Exits with 6 because something that could refer to Pinpoint could not be read.\n");
        return Ok(Exit::Unknown);
    }
    Ok(if searched.report.found.is_empty() { Exit::Done } else { Exit::Differs })
}
