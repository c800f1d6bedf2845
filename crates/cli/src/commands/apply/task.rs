//! What an apply is about: the manifest, a sweep or a restore, asked for now or saved before. Knows how each
//! is read and planned; what is done with the plan is the same for all.
use super::expected::Expected;
use crate::accounts::{Accounts, Selection, connect};
use crate::commands::restore::RestoreWhat;
use crate::commands::sweep::SweepArgs;
use crate::plan_file::{self, Access, Saved, SavedPlanError};
use crate::planning::inquiry;
use crate::restoring::{self, Restoring};
use crate::sweeping::{self, Swept};
use crate::ui::CommandContext;
use crate::ui::error::Error;
use crate::workspace::{Store, Workspace};
use pinpoint_streams_aws::Aws;
use pinpoint_streams_executor::clock::{Clock as _, SystemClock};
use pinpoint_streams_executor::{Loaded, Paced, session};
use pinpoint_streams_model::desired::Desired;
use pinpoint_streams_model::ids::{AccountAlias, AccountId, RunId};
use pinpoint_streams_model::plan::{Mode, Options, Plan, RestoreOptions};
use pinpoint_streams_model::sweep::SweepOptions;
use pinpoint_streams_planner::{Inputs, Planned, SweepReport};
use std::collections::BTreeMap;
use std::path::PathBuf;

/// Where the plan comes from.
#[derive(Debug)]
pub(in crate::commands) enum Source {
    /// It is made now, from the manifest.
    Fresh {
        /// Which question it answers.
        mode: Mode,
        /// What shapes it.
        options: Box<Options>,
    },
    /// It is made now, from what a sweep finds.
    Sweep(Box<SweepArgs>),
    /// It is made now, from archives.
    Restore(RestoreWhat),
    /// It was saved, and must still hold.
    Saved(PathBuf),
}

/// What is to be planned, on which workspace, and held to what.
#[derive(Debug)]
pub(super) struct Job {
    /// The manifest, or the folder alone.
    pub(super) workspace: Workspace,
    /// What the plan must be like.
    pub(super) expected: Expected,
    task: Task,
}

#[derive(Debug)]
enum Task {
    Manifest { mode: Mode, options: Box<Options> },
    Sweep(Box<SweepArgs>),
    Restore(RestoreWhat),
    SavedRestore { options: RestoreOptions, access: Access, accounts: BTreeMap<AccountAlias, AccountId> },
    SavedSweep { options: Box<SweepOptions>, access: Access, accounts: BTreeMap<AccountAlias, AccountId> },
}

/// A plan with all that it takes to carry it out.
#[derive(Debug)]
pub(super) struct Ready {
    /// What is to be done.
    pub(super) plan: Plan,
    /// State and journal.
    pub(super) start: Loaded,
    /// Where it is done.
    pub(super) cloud: Paced<Aws>,
    /// What a sweep found, where this is one.
    pub(super) swept: Option<Swept>,
}

impl Job {
    /// Reads what was saved, and the manifest where one is needed.
    pub(super) fn of(source: Source, digest: Option<String>, context: &CommandContext<'_>) -> Result<Job, Error> {
        let fresh = |workspace, task| Job { workspace, expected: Expected::new(None, digest.clone()), task };
        match source {
            Source::Fresh { mode, options } => {
                Ok(fresh(Workspace::open(context)?, Task::Manifest { mode, options }))
            }
            Source::Sweep(args) => {
                Ok(fresh(crate::commands::sweep::workspace_of(&args, context)?, Task::Sweep(args)))
            }
            Source::Restore(what) => Ok(fresh(restoring::workspace_of(&what, context)?, Task::Restore(what))),
            Source::Saved(path) => {
                let Saved { plan, access } = plan_file::load(&context.environment.folder.join(&path))?;
                let broken =
                    |reason: &str| SavedPlanError::Broken { path: path.clone(), reason: reason.to_owned() };
                let (workspace, task) = match plan.mode {
                    Mode::Drift => {
                        return Err(broken("it shows drift alone, which is not to be applied").into());
                    }
                    Mode::Converge | Mode::Destroy => {
                        let options = Box::new(plan.options.clone());
                        (Workspace::open(context)?, Task::Manifest { mode: plan.mode, options })
                    }
                    Mode::Sweep => {
                        let options = plan.options.sweep.clone();
                        let options = Box::new(options.ok_or_else(|| broken("it does not say what was swept"))?);
                        let access =
                            access.ok_or_else(|| broken("it does not say how its accounts are called"))?;
                        plan_file::check_age(&plan, SystemClock.now())?;
                        let workspace = if access.manifest {
                            Workspace::open(context)?
                        } else {
                            Workspace::without_manifest(context)?
                        };
                        (workspace, Task::SavedSweep { options, access, accounts: plan.basis.accounts.clone() })
                    }
                    Mode::Restore => {
                        let options = plan.options.restore.clone();
                        let options = options.ok_or_else(|| broken("it does not say what is put back"))?;
                        let access =
                            access.ok_or_else(|| broken("it does not say how its accounts are called"))?;
                        let workspace = if access.manifest {
                            Workspace::open(context)?
                        } else {
                            Workspace::without_manifest(context)?
                        };
                        (workspace, Task::SavedRestore { options, access, accounts: plan.basis.accounts.clone() })
                    }
                };
                plan_file::check_workspace(&plan, &workspace.name)?;
                let expected = Expected::new(Some(plan), digest);
                expected.check_saved()?;
                Ok(Job { workspace, expected, task })
            }
        }
    }

