//! `show`: a saved plan or the state.
use super::plan_output::{self, PlanFormat, PlanOutput};
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
    pub output: PlanOutput,
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
    context.show(&match output.format {
        PlanFormat::Text => views::state::text(name, &recorded),
        PlanFormat::Json => views::state::json(name, &recorded),
        PlanFormat::Markdown | PlanFormat::Html => {
            return Err(Error::Usage {
                message: "the state is shown as text or JSON".to_owned(),
                hint: "name a saved plan, or use --format text or json".to_owned(),
            });
        }
    })?;
    Ok(Exit::Done)
}
