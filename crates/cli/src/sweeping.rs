//! From accounts to what a sweep found, and to the plan of what is done about it.
use crate::accounts::Accounts;
use crate::commands::sweep::{Judging, PurposeChoice, SweepAction as ActionArgs, SweepArgs as Args, terraform};
use crate::ui::CommandContext;
use crate::ui::error::Error;
use crate::workspace::Workspace;
use jiff::{SignedDuration, Timestamp};
use pinpoint_streams_executor::cloud::ReadCloud;
use pinpoint_streams_model::ids::{AccountAlias, AccountId, RunId};
use pinpoint_streams_model::plan::Plan;
use pinpoint_streams_model::problem::Problem;
use pinpoint_streams_model::recorded::Recorded;
use pinpoint_streams_model::sweep::{Findings, SweepAction, SweepOptions, SweptAccount};
use pinpoint_streams_planner::{Sweep, SweepReport};
use std::collections::{BTreeMap, BTreeSet};

/// Midnight UTC after the last day on which Amazon Pinpoint was supported.
const ENDED: &str = "2026-10-31T00:00:00Z";

/// What a sweep found, and what it would do.
#[derive(Debug)]
pub(crate) struct Swept {
    /// All accounts that were to be read.
    pub(crate) accounts: Vec<SweptAccount>,
    /// The roles that trust Pinpoint, and what could not be read.
    pub(crate) findings: Findings,
    /// What would be done; or all that stands in the way.
    pub(crate) plan: Result<Plan, Vec<Problem>>,
}

impl Swept {
    /// Whether something that matters is not known.
    pub(crate) fn has_unknown(&self) -> bool {
        self.findings.has_unknown() || self.accounts.iter().any(|account| account.unreachable.is_some())
    }
}

/// Reads and judges. Handed a [`ReadCloud`] alone, so nothing can be written.
pub(crate) async fn sweep(
    options: SweepOptions,
    workspace: &Workspace,
    recorded: &Recorded,
    accounts: BTreeMap<AccountAlias, AccountId>,
    cloud: &impl ReadCloud,
    context: &CommandContext<'_>,
) -> SweepReport {
    let (workspace, recorded) = (workspace.name.clone(), recorded.clone());
    context.ask(&Sweep { workspace, accounts, recorded, options }, cloud).await
}

/// What the flags and the manifest ask of a sweep.
pub(crate) fn options(
    args: &Args,
    workspace: &Workspace,
    reached: &Accounts,
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
            reached.regions.clone()
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
