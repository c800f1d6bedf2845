//! `undo`: plans to reverse the last apply, or another run, shows the plan, prompts, and applies it.
use super::Output;
use super::change::{self, ApplyArgs, Expected, Prepared, Request};
use super::restore::{SHOW_ROLES, archives_of, look_after_restore, look_at, profile_flags, whole};
use crate::accounts::{AccountSelector, Selection, connect};
use crate::ui::{CommandContext, Error, Exit};
use crate::workspace::Workspace;
use clap::Args;
use clap::builder::NonEmptyStringValueParser;
use pinpoint_streams_model::address::Address;
use pinpoint_streams_model::ids::RunId;
use pinpoint_streams_model::plan::{Access, Mode};
use pinpoint_streams_planner::{DoneOp, PastRun, Undo};
use pinpoint_streams_store::Loaded;
use pinpoint_streams_store::archive::quoted;
use pinpoint_streams_store::journal::{self, EndResult, JournalError, JournalStore, KeptRun, RunLog, Write};
use pinpoint_streams_store::session::SessionError;
use pinpoint_streams_store::state::State;
use std::cell::OnceCell;
use std::collections::BTreeSet;

/// `undo`
#[derive(Debug, Args)]
#[command(mut_arg("events", |arg| arg.conflicts_with("format")))]
#[command(mut_arg("approve_accounts", |arg| arg.hide(true)))]
pub(crate) struct UndoArgs {
    /// The ID of the run to reverse, as shown by `report` [default: the last run].
    #[arg(value_name = "RUN", value_parser = NonEmptyStringValueParser::new())]
    pub run: Option<String>,
    /// Also delete the apps that the run created, with all their data.
    #[arg(long)]
    pub delete_apps: bool,
    /// An AWS profile; repeatable [default: the accounts of the manifest, or the caller's].
    #[arg(long, value_name = "PROFILE")]
    pub profile: Vec<String>,
    #[command(flatten)]
    pub output: Output,
    #[command(flatten)]
    pub apply_args: ApplyArgs,
}

pub(super) async fn run(args: UndoArgs, context: &CommandContext<'_>) -> Result<Exit, Error> {
    let UndoArgs { run, delete_apps, profile, output: Output { format }, apply_args } = args;
    let request = match UndoRequest::open(run, delete_apps, profile, context) {
        Ok(request) => request.check(context).await.map(|()| request),
        Err(error) => Err(error),
    };
    if apply_args.review
        && let Ok(request) = &request
    {
        look_at(request, context).await?;
    }
    let expected = Expected::fresh(&apply_args).reported_as(format);
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

    /// Whether there is a run to undo, before its undo must be approved. If a run left its journal, the lock is needed to
    /// tell: with it, the journal becomes part of the state, and is kept as a log.
    async fn check(&self, context: &CommandContext<'_>) -> Result<(), Error> {
        let loaded = self.workspace.load().await?;
        let left = self.workspace.journal().read().await.map_err(SessionError::from)?;
        if left.is_none() {
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
        let kept_runs = kept.map_err(SessionError::from)?;
        let mut found =
            kept_runs.iter().filter(|kept| kept.run.as_ref().is_some_and(|run| run.as_str().starts_with(wanted)));
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
            Some(known) if known.digest == log.link.digest() => {
                if self.run.is_none() && is_unfinished_undo(&log, known.as_found) {
                    return Err(self.which(&log, &kept_runs, context));
                }
                Ok(log)
            }
            Some(_) => Err(Error::EditedRunLogs(vec![log.header.run])),
            None => Err(not_found(format!("the state does not know run {}", log.header.run))),
        }
    }

    /// Without a run, an undo that did not come to its end could be meant to be completed or to be reversed.
    fn which(&self, undo: &RunLog, kept: &[KeptRun], context: &CommandContext<'_>) -> Error {
        let command = |run: &RunId| {
            let apps = if self.delete_apps { " --delete-apps" } else { "" };
            format!(
                "`{}{apps}{}`",
                context.settings.command_with("undo", run.as_str()),
                profile_flags(&self.profile)
            )
        };
        let run = &undo.header.run;
        let complete = match undone(undo, kept) {
            Some(undone) => format!("{} completes it, if it undid run {undone}", command(&undone)),
            None => "`pinpoint-streams undo RUN` with the run that it undid completes it".to_owned(),
        };
        Error::Usage {
            message: format!("the last run, {run}, is an undo that was not completed"),
            hint: format!(
                "nothing was done; {complete}; {} reverses it; `{}` lists the runs",
                command(run),
                context.settings.command("report")
            ),
        }
    }
}

/// `is_interrupted`: whether the run left its journal behind.
fn is_unfinished_undo(log: &RunLog, is_interrupted: bool) -> bool {
    let is_undo = log.header.about.as_ref().is_some_and(|about| about.plan.is_undo());
    is_undo && (is_interrupted || log.is_complete() == Some(false))
}

/// The newest run before this undo that it may have undone: one that changed all that the undo does.
fn undone(undo: &RunLog, kept: &[KeptRun]) -> Option<RunId> {
    let about = undo.header.about.as_ref()?;
    let reversed: BTreeSet<&Address> = about.plan.changes.iter().map(|change| &change.address).collect();
    kept.iter().rev().find_map(|kept| {
        let log = kept.load().ok()??;
        let earlier = log.header.about.as_ref().filter(|earlier| earlier.began_at < about.began_at)?;
        let changed: BTreeSet<&Address> = earlier.plan.changes.iter().map(|change| &change.address).collect();
        let is_it = !is_unfinished_undo(&log, false) && reversed.is_subset(&changed);
        is_it.then(|| log.header.run.clone())
    })
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
        let archives = whole(archives, workspace, start.state.as_ref(), context).await?;
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

/// What the run did: the operations that AWS carried out or may have.
fn past(log: RunLog) -> Result<PastRun, Error> {
    let done = log.writes().filter_map(|Write { begin, end }| {
        let output = match end.map(|end| &end.result) {
            Some(EndResult::Output(output)) => Some(output.clone()),
            Some(EndResult::Error(failed)) if !failed.in_doubt => return None,
            Some(EndResult::Error(_)) | None => None,
        };
        Some(DoneOp { address: begin.address.clone(), op: (*begin.op).clone(), output })
    });
    let done = done.collect();
    let run = log.header.run;
    let about = log.header.about.ok_or_else(|| Error::NotFound {
        message: format!("the log of run {run} does not hold its plan"),
        hint: "an early version wrote it; restore what it deleted with `pinpoint-streams restore`".to_owned(),
    })?;
    Ok(PastRun { run, plan: about.plan, done })
}