    /// The run that a sweep's plan names in its tags is the one that carries it out.
    pub(super) fn run(&self) -> Option<RunId> {
        match &self.task {
            Task::SavedSweep { options, .. } => options.run.parse().ok(),
            Task::Manifest { .. } | Task::Sweep(_) | Task::Restore(_) | Task::SavedRestore { .. } => None,
        }
    }

    /// Which question the plan answers.
    pub(super) fn mode(&self) -> Mode {
        match &self.task {
            Task::Manifest { mode, .. } => *mode,
            Task::Sweep(_) | Task::SavedSweep { .. } => Mode::Sweep,
            Task::Restore(_) | Task::SavedRestore { .. } => Mode::Restore,
        }
    }

    /// Opens the record under the lock, reads, plans, and compares with what is expected.
    pub(super) async fn prepare(
        &self,
        store: &Store,
        run: &RunId,
        context: &CommandContext<'_>,
    ) -> Result<Ready, Error> {
        let start = session::open(store, &self.workspace.journal()).await?;
        let ready = match &self.task {
            Task::Manifest { mode, options } => {
                self.prepare_manifest((*mode, options), start, run, context).await?
            }
            Task::Sweep(args) => {
                let reached =
                    connect(Selection::Flags(&args.reach), &self.workspace, Some(run.clone()), context).await?;
                let now = SystemClock.now();
                let options = sweeping::options(args, &self.workspace, &reached, run, now, context)?;
                self.prepare_sweep(options, reached, start, context).await?
            }
            Task::SavedSweep { options, access, accounts } => {
                self.expected.check_record(&start.recorded)?;
                let run = Some(run.clone());
                let selection = Selection::SavedPlan(access, accounts);
                let reached = connect(selection, &self.workspace, run, context).await?;
                self.prepare_sweep((**options).clone(), reached, start, context).await?
            }
            Task::Restore(what) => {
                let run = Some(run.clone());
                let restoring = restoring::begin(what, &self.workspace, &start, run, context).await?;
                self.prepare_restore(restoring, start, context).await?
            }
            Task::SavedRestore { options, access, accounts } => {
                self.expected.check_record(&start.recorded)?;
                let run = Some(run.clone());
                let found = (access, accounts);
                let restoring =
                    restoring::begin_again(found, options, &self.workspace, &start, run, context).await?;
                self.prepare_restore(restoring, start, context).await?
            }
        };
        self.expected.check_plan(&ready.plan)?;
        Ok(ready)
    }

    async fn prepare_manifest(
        &self,
        (mode, options): (Mode, &Options),
        start: Loaded,
        run: &RunId,
        context: &CommandContext<'_>,
    ) -> Result<Ready, Error> {
        let accounts = connect(Selection::Manifest, &self.workspace, Some(run.clone()), context).await?;
        let (desired, cloud) = (accounts.desired(&self.workspace)?, accounts.cloud);
        self.check_ground(&desired, &start)?;
        let inputs = Inputs { desired, recorded: start.recorded, options: options.clone() };
        let Planned { plan, recorded } =
            context.ask(&inquiry(mode, inputs), &cloud).await.map_err(Error::Problems)?;
        Ok(Ready { plan, start: Loaded { recorded, ..start }, cloud, swept: None })
    }

    /// Before anything is read from AWS: whether a saved plan was made from what there is now.
    fn check_ground(&self, desired: &Desired, start: &Loaded) -> Result<(), Error> {
        Ok(self.expected.check_ground(desired, &start.recorded)?)
    }

    async fn prepare_sweep(
        &self,
        options: SweepOptions,
        reached: Accounts,
        start: Loaded,
        context: &CommandContext<'_>,
    ) -> Result<Ready, Error> {
        let Accounts { cloud, answering: accounts, all: swept, .. } = reached;
        let SweepReport { findings, planned } =
            sweeping::sweep(options, &self.workspace, &start.recorded, accounts, &cloud, context).await;
        let Planned { plan, recorded } = planned.map_err(Error::Problems)?;
        let start = Loaded { recorded, ..start };
        self.expected.check_basis(&plan)?;
        let swept = Swept { accounts: swept, findings, plan: Ok(plan.clone()) };
        Ok(Ready { plan, start, cloud, swept: Some(swept) })
    }

    async fn prepare_restore(
        &self,
        restoring: Restoring,
        start: Loaded,
        context: &CommandContext<'_>,
    ) -> Result<Ready, Error> {
        let Planned { plan, recorded } = restoring.plan(&start, context).await.map_err(Error::Problems)?;
        let start = Loaded { recorded, ..start };
        self.expected.check_basis(&plan)?;
        Ok(Ready { plan, start, cloud: restoring.cloud, swept: None })
    }
}
