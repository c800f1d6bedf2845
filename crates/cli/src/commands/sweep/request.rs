//! The request of a sweep, from flags or a saved plan.
use super::region_pattern::RegionPattern;
use super::{Criteria, PurposeChoice, SweepActionArgs, SweepArgs, again, state_files};
use crate::accounts::{AccountSelector, Accounts, Selection, connect};
use crate::commands::change::{Expected, Prepared, Request, SavedInputs, Source, new_run_id};
use crate::commands::evidence::{self, Bundles, SourceChoice};
use crate::ui::CommandContext;
use crate::ui::error::Error;
use crate::ui::style::{WARNING, paint};
use crate::workspace::Workspace;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use pinpoint_streams_aws::{Aws, ConnectOptions};
use pinpoint_streams_executor::Paced;
use pinpoint_streams_executor::clock::Clock as _;
use pinpoint_streams_model::ids::{AccountAlias, AccountId, RunId};
use pinpoint_streams_model::plan::{Access, Mode};
use pinpoint_streams_model::region::Region;
use pinpoint_streams_model::sweep::{BundleFile, SweepOptions};
use pinpoint_streams_planner::Sweep;
use pinpoint_streams_store::Loaded;
use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

#[derive(Debug)]
pub(in crate::commands) struct SweepRequest {
    pub(in crate::commands) workspace: Workspace,
    pub(in crate::commands) source: Source<Box<SweepArgs>, SweepOptions>,
}

