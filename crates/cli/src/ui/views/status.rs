//! The status of a workspace, as text and JSON.
use crate::settings::{Environment, Settings};
use crate::ui::escape::escape;
use crate::ui::style::{QUIET, STRONG, WARNING, paint};
use crate::ui::table::{LastCell, table};
use crate::ui::text::count;
use crate::ui::views::report::command;
use crate::ui::wrap::folded;
use jiff::Timestamp;
use pinpoint_streams_model::address::Address;
use pinpoint_streams_model::arn::RoleArn;
use pinpoint_streams_model::desired::DEFAULT_ALIAS;
use pinpoint_streams_model::ids::{AccountAlias, AccountId, Lineage, RunId, Serial, Workspace};
use pinpoint_streams_model::plan::Mode;
use serde::Serialize;
use std::path::Path;

/// The format in JSON.
pub(crate) const FORMAT_VERSION: u32 = 1;
/// How many quarantines are listed as text.
const LISTED: usize = 10;
/// The least room for a value beside its name.
const LEAST_VALUE: usize = 20;

#[derive(Debug, Clone, Serialize)]
pub(crate) struct Status {
    pub format_version: u32,
    pub workspace: Workspace,
    /// Where the state is.
    pub state: String,
    /// Null before the first apply.
    pub lineage: Option<Lineage>,
    pub serial: Serial,
    pub resources: usize,
    pub accounts: Vec<AccountLine>,
    /// Null before the first apply.
    pub last_run: Option<LastRun>,
    /// A run that did not end: the next one completes its record.
    pub interrupted: Option<RunId>,
    /// Null if no run holds it.
    pub lock: Option<LockLine>,
    /// Operations of unknown outcome.
    pub pending: Vec<PendingLine>,
    pub quarantined: Vec<QuarantineLine>,
    #[serde(skip)]
    pub has_manifest: bool,
}

#[derive(Debug, Clone, Serialize)]
pub(crate) struct AccountLine {
    pub alias: AccountAlias,
    /// Null if it is that of the credentials, and no apply has pinned it.
    pub id: Option<AccountId>,
}

/// Null fields: the log of the run is not kept here.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct LastRun {
    pub run: RunId,
    pub mode: Option<Mode>,
    /// The mode of an undo is that of a restore.
    #[serde(skip)]
    pub is_undo: bool,
    pub began_at: Option<Timestamp>,
    pub approved_by: Option<String>,
    /// Null also while the run is under way.
    pub outcome: Option<RunOutcome>,
}

/// How the last run ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum RunOutcome {
    Done,
    /// Some steps of its plan were not carried out.
    Partial,
    /// It left its journal behind.
    Interrupted,
}

impl RunOutcome {
    fn as_str(self) -> &'static str {
        match self {
            RunOutcome::Done => "done",
            RunOutcome::Partial => "partial",
            RunOutcome::Interrupted => "interrupted",
        }
    }
}

#[derive(Debug, Clone, Serialize)]
pub(crate) struct LockLine {
    /// Null if it cannot be read.
    pub holder: Option<String>,
    /// For `state unlock`; null if the lock ends with its process.
    pub id: Option<String>,
}

#[derive(Debug, Clone, Serialize)]
pub(crate) struct PendingLine {
    pub address: Address,
    pub op: &'static str,
    pub run: RunId,
    pub began_at: Timestamp,
}

#[derive(Debug, Clone, Serialize)]
pub(crate) struct QuarantineLine {
    pub role: RoleArn,
    pub since: Timestamp,
    /// When `sweep --reap` deletes it.
    pub due: Timestamp,
    pub is_due: bool,
}

