//! `plan`: reads, plans and shows, with read-only access to AWS.
use super::change::{self, Concluded, Expected, Prepared, Request};
use super::page_output::PageOutput;
use super::plan_output;
use super::planning::{self, Planning};
use super::{on_heap, review, saved_message};
use crate::accounts::{Accounts, Selection, connect};
use crate::plan_file;
use crate::ui::{CommandContext, Error, Exit};
use crate::workspace::Workspace;
use clap::Args;
use pinpoint_streams_model::ids::RunId;
use pinpoint_streams_model::plan::{Mode, Options};
use pinpoint_streams_planner::{Converge, Destroy, Drift, Inputs, Inquiry, PlanResult};
use pinpoint_streams_store::Loaded;
use std::collections::BTreeSet;
use std::path::PathBuf;

/// `plan`
#[derive(Debug, Args)]
pub(crate) struct PlanArgs {
    /// Save the plan for `apply FILE`.
    #[arg(long, value_name = "FILE")]
    pub out: Option<PathBuf>,
    /// Show all fields and complete policies, including those of created and deleted resources.
    #[arg(long)]
    pub diff: bool,
    /// First review the plan in full screen, where changes can be excluded.
    #[arg(long, conflicts_with = "drift")]
    pub review: bool,
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
    pub output: PageOutput,
    #[command(flatten)]
    pub planning: Planning,
}

pub(super) async fn run(args: PlanArgs, context: &CommandContext<'_>) -> Result<Exit, Error> {
    let PlanArgs { planning, out, diff, review, detailed_exitcode, destroy, drift, output } = args;
    let mode = match (destroy, drift) {
        (true, _) => Mode::Destroy,
        (false, true) => Mode::Drift,
        (false, false) => Mode::Converge,
    };
    let (options, Concluded { output: planned, standing, .. }) = if review {
        on_heap(|| reviewed(mode, planning.into(), context)).await?
    } else {
        let options = Options::from(planning);
        let request = ManifestRequest::open(mode, options.clone(), context)?;
        (options, change::conclude(&request, context).await?)
    };
    let plan = match planned {
        Ok(planned) => planned.plan,
        Err(problems) => {
            plan_output::show_problems((mode, &options), &problems, standing.as_ref(), output, context)?;
            return Err(Error::Problems(problems));
        }
    };
    if let Some(out) = &out {
        plan_file::save(&context.environment.folder.join(out), &plan)?;
    }
    plan_output::show(&plan, output, diff, out.as_deref(), context)?;
    context.printer.note(&match out {
        Some(out) => saved_message(&out, "", context),
        None => plan_output::next_step(&plan, output, context),
    });
    let something = !plan.is_empty();
    Ok(if something && (detailed_exitcode || drift) { Exit::Differs } else { Exit::Done })
}

/// Reviews the plan of the manifest. Returns it as it is without what was left out, with its options.
pub(super) async fn reviewed(
    mode: Mode,
    options: Options,
    context: &CommandContext<'_>,
) -> Result<(Options, Concluded<PlanResult>), Error> {
    let conclude = |options| async move {
        let request = ManifestRequest::open(mode, options, context)?;
        change::conclude(&request, context).await
    };
    review::of_plan(options, conclude, context).await
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

    fn again(&self) -> String {
        let command = if self.mode == Mode::Destroy { "destroy" } else { "apply" };
        format!("{command}{}", planning::flags(&self.options))
    }

    fn look(&self) -> String {
        let destroy = if self.mode == Mode::Destroy { " --destroy" } else { "" };
        // What was replaced is not replaced again.
        let options = Options { replace: BTreeSet::new(), ..self.options.clone() };
        format!("plan{destroy}{}", planning::flags(&options))
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
            Mode::Destroy => Box::new(Destroy::new(inputs)),
            Mode::Drift => Box::new(Drift::new(inputs)),
            _ => Box::new(Converge::new(inputs)),
        };
        let Accounts { cloud, access, all, .. } = accounts;
        Ok(Prepared { inquiry, cloud, access, accounts: all })
    }
}
