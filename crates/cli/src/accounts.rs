//! Connects to the accounts of a manifest, of flags or of a saved plan: credentials, profiles, organizations, sandbox.
mod credentials;
#[cfg(feature = "sandbox")]
pub(crate) mod sandbox;
mod selector;

pub(crate) use selector::{AccountSelector, region_with_pinpoint};

use crate::plan_file;
use crate::settings::Settings;
use crate::ui::style::{QUIET, paint};
use crate::ui::{CommandContext, Error, problems};
use crate::workspace::Workspace;
use credentials::CredentialSources;
use jiff::{SignedDuration, Timestamp};
use pinpoint_streams_aws::{AccountCredentials, Aws, ConnectError, ConnectOptions, ServiceTime};
use pinpoint_streams_executor::Paced;
use pinpoint_streams_executor::clock::Clock;
use pinpoint_streams_model::desired::Desired;
use pinpoint_streams_model::ids::{AccountAlias, AccountId, RunId};
use pinpoint_streams_model::manifest::AccountSpec;
use pinpoint_streams_model::plan::Access;
use pinpoint_streams_model::region::{PINPOINT_REGIONS, Partition, Region};
use pinpoint_streams_model::sweep::SweptAccount;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

const END_OF_SUPPORT: &str = "Amazon Pinpoint's support ended on 30 October 2026; \
    `[notices] end_of_support = false` hides this";

/// Which accounts to connect to.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Selection<'a> {
    /// All accounts of the manifest. Warns about unreachable ones.
    Manifest,
    /// The selected accounts [default: the manifest's, else the caller's]. Lists unreachable ones.
    Flags(&'a AccountSelector),
    /// The accounts of a saved plan. All must be reachable.
    SavedPlan(&'a Access, &'a BTreeMap<AccountAlias, AccountId>),
}

/// The connected accounts, and all selected ones.
#[derive(Debug)]
pub(crate) struct Accounts {
    pub(crate) cloud: Paced<Aws>,
    /// Reachable accounts, without duplicates.
    pub(crate) reachable: BTreeMap<AccountAlias, AccountId>,
    /// All selected accounts, including unreachable ones.
    pub(crate) all: Vec<SweptAccount>,
    /// The reachable accounts, in the form of a manifest.
    pub(crate) declared: BTreeMap<AccountAlias, AccountSpec>,
    /// The Pinpoint regions of their partitions.
    pub(crate) regions: BTreeSet<Region>,
    /// How a saved plan connects to them.
    pub(crate) access: Access,
    /// All accounts with a known ID, reachable or not.
    identified: BTreeMap<AccountAlias, AccountId>,
    /// `None` in the sandbox, which has no clock of its own.
    time: Option<ServiceTime>,
}

/// How much this machine's clock may differ from AWS's where ages are measured.
const MAX_CLOCK_SKEW: SignedDuration = SignedDuration::from_mins(5);

/// A `Date` has whole seconds, and takes a moment to arrive.
const DATE_PRECISION: SignedDuration = SignedDuration::from_secs(2);

impl Accounts {
    /// The time by AWS's clock, for the ages of roles, uses and quarantines. Fails if that is not known, or if this
    /// machine's clock differs by more than five minutes: what it recorded, and will record, would be of another age.
    pub(crate) fn now(&self, clock: impl Clock) -> Result<Timestamp, Error> {
        let here = clock.now();
        let Some(time) = self.time.as_ref().filter(|_| !self.reachable.is_empty()) else { return Ok(here) };
        let now = time.shown().ok_or(Error::NoServiceTime)?;
        match here.duration_since(now).abs() {
            skew if skew > MAX_CLOCK_SKEW => Err(Error::ClockSkew { here, now }),
            skew if skew > DATE_PRECISION => Ok(now),
            _ => Ok(here),
        }
    }

    /// The desired state in these accounts; empty without a manifest.
    pub(crate) fn desired(&self, workspace: &Workspace) -> Result<Arc<Desired>, Error> {
        match &workspace.manifest {
            Some(manifest) => Ok(manifest.resolve(&self.identified)?),
            None => Ok(Arc::new(Desired::nothing(workspace.name.clone(), self.reachable.clone()))),
        }
    }
}

