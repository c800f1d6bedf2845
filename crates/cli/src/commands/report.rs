//! `report`: findings, changes and approvals of past runs, from their logs. Makes no AWS calls but one that is asked for:
//! to read a state in a bucket.
use crate::ui::style::{WARNING, paint};
use crate::ui::views::report::{Ended, FoundLog, Integrity, Report};
use crate::ui::views::{self, report};
use crate::ui::{CommandContext, Error, Exit, escape};
use crate::workspace::{Store, Workspace};
use clap::{Args, ValueEnum};
use jiff::Timestamp;
use pinpoint_streams_model::error::one_line;
use pinpoint_streams_model::ids::RunId;
use pinpoint_streams_store::journal::{self, JournalError, JournalStore as _, KeptRun, RunLog};
use pinpoint_streams_store::session::SessionError;
use pinpoint_streams_store::state::{RunLogDigest, StateStore as _};
use std::collections::{BTreeMap, BTreeSet};

/// `report`
#[derive(Debug, Args)]
pub(crate) struct ReportArgs {
    /// The run to show in full, by its ID or a unique prefix [default: list the runs].
    #[arg(value_name = "RUN")]
    pub run: Option<String>,
    /// An alias of the argument.
    #[arg(long = "run", value_name = "RUN", hide = true, conflicts_with = "run")]
    pub run_flag: Option<String>,
    /// Read the state from its bucket to verify the logs. A state in a file is always read.
    #[arg(long)]
    pub verify: bool,
    /// Output format.
    #[arg(long, value_enum, ignore_case = true, default_value_t)]
    pub format: ReportFormat,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub(crate) enum ReportFormat {
    /// Human-readable.
    #[default]
    Text,
    /// Versioned JSON.
    Json,
    /// One row per write.
    Csv,
    /// For a comment or an issue: at most 65,000 characters.
    Markdown,
    /// A self-contained page with filters.
    Html,
}

pub(super) async fn run(args: ReportArgs, context: &CommandContext<'_>) -> Result<Exit, Error> {
    let ReportArgs { run, run_flag, verify, format } = args;
    let run = run.or(run_flag);
    let is_log = run.is_none();
    let everything = run.iter().map(|run| context.settings.command_with("report", run)).next();
    let everything = everything.unwrap_or_else(|| context.settings.command("report")) + " --format html";
    let found = RunLogs::of(verify, context).await?;
    let (mut unreadable, mut corrupt) = (found.unreadable.clone(), Vec::new());
    let mut report = match run {
        Some(prefix) => {
            // Later runs may have deleted what this one advised about.
            let deletions = found.deletions();
            Report::of([found.only(&prefix, context)?]).without_stale_advice(&deletions)
        }
        None => Report::of(found.runs.into_iter().filter_map(|(id, run)| {
            run.read(&found.digests).unwrap_or_else(|error| {
                unreadable.push(one_line(&error));
                corrupt.extend(is_edited(&id, &error, &found.digests).then_some(id));
                None
            })
        })),
    };
    let deletions = report.deletions();
    report = report.without_stale_advice(&deletions);
    unreadable.iter().for_each(|error| warn_skipped(error, context));
    report.unreadable = unreadable;
    context.show(&match format {
        ReportFormat::Text if is_log => report::log(&report, context.environment.width()),
        ReportFormat::Text => report::text(&report, context.environment.width()),
        ReportFormat::Json => views::json(&report),
        ReportFormat::Csv => report::csv(&report),
        ReportFormat::Markdown => report::page(&report, &everything).markdown(),
        ReportFormat::Html => report::page(&report, &everything).html(),
    })?;
    if is_log && format == ReportFormat::Text && !report.is_empty() {
        let one = context.settings.command("report RUN");
        context.printer.note(&format!("`{one}` shows everything about one run.\n"));
    }
    corrupt.extend(report.edited());
    match corrupt.is_empty() {
        true => Ok(Exit::Done),
        // The document is on stdout already.
        false if format == ReportFormat::Json => {
            let error = Error::EditedRunLogs(corrupt);
            context.printer.message(&error.text(context.environment));
            Ok(error.exit())
        }
        false => Err(Error::EditedRunLogs(corrupt)),
    }
}

/// All runs of the workspace, and of sweeps of other accounts in this directory, by id.
struct RunLogs {
    runs: BTreeMap<RunId, FoundRun>,
    /// The digests of their logs in the states.
    digests: BTreeMap<RunId, RunLogDigest>,
    unreadable: Vec<String>,
}

#[derive(Debug, Clone)]
enum FoundRun {
    /// Its journal is still next to the state: it is active, or its outcome is unknown.
    Unfinished(RunLog),
    Kept(KeptRun),
}

impl RunLogs {
    /// Lists the runs. Logs of finished runs are not read; a file that is not a run log is skipped with a warning.
    async fn of(verify: bool, context: &CommandContext<'_>) -> Result<RunLogs, Error> {
        let workspace = Workspace::open_if_any(context)?;
        let workspaces = [workspace.clone(), workspace.for_other_accounts(context)?];
        let (mut runs, mut digests, mut unreadable) = (BTreeMap::new(), BTreeMap::new(), Vec::new());
        for workspace in workspaces.iter().filter(|workspace| verify || workspace.remote.is_none()) {
            match digests_in_state(workspace).await {
                Ok(found) => digests.extend(found),
                Err(error) if verify => return Err(error),
                Err(error) => warn(&format!("the run logs are not verified: {}", one_line(&error)), context),
            }
        }
        // Journals first: a run that ends in between is then found among the logs.
        for workspace in &workspaces {
            match unfinished(workspace).await {
                Ok(Some(log)) => {
                    runs.insert(log.header.run.clone(), FoundRun::Unfinished(log));
                }
                Ok(None) => {}
                Err(error) => unreadable.push(one_line(&error)),
            }
        }
        for folder in workspaces.iter().map(|workspace| &workspace.paths.runs).collect::<BTreeSet<_>>() {
            for kept in journal::kept_runs(folder).map_err(JournalError::from).map_err(SessionError::from)? {
                match kept.run.clone() {
                    Some(run) => {
                        runs.insert(run, FoundRun::Kept(kept));
                    }
                    None => warn_skipped(&format!("{} is not a run log", kept.path.display()), context),
                }
            }
        }
        let missing: Vec<&str> = digests.keys().filter(|run| !runs.contains_key(run)).map(RunId::as_str).collect();
        if !missing.is_empty() {
            let logs = if missing.len() == 1 { "the log of run" } else { "the logs of runs" };
            warn(&format!("{logs} {}, which the state names, cannot be found here", missing.join(", ")), context);
        }
        Ok(RunLogs { runs, digests, unreadable })
    }

