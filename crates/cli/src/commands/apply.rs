//! `apply` and `destroy`: plan, ask, do it; or do what a saved plan says, or nothing.
use super::change::{self, ApplyArgs, Expected};
use super::plan::ManifestRequest;
use super::planning::Planning;
use super::restore::RestoreRequest;
use super::sweep::SweepRequest;
use crate::plan_file::{self, Saved, SavedPlanError};
use crate::ui::CommandContext;
use crate::ui::error::Error;
use crate::ui::exit::Exit;
use crate::workspace::Workspace;
use clap::Args;
use pinpoint_streams_executor::clock::{Clock as _, SystemClock};
use pinpoint_streams_model::plan::{Mode, Plan};
use std::path::{Path, PathBuf};

/// `apply`
#[derive(Debug, Args)]
pub(crate) struct Apply {
    /// A plan saved by `plan --out`. It holds its own flags.
    #[arg(value_name = "PLANFILE", conflicts_with_all = ["Selectors", "Shaping", "destroy"])]
    pub plan: Option<PathBuf>,
    /// Delete what this workspace created.
    #[arg(long)]
    pub destroy: bool,
    /// How it is approved and reported.
    #[command(flatten)]
    pub doing: ApplyArgs,
    /// What shapes the plan.
    #[command(flatten)]
    pub planning: Planning,
}

/// `destroy`
#[derive(Debug, Args)]
pub(crate) struct Destroy {
    /// How it is approved and reported.
    #[command(flatten)]
    pub doing: ApplyArgs,
    /// What shapes the plan.
    #[command(flatten)]
    pub planning: Planning,
}

pub(super) async fn run(args: Apply, context: &CommandContext<'_>) -> Result<Exit, Error> {
    let Apply { plan, planning, destroy, doing } = args;
    match plan {
        Some(path) => saved(&path, &doing, context).await,
        None => fresh(if destroy { Mode::Destroy } else { Mode::Converge }, planning, &doing, context).await,
    }
}

pub(super) async fn destroy(args: Destroy, context: &CommandContext<'_>) -> Result<Exit, Error> {
    let Destroy { planning, doing } = args;
    fresh(Mode::Destroy, planning, &doing, context).await
}

async fn fresh(
    mode: Mode,
    planning: Planning,
    doing: &ApplyArgs,
    context: &CommandContext<'_>,
) -> Result<Exit, Error> {
    let request = ManifestRequest::open(mode, planning.into(), context);
    change::run(request.map(|request| (request, Expected::fresh(doing))), doing, context).await
}

/// What a saved plan asked is asked again, and must lead to the same plan.
async fn saved(path: &Path, doing: &ApplyArgs, context: &CommandContext<'_>) -> Result<Exit, Error> {
    let Saved { plan, access } = match plan_file::load(&context.environment.folder.join(path)) {
        Ok(saved) => saved,
        Err(error) => return change::run::<ManifestRequest>(Err(error.into()), doing, context).await,
    };
    let broken =
        |reason: &str| Error::from(SavedPlanError::Broken { path: path.to_owned(), reason: reason.to_owned() });
    let access = access.ok_or_else(|| broken("it does not say how its accounts are called"));
    let accounts = plan.basis.accounts.clone();
    match plan.mode {
        Mode::Drift => {
            let error = broken("it shows drift alone, which is not to be applied");
            change::run::<ManifestRequest>(Err(error), doing, context).await
        }
        Mode::Converge | Mode::Destroy => {
            let request = ManifestRequest::open(plan.mode, plan.options.clone(), context);
            change::run(expecting(request, plan, doing), doing, context).await
        }
        Mode::Sweep => {
            let options = plan.options.sweep.clone().ok_or_else(|| broken("it does not say what was swept"));
            let request = options.and_then(|options| {
                let access = access?;
                plan_file::check_age(&plan, SystemClock.now())?;
                let workspace = workspace_of(access.manifest, context)?;
                Ok(SweepRequest::again(workspace, options, access, accounts))
            });
            change::run(expecting(request, plan, doing), doing, context).await
        }
        Mode::Restore => {
            let options = plan.options.restore.clone().ok_or_else(|| broken("it does not say what is put back"));
            let request = options.and_then(|options| {
                let access = access?;
                let workspace = workspace_of(access.manifest, context)?;
                Ok(RestoreRequest::again(workspace, options, access, accounts))
            });
            change::run(expecting(request, plan, doing), doing, context).await
        }
    }
}

fn workspace_of(manifest: bool, context: &CommandContext<'_>) -> Result<Workspace, Error> {
    if manifest { Workspace::open(context) } else { Workspace::without_manifest(context) }
}

/// A request that must lead to this plan, if the plan is one of its workspace and the one that was meant.
fn expecting<R: change::Request>(
    request: Result<R, Error>,
    plan: Plan,
    doing: &ApplyArgs,
) -> Result<(R, Expected), Error> {
    let request = request?;
    plan_file::check_workspace(&plan, &request.workspace().name)?;
    Ok((request, Expected::saved(plan, doing)?))
}