impl SweepRequest {
    /// From flags. Accounts outside the manifest use the workspace of the directory, so that the manifest's state does not
    /// record them.
    pub(in crate::commands) fn open(
        args: &SweepArgs,
        context: &CommandContext<'_>,
    ) -> Result<SweepRequest, Error> {
        let workspace = Workspace::open_if_any(context)?;
        let elsewhere = !args.selector.profile.is_empty() || args.selector.organization;
        let workspace = if elsewhere { workspace.for_other_accounts(context)? } else { workspace };
        Ok(SweepRequest { workspace, source: Source::Flags(Box::new(args.clone())) })
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

    /// The plan of a sweep contains the run ID as a tag value, so the apply must use the same ID.
    fn run(&self) -> Option<RunId> {
        match &self.source {
            Source::Flags(_) => None,
            Source::SavedPlan(SavedInputs { options, .. }) => options.run.parse().ok(),
        }
    }

    fn again(&self) -> String {
        let flags = match &self.source {
            Source::Flags(args) => format!("{}{}", again::criteria(args), again::action(&args.action)),
            Source::SavedPlan(saved) => {
                let criteria = again::criteria_of(saved, self.workspace.manifest.as_ref());
                format!("{criteria}{}", again::action_of(&saved.options))
            }
        };
        format!("sweep{flags} --apply")
    }

    fn look(&self) -> String {
        match &self.source {
            Source::Flags(args) => format!("sweep{}", again::criteria(args)),
            Source::SavedPlan(saved) => {
                let live = if saved.options.bundles.is_empty() { "" } else { " --live" };
                format!("sweep{}{live}", again::criteria_of(saved, self.workspace.manifest.as_ref()))
            }
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
        let paths: Vec<PathBuf> = match &self.source {
            Source::Flags(args) => args.evidence.evidence.clone(),
            Source::SavedPlan(SavedInputs { options, .. }) => {
                options.bundles.iter().map(|bundle| PathBuf::from(&bundle.file)).collect()
            }
        };
        let bundles = evidence::open(&paths, context)?;
        if let Source::Flags(args) = &self.source
            && !paths.is_empty()
            && !(args.evidence.live || args.apply || args.out.is_some())
        {
            return without_aws(args, bundles, start, workspace, context).await;
        }
        let selection = match &self.source {
            Source::Flags(args) => Selection::Flags(&args.selector),
            Source::SavedPlan(SavedInputs { access, accounts, .. }) => Selection::SavedPlan(access, accounts),
        };
        let accounts = connect(selection, workspace, run.cloned(), context).await?;
        let now = accounts.now(context.clock())?;
        let options = match &self.source {
            Source::Flags(args) => {
                let run = run.cloned().unwrap_or_else(new_run_id);
                options(args, workspace, &accounts.regions, &bundles, &run, now, context).await?
            }
            Source::SavedPlan(SavedInputs { options, .. }) => {
                must_be_unchanged(&options.bundles, &bundles)?;
                options.clone()
            }
        };
        let Accounts { cloud, reachable, all, access, .. } = accounts;
        warn_of_idle_assertions(&options, &reachable, context);
        if !paths.is_empty() && !bundles.accounts.values().any(|held| reachable.values().any(|id| id == held)) {
            let held: Vec<&str> = bundles.accounts.values().map(AccountId::as_str).collect();
            let (label, held) = (paint(WARNING, "warning:"), held.join(", "));
            let text = format!("{label} the evidence covers other accounts ({held}), so it is not used\n");
            context.printer.message(&text);
        }
        let (workspace, recorded) = (workspace.name.clone(), start.recorded.clone());
        let inquiry =
            Sweep { workspace, accounts: reachable, recorded, options, bundles: bundles.answers, is_live: true };
        Ok(Prepared { inquiry, cloud, access, accounts: all })
    }
}

/// An assertion about an account that is not read has no effect: its ID may be misspelt.
fn warn_of_idle_assertions(
    options: &SweepOptions,
    read: &BTreeMap<AccountAlias, AccountId>,
    context: &CommandContext<'_>,
) {
    let read: BTreeSet<&AccountId> = read.values().collect();
    for (flag, places) in
        [("--event-streams-gone", &options.event_streams_gone), ("--no-stacks-in", &options.no_stacks_in)]
    {
        let accounts: BTreeSet<&AccountId> = places.iter().map(|place| &place.account).collect();
        for account in accounts.difference(&read) {
            let text =
                format!("{flag} {account}/…: account {account} is not read, so the assertion has no effect");
            context.printer.message(&format!("{} {text}\n", paint(WARNING, "warning:")));
        }
    }
}

/// Judges from bundles alone, with their clock.
async fn without_aws(
    args: &SweepArgs,
    bundles: Bundles,
    start: &Loaded,
    workspace: &Workspace,
    context: &CommandContext<'_>,
) -> Result<Prepared<Sweep>, Error> {
    let AccountSelector { profile, organization, role: _, accounts, regions: _ } = &args.selector;
    if !profile.is_empty() || *organization || !accounts.is_empty() {
        return Err(Error::Usage {
            message: "--profile, --organization and --accounts select what AWS is asked about; \
                      with --evidence alone AWS is not called"
                .to_owned(),
            hint: "add --live, or remove them".to_owned(),
        });
    }
    let now = bundles.finished.unwrap_or_else(|| context.clock().now());
    let options = options(args, workspace, &bundles.regions, &bundles, &new_run_id(), now, context).await?;
    warn_of_idle_assertions(&options, &bundles.accounts, context);
    let (workspace, recorded) = (workspace.name.clone(), start.recorded.clone());
    let cloud = Paced::new(Aws::connect(&BTreeMap::new(), ConnectOptions::new(workspace.clone(), None)).await?);
    let swept = bundles.swept();
    let Bundles { answers, accounts, .. } = bundles;
    let inquiry = Sweep { workspace, accounts, recorded, options, bundles: answers, is_live: false };
    let access = Access { manifest: false, accounts: None, archive: None };
    Ok(Prepared { inquiry, cloud, access, accounts: swept })
}

/// A saved plan rests on the bundles that it was made from.
fn must_be_unchanged(planned: &[BundleFile], found: &Bundles) -> Result<(), Error> {
    let changed = planned.iter().find(|planned| !found.files.iter().any(|found| found.digest == planned.digest));
    match changed {
        None => Ok(()),
        Some(BundleFile { file, .. }) => Err(Error::InvalidFile {
            path: file.into(),
            problem: "is not the bundle that the plan was made from".to_owned(),
            hint: "create the plan again".to_owned(),
        }),
    }
}

async fn options(
    args: &SweepArgs,
    workspace: &Workspace,
    regions: &BTreeSet<Region>,
    bundles: &Bundles,
    run: &RunId,
    now: Timestamp,
    context: &CommandContext<'_>,
) -> Result<SweepOptions, Error> {
    let SweepArgs { selector, criteria, action, evidence, out: _, review: _, apply: _, residue: _, output: _ } =
        args;
    let Criteria {
        unused_since,
        unused_for,
        min_age,
        purpose,
        exclude,
        event_streams_gone,
        no_stacks_in,
        terraform_state,
        pulumi_state,
    } = criteria;
    let SweepActionArgs { release: _, reap: _, after: _, delete: _, max_delete, allow_detach } = action;
    let unused_since = match (unused_since, unused_for) {
        (Some(since), _) => *since,
        (None, Some(days)) => before(now, *days)?,
        (None, None) => {
            #[expect(clippy::expect_used, reason = "a constant")]
            let ended = again::END_OF_SUPPORT.parse().expect("a timestamp");
            ended
        }
    };
    if unused_since > now {
        return Err(Error::Usage {
            message: format!("{unused_since} is in the future: no role would count as used"),
            hint: "give --unused-since a time in the past; the default is the end of Pinpoint's support"
                .to_owned(),
        });
    }
    let terraform = state_files::managed_roles(terraform_state, pulumi_state, workspace, context).await?;
    let settings = workspace.sweep.clone();
    let partitions = regions.iter().map(Region::partition).collect();
    Ok(SweepOptions {
        action: action.action(),
        now,
        run: run.to_string(),
        regions: if selector.regions.is_empty() {
            regions.clone()
        } else {
            selector.regions.iter().cloned().collect()
        },
        unused_since,
        min_age_days: *min_age,
        max_delete: *max_delete,
        all_purposes: *purpose == PurposeChoice::All,
        exclude: settings.exclude.into_iter().chain(exclude.iter().cloned()).collect(),
        no_pinpoint_in: settings.no_pinpoint_in,
        event_streams_gone: RegionPattern::all(event_streams_gone, &partitions)
            .into_iter()
            .filter(|place| place.region.has_pinpoint())
            .collect(),
        no_stacks_in: RegionPattern::all(no_stacks_in, &partitions),
        allow_detach: allow_detach.iter().map(|what| (*what).into()).collect::<BTreeSet<_>>(),
        terraform,
        sources: SourceChoice::sources(&evidence.sources),
        bundles: bundles.files.clone(),
    })
}

/// The midnight (UTC) before this many days before now. Sweeps of one day have the same.
fn before(now: Timestamp, days: u32) -> Result<Timestamp, Error> {
    let since = now.checked_sub(SignedDuration::from_hours(24 * i64::from(days)));
    let day = since.and_then(|since| since.to_zoned(TimeZone::UTC).start_of_day());
    day.map(|day| day.timestamp()).map_err(|_| Error::Usage {
        message: format!("--unused-for {days}d is too long"),
        hint: "use fewer days".to_owned(),
    })
}
