//! `export release`: how to remove roles and event streams from Terraform, OpenTofu or CloudFormation without deleting them.
mod stack;
mod terraform;
mod view;

use crate::accounts::{AccountSelector, Selection, connect};
use crate::commands::sweep::iac_state::Rejected;
use crate::commands::sweep::state_files;
use crate::commands::{Format, Output};
use crate::ui::{CommandContext, Error, Exit};
use crate::workspace::Workspace;
use clap::Args;
use clap::builder::NonEmptyStringValueParser;
use pinpoint_streams_model::arn::RoleArn;
use pinpoint_streams_model::desired::Desired;
use stack::FindStack;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// `export release`
#[derive(Debug, Clone, Args)]
pub(crate) struct ReleaseArgs {
    #[command(flatten)]
    pub owner: Owner,
    #[command(flatten)]
    pub selector: AccountSelector,
    #[command(flatten)]
    pub output: Output,
}

/// What manages the resources now.
#[derive(Debug, Clone, Args)]
#[group(required = true, multiple = false)]
pub(crate) struct Owner {
    /// The state of Terraform or OpenTofu: a file, a directory of *.tfstate files, or s3://BUCKET/KEY.
    #[arg(long, value_name = "FILE")]
    pub terraform_state: Option<PathBuf>,
    /// A CloudFormation stack, by name. Reads it from AWS.
    #[arg(long, value_name = "NAME", value_parser = NonEmptyStringValueParser::new())]
    pub stack: Option<String>,
}

pub(super) async fn run(args: ReleaseArgs, context: &CommandContext<'_>) -> Result<Exit, Error> {
    let ReleaseArgs { owner: Owner { terraform_state, stack }, selector, output: Output { format } } = args;
    let workspace = Workspace::open_if_any(context)?;
    match (terraform_state, stack) {
        (Some(path), _) => of_terraform(&path, &workspace, format, context).await,
        (None, Some(stack)) => of_stack(&stack, &selector, &workspace, format, context).await,
        (None, None) => Err(Error::Usage {
            message: "nothing says what manages the resources now".to_owned(),
            hint: "give --terraform-state FILE or --stack NAME".to_owned(),
        }),
    }
}

async fn of_terraform(
    path: &Path,
    workspace: &Workspace,
    format: Format,
    context: &CommandContext<'_>,
) -> Result<Exit, Error> {
    let declared = match &workspace.manifest {
        Some(manifest) => declared_roles(manifest.offline()),
        None => BTreeSet::new(),
    };
    let mut states = Vec::new();
    for (name, bytes) in state_files::read(path, workspace, context).await? {
        let rejected = |Rejected { problem, hint }| Error::InvalidFile {
            path: PathBuf::from(&name),
            problem,
            hint: hint.to_owned(),
        };
        let released = terraform::release(&bytes, &declared).map_err(rejected)?;
        states.push((name, released));
    }
    context.show(&match format {
        Format::Text => view::terraform(&states, workspace, context),
        Format::Json => view::terraform_json(&states),
    })?;
    Ok(Exit::Done)
}

fn no_such_stack(search: &FindStack, context: &CommandContext<'_>) -> Error {
    let FindStack { name, accounts, regions, declared: _ } = search;
    let accounts = match accounts.iter().collect::<Vec<_>>()[..] {
        [only] => format!("account {only}"),
        ref several => format!("{} accounts", several.len()),
    };
    let regions = match regions.iter().collect::<Vec<_>>()[..] {
        [only] => only.to_string(),
        ref several => format!("{} regions", several.len()),
    };
    Error::NotFound {
        message: format!("no stack `{name}` was found in {accounts}, in {regions}"),
        hint: format!(
            "check its name with `aws cloudformation list-stacks`; `{} --help` shows the flags for other accounts and \
             regions",
            context.settings.command("export release")
        ),
    }
}

/// The ARNs of the roles that a manifest declares.
fn declared_roles(desired: &Desired) -> BTreeSet<RoleArn> {
    desired.roles.iter().filter_map(|(key, role)| role.arn_under(key).ok()).collect()
}

async fn of_stack(
    stack: &str,
    selector: &AccountSelector,
    workspace: &Workspace,
    format: Format,
    context: &CommandContext<'_>,
) -> Result<Exit, Error> {
    let accounts = connect(Selection::Flags(selector), workspace, None, context).await?;
    let regions = match selector.regions.is_empty() {
        true => accounts.regions.clone(),
        false => selector.regions.iter().cloned().collect(),
    };
    let declared = match workspace.manifest {
        Some(_) => declared_roles(accounts.desired(workspace)?.as_ref()),
        None => BTreeSet::new(),
    };
    let search = FindStack {
        name: stack.to_owned(),
        accounts: accounts.reachable.values().cloned().collect(),
        regions,
        declared,
    };
    let found = context.ask(&search, &accounts.cloud).await;
    if found.stacks.is_empty() && found.unread.is_empty() {
        return Err(no_such_stack(&search, context));
    }
    context.show(&match format {
        Format::Text => view::stack(stack, &found, workspace, context),
        Format::Json => view::stack_json(stack, &found),
    })?;
    Ok(if found.unread.is_empty() { Exit::Done } else { Exit::Unknown })
}
