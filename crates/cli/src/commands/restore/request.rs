//! The request of a restore, from flags or a saved plan.
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

#[derive(Debug)]
pub(in crate::commands) struct RestoreRequest {
    workspace: Workspace,
    source: Source,
}

#[derive(Debug)]
enum Source {
    Flags(RestoreWhat),
    SavedPlan { options: RestoreOptions, access: Access, accounts: BTreeMap<AccountAlias, AccountId> },
}

impl RestoreRequest {
    /// From flags. Uses the manifest's workspace, unless profiles select other accounts.
    pub(in crate::commands) fn open(
        what: RestoreWhat,
        context: &CommandContext<'_>,
    ) -> Result<RestoreRequest, Error> {
        let workspace = Workspace::open_if_any(context)?;
        let elsewhere = !what.profile.is_empty();
        let workspace = if elsewhere { workspace.for_other_accounts(context)? } else { workspace };
        Ok(RestoreRequest { workspace, source: Source::Flags(what) })
    }

    pub(in crate::commands) fn from_saved_plan(
        workspace: Workspace,
        options: RestoreOptions,
        access: Access,
        accounts: BTreeMap<AccountAlias, AccountId>,
    ) -> RestoreRequest {
        RestoreRequest { workspace, source: Source::SavedPlan { options, access, accounts } }
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
        let path = match &self.source {
            Source::Flags(what) => context.environment.folder.join(&what.archive),
            Source::SavedPlan { access, .. } => {
                access.archive.as_deref().map_or(workspace.paths.archive.as_path(), Path::new).to_owned()
            }
        };
        let (place, archived) = archives_at(&path, workspace, start.state.as_ref()).await?;
        let (archives, unverified) = match &self.source {
            Source::Flags(what) => (archived, what.unverified),
            Source::SavedPlan { options, .. } => {
                (select_archives(archived, options, &place, context)?, options.unverified)
            }
        };
        let flags = match &self.source {
            Source::Flags(what) => AccountSelector { profile: what.profile.clone(), ..AccountSelector::default() },
            Source::SavedPlan { .. } => AccountSelector::default(),
        };
        let selection = match &self.source {
            _ if workspace.manifest.is_some() => Selection::Manifest,
            Source::Flags(_) => Selection::Flags(&flags),
            Source::SavedPlan { access, accounts, .. } => Selection::SavedPlan(access, accounts),
        };
        let accounts = connect(selection, workspace, run.cloned(), context).await?;
        let (desired, recorded) = (accounts.desired(workspace)?, start.recorded.clone());
        let inquiry = Restore { archives, desired, recorded, unverified };
        let access = Access { archive: Some(place), ..accounts.access };
        Ok(Prepared { inquiry, cloud: accounts.cloud, access, accounts: accounts.all })
    }
}

/// The archives that a saved plan was made from. Fails if one is missing.
fn select_archives(
    mut archived: Vec<Archived>,
    options: &RestoreOptions,
    place: &str,
    context: &CommandContext<'_>,
) -> Result<Vec<Archived>, Error> {
    let RestoreOptions { archives, unverified: _ } = options;
    archived.retain(|archived| archives.contains(&archived.digest));
    let found: BTreeSet<&Digest> = archived.iter().map(|archived| &archived.digest).collect();
    if let Some(missing) = archives.iter().find(|digest| !found.contains(digest)) {
        return Err(Error::NotFound {
            message: format!(
                "no archive at {} has digest {missing}",
                context.environment.display_path(Path::new(place))
            ),
            hint: "nothing was done; plan again with `pinpoint-streams restore ARCHIVE`".to_owned(),
        });
    }
    Ok(archived)
}
