//! `show`: a saved plan or the state.
use super::{Format, Output};
use crate::plan_file;
use crate::ui::CommandContext;
use crate::ui::error::Error;
use crate::ui::exit::Exit;
use crate::ui::problems;
use crate::ui::views::{self, Detail};
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
    let text = match plan {
        Some(path) => {
            let plan = plan_file::load(&context.environment.folder.join(path))?.plan;
            context.printer.note(&problems::warnings(&plan.warnings));
            match format {
                Format::Text => views::plan::plan(&plan, if diff { Detail::Everything } else { Detail::Changes }),
                Format::Json => views::json(&plan),
            }
        }
        None => {
            let workspace = Workspace::open(context)?;
            let (name, recorded) = (&workspace.name, workspace.load().await?.recorded);
            match format {
                Format::Text => views::state::text(name, &recorded),
                Format::Json => views::state::json(name, &recorded),
            }
        }
    };
    context.show(&text)?;
    Ok(Exit::Done)
}
