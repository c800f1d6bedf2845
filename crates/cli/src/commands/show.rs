//! `show`: a saved plan, or the state.
use crate::args::{Format, Output, ShowPlan};
use crate::context::Context;
use crate::error::Error;
use crate::exit::Exit;
use crate::saved;
use crate::view::plan::Detail;
use crate::view::{self, problems};

pub(super) async fn run(args: ShowPlan, context: &Context<'_>) -> Result<Exit, Error> {
    let ShowPlan { plan, diff, output: Output { format } } = args;
    let text = match plan {
        Some(path) => {
            let plan = saved::load(&context.environment.folder.join(path))?.plan;
            context.printer.aside(&problems::warnings(&plan.warnings));
            match format {
                Format::Text => view::plan::plan(&plan, if diff { Detail::Everything } else { Detail::Changes }),
                Format::Json => view::json(&plan),
            }
        }
        None => {
            let project = context.project()?;
            let (workspace, recorded) = (project.manifest.workspace(), project.home().load().await?.recorded);
            match format {
                Format::Text => view::state::text(workspace, &recorded),
                Format::Json => view::state::json(workspace, &recorded),
            }
        }
    };
    context.show(&text)?;
    Ok(Exit::Done)
}
