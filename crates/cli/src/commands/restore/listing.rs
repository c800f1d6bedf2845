//! `restore` without an argument: what can be restored, by run.
use super::there::There;
use crate::commands::Format;
use crate::ui::style::{STRONG, WARNING, paint};
use crate::ui::table::{LastCell, table};
use crate::ui::text::count;
use crate::ui::views::sweep::{Evidences, wrapped};
use crate::ui::{CommandContext, Error, Exit, escape, views};
use crate::workspace::{Workspace, all_archives};
use anstyle::Style;
use jiff::Timestamp;
use pinpoint_streams_model::archive::{Archived, Object};
use pinpoint_streams_model::arn::RoleArn;
use pinpoint_streams_model::error::one_line;
use pinpoint_streams_model::ids::RunId;
use pinpoint_streams_store::journal::{self, RunLog};
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::PathBuf;

/// The format of the document in JSON.
const FORMAT_VERSION: u32 = 1;
/// How many names of a run are shown without `-v`.
const FEW: usize = 4;
/// The least room for what a run archived, beside its time.
const LEAST_COUNTS: usize = 20;

/// A run that archived something.
#[derive(Debug, PartialEq, Eq, Serialize)]
struct ArchivedRun {
    run: RunId,
    workspace: String,
    /// The time of its first archive.
    archived_at: Timestamp,
    archives: Vec<ArchivedResource>,
}

#[derive(Debug, PartialEq, Eq, Serialize)]
struct ArchivedResource {
    address: String,
    kind: Kind,
    account: String,
    path: String,
    digest: String,
    /// Whether the state knows it. Otherwise `--unverified` is needed.
    is_verified: bool,
    /// Whether it can be restored: not an app, and nothing that is there, such as a role that is quarantined.
    is_restorable: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
enum Kind {
    Role,
    EventStream,
    /// It cannot be restored; what it was is kept.
    App,
}

impl Kind {
    fn as_str(self) -> &'static str {
        match self {
            Kind::Role => "role",
            Kind::EventStream => "event stream",
            Kind::App => "app",
        }
    }
}

pub(super) async fn run(format: Format, context: &CommandContext<'_>) -> Result<Exit, Error> {
    let workspace = Workspace::open_if_any(context)?;
    let mut found: BTreeMap<String, Archived> = BTreeMap::new();
    let mut quarantined: BTreeSet<RoleArn> = BTreeSet::new();
    let mut logs: BTreeSet<PathBuf> = BTreeSet::new();
    // Sweeps of other accounts have a state of their own.
    for workspace in [workspace.clone(), workspace.for_other_accounts(context)?] {
        let start = workspace.load().await?;
        quarantined.extend(start.recorded.quarantined.into_keys());
        logs.insert(workspace.paths.runs.clone());
        for archived in all_archives(&workspace, start.state.as_ref()).await? {
            match archived {
                Ok(archived) => {
                    let known = found.entry(archived.path.clone()).or_insert_with(|| archived.clone());
                    known.is_verified |= archived.is_verified;
                }
                Err(error) => {
                    let text = format!("skipped: {}", one_line(&error));
                    context.printer.message(&format!("{} {}\n", paint(WARNING, "warning:"), escape(&text)));
                }
            }
        }
    }
    let runs = by_run(found.into_values(), &there(&logs));
    let newest = runs.iter().find(|run| run.is_restorable()).map(|run| run.run.clone());
    context.show(&match format {
        Format::Text => text(runs, context),
        Format::Json => json(&runs),
    })?;
    if let Some(newest) = newest {
        let restore = context.settings.command_with("restore", newest.as_str());
        context.printer.note(&format!("`{restore}` plans to restore everything that this run deleted.\n"));
    }
    if !quarantined.is_empty() {
        let (roles, release) = (count(quarantined.len(), "role"), context.settings.command("sweep --release"));
        context.printer.note(&format!("To lift the quarantine of {roles}, run `{release}`.\n"));
    }
    Ok(Exit::Done)
}

/// What the logs of these folders tell. One that cannot be read is as if it were gone.
fn there(folders: &BTreeSet<PathBuf>) -> There {
    let kept = folders.iter().flat_map(|folder| journal::kept_runs(folder).unwrap_or_default());
    let mut logs: Vec<RunLog> = kept.filter_map(|kept| kept.load().ok().flatten()).collect();
    // The names of the files have the second in which a run began, and one second may have several runs.
    logs.sort_by_key(|log| log.header.about.as_ref().map(|about| about.began_at));
    let mut there = There::default();
    logs.iter().for_each(|log| there.add(log));
    there
}

