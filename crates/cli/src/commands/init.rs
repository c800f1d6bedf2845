//! `init`: creates a commented starter manifest. On a terminal it asks for what it cannot find out.
mod questions;
mod starter;

use super::already_exists;
use crate::accounts::region_with_pinpoint;
use crate::settings::FILE_NAME;
use crate::ui::{CommandContext, Error, Exit};
use crate::workspace::write_new;
use clap::Args;
use pinpoint_streams_aws::{AccountCredentials, Aws, ConnectOptions};
use pinpoint_streams_model::ids::{AccountId, AppId, Workspace as WorkspaceName};
use pinpoint_streams_model::manifest::{Manifest, OneFile, Overrides};
use pinpoint_streams_model::region::{Partition, Region};
use pinpoint_streams_store::archive::quoted;
use starter::Starter;
use std::collections::BTreeMap;
use std::io;
use std::time::Duration;

/// `init`
#[derive(Debug, Default, Args)]
pub(crate) struct InitArgs {
    /// The account of the apps [default: that of your credentials].
    #[arg(long, value_name = "ID")]
    pub account: Option<AccountId>,
    /// The region of the apps [default: the region of the environment or the profile].
    #[arg(long, value_name = "REGION", value_parser = region_with_pinpoint)]
    pub region: Option<Region>,
    /// The AWS profile of the account.
    #[arg(long, value_name = "PROFILE")]
    pub profile: Option<String>,
    /// The ID of an existing app.
    #[arg(long, value_name = "ID")]
    pub app: Option<AppId>,
    /// The name of the workspace [default: the directory name].
    #[arg(long, value_name = "NAME")]
    pub workspace: Option<WorkspaceName>,
}

/// The file that the first line of the manifest names.
const SCHEMA: &str = "pinpoint-streams.schema.json";

/// How long the account of the credentials may take to answer.
const ACCOUNT_WITHIN: Duration = Duration::from_secs(5);

pub(super) async fn run(args: InitArgs, context: &CommandContext<'_>) -> Result<Exit, Error> {
    let name = context.settings.manifest.clone().unwrap_or_else(|| FILE_NAME.into());
    let path = context.environment.folder.join(&name);
    let exists = || already_exists(&name, "or choose another with --config FILE");
    // Before anything is asked.
    if path.symlink_metadata().is_ok() {
        return Err(exists());
    }
    let is_asked = context.environment.can_prompt();
    let InitArgs { account, region, profile, app, workspace } = args;
    let in_sandbox = context.settings.sandbox;
    let region = match region {
        None if !in_sandbox => pinpoint_streams_aws::region(profile.as_deref()).await.filter(Region::has_pinpoint),
        given => given,
    };
    let workspace = workspace.unwrap_or_else(|| super::discover::default_workspace(&context.environment.folder));
    let account = match account {
        None if is_asked && !in_sandbox => caller(profile.as_deref(), region.as_ref(), &workspace, context).await,
        given => given,
    };
    let found = Starter { workspace, account, profile, region, app, stream: None, has_example: !is_asked };
    let starter = if is_asked { questions::ask(found, context).await? } else { found };
    let text = starter.text();
    // It must load. A failure is a bug of this command.
    Manifest::load(FILE_NAME, text.clone(), &OneFile, &Overrides::default())?;
    write_new(&path, &text).map_err(|source| match source.kind() {
        io::ErrorKind::AlreadyExists => exists(),
        _ => Error::File { operation: "write", path: name.clone(), source },
    })?;
    let command = |name: &str| context.settings.command(name);
    let first = match (&starter.app, starter.has_example) {
        (Some(_), _) => format!("To see what would be done, run `{}`", command("plan")),
        (None, true) => {
            format!("Fill in your account, app and stream, then check it with `{}`", command("validate"))
        }
        (None, false) => format!("Add your apps, then check it with `{}`", command("validate")),
    };
    let sandbox = if in_sandbox { command("apply") } else { command("--sandbox apply") };
    context.show_prose(&format!(
        "Wrote {}. {first}.\n\
         If you already have event streams, delete this file and generate one with `{} --out {}`.\n\
         To try it on the embedded account, run `{sandbox}`.\n\
         For an editor that checks and completes it, run `pinpoint-streams schema > {}`.\n",
        name.display(),
        context.settings.command_without_manifest("discover"),
        name.display(),
        quoted(&name.with_file_name(SCHEMA).to_string_lossy()),
    ))?;
    Ok(Exit::Done)
}

/// The account that the credentials lead to, if they answer in time.
async fn caller(
    profile: Option<&str>,
    region: Option<&Region>,
    workspace: &WorkspaceName,
    context: &CommandContext<'_>,
) -> Option<AccountId> {
    let _spinner = context.spinner("looking for credentials");
    let partition = region.map_or(Partition::Aws, Region::partition);
    let credentials =
        AccountCredentials { profile: profile.map(str::to_owned), ..AccountCredentials::chain(partition) };
    let accounts = BTreeMap::from([("default".parse().ok()?, credentials)]);
    let connected = Aws::connect(&accounts, ConnectOptions::new(workspace.clone(), None));
    let aws = tokio::time::timeout(ACCOUNT_WITHIN, connected).await.ok()?.ok()?;
    let (_, _, caller) = aws.callers().next()?;
    caller.ok().cloned()
}
