//! From archives to a plan that puts them back.
use crate::accounts::{AccountSelector, Reached, reach, reach_again};
use crate::accounts::{Connection, connect};
use crate::commands::restore::RestoreWhat;
use crate::plan_file::Access;
use crate::planning::Planned;
use crate::ui::CommandContext;
use crate::ui::error::Error;
use crate::workspace::{Ground, archives_at};
use pinpoint_streams_aws::Aws;
use pinpoint_streams_executor::cloud::ReadCloud;
use pinpoint_streams_executor::{Loaded, Paced, SurveyOptions, survey};
use pinpoint_streams_model::archive::Archived;
use pinpoint_streams_model::desired::Desired;
use pinpoint_streams_model::digest::Digest;
use pinpoint_streams_model::ids::{AccountAlias, AccountId, RunId};
use pinpoint_streams_model::plan::{Options, RestoreOptions};
use pinpoint_streams_planner::{restore_plan, restore_wants, settle};
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
pub(crate) fn ground(what: &RestoreWhat, context: &CommandContext<'_>) -> Result<Ground, Error> {
    let ground = Ground::of(context)?;
    if what.profile.is_empty() { Ok(ground) } else { ground.elsewhere(context) }
}

/// Reads the archives that the flags name, and connects.
pub(crate) async fn begin(
    what: &RestoreWhat,
    ground: &Ground,
    start: &Loaded,
    run: Option<RunId>,
    context: &CommandContext<'_>,
) -> Result<Restoring, Error> {
    let RestoreWhat { archive, unverified, profile } = what;
    let path = context.environment.folder.join(archive);
    let (place, archived) = archives_at(&path, &ground.home, start.state.as_ref()).await?;
    let unverified = *unverified;
    let place = Some(place);
    match &ground.project {
        Some(project) => {
            let Connection { cloud, desired } = connect(project, run, context).await?;
            let access = Access { manifest: true, accounts: None, archive: place };
            Ok(Restoring { cloud, access, desired, archived, unverified })
        }
        None => {
            let flags = AccountSelector { profile: profile.clone(), ..AccountSelector::default() };
            let Reached { cloud, accounts, access, .. } = reach(&flags, ground, run, context).await?;
            let desired = Desired::nothing(ground.home.workspace.clone(), accounts);
            Ok(Restoring { cloud, access: Access { archive: place, ..access }, desired, archived, unverified })
        }
    }
}

/// Finds again what a saved plan was made from.
pub(crate) async fn begin_again(
    (access, accounts): (&Access, &BTreeMap<AccountAlias, AccountId>),
    options: &RestoreOptions,
    ground: &Ground,
    start: &Loaded,
    run: Option<RunId>,
    context: &CommandContext<'_>,
) -> Result<Restoring, Error> {
    let RestoreOptions { archives, unverified } = options;
    let path = access.archive.as_deref().map_or(ground.home.places.archive.as_path(), Path::new);
    let (place, mut archived) = archives_at(path, &ground.home, start.state.as_ref()).await?;
    archived.retain(|archived| archives.contains(&archived.digest));
    let found: BTreeSet<&Digest> = archived.iter().map(|archived| &archived.digest).collect();
    if let Some(missing) = archives.iter().find(|digest| !found.contains(digest)) {
        return Err(Error::NotThere {
            what: format!("no archive at {place} has digest {missing} any more"),
            hint: "nothing was done; plan anew with `pinpoint-streams restore ARCHIVE`".to_owned(),
        });
    }
    let (cloud, desired) = match &ground.project {
        Some(project) => {
            let Connection { cloud, desired } = connect(project, run, context).await?;
            (cloud, desired)
        }
        None => {
            let Reached { cloud, accounts, .. } = reach_again(access, accounts, ground, run, context).await?;
            (cloud, Desired::nothing(ground.home.workspace.clone(), accounts))
        }
    };
    Ok(Restoring { cloud, access: access.clone(), desired, archived, unverified: *unverified })
}

impl Restoring {
    /// Plans. Only reads.
    pub(crate) async fn plan(&self, mut start: Loaded, context: &CommandContext<'_>) -> Result<Planned, Error> {
        let Restoring { cloud, access: _, desired, archived, unverified } = self;
        let restore = Some(RestoreOptions { archives: BTreeSet::new(), unverified: *unverified });
        let options = Options { restore, ..Options::default() };
        let read = read(cloud, desired, archived, &start, context).await;
        start.recorded = settle(&start.recorded, &read).recorded;
        let plan = restore_plan(archived, desired, &start.recorded, &read, &options).map_err(Error::Problems)?;
        Ok(Planned { plan, start })
    }
}

async fn read(
    cloud: &impl ReadCloud,
    desired: &Desired,
    archived: &[Archived],
    start: &Loaded,
    context: &CommandContext<'_>,
) -> pinpoint_streams_model::live::Live {
    let _busy = context.busy("reading");
    let wants = |live: &_| restore_wants(archived, desired, &start.recorded, live);
    let read = survey(cloud, wants, SurveyOptions { parallelism: context.settings.parallelism }).await;
    context.hints(&read.hints);
    read.live
}
