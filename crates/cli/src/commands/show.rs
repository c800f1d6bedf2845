//! `show`: a saved plan or the state.
use super::page_output::{PageFormat, PageOutput};
use super::plan_output;
use crate::plan_file;
use crate::ui::views::state::StateCommands;
use crate::ui::{CommandContext, Error, Exit, views};
use crate::workspace::Workspace;
use clap::Args;
use std::path::PathBuf;

/// `show`
#[derive(Debug, Args)]
pub(crate) struct ShowArgs {
    /// A plan saved with --out [default: show the state].
    #[arg(value_name = "PLANFILE")]
    pub plan: Option<PathBuf>,
    /// Show all fields and complete policies, including those of created and deleted resources.
    #[arg(long, requires = "plan")]
    pub diff: bool,
    #[command(flatten)]
    pub output: PageOutput,
}

pub(super) async fn run(args: ShowArgs, context: &CommandContext<'_>) -> Result<Exit, Error> {
    let ShowArgs { plan, diff, output } = args;
    if let Some(path) = plan {
        let plan = plan_file::load(&context.environment.folder.join(&path))?;
        plan_output::show(&plan, output, diff, Some(&path), context)?;
        return Ok(Exit::Done);
    }
    let workspace = Workspace::open(context)?;
    let (name, recorded) = (&workspace.name, workspace.load().await?.recorded);
    let environment = context.environment;
    let page = || {
        let (plan, everything) =
            (context.settings.command("plan"), context.settings.command("show --format html"));
        views::state::page(name, &recorded, &StateCommands { plan, everything })
    };
    match output.format {
        PageFormat::Text => {
            let text = || views::state::text(name, &recorded, environment.width(), environment.table_width());
            context.show_text(&views::state::closing_line(name, &recorded), text)
        }
        PageFormat::Json => context.show(&views::state::json(name, &recorded)),
        PageFormat::Markdown => context.show(&page().markdown()),
        PageFormat::Html => context.show(&page().html()),
    }?;
    Ok(Exit::Done)
}
