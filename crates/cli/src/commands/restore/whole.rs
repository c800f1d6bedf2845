//! The archives of runs, and the whole ones of roles: a run that completes the interrupted delete of another archives what the
//! other left.
use crate::ui::style::{WARNING, paint};
use crate::ui::text::count;
use crate::ui::{CommandContext, Error};
use crate::workspace::{Workspace, archives_at};
use jiff::Timestamp;
use pinpoint_streams_model::archive::{Archived, Object};
use pinpoint_streams_model::digest::Digest;
use pinpoint_streams_model::ids::{RoleId, RunId};
use pinpoint_streams_planner::{BegunDeletes, whole_archives};
use pinpoint_streams_store::journal::{self, JournalError, RunLog};
use pinpoint_streams_store::session::SessionError;
use pinpoint_streams_store::state::State;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

/// The archives that the run wrote.
pub(in crate::commands) async fn archives_of(
    log: &RunLog,
    workspace: &Workspace,
    state: Option<&State>,
    context: &CommandContext<'_>,
) -> Result<Vec<Archived>, Error> {
    let digests: BTreeSet<&Digest> = log.archived().map(|archived| &archived.digest).collect();
    let folders: BTreeSet<&str> =
        log.archived().filter_map(|archived| Some(archived.path.rsplit_once('/')?.0)).collect();
    let mut found = Vec::new();
    for folder in folders {
        let written = context.environment.folder.join(Path::new(folder));
        // The directory of the workspace may have been moved since.
        let here = written.file_name().map(|name| workspace.paths.archive.join(name)).filter(|here| here.exists());
        let folder = here.filter(|_| !written.exists()).unwrap_or(written);
        let (_, archives) = archives_at(&folder, workspace, state).await?;
        found.extend(archives.into_iter().filter(|archived| digests.contains(&archived.digest)));
    }
    Ok(found)
}

/// These archives, with each role as it was before the first of the runs that deleted it. Warns where that archive is gone.
pub(in crate::commands) async fn whole(
    archives: Vec<Archived>,
    workspace: &Workspace,
    state: Option<&State>,
    context: &CommandContext<'_>,
) -> Result<Vec<Archived>, Error> {
    let mut newest: BTreeMap<RoleId, Timestamp> = BTreeMap::new();
    for archived in &archives {
        if let Some(id) = role_id(archived) {
            let time = newest.entry(id.clone()).or_insert(archived.entry.time);
            *time = archived.entry.time.max(*time);
        }
    }
    let Some(state) = state.filter(|_| !newest.is_empty()) else { return Ok(archives) };
    let given: BTreeSet<Digest> = archives.iter().map(|archived| archived.digest.clone()).collect();
    let mut held: BTreeSet<(RunId, RoleId)> = archives.iter().filter_map(role_of_run).collect();
    let (mut all, mut digests) = (archives, given.clone());
    let mut begun = BegunDeletes::new();
    // The roles of which the archives since a delete that was begun are needed.
    let mut followed: BTreeSet<RoleId> = BTreeSet::new();
    let kept = journal::kept_runs(&workspace.paths.runs).map_err(JournalError::from);
    for kept in kept.map_err(SessionError::from)? {
        // One that cannot be read is as if it were gone.
        let Some(log) = kept.load().ok().flatten().filter(|log| is_known(log, state)) else { continue };
        let Some(about) = &log.header.about else { continue };
        let run = &log.header.run;
        let mut deleted = log.begun_deletes();
        deleted.retain(|id| newest.get(id).is_some_and(|time| *time > about.began_at));
        let deleted: Vec<(RunId, RoleId)> = deleted.into_iter().map(|id| (run.clone(), id)).collect();
        let elsewhere: Vec<_> = deleted.iter().filter(|deleted| !held.contains(*deleted)).cloned().collect();
        followed.extend(elsewhere.iter().map(|(_, id)| id.clone()));
        if !followed.is_empty() {
            for found in archives_of(&log, workspace, Some(state), context).await.unwrap_or_default() {
                let is_needed = role_id(&found).is_some_and(|id| {
                    followed.contains(id) && newest.get(id).is_some_and(|time| *time > found.entry.time)
                });
                if is_needed && digests.insert(found.digest.clone()) {
                    held.extend(role_of_run(&found));
                    all.push(found);
                }
            }
        }
        let lost = elsewhere.iter().filter(|deleted| !held.contains(*deleted)).count();
        if lost > 0 {
            let roles = count(lost, "role");
            let what = format!("the archive of {roles} in run {run}, which began to delete them, cannot be read");
            let text = format!("{what}: what it removed from them is not restored");
            context.printer.message(&format!("{} {text}\n", paint(WARNING, "warning:")));
        }
        begun.extend(deleted);
    }
    let mut whole = whole_archives(all, &begun);
    // An archive that was read to follow a delete, and that none of those given continues, is not meant.
    let is_given = |archived: &Archived| given.contains(&archived.digest);
    let as_given: BTreeSet<RoleId> =
        whole.iter().filter(|archived| is_given(archived)).filter_map(role_id).cloned().collect();
    whole.retain(|archived| is_given(archived) || role_id(archived).is_some_and(|id| !as_given.contains(id)));
    Ok(whole)
}

/// Whether the log is as its run wrote it.
fn is_known(log: &RunLog, state: &State) -> bool {
    state.run_logs.iter().any(|known| known.run == log.header.run && known.digest == log.link.digest())
}

fn role_id(archived: &Archived) -> Option<&RoleId> {
    match &archived.entry.object {
        Object::Role(role) => Some(&role.id),
        Object::EventStream(_) | Object::App(_) => None,
    }
}

fn role_of_run(archived: &Archived) -> Option<(RunId, RoleId)> {
    Some((archived.entry.run.clone(), role_id(archived)?.clone()))
}