/// The newest run first.
fn by_run(archives: impl Iterator<Item = Archived>, there: &There) -> Vec<ArchivedRun> {
    let mut runs: BTreeMap<RunId, ArchivedRun> = BTreeMap::new();
    for Archived { path, digest, is_verified, entry } in archives {
        let (kind, account) = match &entry.object {
            Object::Role(role) => (Kind::Role, &role.arn.account),
            Object::EventStream(stream) => (Kind::EventStream, &stream.account),
            Object::App(app) => (Kind::App, &app.account),
        };
        let resource = ArchivedResource {
            address: entry.address.to_string(),
            kind,
            account: account.to_string(),
            path,
            digest: digest.to_string(),
            is_verified,
            is_restorable: kind != Kind::App && there.is_gone(&entry),
        };
        let run = runs.entry(entry.run.clone()).or_insert_with(|| ArchivedRun {
            run: entry.run,
            workspace: entry.workspace.to_string(),
            archived_at: entry.time,
            archives: Vec::new(),
        });
        run.archived_at = run.archived_at.min(entry.time);
        run.archives.push(resource);
    }
    let mut runs: Vec<ArchivedRun> = runs.into_values().collect();
    runs.sort_by(|a, b| (b.archived_at, &b.run).cmp(&(a.archived_at, &a.run)));
    runs
}

fn json(runs: &[ArchivedRun]) -> String {
    #[derive(Serialize)]
    struct Document<'a> {
        format_version: u32,
        runs: &'a [ArchivedRun],
    }
    views::json(&Document { format_version: FORMAT_VERSION, runs })
}

/// Without what is there.
fn text(mut runs: Vec<ArchivedRun>, context: &CommandContext<'_>) -> String {
    for run in &mut runs {
        run.archives.retain(|resource| resource.is_restorable || resource.kind == Kind::App);
    }
    runs.retain(|run| !run.archives.is_empty());
    if runs.is_empty() {
        return "Nothing can be restored: nothing was deleted here, or it exists again.\n".to_owned();
    }
    let width = context.environment.width();
    let is_full = context.evidences() == Evidences::Each;
    let rows: Vec<[String; 3]> = runs
        .iter()
        .map(|run| {
            let at = run.archived_at.strftime("%Y-%m-%d %H:%M UTC").to_string();
            [run.run.to_string(), at, escape(&run.in_short()).into_owned()]
        })
        .collect();
    let mut text = String::new();
    for (line, run) in table(&rows, LastCell::Wrap { least: LEAST_COUNTS }, width).iter().zip(&runs) {
        let _ = writeln!(text, "{}", paint(STRONG, line));
        let (names, rest) =
            run.archives.split_at(if is_full { run.archives.len() } else { run.archives.len().min(FEW) });
        for resource in names {
            let mut words = escape(&resource.address).into_owned();
            if is_full {
                let path = context.environment.display_path(resource.path.as_ref()).to_string();
                let _ = write!(words, "  {}", escape(&path));
            }
            if resource.kind == Kind::App {
                words.push_str("  (an app cannot be restored)");
            } else if !resource.is_verified {
                words.push_str("  (not in the state: needs --unverified)");
            }
            text.push_str(&wrapped(&words, 2, width, "", Style::new()));
        }
        if !rest.is_empty() {
            let _ = writeln!(text, "  and {} more; -v shows all", rest.len());
        }
    }
    text
}

impl ArchivedRun {
    /// Whether a restore of the run has something to do, and nothing that it would refuse. It leaves what is there.
    fn is_restorable(&self) -> bool {
        let mut restorable = self.archives.iter().filter(|resource| resource.is_restorable).peekable();
        restorable.peek().is_some() && restorable.all(|resource| resource.is_verified)
    }

    /// `12 roles, 2 event streams in 3 accounts`
    fn in_short(&self) -> String {
        let mut kinds: BTreeMap<Kind, usize> = BTreeMap::new();
        self.archives.iter().for_each(|resource| *kinds.entry(resource.kind).or_default() += 1);
        let kinds: Vec<String> = kinds.into_iter().map(|(kind, number)| count(number, kind.as_str())).collect();
        let accounts: BTreeSet<&str> = self.archives.iter().map(|resource| resource.account.as_str()).collect();
        let place = match accounts.len() {
            1 => accounts.into_iter().map(|account| format!("account {account}")).collect(),
            several => format!("{several} accounts"),
        };
        format!("{} of {place}", kinds.join(", "))
    }
}