pub(crate) fn text(status: &Status, settings: &Settings, environment: &Environment) -> String {
    let Status {
        format_version: _,
        workspace,
        state,
        lineage,
        serial,
        resources,
        accounts,
        last_run,
        interrupted,
        lock,
        pending,
        quarantined,
        has_manifest,
    } = status;
    let place = escape(&environment.display_path(Path::new(state)).to_string()).into_owned();
    let mut rows: Vec<[String; 2]> = Vec::new();
    let mut row = |name: &str, value: String| rows.push([name.to_owned(), value]);
    row("workspace", paint(STRONG, workspace).to_string());
    row(
        "state",
        match lineage {
            Some(lineage) => {
                format!("{place}, serial {serial}, {}; lineage {lineage}", count(*resources, "resource"))
            }
            None => format!("{place}: none yet"),
        },
    );
    let accounts: Vec<String> = accounts.iter().map(account).collect();
    row("accounts", if accounts.is_empty() { "none yet".to_owned() } else { accounts.join(", ") });
    row("last run", last_run.as_ref().map_or_else(|| "none".to_owned(), last));
    row(
        "lock",
        match lock {
            None => "free".to_owned(),
            Some(LockLine { holder, id }) => {
                let holder = holder.as_deref().unwrap_or("another run");
                let id = id.as_ref().map(|id| format!("; lock ID {}", escape(id))).unwrap_or_default();
                paint(WARNING, format!("held by {}{id}", escape(holder))).to_string()
            }
        },
    );
    if let Some(run) = interrupted {
        let words = format!("run {run} did not end; the next run completes its record");
        row("interrupted", paint(WARNING, words).to_string());
    }
    if pending.is_empty() {
        row("pending", "nothing".to_owned());
    }
    for (nth, PendingLine { address, op, run, began_at }) in pending.iter().enumerate() {
        let words = format!("{address} {op}, begun by run {run} at {began_at:.0}: outcome unknown");
        row(if nth == 0 { "pending" } else { "" }, paint(WARNING, words).to_string());
    }
    if quarantined.is_empty() {
        row("quarantined", "no roles".to_owned());
    }
    let mut by_date: Vec<&QuarantineLine> = quarantined.iter().collect();
    by_date.sort_by_key(|line| line.due);
    for (nth, QuarantineLine { role, since, due, is_due }) in by_date.iter().take(LISTED).enumerate() {
        let when = if *is_due { "due now".to_owned() } else { format!("due {}", day(*due)) };
        let words = format!("{} of {} since {}, {when}", role.name, role.account, day(*since));
        row(if nth == 0 { "quarantined" } else { "" }, words);
    }
    if quarantined.len() > LISTED {
        row("", format!("and {} more", quarantined.len() - LISTED));
    }
    let width = environment.width();
    let lines = table(&rows, LastCell::Wrap { least: LEAST_VALUE }, width);
    let mut text: String = lines.into_iter().map(|line| line + "\n").collect();
    let next = if quarantined.iter().any(|line| line.is_due) {
        format!("`{}` shows what can be deleted", settings.command("sweep --reap"))
    } else if lineage.is_none() && *has_manifest {
        format!("run `{}`", settings.command("plan"))
    } else if lineage.is_none() {
        let sweep = settings.command("sweep");
        format!("run `{}` to create a manifest, or `{sweep}` to find unused roles", settings.command("init"))
    } else {
        return text;
    };
    text.push_str(&folded(&format!("{} {next}\n", paint(STRONG, "Next:")), width));
    text
}

/// Without a manifest, an alias is the ID or `default`.
fn account(AccountLine { alias, id }: &AccountLine) -> String {
    match id {
        Some(id) if [id.as_str(), DEFAULT_ALIAS].contains(&alias.as_str()) => id.to_string(),
        Some(id) => format!("{alias} {id}"),
        None => format!("{alias} of the credentials"),
    }
}

fn last(LastRun { run, mode, is_undo, began_at, approved_by, outcome }: &LastRun) -> String {
    let mode = mode.map(|mode| format!(", {}", command(mode, *is_undo))).unwrap_or_default();
    let began = began_at.map(|at| format!(", {at:.0}")).unwrap_or_default();
    let by = approved_by.as_ref().map(|by| format!(", by {}", escape(by))).unwrap_or_default();
    let outcome = outcome.map(|outcome| match outcome {
        RunOutcome::Done => format!(", {}", outcome.as_str()),
        RunOutcome::Partial | RunOutcome::Interrupted => format!(", {}", paint(WARNING, outcome.as_str())),
    });
    format!("{run}{mode}{began}{}{}", outcome.unwrap_or_default(), paint(QUIET, by))
}

fn day(at: Timestamp) -> String {
    at.strftime("%Y-%m-%d").to_string()
}
