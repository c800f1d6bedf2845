//! `discover`: generates a manifest for live resources, for which `plan --adopt` adopts everything and changes nothing.
use super::already_exists;
use crate::accounts::{AccountSelector, Selection, connect};
use crate::ui::style::{QUIET, WARNING, paint};
use crate::ui::text::count;
use crate::ui::{CommandContext, Error, Exit, escape};
use crate::workspace::{Workspace, write_new};
use clap::Args;
use pinpoint_streams_model::ids::Workspace as WorkspaceName;
use pinpoint_streams_model::manifest::{Manifest, OneFile, Overrides};
use pinpoint_streams_planner::Discover;
use pinpoint_streams_planner::discover::{Counts, Discovered, Note, NoteKind};
use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};

/// `discover`
#[derive(Debug, Args)]
pub(crate) struct DiscoverArgs {
    #[command(flatten)]
    pub selector: AccountSelector,
    /// The name of the workspace [default: the directory name].
    #[arg(long, value_name = "NAME")]
    pub workspace: Option<WorkspaceName>,
    /// Write the manifest to this new file instead of stdout.
    #[arg(long, value_name = "FILE")]
    pub out: Option<PathBuf>,
}

pub(super) async fn run(args: DiscoverArgs, context: &CommandContext<'_>) -> Result<Exit, Error> {
    let DiscoverArgs { selector, workspace: name, out } = args;
    let workspace = Workspace::open_if_any(context)?;
    if let Some(out) = &out
        && context.environment.folder.join(out).exists()
    {
        return Err(already_exists(out, "or choose another file"));
    }
    let accounts = connect(Selection::Flags(&selector), &workspace, None, context).await?;
    let unreachable = accounts.all.iter().filter(|account| account.unreachable.is_some());
    for account in unreachable.clone() {
        let why = account.unreachable.as_deref().unwrap_or_default();
        let name = &account.alias;
        context.printer.message(&format!(
            "{} account `{name}` was not read: {}\n",
            paint(WARNING, "warning:"),
            escape(why)
        ));
    }
    let regions = if selector.regions.is_empty() {
        accounts.regions.clone()
    } else {
        selector.regions.into_iter().collect()
    };
    let name = name.unwrap_or_else(|| default_name(&workspace, &context.environment.folder));
    let Discovered { manifest, notes, counts } = context
        .ask_in(
            &accounts.all,
            &Discover { accounts: accounts.declared, regions, workspace: name },
            &accounts.cloud,
        )
        .await;
    let text = manifest.to_toml();
    check(&text)?;
    match &out {
        None => context.show(&text)?,
        Some(out) => {
            write_new(&context.environment.folder.join(out), &text).map_err(|source| match source.kind() {
                io::ErrorKind::AlreadyExists => already_exists(out, "or choose another file"),
                _ => Error::File { operation: "write", path: out.clone(), source },
            })?;
            context.show_prose(&summary(out, &counts, context))?;
        }
    }
    // Several roles may share a note.
    let mut roles: BTreeMap<(NoteKind, &str), Vec<&str>> = BTreeMap::new();
    for Note { kind, role, message } in &notes {
        roles.entry((*kind, message)).or_default().extend(role.as_ref().map(|role| role.name.as_str()));
    }
    for ((kind, message), roles) in roles {
        // The manifest only references such a role by its ARN.
        let label = if kind == NoteKind::ManagedElsewhere { "skipped" } else { kind.as_str() };
        let label = paint(if kind == NoteKind::Unread { WARNING } else { QUIET }, format!("{label}:"));
        let message =
            if roles.is_empty() { message.to_owned() } else { format!("{}: {message}", roles.join(", ")) };
        context.printer.note(&format!("{label} {}\n", escape(&message)));
    }
    // An incomplete manifest must not pass for a complete one.
    Ok(if counts.unread > 0 || unreachable.count() > 0 { Exit::Unknown } else { Exit::Done })
}

/// The generated manifest must load. A failure is a bug in `discover`.
fn check(text: &str) -> Result<(), Error> {
    Manifest::load("the discovered manifest", text.to_owned(), &OneFile, &Overrides::default())?;
    Ok(())
}

fn summary(out: &Path, counts: &Counts, context: &CommandContext<'_>) -> String {
    let Counts { apps, apps_without_stream: _, left_out, roles, roles_elsewhere, unread: _ } = counts;
    let (apps, roles) = (count(*apps, "app"), count(*roles, "role"));
    let mut text = format!("Wrote {}: {apps} with an event stream, {roles}", out.display());
    if *roles_elsewhere > 0 {
        text.push_str(&format!(", {} managed elsewhere", count(*roles_elsewhere, "role")));
    }
    if *left_out > 0 {
        text.push_str(&format!(", {} left out", count(*left_out, "app")));
    }
    let next = context.settings.command("plan --adopt");
    text.push_str(&format!(".\nRun `{next}` to verify that adopting them changes nothing.\n"));
    text
}

/// The name in the manifest, or the directory name.
fn default_name(workspace: &Workspace, folder: &Path) -> WorkspaceName {
    if workspace.manifest.is_some() {
        return workspace.name.clone();
    }
    default_workspace(folder)
}

/// A workspace named after the directory.
pub(super) fn default_workspace(folder: &Path) -> WorkspaceName {
    let folder = folder.file_name().unwrap_or_default().to_string_lossy();
    let plain: String =
        folder.chars().filter(|c| c.is_ascii_alphanumeric() || "_-.".contains(*c)).take(64).collect();
    #[expect(clippy::expect_used, reason = "letters alone")]
    let fallback = || "pinpoint".parse().expect("a workspace");
    plain.parse().unwrap_or_else(|_| fallback())
}
