//! `restore`: plans what an archive holds back into life. Writes nothing to AWS; `restore --apply` is an apply.
use crate::args::{Format, Output, Restore as Args};
use crate::context::Context;
use crate::error::Error;
use crate::exit::Exit;
use crate::planning::Planned;
use crate::view::plan::Detail;
use crate::view::{self, problems};
use crate::{restoring, saved};

pub(super) async fn run(args: Args, context: &Context<'_>) -> Result<Exit, Error> {
    let Args { what, out, apply: _, output: Output { format }, doing } = args;
    let ground = restoring::ground(&what, context)?;
    let start = ground.home.load().await?;
    let restoring = restoring::begin(&what, &ground, &start, None, context).await?;
    let Planned { plan, start: _ } = restoring.plan(start, context).await?;
    if let Some(out) = &out {
        saved::save(&context.environment.folder.join(out), &plan, Some(&restoring.access))?;
    }
    context.printer.aside(&problems::warnings(&plan.warnings));
    let detail = if doing.diff { Detail::Everything } else { Detail::Changes };
    context.show(&match format {
        Format::Text => view::plan::plan(&plan, detail),
        Format::Json => view::json(&plan),
    })?;
    context.printer.aside(&match out {
        Some(out) => {
            let out = out.display();
            format!("Saved to {out}. `{} {out}` does it.\n", context.settings.command("apply"))
        }
        None if plan.is_empty() => String::new(),
        None => "Nothing was done. The same with --apply does it; with --out FILE it is saved for `apply FILE`.\n"
            .to_owned(),
    });
    Ok(Exit::Done)
}
