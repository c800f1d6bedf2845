//! `show`: a saved plan or the state.
use super::{Format, Output, show_plan};
use crate::plan_file;
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
    /// Show every field and complete policies, also of created and deleted resources.
    #[arg(long, requires = "plan")]
    pub diff: bool,
    #[command(flatten)]
    pub output: Output,
}

pub(super) async fn run(args: ShowArgs, context: &CommandContext<'_>) -> Result<Exit, Error> {
    let ShowArgs { plan, diff, output: Output { format } } = args;
    if let Some(path) = plan {
        let plan = plan_file::load(&context.environment.folder.join(path))?;
        show_plan(&plan, format, diff, context)?;
        return Ok(Exit::Done);
    }
    let workspace = Workspace::open(context)?;
    let (name, recorded) = (&workspace.name, workspace.load().await?.recorded);
    context.show(&match format {
        Format::Text => views::state::text(name, &recorded),
        Format::Json => views::state::json(name, &recorded),
    })?;
    Ok(Exit::Done)
}
