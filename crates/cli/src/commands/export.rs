//! `export`: the resources of the manifest for other tools, and how other tools release what they manage.
mod aws_cli;
mod declared;
mod release;
mod terraform;
#[cfg(test)]
mod tests;

use super::already_exists;
use crate::accounts::{Selection, connect};
use crate::ui::{CommandContext, Error, Exit};
use crate::workspace::{Workspace, write_new};
use clap::{Args, Subcommand};
use declared::Declared;
use pinpoint_streams_model::desired::Desired;
use release::ReleaseArgs;
use std::io;
use std::path::PathBuf;
use std::sync::Arc;

/// `export`
#[derive(Debug, Subcommand)]
pub(crate) enum ExportCommand {
    /// Write a shell script of AWS CLI commands that creates what the manifest declares.
    #[command(after_help = "\
Examples:
  pinpoint-streams export aws-cli --out build.sh && sh build.sh

The script creates apps that have a name, roles with their policies, and event streams. Run it where they do not \
exist yet, once with the credentials of each account. `plan --adopt` then shows only adoptions. Needs \
credentials only if the manifest declares no accounts.")]
    AwsCli(OutArgs),
    /// Write a Terraform configuration that imports what the state records.
    #[command(after_help = "\
Examples:
  pinpoint-streams export terraform --out streams.tf
  terraform init && terraform plan

For Terraform 1.5 or OpenTofu 1.6 and later. Import blocks adopt what the state records; what is only in the \
manifest is created. Needs credentials only if the manifest declares no accounts, or for a state in a bucket.")]
    Terraform(OutArgs),
    /// Show how to remove roles and event streams from Terraform, OpenTofu or CloudFormation without deleting them.
    #[command(override_usage = "\
pinpoint-streams export release [OPTIONS] --terraform-state <FILE>
       pinpoint-streams export release [OPTIONS] --stack <NAME>")]
    #[command(after_help = "\
Examples:
  terraform state pull > state.json
  pinpoint-streams export release --terraform-state state.json
  pinpoint-streams export release --stack growth-analytics --regions eu-west-1

Only shows the steps. Covers event streams, roles that the manifest declares or that trust Pinpoint, and what \
manages the policies of these roles. Needs no manifest; --stack reads from AWS.")]
    Release(ReleaseArgs),
}

#[derive(Debug, Clone, Args)]
pub(crate) struct OutArgs {
    /// Write to this new file instead of stdout.
    #[arg(long, value_name = "FILE")]
    pub out: Option<PathBuf>,
}

pub(super) async fn run(command: ExportCommand, context: &CommandContext<'_>) -> Result<Exit, Error> {
    match command {
        ExportCommand::AwsCli(OutArgs { out }) => {
            let workspace = Workspace::open(context)?;
            let desired = desired(&workspace, context).await?;
            write(aws_cli::script(&Declared::of(&desired)), out, context)
        }
        ExportCommand::Release(args) => release::run(args, context).await,
        ExportCommand::Terraform(OutArgs { out }) => {
            let workspace = Workspace::open(context)?;
            let desired = desired(&workspace, context).await?;
            let recorded = workspace.load().await?.recorded;
            let accounts = workspace.manifest()?.accounts();
            write(terraform::configuration(&Declared::of(&desired), &accounts, &recorded), out, context)
        }
    }
}

/// What the manifest asks for. The ID of an account that it does not declare is that of the credentials.
async fn desired(workspace: &Workspace, context: &CommandContext<'_>) -> Result<Arc<Desired>, Error> {
    let manifest = workspace.manifest()?;
    if manifest.accounts().values().all(|account| account.id.is_some()) {
        return Ok(Arc::clone(manifest.offline()));
    }
    connect(Selection::Manifest, workspace, None, context).await?.desired(workspace)
}

fn write(text: String, out: Option<PathBuf>, context: &CommandContext<'_>) -> Result<Exit, Error> {
    let Some(out) = out else {
        context.show(&text)?;
        return Ok(Exit::Done);
    };
    write_new(&context.environment.folder.join(&out), &text).map_err(|source| match source.kind() {
        io::ErrorKind::AlreadyExists => already_exists(&out, "or choose another file"),
        _ => Error::File { operation: "write", path: out.clone(), source },
    })?;
    context.printer.note(&format!("Wrote {}.\n", out.display()));
    Ok(Exit::Done)
}
