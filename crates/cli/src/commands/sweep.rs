//! `sweep`: reads, judges, shows, and plans what could be done. Writes nothing to AWS, because it is handed
//! nothing that could; `sweep --apply` is an apply.
use crate::args::{Format, Sweep as Args};
use crate::context::Context;
use crate::error::Error;
use crate::exit::Exit;
use crate::project::Ground;
use crate::reach::{Reached, reach};
use crate::saved;
use crate::sweeping::{self, Swept};
use crate::view::{problems, sweep as view};
use pinpoint_streams_executor::clock::{Clock as _, SystemClock};
use pinpoint_streams_model::sweep::Verdict;

pub(super) async fn run(args: Args, context: &Context<'_>) -> Result<Exit, Error> {
    let ground = ground(&args, context)?;
    let recorded = ground.home.load().await?.recorded;
    let reached = reach(&args.reach, &ground, None, context).await?;
    let (run, _) = super::apply::draw();
    let options = sweeping::options(&args, &ground, &reached, &run, SystemClock.now(), context)?;
    let Reached { cloud, accounts, swept, access, declared: _, regions: _ } = reached;
    let (findings, plan, _) = sweeping::sweep(&options, &ground, &recorded, &accounts, &cloud, context).await;
    let swept = Swept { accounts: swept, findings, plan };
    if let (Some(out), Ok(plan)) = (&args.out, &swept.plan) {
        saved::save(&context.environment.folder.join(out), plan, Some(&access))?;
    }
    if let Ok(plan) = &swept.plan {
        context.printer.aside(&problems::warnings(&plan.warnings));
    }
    context.show(&match args.output.format {
        Format::Text => view::text(&swept, context.evidences(), context.environment.width()),
        Format::Json => view::json(&swept),
    })?;
    match &swept.plan {
        Err(found) if args.output.format == Format::Text => return Err(Error::Problems(found.clone())),
        // They stand in the document.
        Err(_) => return Ok(Exit::Problems),
        Ok(plan) => context.printer.aside(&next(&args, plan.is_empty(), context)),
    }
    Ok(exit(&swept))
}

/// The manifest's workspace for its own accounts; for others the folder's own, so that nothing of theirs comes
/// into the manifest's state.
pub(super) fn ground(args: &Args, context: &Context<'_>) -> Result<Ground, Error> {
    let ground = Ground::of(context)?;
    let elsewhere = !args.reach.profile.is_empty() || args.reach.organization;
    if elsewhere { ground.elsewhere(context) } else { Ok(ground) }
}

fn next(args: &Args, nothing: bool, context: &Context<'_>) -> String {
    match &args.out {
        Some(out) => {
            let out = out.display();
            format!("Saved to {out}. `{} {out}` does it, within 24 hours.\n", context.settings.command("apply"))
        }
        None if nothing => String::new(),
        None => "Nothing was done. The same with --out FILE saves the plan for `apply FILE`; with --apply it is \
                 asked and done at once.\n"
            .to_owned(),
    }
}

/// What is not known comes before what was found.
fn exit(swept: &Swept) -> Exit {
    let found = [Verdict::Obsolete, Verdict::Quarantined, Verdict::Tripped];
    if swept.has_unknown() {
        Exit::Unknown
    } else if found.iter().any(|verdict| swept.findings.count(*verdict) > 0) {
        Exit::Differs
    } else {
        Exit::Done
    }
}
