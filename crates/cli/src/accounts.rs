//! From flags, a manifest or a saved plan to accounts that answer: credentials, profiles, organizations and the sandbox.
mod credentials;
#[cfg(feature = "sandbox")]
pub(crate) mod sandbox;
mod selector;

pub(crate) use selector::AccountSelector;

use crate::plan_file::{Access, CredentialSource};
use crate::ui::CommandContext;
use crate::ui::error::Error;
use crate::ui::escape::escape;
use crate::ui::style::{HELP, QUIET, WARNING, paint};
use crate::workspace::Workspace;
use credentials::CredentialSources;
use pinpoint_streams_aws::{AccountCredentials, Aws, ConnectError, ConnectOptions};
use pinpoint_streams_executor::Paced;
use pinpoint_streams_model::desired::Desired;
use pinpoint_streams_model::ids::{AccountAlias, AccountId, RunId};
use pinpoint_streams_model::manifest::AccountSpec;
use pinpoint_streams_model::region::{PINPOINT_REGIONS, Partition, Region};
use pinpoint_streams_model::sweep::SweptAccount;
use std::collections::{BTreeMap, BTreeSet};

const END_OF_SUPPORT: &str = "Amazon Pinpoint's support ended on 30 October 2026; \
    `[notices] end_of_support = false` hides this";

/// Which accounts are meant.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Selection<'a> {
    /// All that the manifest declares. One that cannot be called is warned of.
    Manifest,
    /// Those of the flags; by default the manifest's, without one the caller's. One that cannot be called is listed.
    Flags(&'a AccountSelector),
    /// Those of a saved plan, all of which must answer.
    SavedPlan(&'a Access, &'a BTreeMap<AccountAlias, AccountId>),
}

/// Accounts that answer, and all that were meant.
#[derive(Debug)]
pub(crate) struct Accounts {
    /// The accounts, called at the pace that AWS allows.
    pub(crate) cloud: Paced<Aws>,
    /// Those that can be called, each once.
    pub(crate) answering: BTreeMap<AccountAlias, AccountId>,
    /// All of them, those that cannot be called with why.
    pub(crate) all: Vec<SweptAccount>,
    /// Those that can be called, as a manifest declares them.
    pub(crate) declared: BTreeMap<AccountAlias, AccountSpec>,
    /// The regions with Pinpoint of their partitions.
    pub(crate) regions: BTreeSet<Region>,
    /// How a saved plan finds them again.
    pub(crate) access: Access,
    /// Every account whose id is known, whether it can be called or not.
    identified: BTreeMap<AccountAlias, AccountId>,
}

impl Accounts {
    /// What the manifest asks for in these accounts; without a manifest, nothing.
    pub(crate) fn desired(&self, workspace: &Workspace) -> Result<Desired, Error> {
        match &workspace.manifest {
            Some(manifest) => Ok(manifest.resolve(&self.identified)?),
            None => Ok(Desired::nothing(workspace.name.clone(), self.answering.clone())),
        }
    }
}

/// Finds credentials for the selected accounts and asks, once each and all at once, whose they are.
pub(crate) async fn connect(
    selection: Selection<'_>,
    workspace: &Workspace,
    run: Option<RunId>,
    context: &CommandContext<'_>,
) -> Result<Accounts, Error> {
    let options = ConnectOptions::new(workspace.name.clone(), run);
    let options = if context.settings.sandbox { sandbox::options(options, workspace)? } else { options };
    if !context.settings.sandbox && workspace.notices.end_of_support {
        context.printer.aside(&format!("{} {END_OF_SUPPORT}\n", paint(QUIET, "note:")));
    }
    let (sources, aws) = {
        let _busy = context.busy("connecting");
        let sources = credentials::find(selection, workspace, &options, context.settings).await?;
        let aws = Aws::connect(&sources.open, options).await?;
        (sources, aws)
    };
    match selection {
        Selection::Manifest => {
            if let Some(error) = aws.unidentified().first() {
                return Err(error.clone().into());
            }
            aws.failures().for_each(|failure| warn(failure, context));
            Ok(accounts(sources, aws))
        }
        Selection::Flags(_) => Ok(accounts(sources, aws)),
        Selection::SavedPlan(..) => all_answer(accounts(sources, aws)),
    }
}

