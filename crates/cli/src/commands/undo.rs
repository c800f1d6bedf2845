//! `undo`: plans to reverse the last apply, or another run, shows the plan, prompts, and applies it.
use super::change::{self, ApplyArgs, Expected, Prepared, Request};
use super::restore::{SHOW_ROLES, look_after_restore, profile_flags};
use crate::accounts::{AccountSelector, Selection, connect};
use crate::ui::{CommandContext, Error, Exit};
use crate::workspace::{Workspace, archives_at};
use clap::Args;
use pinpoint_streams_model::archive::Archived;
use pinpoint_streams_model::digest::Digest;
use pinpoint_streams_model::ids::RunId;
use pinpoint_streams_model::plan::{Access, Mode};
use pinpoint_streams_planner::{DoneOp, PastRun, Undo};
use pinpoint_streams_store::Loaded;
use pinpoint_streams_store::archive::quoted;
use pinpoint_streams_store::journal::{self, EndResult, JournalError, RunLog, Write};
use pinpoint_streams_store::session::SessionError;
use pinpoint_streams_store::state::State;
use std::cell::OnceCell;
use std::collections::BTreeSet;
use std::path::Path;

/// `undo`
#[derive(Debug, Args)]
pub(crate) struct UndoArgs {
    /// The ID of the run to reverse, as shown by `report` [default: the last run].
    #[arg(value_name = "RUN")]
    pub run: Option<String>,
    /// Also delete the apps that the run created, with all their data.
    #[arg(long)]
    pub delete_apps: bool,
    /// An AWS profile; repeatable [default: the accounts of the manifest, or the caller's].
    #[arg(long, value_name = "PROFILE")]
    pub profile: Vec<String>,
    #[command(flatten)]
    pub apply_args: ApplyArgs,
}

pub(super) async fn run(args: UndoArgs, context: &CommandContext<'_>) -> Result<Exit, Error> {
    let UndoArgs { run, delete_apps, profile, apply_args } = args;
    let request = match UndoRequest::open(run, delete_apps, profile, context) {
        Ok(request) => request.check(context).await.map(|()| request),
        Err(error) => Err(error),
    };
    let expected = Expected::fresh(&apply_args);
    change::run(request.map(|request| (request, expected)), &apply_args, context).await
}

#[derive(Debug)]
struct UndoRequest {
    workspace: Workspace,
    run: Option<String>,
    delete_apps: bool,
    profile: Vec<String>,
    /// The run to undo, once its log has been read. Meanwhile it may no longer be the last one.
    meant: OnceCell<RunId>,
}

impl UndoRequest {
    /// Uses the manifest's workspace, unless profiles select other accounts.
    fn open(
        run: Option<String>,
        delete_apps: bool,
        profile: Vec<String>,
        context: &CommandContext<'_>,
    ) -> Result<UndoRequest, Error> {
        let workspace = Workspace::open_if_any(context)?;
        let workspace = if profile.is_empty() { workspace } else { workspace.for_other_accounts(context)? };
        Ok(UndoRequest { workspace, run, delete_apps, profile, meant: OnceCell::new() })
    }

    /// Whether there is a run to undo, before its undo must be approved. Of a run that was interrupted, the lock is needed
    /// to tell.
    async fn check(&self, context: &CommandContext<'_>) -> Result<(), Error> {
        let loaded = self.workspace.load().await?;
        if loaded.resumed.is_none() {
            self.log(loaded.state.as_ref(), context)?;
        }
        Ok(())
    }

