//! `report`: what runs found and did, why, and on whose word. Reads what was written down then; asks AWS nothing.
use crate::ui::CommandContext;
use crate::ui::error::Error;
use crate::ui::escape::escape;
use crate::ui::exit::Exit;
use crate::ui::style::{WARNING, paint};
use crate::ui::views::report::{Ended, Report};
use crate::ui::views::{self, report};
use crate::workspace::Workspace;
use clap::{Args, ValueEnum};
use pinpoint_streams_model::error::one_line;
use pinpoint_streams_model::ids::RunId;
use pinpoint_streams_store::journal::{self, Contents, JournalError, JournalStore as _, KeptRun, RunLog};
use pinpoint_streams_store::session::SessionError;
use std::collections::{BTreeMap, BTreeSet};

/// `report`
#[derive(Debug, Args)]
pub(crate) struct ReportArgs {
    /// Only this run: its id, or as much of its beginning as is unique.
    #[arg(long, value_name = "RUN")]
    pub run: Option<String>,
    /// How the result is printed.
    #[arg(long, value_enum, default_value_t)]
    pub format: ReportFormat,
}

/// How a report is printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub(crate) enum ReportFormat {
    /// For people.
    #[default]
    Text,
    /// For programs. The document has a version.
    Json,
    /// For spreadsheets: a line a write.
    Csv,
    /// For a comment: cut below 65,000 characters.
    Markdown,
    /// One page that can be filtered, and needs nothing else.
    Html,
}

pub(super) async fn run(args: ReportArgs, context: &CommandContext<'_>) -> Result<Exit, Error> {
    let ReportArgs { run, format } = args;
    let found = Found::of(context).await?;
    let found = match run {
        Some(prefix) => Report::of([found.only(&prefix, context)?]),
        None => Report::of(found.runs.into_values().filter_map(|run| read_or_warn(run, context))),
    };
    context.show(&match format {
        ReportFormat::Text => report::text(&found, context.environment.width()),
        ReportFormat::Json => views::json(&found),
        ReportFormat::Csv => report::csv(&found),
        ReportFormat::Markdown => report::markdown(&found),
        ReportFormat::Html => report::html(&found),
    })?;
    Ok(Exit::Done)
}

/// The runs there are, by their ids. A sweep of accounts that are not the manifest's keeps its own in this folder.
struct Found {
    runs: BTreeMap<RunId, FoundRun>,
}

enum FoundRun {
    /// Its journal stands beside the state: it goes on still, or nobody saw its end.
    Unfinished(RunLog),
    Kept(KeptRun),
}

impl Found {
    /// Lists the runs. Of those that ended no file is read; what is no run, or no journal, is named and left out.
    async fn of(context: &CommandContext<'_>) -> Result<Found, Error> {
        let workspace = Workspace::open_if_any(context)?;
        let workspaces = [workspace.clone(), workspace.for_other_accounts(context)?];
        let mut runs = BTreeMap::new();
        // The journals first: one that is kept meanwhile is then found there.
        for workspace in &workspaces {
            match unfinished(workspace).await {
                Ok(Some(log)) => {
                    runs.insert(log.header.run.clone(), FoundRun::Unfinished(log));
                }
                Ok(None) => {}
                Err(error) => left_out(&one_line(&error), context),
            }
        }
        for folder in workspaces.iter().map(|workspace| &workspace.places.runs).collect::<BTreeSet<_>>() {
            for kept in journal::kept_runs(folder).map_err(JournalError::from).map_err(SessionError::from)? {
                match kept.run.clone() {
                    Some(run) => {
                        runs.insert(run, FoundRun::Kept(kept));
                    }
                    None => left_out(&format!("{} is not named as a run is", kept.path.display()), context),
                }
            }
        }
        Ok(Found { runs })
    }

    /// The run of this id, or the only one whose id begins so.
    fn only(mut self, prefix: &str, context: &CommandContext<'_>) -> Result<(RunLog, Ended), Error> {
        let hint = format!("`{}` shows all runs that were kept", context.settings.command("report"));
        let not_there = |hint| Error::NotThere { what: format!("no run `{prefix}` was kept here"), hint };
        let meant: Vec<RunId> = self.runs.keys().filter(|run| run.as_str().starts_with(prefix)).cloned().collect();
        let chosen = match &meant[..] {
            [] => return Err(not_there(hint)),
            [only] => only,
            // Sorted, so the one that is meant by its whole id comes first.
            [first, ..] if first.as_str() == prefix => first,
            several => {
                return Err(Error::Usage {
                    message: format!("{} runs begin with `{prefix}`", several.len()),
                    hint,
                });
            }
        };
        let read = self.runs.remove(chosen).map(FoundRun::read).transpose().map_err(SessionError::from)?;
        read.flatten().ok_or_else(|| not_there(hint))
    }
}

impl FoundRun {
    /// None where it was removed meanwhile.
    fn read(self) -> Result<Option<(RunLog, Ended)>, JournalError> {
        match self {
            FoundRun::Unfinished(log) => Ok(Some((log, Ended::NotSeen))),
            FoundRun::Kept(kept) => Ok(kept.load()?.map(|log| (log, Ended::Kept))),
        }
    }
}

fn read_or_warn(run: FoundRun, context: &CommandContext<'_>) -> Option<(RunLog, Ended)> {
    run.read().unwrap_or_else(|error| {
        left_out(&one_line(&error), context);
        None
    })
}

fn left_out(why: &str, context: &CommandContext<'_>) {
    context.printer.aside(&format!("{} left out: {}\n", paint(WARNING, "warning:"), escape(why)));
}

async fn unfinished(workspace: &Workspace) -> Result<Option<RunLog>, JournalError> {
    let journal = workspace.journal();
    let Some(Contents { header: Some(header), records }) = journal.read().await? else { return Ok(None) };
    Ok(Some(RunLog { path: journal.place().into(), header, records }))
}
