//! `restore` without an argument: what can be restored, by run.
use crate::commands::Format;
use crate::ui::style::{STRONG, WARNING, paint};
use crate::ui::text::{aligned, count};
use crate::ui::views::sweep::{Evidences, wrapped};
use crate::ui::{CommandContext, Error, Exit, escape, views};
use crate::workspace::{Workspace, all_archives};
use anstyle::Style;
use jiff::Timestamp;
use pinpoint_streams_model::archive::{Archived, Object};
use pinpoint_streams_model::error::one_line;
use pinpoint_streams_model::ids::RunId;
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

/// The format of the document in JSON.
const FORMAT_VERSION: u32 = 1;
/// How many names of a run are shown without `-v`.
const FEW: usize = 4;

/// A run that archived something.
#[derive(Debug, PartialEq, Eq, Serialize)]
struct ArchivedRun {
    run: RunId,
    workspace: String,
    /// The time of its first archive.
    archived_at: Timestamp,
    archives: Vec<ArchivedThing>,
}

#[derive(Debug, PartialEq, Eq, Serialize)]
struct ArchivedThing {
    address: String,
    kind: Kind,
    account: String,
    path: String,
    digest: String,
    /// Whether the state knows it. Otherwise `--unverified` is needed.
    is_verified: bool,
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
    // Sweeps of other accounts have a state of their own.
    for workspace in [workspace.clone(), workspace.for_other_accounts(context)?] {
        let start = workspace.load().await?;
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
    let runs = by_run(found.into_values());
    context.show(&match format {
        Format::Text => text(&runs, context),
        Format::Json => json(&runs),
    })?;
    if let Some(newest) = runs.first() {
        let restore = context.settings.command_with("restore", newest.run.as_str());
        context.printer.note(&format!("`{restore}` plans to restore all that the newest run archived.\n"));
    }
    Ok(Exit::Done)
}

/// The newest run first.
fn by_run(archives: impl Iterator<Item = Archived>) -> Vec<ArchivedRun> {
    let mut runs: BTreeMap<RunId, ArchivedRun> = BTreeMap::new();
    for Archived { path, digest, is_verified, entry } in archives {
        let (kind, account) = match &entry.object {
            Object::Role(role) => (Kind::Role, &role.arn.account),
            Object::EventStream(stream) => (Kind::EventStream, &stream.account),
            Object::App(app) => (Kind::App, &app.account),
        };
        let thing = ArchivedThing {
            address: entry.address.to_string(),
            kind,
            account: account.to_string(),
            path,
            digest: digest.to_string(),
            is_verified,
        };
        let run = runs.entry(entry.run.clone()).or_insert_with(|| ArchivedRun {
            run: entry.run,
            workspace: entry.workspace.to_string(),
            archived_at: entry.time,
            archives: Vec::new(),
        });
        run.archived_at = run.archived_at.min(entry.time);
        run.archives.push(thing);
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

fn text(runs: &[ArchivedRun], context: &CommandContext<'_>) -> String {
    if runs.is_empty() {
        return "Nothing can be restored: nothing was deleted or quarantined here.\n".to_owned();
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
    for (line, run) in aligned(&rows).iter().zip(runs) {
        let _ = writeln!(text, "{}", paint(STRONG, line));
        let (names, rest) =
            run.archives.split_at(if is_full { run.archives.len() } else { run.archives.len().min(FEW) });
        for thing in names {
            let mut words = escape(&thing.address).into_owned();
            if is_full {
                let path = context.environment.display_path(thing.path.as_ref()).to_string();
                let _ = write!(words, "  {}", escape(&path));
            }
            if !thing.is_verified {
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
    /// `12 roles, 2 event streams in 3 accounts`
    fn in_short(&self) -> String {
        let mut kinds: BTreeMap<Kind, usize> = BTreeMap::new();
        self.archives.iter().for_each(|thing| *kinds.entry(thing.kind).or_default() += 1);
        let kinds: Vec<String> = kinds.into_iter().map(|(kind, number)| count(number, kind.as_str())).collect();
        let accounts: BTreeSet<&str> = self.archives.iter().map(|thing| thing.account.as_str()).collect();
        let place = match accounts.len() {
            1 => accounts.into_iter().map(|account| format!("account {account}")).collect(),
            several => format!("{several} accounts"),
        };
        format!("{} of {place}", kinds.join(", "))
    }
}
