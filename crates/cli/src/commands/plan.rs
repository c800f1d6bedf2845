//! `plan`: reads, plans, shows. Writes nothing to AWS, because it is handed nothing that could.
use crate::args::{Format, Output, Plan as Args};
use crate::connection::connect;
use crate::context::Context;
use crate::error::Error;
use crate::exit::Exit;
use crate::planning::{self, Asked, Planned};
use crate::saved;
use crate::view::plan::Detail;
use crate::view::{self, problems};
use pinpoint_streams_model::plan::{Mode, Options, Plan};

pub(super) async fn run(args: Args, context: &Context<'_>) -> Result<Exit, Error> {
    let Args { planning, out, diff, detailed_exitcode, destroy, drift, output: Output { format } } = args;
    let mode = match (destroy, drift) {
        (true, _) => Mode::Destroy,
        (false, true) => Mode::Drift,
        (false, false) => Mode::Converge,
    };
    let plan = make(mode, &planning.into(), context).await?;
    if let Some(out) = &out {
        saved::save(&context.environment.folder.join(out), &plan, None)?;
    }
    context.printer.aside(&problems::warnings(&plan.warnings));
    context.show(&match format {
        Format::Text => view::plan::plan(&plan, if diff { Detail::Everything } else { Detail::Changes }),
        Format::Json => view::json(&plan),
    })?;
    if let Some(out) = out {
        let out = out.display();
        context
            .printer
            .aside(&format!("Saved to {out}. `{} {out}` does it.\n", context.settings.command("apply")));
    }
    let something = !plan.is_empty();
    Ok(if something && (detailed_exitcode || drift) { Exit::Differs } else { Exit::Done })
}

async fn make(mode: Mode, options: &Options, context: &Context<'_>) -> Result<Plan, Error> {
    let project = context.project()?;
    let start = project.home().load().await?;
    let connection = connect(&project, None, context).await?;
    let asked = Asked { mode, options };
    let Planned { plan, start: _ } =
        planning::plan(asked, &connection.desired, start, &connection.cloud, context).await?;
    Ok(plan)
}