/// Connects to the selected accounts concurrently, with one GetCallerIdentity call for each.
pub(crate) async fn connect(
    selection: Selection<'_>,
    workspace: &Workspace,
    run: Option<RunId>,
    context: &CommandContext<'_>,
) -> Result<Accounts, Error> {
    let options = ConnectOptions::new(workspace.name.clone(), run);
    let options =
        if context.settings.sandbox { sandbox::options(options, workspace, context.clock())? } else { options };
    if !context.settings.sandbox && workspace.notices.end_of_support {
        context.printer.note(&format!("{} {END_OF_SUPPORT}\n", paint(QUIET, "note:")));
    }
    let (sources, aws) = {
        let _spinner = context.spinner("connecting");
        let sources = credentials::find(selection, workspace, &options, context.settings).await?;
        let aws = Aws::connect(&sources.credentials, options).await?;
        (sources, aws)
    };
    match selection {
        Selection::Manifest => {
            if let Some(error) = aws.unidentified().first() {
                return Err(error.clone().into());
            }
            for failure in aws.failures() {
                let what = Error::from(failure.clone()).to_string();
                context.printer.note(&problems::warning(&what, &failure.hint()));
            }
            Ok(accounts(sources, aws, context.settings))
        }
        Selection::Flags(_) => Ok(accounts(sources, aws, context.settings)),
        Selection::SavedPlan(..) => require_all_reachable(accounts(sources, aws, context.settings)),
    }
}

fn accounts(sources: CredentialSources, aws: Aws, settings: &Settings) -> Accounts {
    let CredentialSources { credentials, unreachable, from_manifest } = sources;
    let mut reachable: BTreeMap<AccountAlias, AccountId> = BTreeMap::new();
    let mut all = unreachable;
    for error in aws.unidentified() {
        all.push(SweptAccount { alias: error.alias.clone(), id: None, unreachable: Some(connect_failure(error)) });
    }
    for (alias, id, caller) in aws.callers() {
        if reachable.values().any(|known| known == id) {
            continue;
        }
        let unreachable = match caller {
            Ok(caller) if caller == id => None,
            Ok(caller) => Some(format!("the credentials are for account {caller}")),
            Err(error) => Some(connect_failure(error)),
        };
        if unreachable.is_none() {
            reachable.insert(alias.clone(), id.clone());
        }
        all.push(SweptAccount { alias: alias.clone(), id: Some(id.clone()), unreachable });
    }
    all.sort_by(|a, b| a.alias.cmp(&b.alias));
    let partitions: BTreeSet<Partition> = credentials.values().map(|account| account.partition).collect();
    let regions = PINPOINT_REGIONS.iter().filter_map(|region| region.parse().ok());
    let sources = credentials.iter().map(|(alias, account)| (alias.clone(), plan_file::source_of(account)));
    Accounts {
        declared: reachable
            .iter()
            .filter_map(|(alias, id)| Some((alias.clone(), spec(credentials.get(alias)?, id))))
            .collect(),
        regions: regions.filter(|region: &Region| partitions.contains(&region.partition())).collect(),
        access: Access {
            manifest: from_manifest,
            accounts: (!from_manifest).then(|| sources.collect()),
            archive: None,
        },
        identified: aws.accounts().clone(),
        time: (!settings.sandbox).then(|| aws.time().clone()),
        cloud: Paced::at_most(aws, settings.parallelism),
        reachable,
        all,
    }
}

fn connect_failure(failure: &ConnectError) -> String {
    format!("{}; {}", Error::from(failure.clone()), failure.hint())
}

fn spec(credentials: &AccountCredentials, id: &AccountId) -> AccountSpec {
    let AccountCredentials { id: _, partition: _, profile, assume_role, external_id, session_name } =
        credentials.clone();
    AccountSpec { id: Some(id.clone()), profile, assume_role, external_id, session_name }
}

fn require_all_reachable(accounts: Accounts) -> Result<Accounts, Error> {
    match accounts.all.iter().find_map(|account| Some((account, account.unreachable.as_ref()?))) {
        None => Ok(accounts),
        Some((account, why)) => Err(Error::NotFound {
            message: format!("cannot connect to account `{}` of the plan: {why}", account.alias),
            hint: "use the credentials that the plan was made with".to_owned(),
        }),
    }
}

/// Rejects `--sandbox` in builds without the feature.
#[cfg(not(feature = "sandbox"))]
mod sandbox {
    use super::*;

    fn no_sandbox() -> Error {
        Error::Usage {
            message: "--sandbox: this build has no sandbox".to_owned(),
            hint: "build with `--features sandbox`".to_owned(),
        }
    }

    pub(super) fn options(
        _: ConnectOptions,
        _: &Workspace,
        _: crate::ui::CommandClock,
    ) -> Result<ConnectOptions, Error> {
        Err(no_sandbox())
    }

    pub(super) fn accounts(_: &Workspace) -> Result<BTreeMap<AccountAlias, AccountCredentials>, Error> {
        Err(no_sandbox())
    }
}