fn warn(failure: &ConnectError, context: &CommandContext<'_>) {
    let (what, hint) = (Error::from(failure.clone()).to_string(), failure.hint());
    context.printer.aside(&format!("{} {}\n", paint(WARNING, "warning:"), escape(&what)));
    context.printer.aside(&format!("{} {}\n", paint(HELP, "help:"), escape(&hint)));
}

fn accounts(sources: CredentialSources, aws: Aws) -> Accounts {
    let CredentialSources { open, closed, from_manifest } = sources;
    let mut answering: BTreeMap<AccountAlias, AccountId> = BTreeMap::new();
    let mut all = closed;
    for error in aws.unidentified() {
        all.push(SweptAccount { alias: error.alias.clone(), id: None, unreachable: Some(why(error)) });
    }
    for (alias, id, caller) in aws.callers() {
        if answering.values().any(|known| known == id) {
            continue;
        }
        let unreachable = match caller {
            Ok(caller) if caller == id => None,
            Ok(caller) => Some(format!("the credentials lead to account {caller}")),
            Err(error) => Some(why(error)),
        };
        if unreachable.is_none() {
            answering.insert(alias.clone(), id.clone());
        }
        all.push(SweptAccount { alias: alias.clone(), id: Some(id.clone()), unreachable });
    }
    all.sort_by(|a, b| a.alias.cmp(&b.alias));
    let partitions: BTreeSet<Partition> = open.values().map(|credentials| credentials.partition).collect();
    let regions = PINPOINT_REGIONS.iter().filter_map(|region| region.parse().ok());
    let sources = open.iter().map(|(alias, credentials)| (alias.clone(), CredentialSource::from(credentials)));
    Accounts {
        declared: answering
            .iter()
            .filter_map(|(alias, id)| Some((alias.clone(), spec(open.get(alias)?, id))))
            .collect(),
        regions: regions.filter(|region: &Region| partitions.contains(&region.partition())).collect(),
        access: Access {
            manifest: from_manifest,
            accounts: (!from_manifest).then(|| sources.collect()),
            archive: None,
        },
        identified: aws.accounts().clone(),
        cloud: Paced::new(aws),
        answering,
        all,
    }
}

fn why(failure: &ConnectError) -> String {
    format!("{}; {}", Error::from(failure.clone()), failure.hint())
}

fn spec(credentials: &AccountCredentials, id: &AccountId) -> AccountSpec {
    let AccountCredentials { id: _, partition: _, profile, assume_role, external_id, session_name } =
        credentials.clone();
    AccountSpec { id: Some(id.clone()), profile, assume_role, external_id, session_name }
}

fn all_answer(accounts: Accounts) -> Result<Accounts, Error> {
    match accounts.all.iter().find_map(|account| Some((account, account.unreachable.as_ref()?))) {
        None => Ok(accounts),
        Some((account, why)) => Err(Error::NotThere {
            what: format!("account `{}` of the plan cannot be called: {why}", account.alias),
            hint: "use the credentials that the plan was made with".to_owned(),
        }),
    }
}

/// What `--sandbox` is answered with by a build that has none.
#[cfg(not(feature = "sandbox"))]
mod sandbox {
    use super::*;

    fn no_sandbox() -> Error {
        Error::Usage {
            message: "--sandbox: this build has no sandbox".to_owned(),
            hint: "build with `--features sandbox`".to_owned(),
        }
    }

    pub(super) fn options(_: ConnectOptions, _: &Workspace) -> Result<ConnectOptions, Error> {
        Err(no_sandbox())
    }

    pub(super) fn accounts(_: &Workspace) -> Result<BTreeMap<AccountAlias, AccountCredentials>, Error> {
        Err(no_sandbox())
    }
}
