//! What a restore asks: of the archives that the flags name, or that a saved plan was made from.
use super::RestoreWhat;
use crate::accounts::{AccountSelector, Selection, connect};
use crate::commands::change::{Expected, Prepared, Request};
use crate::plan_file::Access;
use crate::ui::CommandContext;
use crate::ui::error::Error;
use crate::workspace::{Workspace, archives_at};
use pinpoint_streams_model::archive::Archived;
use pinpoint_streams_model::digest::Digest;
use pinpoint_streams_model::ids::{AccountAlias, AccountId, RunId};
use pinpoint_streams_model::plan::{Mode, RestoreOptions};
use pinpoint_streams_planner::Restore;
use pinpoint_streams_store::Loaded;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

/// A restore of some archives.
#[derive(Debug)]
pub(in crate::commands) struct RestoreRequest {
    workspace: Workspace,
    asked: Asked,
}

#[derive(Debug)]
enum Asked {
    Now(RestoreWhat),
    Saved { options: RestoreOptions, access: Access, accounts: BTreeMap<AccountAlias, AccountId> },
}

impl RestoreRequest {
    /// What the flags ask, in the manifest's workspace unless the accounts are not its own.
    pub(in crate::commands) fn open(
        what: RestoreWhat,
        context: &CommandContext<'_>,
    ) -> Result<RestoreRequest, Error> {
        let workspace = Workspace::open_if_any(context)?;
        let elsewhere = !what.profile.is_empty();
        let workspace = if elsewhere { workspace.for_other_accounts(context)? } else { workspace };
        Ok(RestoreRequest { workspace, asked: Asked::Now(what) })
    }

    /// What a saved plan asked.
    pub(in crate::commands) fn again(
        workspace: Workspace,
        options: RestoreOptions,
        access: Access,
        accounts: BTreeMap<AccountAlias, AccountId>,
    ) -> RestoreRequest {
        RestoreRequest { workspace, asked: Asked::Saved { options, access, accounts } }
    }
}

impl Request for RestoreRequest {
    type Inquiry = Restore;

    fn mode(&self) -> Mode {
        Mode::Restore
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
    ) -> Result<Prepared<Restore>, Error> {
        let workspace = &self.workspace;
        expected.check_record(&start.recorded)?;
        let path = match &self.asked {
            Asked::Now(what) => context.environment.folder.join(&what.archive),
            Asked::Saved { access, .. } => {
                access.archive.as_deref().map_or(workspace.places.archive.as_path(), Path::new).to_owned()
            }
        };
        let (place, archived) = archives_at(&path, workspace, start.state.as_ref()).await?;
        let (archives, unverified) = match &self.asked {
            Asked::Now(what) => (archived, what.unverified),
            Asked::Saved { options, .. } => (found_again(archived, options, &place, context)?, options.unverified),
        };
        let flags = match &self.asked {
            Asked::Now(what) => AccountSelector { profile: what.profile.clone(), ..AccountSelector::default() },
            Asked::Saved { .. } => AccountSelector::default(),
        };
        let selection = match &self.asked {
            _ if workspace.manifest.is_some() => Selection::Manifest,
            Asked::Now(_) => Selection::Flags(&flags),
            Asked::Saved { access, accounts, .. } => Selection::SavedPlan(access, accounts),
        };
        let accounts = connect(selection, workspace, run.cloned(), context).await?;
        let (desired, recorded) = (accounts.desired(workspace)?, start.recorded.clone());
        let inquiry = Restore { archives, desired, recorded, unverified };
        let access = Access { archive: Some(place), ..accounts.access };
        Ok(Prepared { inquiry, cloud: accounts.cloud, access, accounts: accounts.all })
    }
}

/// The archives that a saved plan was made from, all of them.
fn found_again(
    mut archived: Vec<Archived>,
    options: &RestoreOptions,
    place: &str,
    context: &CommandContext<'_>,
) -> Result<Vec<Archived>, Error> {
    let RestoreOptions { archives, unverified: _ } = options;
    archived.retain(|archived| archives.contains(&archived.digest));
    let found: BTreeSet<&Digest> = archived.iter().map(|archived| &archived.digest).collect();
    if let Some(missing) = archives.iter().find(|digest| !found.contains(digest)) {
        return Err(Error::NotThere {
            what: format!(
                "no archive at {} has digest {missing} any more",
                context.environment.shown(Path::new(place))
            ),
            hint: "nothing was done; plan anew with `pinpoint-streams restore ARCHIVE`".to_owned(),
        });
    }
    Ok(archived)
}
