//! `plan`: reads, plans and shows, with read-only access to AWS.
use super::change::{self, Concluded, Expected, Prepared, Request};
use super::planning::Planning;
use super::{Output, saved_message, show_plan};
use crate::accounts::{Accounts, Selection, connect};
use crate::plan_file;
use crate::ui::{CommandContext, Error, Exit};
use crate::workspace::Workspace;
use clap::Args;
use pinpoint_streams_model::ids::RunId;
use pinpoint_streams_model::plan::{Mode, Options};
use pinpoint_streams_planner::{Converge, Destroy, Drift, Inputs, Inquiry, PlanResult};
use pinpoint_streams_store::Loaded;
use std::path::PathBuf;

/// `plan`
#[derive(Debug, Args)]
pub(crate) struct PlanArgs {
    /// Save the plan for `apply FILE`.
    #[arg(long, value_name = "FILE")]
    pub out: Option<PathBuf>,
    /// Show every field and complete policies, also of created and deleted resources.
    #[arg(long)]
    pub diff: bool,
    /// Exit with 2 if there are changes.
    #[arg(long)]
    pub detailed_exitcode: bool,
    /// Plan to delete what this workspace created.
    #[arg(long)]
    pub destroy: bool,
    /// Show only differences between AWS and the state; exits with 2 if there are any.
    #[arg(long, conflicts_with_all = ["destroy", "out", "detailed_exitcode", "PlanFlags"])]
    pub drift: bool,
    #[command(flatten)]
    pub output: Output,
    #[command(flatten)]
    pub planning: Planning,
}

pub(super) async fn run(args: PlanArgs, context: &CommandContext<'_>) -> Result<Exit, Error> {
    let PlanArgs { planning, out, diff, detailed_exitcode, destroy, drift, output: Output { format } } = args;
    let mode = match (destroy, drift) {
        (true, _) => Mode::Destroy,
        (false, true) => Mode::Drift,
        (false, false) => Mode::Converge,
    };
    let request = ManifestRequest::open(mode, planning.into(), context)?;
    let Concluded { output, .. } = change::conclude(&request, context).await?;
    let plan = output.map_err(Error::Problems)?.plan;
    if let Some(out) = &out {
        plan_file::save(&context.environment.folder.join(out), &plan)?;
    }
    show_plan(&plan, format, diff, context)?;
    if let Some(out) = out {
        context.printer.note(&saved_message(&out, "", context));
    }
    let something = !plan.is_empty();
    Ok(if something && (detailed_exitcode || drift) { Exit::Differs } else { Exit::Done })
}

/// A plan from the manifest.
#[derive(Debug)]
pub(super) struct ManifestRequest {
    workspace: Workspace,
    mode: Mode,
    options: Options,
}

impl ManifestRequest {
    pub(super) fn open(
        mode: Mode,
        options: Options,
        context: &CommandContext<'_>,
    ) -> Result<ManifestRequest, Error> {
        Ok(ManifestRequest { workspace: Workspace::open(context)?, mode, options })
    }
}

impl Request for ManifestRequest {
    type Inquiry = Box<dyn Inquiry<Output = PlanResult>>;

    fn mode(&self) -> Mode {
        self.mode
    }

    fn workspace(&self) -> &Workspace {
        &self.workspace
    }

    async fn prepare(
        &self,
        start: &Loaded,
        run: Option<&RunId>,
        expected: &Expected,
        context: &CommandContext<'_>,
    ) -> Result<Prepared<Self::Inquiry>, Error> {
        let accounts = connect(Selection::Manifest, &self.workspace, run.cloned(), context).await?;
        let desired = accounts.desired(&self.workspace)?;
        expected.check_inputs(&desired, &start.recorded)?;
        let inputs = Inputs { desired, recorded: start.recorded.clone(), options: self.options.clone() };
        let inquiry: Self::Inquiry = match self.mode {
            Mode::Destroy => Box::new(Destroy(inputs)),
            Mode::Drift => Box::new(Drift(inputs)),
            _ => Box::new(Converge(inputs)),
        };
        let Accounts { cloud, access, all, .. } = accounts;
        Ok(Prepared { inquiry, cloud, access, accounts: all })
    }
}
