//! What a sweep asks: by the flags, or as a saved plan did.
use super::{Judging, PurposeChoice, SweepAction as ActionArgs, SweepArgs as Args, terraform};
use crate::accounts::{Accounts, Selection, connect};
use crate::commands::change::{Expected, Prepared, Request, draw};
use crate::plan_file::Access;
use crate::ui::CommandContext;
use crate::ui::error::Error;
use crate::workspace::Workspace;
use jiff::{SignedDuration, Timestamp};
use pinpoint_streams_executor::clock::{Clock as _, SystemClock};
use pinpoint_streams_model::ids::{AccountAlias, AccountId, RunId};
use pinpoint_streams_model::plan::Mode;
use pinpoint_streams_model::sweep::{SweepAction, SweepOptions};
use pinpoint_streams_planner::Sweep;
use pinpoint_streams_store::Loaded;
use std::collections::{BTreeMap, BTreeSet};

/// Midnight UTC after the last day on which Amazon Pinpoint was supported.
const ENDED: &str = "2026-10-31T00:00:00Z";

/// A sweep of some accounts.
#[derive(Debug)]
pub(in crate::commands) struct SweepRequest {
    workspace: Workspace,
    asked: Asked,
}

#[derive(Debug)]
enum Asked {
    Now(Box<Args>),
    Saved { options: Box<SweepOptions>, access: Access, accounts: BTreeMap<AccountAlias, AccountId> },
}

impl SweepRequest {
    /// What the flags ask. In the manifest's workspace for its own accounts; for others in the folder's own, so that
    /// nothing of theirs comes into the manifest's state.
    pub(in crate::commands) fn open(args: &Args, context: &CommandContext<'_>) -> Result<SweepRequest, Error> {
        let workspace = Workspace::open_if_any(context)?;
        let elsewhere = !args.reach.profile.is_empty() || args.reach.organization;
        let workspace = if elsewhere { workspace.for_other_accounts(context)? } else { workspace };
        Ok(SweepRequest { workspace, asked: Asked::Now(Box::new(args.clone())) })
    }

    /// What a saved plan asked.
    pub(in crate::commands) fn again(
        workspace: Workspace,
        options: SweepOptions,
        access: Access,
        accounts: BTreeMap<AccountAlias, AccountId>,
    ) -> SweepRequest {
        SweepRequest { workspace, asked: Asked::Saved { options: Box::new(options), access, accounts } }
    }
}

impl Request for SweepRequest {
    type Inquiry = Sweep;

    fn mode(&self) -> Mode {
        Mode::Sweep
    }

    fn workspace(&self) -> &Workspace {
        &self.workspace
    }

    /// The run that a sweep's plan names in its tags is the one that carries it out.
    fn run(&self) -> Option<RunId> {
        match &self.asked {
            Asked::Now(_) => None,
            Asked::Saved { options, .. } => options.run.parse().ok(),
        }
    }

    async fn prepare(
        &self,
        start: &Loaded,
        run: Option<&RunId>,
        expected: &Expected,
        context: &CommandContext<'_>,
    ) -> Result<Prepared<Sweep>, Error> {
        let workspace = &self.workspace;
        expected.check_record(&start.recorded)?;
        let selection = match &self.asked {
            Asked::Now(args) => Selection::Flags(&args.reach),
            Asked::Saved { access, accounts, .. } => Selection::SavedPlan(access, accounts),
        };
        let accounts = connect(selection, workspace, run.cloned(), context).await?;
        let options = match &self.asked {
            Asked::Now(args) => {
                let run = run.cloned().unwrap_or_else(|| draw().0);
                options(args, workspace, &accounts, &run, SystemClock.now(), context)?
            }
            Asked::Saved { options, .. } => (**options).clone(),
        };
        let Accounts { cloud, answering, all, access, .. } = accounts;
        let (workspace, recorded) = (workspace.name.clone(), start.recorded.clone());
        let inquiry = Sweep { workspace, accounts: answering, recorded, options };
        Ok(Prepared { inquiry, cloud, access, accounts: all })
    }
}

/// What the flags and the manifest ask of a sweep.
fn options(
    args: &Args,
    workspace: &Workspace,
    accounts: &Accounts,
    run: &RunId,
    now: Timestamp,
    context: &CommandContext<'_>,
) -> Result<SweepOptions, Error> {
    let Args { reach, judging, action, out: _, apply: _, output: _ } = args;
    let Judging { unused_since, unused_for, min_age, purpose, exclude, event_streams_gone, terraform_state } =
        judging;
    let ActionArgs { release: _, reap: _, after: _, delete: _, max_delete, allow_detach } = action;
    let unused_since = match (unused_since, unused_for) {
        (Some(since), _) => *since,
        (None, Some(days)) => before(now, *days)?,
        (None, None) => {
            #[expect(clippy::expect_used, reason = "a constant")]
            let ended = ENDED.parse().expect("a time");
            ended
        }
    };
    let mut terraform = BTreeMap::new();
    for path in terraform_state {
        let roles = terraform::roles_in(&context.environment.folder.join(path))?;
        terraform.extend(roles.into_iter().map(|arn| (arn, path.display().to_string())));
    }
    let settings = workspace.sweep.clone();
    Ok(SweepOptions {
        action: wanted(action),
        now,
        run: run.to_string(),
        regions: if reach.regions.is_empty() {
            accounts.regions.clone()
        } else {
            reach.regions.iter().cloned().collect()
        },
        unused_since,
        min_age_days: *min_age,
        max_delete: *max_delete,
        all_purposes: *purpose == PurposeChoice::All,
        exclude: settings.exclude.into_iter().chain(exclude.iter().cloned()).collect(),
        no_pinpoint_in: settings.no_pinpoint_in,
        event_streams_gone: event_streams_gone.iter().cloned().collect(),
        allow_detach: allow_detach.iter().map(|what| (*what).into()).collect::<BTreeSet<_>>(),
        terraform,
    })
}

fn before(now: Timestamp, days: u32) -> Result<Timestamp, Error> {
    now.checked_sub(SignedDuration::from_hours(24 * i64::from(days))).map_err(|_| Error::Usage {
        message: format!("--unused-for {days}d reaches back before all time"),
        hint: "name fewer days".to_owned(),
    })
}

fn wanted(args: &ActionArgs) -> SweepAction {
    match (args.release, args.reap, args.delete) {
        (true, ..) => SweepAction::Release,
        (_, true, _) => SweepAction::Reap { after_days: args.after },
        (.., true) => SweepAction::Delete,
        (false, false, false) => SweepAction::Quarantine,
    }
}
