//! `discover`: a manifest for what is live, such that `plan --adopt` on it adopts and changes nothing.
use crate::accounts::AccountSelector;
use crate::accounts::{Selection, connect};
use crate::ui::CommandContext;
use crate::ui::error::Error;
use crate::ui::escape::escape;
use crate::ui::exit::Exit;
use crate::ui::style::{QUIET, WARNING, paint};
use crate::workspace::{Workspace, write_new};
use clap::Args;
use pinpoint_streams_model::ids::Workspace as WorkspaceName;
use pinpoint_streams_model::manifest::{Manifest, OneFile, Overrides};
use pinpoint_streams_planner::Discover;
use pinpoint_streams_planner::discover::{Counts, Discovered, Note, NoteKind};
use std::io;
use std::path::Path;
use std::path::PathBuf;

/// `discover`
#[derive(Debug, Args)]
pub(crate) struct DiscoverArgs {
    /// Which accounts are read.
    #[command(flatten)]
    pub reach: AccountSelector,
    /// What the manifest calls its workspace; by default as the folder is called.
    #[arg(long, value_name = "NAME")]
    pub workspace: Option<WorkspaceName>,
    /// Write the manifest to this file, which must not be there yet; otherwise it is printed.
    #[arg(long, value_name = "FILE")]
    pub out: Option<PathBuf>,
}

pub(super) async fn run(args: DiscoverArgs, context: &CommandContext<'_>) -> Result<Exit, Error> {
    let DiscoverArgs { reach: flags, workspace: name, out } = args;
    let workspace = Workspace::open_if_any(context)?;
    if let Some(out) = &out
        && context.environment.folder.join(out).exists()
    {
        return Err(there_already(out));
    }
    let reached = connect(Selection::Flags(&flags), &workspace, None, context).await?;
    let unreachable = reached.all.iter().filter(|account| account.unreachable.is_some());
    for account in unreachable.clone() {
        let why = account.unreachable.as_deref().unwrap_or_default();
        let name = &account.alias;
        context.printer.message(&format!("{} {name} was not read: {}\n", paint(WARNING, "warning:"), escape(why)));
    }
    let regions =
        if flags.regions.is_empty() { reached.regions.clone() } else { flags.regions.into_iter().collect() };
    let name = name.unwrap_or_else(|| default_name(&workspace, &context.environment.folder));
    let Discovered { manifest, notes, counts } =
        context.ask(&Discover { accounts: reached.declared, regions, workspace: name }, &reached.cloud).await;
    let text = manifest.to_toml();
    check(&text)?;
    match &out {
        None => context.show(&text)?,
        Some(out) => {
            write_new(&context.environment.folder.join(out), &text).map_err(|source| match source.kind() {
                io::ErrorKind::AlreadyExists => there_already(out),
                _ => Error::File { doing: "write", path: out.clone(), source },
            })?;
            context.show(&summary(out, &counts, context))?;
        }
    }
    for Note { kind, role: _, message, .. } in &notes {
        let label = paint(if *kind == NoteKind::Unread { WARNING } else { QUIET }, format!("{}:", kind.as_str()));
        context.printer.aside(&format!("{label} {}\n", escape(message)));
    }
    // Half a picture must not be taken for the whole.
    Ok(if counts.unread > 0 || unreachable.count() > 0 { Exit::Unknown } else { Exit::Done })
}

/// What is written must be a manifest; if it is none, that is our mistake, and is said.
fn check(text: &str) -> Result<(), Error> {
    Manifest::load("the discovered manifest", text.to_owned(), &OneFile, &Overrides::default())?;
    Ok(())
}

fn there_already(out: &Path) -> Error {
    Error::Usage {
        message: format!("{} exists already, and is left as it is", out.display()),
        hint: "remove it first, or write another file".to_owned(),
    }
}

fn summary(out: &Path, counts: &Counts, context: &CommandContext<'_>) -> String {
    let Counts { apps, apps_without_stream: _, left_out, roles, roles_elsewhere, unread: _ } = counts;
    let mut text = format!("Wrote {}: {apps} apps with an event stream, {roles} roles", out.display());
    if *roles_elsewhere > 0 {
        text.push_str(&format!(", {roles_elsewhere} roles that stay managed elsewhere"));
    }
    if *left_out > 0 {
        text.push_str(&format!(", {left_out} apps as a comment only"));
    }
    let next = context.settings.command("plan --adopt");
    text.push_str(&format!(".\n`{next}` shows that taking them over changes nothing.\n"));
    text
}

/// The manifest's own, or as the folder is called.
fn default_name(workspace: &Workspace, folder: &Path) -> WorkspaceName {
    if workspace.manifest.is_some() {
        return workspace.name.clone();
    }
    let folder = folder.file_name().unwrap_or_default().to_string_lossy();
    let plain: String =
        folder.chars().filter(|c| c.is_ascii_alphanumeric() || "_-.".contains(*c)).take(64).collect();
    #[expect(clippy::expect_used, reason = "letters alone")]
    let fallback = || "pinpoint".parse().expect("a workspace");
    plain.parse().unwrap_or_else(|_| fallback())
}
