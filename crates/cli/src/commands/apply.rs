//! `apply` and `destroy`: a new plan, or a saved one.
use super::change::{self, ApplyArgs, Expected, SavedInputs, Source};
use super::plan::{self, ManifestRequest};
use super::planning::Planning;
use super::restore::RestoreRequest;
use super::sweep::SweepRequest;
use super::{Format, Output, on_heap, review};
use crate::plan_file::{self, SavedPlanError};
use crate::ui::{CommandContext, Error, Exit};
use crate::workspace::Workspace;
use clap::Args;
use pinpoint_streams_executor::clock::Clock as _;
use pinpoint_streams_model::plan::{Mode, Plan};
use std::path::{Path, PathBuf};

/// `apply`
#[derive(Debug, Args)]
#[command(mut_arg("events", |arg| arg.conflicts_with("format")))]
pub(crate) struct Apply {
    /// A plan saved with --out, which includes its flags.
    #[arg(value_name = "PLANFILE", conflicts_with_all = ["Selectors", "PlanFlags", "destroy"])]
    pub plan: Option<PathBuf>,
    /// Delete what this workspace created.
    #[arg(long)]
    pub destroy: bool,
    #[command(flatten)]
    pub output: Output,
    #[command(flatten)]
    pub apply_args: ApplyArgs,
    #[command(flatten)]
    pub planning: Planning,
}

/// `destroy`
#[derive(Debug, Args)]
#[command(mut_arg("events", |arg| arg.conflicts_with("format")))]
#[command(mut_arg("approve_accounts", |arg| arg.hide(true)))]
pub(crate) struct Destroy {
    #[command(flatten)]
    pub output: Output,
    #[command(flatten)]
    pub apply_args: ApplyArgs,
    #[command(flatten)]
    pub planning: Planning,
}

pub(super) async fn run(args: Apply, context: &CommandContext<'_>) -> Result<Exit, Error> {
    let Apply { plan, planning, destroy, output: Output { format }, apply_args } = args;
    match plan {
        Some(path) => saved(&path, format, &apply_args, context).await,
        None => {
            let mode = if destroy { Mode::Destroy } else { Mode::Converge };
            fresh(mode, planning, format, &apply_args, context).await
        }
    }
}

pub(super) async fn destroy(args: Destroy, context: &CommandContext<'_>) -> Result<Exit, Error> {
    let Destroy { planning, output: Output { format }, apply_args } = args;
    fresh(Mode::Destroy, planning, format, &apply_args, context).await
}

async fn fresh(
    mode: Mode,
    planning: Planning,
    format: Format,
    apply_args: &ApplyArgs,
    context: &CommandContext<'_>,
) -> Result<Exit, Error> {
    let mut options = planning.into();
    if apply_args.review {
        (options, _) = on_heap(|| plan::reviewed(mode, options, context)).await?;
    }
    let request = ManifestRequest::open(mode, options, context);
    let expected = Expected::fresh(apply_args).reported_as(format);
    change::run(request.map(|request| (request, expected)), apply_args, context).await
}

/// Makes the plan again from the request of the saved plan. The result must be the same.
async fn saved(
    path: &Path,
    format: Format,
    apply_args: &ApplyArgs,
    context: &CommandContext<'_>,
) -> Result<Exit, Error> {
    let plan = match plan_file::load(&context.environment.folder.join(path)) {
        Ok(plan) => plan,
        Err(error) => return change::run::<ManifestRequest>(Err(error.into()), apply_args, context).await,
    };
    if apply_args.review {
        on_heap(|| review::of_saved(&plan, context)).await?;
    }
    match plan.mode {
        Mode::Drift => {
            let error = broken(path, "it is a drift report and cannot be applied");
            change::run::<ManifestRequest>(Err(error), apply_args, context).await
        }
        Mode::Converge | Mode::Destroy => {
            let request = ManifestRequest::open(plan.mode, plan.options.clone(), context);
            change::run(expecting(request, path, plan, format, apply_args), apply_args, context).await
        }
        Mode::Sweep => {
            let source = source(&plan, plan.options.sweep.clone(), path, context);
            let request = source.map(|(workspace, source)| SweepRequest { workspace, source });
            change::run(expecting(request, path, plan, format, apply_args), apply_args, context).await
        }
        Mode::Restore => {
            let source = source(&plan, plan.options.restore.clone(), path, context);
            let request = source.map(|(workspace, source)| RestoreRequest { workspace, source });
            change::run(expecting(request, path, plan, format, apply_args), apply_args, context).await
        }
    }
}

fn broken(path: &Path, reason: &str) -> Error {
    SavedPlanError::Broken { path: path.to_owned(), reason: reason.to_owned() }.into()
}

/// The workspace of a saved sweep or restore, and its inputs. A sweep must not be too old.
fn source<F, O>(
    plan: &Plan,
    options: Option<O>,
    path: &Path,
    context: &CommandContext<'_>,
) -> Result<(Workspace, Source<F, O>), Error> {
    let options = options.ok_or_else(|| broken(path, "it has no options of its kind"))?;
    let access = plan.access.clone().ok_or_else(|| broken(path, "it has no `access`"))?;
    plan_file::check_age(plan, context.clock().now())?;
    let workspace = if access.manifest { Workspace::open(context) } else { Workspace::without_manifest(context) };
    let inputs = SavedInputs { options, access, accounts: plan.basis.accounts.clone() };
    Ok((workspace?, Source::SavedPlan(inputs)))
}

/// Pairs a request with the saved plan that it must lead to.
fn expecting<R: change::Request>(
    request: Result<R, Error>,
    path: &Path,
    plan: Plan,
    format: Format,
    apply_args: &ApplyArgs,
) -> Result<(R, Expected), Error> {
    let request = request?;
    plan_file::check_workspace(&plan, &request.workspace().name)?;
    Ok((request, Expected::saved(path, plan, apply_args)?.reported_as(format)))
}
