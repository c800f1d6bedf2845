//! `report`: what runs found and did, why, and on whose word. Reads what was written down then; asks AWS nothing.
use crate::ui::CommandContext;
use crate::ui::error::Error;
use crate::ui::exit::Exit;
use crate::ui::views::report::{Ended, Report};
use crate::ui::views::{self, report};
use crate::workspace::Workspace;
use clap::{Args, ValueEnum};
use pinpoint_streams_store::journal::{self, Contents, JournalError, JournalStore as _, RunLog};
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
    let logs = logs(context).await?;
    let chosen = match run {
        Some(prefix) => vec![one(logs, &prefix, context)?],
        None => logs,
    };
    let found = Report::of(&chosen);
    context.show(&match format {
        ReportFormat::Text => report::text(&found, context.environment.width()),
        ReportFormat::Json => views::json(&found),
        ReportFormat::Csv => report::csv(&found),
        ReportFormat::Markdown => report::markdown(&found),
        ReportFormat::Html => report::html(&found),
    })?;
    Ok(Exit::Done)
}

/// All runs that were kept here. A sweep of accounts that are not the manifest's keeps its own in this folder.
async fn logs(context: &CommandContext<'_>) -> Result<Vec<(RunLog, Ended)>, Error> {
    let workspace = Workspace::open_if_any(context)?;
    let workspaces = [workspace.clone(), workspace.for_other_accounts(context)?];
    let mut logs = BTreeMap::new();
    // The journals first: one that is kept meanwhile is then found there.
    for workspace in &workspaces {
        if let Some(log) = unfinished(workspace).await? {
            logs.insert(log.header.run.clone(), (log, Ended::NotSeen));
        }
    }
    for folder in workspaces.iter().map(|workspace| &workspace.places.runs).collect::<BTreeSet<_>>() {
        for log in journal::runs(folder).map_err(SessionError::from)? {
            logs.insert(log.header.run.clone(), (log, Ended::Kept));
        }
    }
    Ok(logs.into_values().collect())
}

/// The run whose journal stands beside the state: it goes on still, or nobody saw its end.
async fn unfinished(workspace: &Workspace) -> Result<Option<RunLog>, SessionError> {
    let journal = workspace.journal();
    let read: Result<_, JournalError> = journal.read().await;
    let Some(Contents { header: Some(header), records }) = read? else { return Ok(None) };
    Ok(Some(RunLog { path: journal.place().into(), header, records }))
}

/// The run of this id, or the only one whose id begins so.
fn one(logs: Vec<(RunLog, Ended)>, prefix: &str, context: &CommandContext<'_>) -> Result<(RunLog, Ended), Error> {
    let hint = format!("`{}` shows all runs that were kept", context.settings.command("report"));
    let is_meant = |(log, _): &(RunLog, Ended)| log.header.run.as_str().starts_with(prefix);
    let mut meant: Vec<_> = logs.into_iter().filter(is_meant).collect();
    if let Some(exact) = meant.iter().position(|(log, _)| log.header.run.as_str() == prefix) {
        return Ok(meant.swap_remove(exact));
    }
    match (meant.pop(), meant.len()) {
        (Some(only), 0) => Ok(only),
        (Some(_), others) => {
            Err(Error::Usage { message: format!("{} runs begin with `{prefix}`", others + 1), hint })
        }
        (None, _) => Err(Error::NotThere { what: format!("no run `{prefix}` was kept here"), hint }),
    }
}