    /// When the runs deleted each role. Logs that cannot be read are left to the one who asks for them.
    fn deletions(&self) -> BTreeMap<String, Timestamp> {
        let RunLogs { runs, digests, .. } = self;
        let mut deletions = BTreeMap::new();
        for run in runs.values() {
            let Ok(Some(log)) = run.clone().read(digests) else { continue };
            for (arn, at) in Report::of([log]).deletions() {
                let last = deletions.entry(arn).or_insert(at);
                *last = (*last).max(at);
            }
        }
        deletions
    }

    /// The run with this ID, or the only run with this prefix.
    fn only(mut self, prefix: &str, context: &CommandContext<'_>) -> Result<FoundLog, Error> {
        let hint = format!("run `{}` to list all runs", context.settings.command("report"));
        let not_found = |hint| Error::NotFound { message: format!("no run matches `{prefix}`"), hint };
        let meant: Vec<RunId> = self.runs.keys().filter(|run| run.as_str().starts_with(prefix)).cloned().collect();
        let chosen = match &meant[..] {
            [] => return Err(not_found(hint)),
            [only] => only,
            // Sorted, so an exact match comes first.
            [first, ..] if first.as_str() == prefix => first,
            several => {
                return Err(Error::Usage { message: format!("{} runs match `{prefix}`", several.len()), hint });
            }
        };
        let read = self.runs.remove(chosen).map(|run| run.read(&self.digests)).transpose();
        let read = read.map_err(|error| match is_edited(chosen, &error, &self.digests) {
            true => Error::EditedRunLogs(vec![chosen.clone()]),
            false => SessionError::from(error).into(),
        });
        read?.flatten().ok_or_else(|| not_found(hint))
    }
}

impl FoundRun {
    /// `None` if it was pruned in between.
    fn read(self, digests: &BTreeMap<RunId, RunLogDigest>) -> Result<Option<FoundLog>, JournalError> {
        match self {
            // It may still grow.
            FoundRun::Unfinished(log) => {
                Ok(Some(FoundLog { log, ended: Ended::NotSeen, integrity: Integrity::NotVerified }))
            }
            FoundRun::Kept(kept) => Ok(kept.load()?.map(|mut log| {
                // The run ID inside an edited log cannot be trusted.
                if let Some(run) = kept.run.filter(|run| digests.contains_key(run)) {
                    log.header.run = run;
                }
                let integrity = match digests.get(&log.header.run) {
                    None => Integrity::NotVerified,
                    Some(known) if known.digest != log.link.digest() => Integrity::Edited,
                    Some(known) if known.as_found => Integrity::TakenAsFound,
                    Some(_) => Integrity::Verified,
                };
                FoundLog { log, ended: Ended::Kept, integrity }
            })),
        }
    }
}

/// Whether a log says something else than its run wrote. One that may not be read need not.
fn is_edited(run: &RunId, error: &JournalError, digests: &BTreeMap<RunId, RunLogDigest>) -> bool {
    digests.contains_key(run) && matches!(error, JournalError::Broken { .. } | JournalError::NewerFormat { .. })
}

fn warn_skipped(why: &str, context: &CommandContext<'_>) {
    warn(&format!("skipped: {why}"), context);
}

fn warn(what: &str, context: &CommandContext<'_>) {
    context.printer.message(&format!("{} {}\n", paint(WARNING, "warning:"), escape(what)));
}

async fn digests_in_state(workspace: &Workspace) -> Result<BTreeMap<RunId, RunLogDigest>, Error> {
    let state = Store::open(workspace).await?.read().await.map_err(SessionError::from)?;
    let logs = state.into_iter().flat_map(|state| state.run_logs);
    Ok(logs.map(|log| (log.run.clone(), log)).collect())
}

/// The run whose journal is still next to the state: it is active, or its outcome is unknown.
async fn unfinished(workspace: &Workspace) -> Result<Option<RunLog>, JournalError> {
    let journal = workspace.journal();
    let contents = journal.read().await?;
    Ok(contents.and_then(|contents| RunLog::of(journal.place().into(), contents)))
}