    /// The log of the run. The state must know its digest: a log that was edited would undo what it says.
    fn log(&self, state: Option<&State>, context: &CommandContext<'_>) -> Result<RunLog, Error> {
        let not_found = |message: String| Error::NotFound {
            message,
            hint: format!("`{}` lists the runs of this directory", context.settings.command("report")),
        };
        let last = state.and_then(|state| state.last_run.as_ref()).map(RunId::as_str);
        let wanted =
            self.run.as_deref().or(last).ok_or_else(|| not_found("there is no run to undo".to_owned()))?;
        let kept = journal::kept_runs(&self.workspace.paths.runs).map_err(JournalError::from);
        let kept = kept.map_err(SessionError::from)?;
        let mut found =
            kept.iter().filter(|kept| kept.run.as_ref().is_some_and(|run| run.as_str().starts_with(wanted)));
        let (one, another) = (found.next(), found.next());
        let Some(kept) = one.filter(|_| another.is_none()) else {
            let message = match one {
                None => format!("the log of run {wanted} is not kept here"),
                Some(_) => format!("several runs match `{wanted}`"),
            };
            return Err(not_found(message));
        };
        let log = kept.load().map_err(SessionError::from)?;
        let log = log.ok_or_else(|| not_found(format!("the log of run {wanted} is not kept here")))?;
        let known = state.and_then(|state| state.run_logs.iter().find(|known| known.run == log.header.run));
        match known {
            Some(known) if known.digest == log.link.digest() => Ok(log),
            Some(_) => Err(Error::EditedRunLogs(vec![log.header.run])),
            None => Err(not_found(format!("the state does not know run {}", log.header.run))),
        }
    }
}

impl Request for UndoRequest {
    type Inquiry = Undo;

    fn mode(&self) -> Mode {
        Mode::Restore
    }

    fn workspace(&self) -> &Workspace {
        &self.workspace
    }

    fn again(&self) -> String {
        let mut command = "undo".to_owned();
        if let Some(run) = self.meant.get().map(RunId::as_str).or(self.run.as_deref()) {
            command.push_str(&format!(" {}", quoted(run)));
        }
        if self.delete_apps {
            command.push_str(" --delete-apps");
        }
        command.push_str(&profile_flags(&self.profile));
        command
    }

    fn look(&self) -> String {
        look_after_restore(&self.workspace, &self.profile)
    }

    fn purpose(&self) -> &'static str {
        match self.workspace.manifest {
            Some(_) => "to compare AWS with the manifest, which undo did not change",
            None => SHOW_ROLES,
        }
    }

    async fn prepare(
        &self,
        start: &Loaded,
        run: Option<&RunId>,
        _expected: &Expected,
        context: &CommandContext<'_>,
    ) -> Result<Prepared<Undo>, Error> {
        let workspace = &self.workspace;
        let log = self.log(start.state.as_ref(), context)?;
        let meant = self.meant.get_or_init(|| log.header.run.clone());
        context.printer.note(&format!("Undoing run {meant}.\n"));
        let archives = archives_of(&log, workspace, start.state.as_ref(), context).await?;
        let flags = AccountSelector { profile: self.profile.clone(), ..AccountSelector::default() };
        let selection = if workspace.manifest.is_some() { Selection::Manifest } else { Selection::Flags(&flags) };
        let accounts = connect(selection, workspace, run.cloned(), context).await?;
        let (desired, recorded) = (accounts.desired(workspace)?, start.recorded.clone());
        let past = past(log)?;
        let inquiry = Undo { past, archives, desired, recorded, delete_apps: self.delete_apps };
        let access = Access { archive: None, ..accounts.access };
        Ok(Prepared { inquiry, cloud: accounts.cloud, access, accounts: accounts.all })
    }
}

/// What the run did, of those operations that AWS carried out.
fn past(log: RunLog) -> Result<PastRun, Error> {
    let done = log.writes().filter_map(|Write { begin, end }| match &end?.result {
        EndResult::Output(output) => {
            Some(DoneOp { address: begin.address.clone(), op: (*begin.op).clone(), output: output.clone() })
        }
        EndResult::Error(_) => None,
    });
    let done = done.collect();
    let run = log.header.run;
    let about = log.header.about.ok_or_else(|| Error::NotFound {
        message: format!("the log of run {run} does not hold its plan"),
        hint: "an early version wrote it; restore what it deleted with `pinpoint-streams restore`".to_owned(),
    })?;
    Ok(PastRun { run, plan: about.plan, done })
}

/// The archives that the run wrote.
async fn archives_of(
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
        let (_, archives) =
            archives_at(&context.environment.folder.join(Path::new(folder)), workspace, state).await?;
        found.extend(archives.into_iter().filter(|archived| digests.contains(&archived.digest)));
    }
    Ok(found)
}
