//! From archives to a plan that puts them back.
use crate::accounts::{AccountSelector, Accounts, Selection, connect};
use crate::commands::restore::RestoreWhat;
use crate::plan_file::Access;
use crate::ui::CommandContext;
use crate::ui::error::Error;
use crate::workspace::{Workspace, archives_at};
use pinpoint_streams_aws::Aws;
use pinpoint_streams_executor::{Loaded, Paced};
use pinpoint_streams_model::archive::Archived;
use pinpoint_streams_model::desired::Desired;
use pinpoint_streams_model::digest::Digest;
use pinpoint_streams_model::ids::{AccountAlias, AccountId, RunId};
use pinpoint_streams_model::plan::RestoreOptions;
use pinpoint_streams_planner::{PlanResult, Restore};
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

/// Archives to be put back, and the accounts they go to.
#[derive(Debug)]
pub(crate) struct Restoring {
    /// Where it is written.
    pub(crate) cloud: Paced<Aws>,
    /// How a saved plan finds accounts and archives again.
    pub(crate) access: Access,
    desired: Desired,
    archived: Vec<Archived>,
    unverified: bool,
}

/// The manifest's workspace, unless the accounts are not its own.
pub(crate) fn workspace_of(what: &RestoreWhat, context: &CommandContext<'_>) -> Result<Workspace, Error> {
    let workspace = Workspace::open_if_any(context)?;
    if what.profile.is_empty() { Ok(workspace) } else { workspace.for_other_accounts(context) }
}

/// Reads the archives that the flags name, and connects.
pub(crate) async fn begin(
    what: &RestoreWhat,
    workspace: &Workspace,
    start: &Loaded,
    run: Option<RunId>,
    context: &CommandContext<'_>,
) -> Result<Restoring, Error> {
    let RestoreWhat { archive, unverified, profile } = what;
    let path = context.environment.folder.join(archive);
    let (place, archived) = archives_at(&path, workspace, start.state.as_ref()).await?;
    let unverified = *unverified;
    let place = Some(place);
    let flags = AccountSelector { profile: profile.clone(), ..AccountSelector::default() };
    let selection = if workspace.manifest.is_some() { Selection::Manifest } else { Selection::Flags(&flags) };
    let accounts = connect(selection, workspace, run, context).await?;
    let desired = accounts.desired(workspace)?;
    let Accounts { cloud, access, .. } = accounts;
    Ok(Restoring { cloud, access: Access { archive: place, ..access }, desired, archived, unverified })
}

/// Finds again what a saved plan was made from.
pub(crate) async fn begin_again(
    (access, accounts): (&Access, &BTreeMap<AccountAlias, AccountId>),
    options: &RestoreOptions,
    workspace: &Workspace,
    start: &Loaded,
    run: Option<RunId>,
    context: &CommandContext<'_>,
) -> Result<Restoring, Error> {
    let RestoreOptions { archives, unverified } = options;
    let path = access.archive.as_deref().map_or(workspace.places.archive.as_path(), Path::new);
    let (place, mut archived) = archives_at(path, workspace, start.state.as_ref()).await?;
    archived.retain(|archived| archives.contains(&archived.digest));
    let found: BTreeSet<&Digest> = archived.iter().map(|archived| &archived.digest).collect();
    if let Some(missing) = archives.iter().find(|digest| !found.contains(digest)) {
        return Err(Error::NotThere {
            what: format!(
                "no archive at {} has digest {missing} any more",
                context.environment.shown(Path::new(&place))
            ),
            hint: "nothing was done; plan anew with `pinpoint-streams restore ARCHIVE`".to_owned(),
        });
    }
    let saved = Selection::SavedPlan(access, accounts);
    let selection = if workspace.manifest.is_some() { Selection::Manifest } else { saved };
    let accounts = connect(selection, workspace, run, context).await?;
    let (desired, cloud) = (accounts.desired(workspace)?, accounts.cloud);
    Ok(Restoring { cloud, access: access.clone(), desired, archived, unverified: *unverified })
}

impl Restoring {
    /// Plans. Only reads.
    pub(crate) async fn plan(&self, start: &Loaded, context: &CommandContext<'_>) -> PlanResult {
        let Restoring { cloud, access: _, desired, archived, unverified } = self;
        let restore = Restore {
            archives: archived.clone(),
            desired: desired.clone(),
            recorded: start.recorded.clone(),
            unverified: *unverified,
        };
        context.ask(&restore, cloud).await
    }
}
