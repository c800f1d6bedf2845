//! `policy`: shows the live policies of a role, and compares policies by meaning.
use super::{Format, Output};
use crate::accounts::{Selection, connect};
use crate::ui::views::diff::{self, Context as Around};
use crate::ui::{CommandContext, Error, Exit, views};
use crate::workspace::{Workspace, read_text};
use clap::Subcommand;
use pinpoint_streams_executor::cloud::{CloudError, ReadCloud as _};
use pinpoint_streams_model::address::Address;
use pinpoint_streams_model::desired::Desired;
use pinpoint_streams_model::ids::AccountRole;
use pinpoint_streams_model::live::{InlinePolicies, LiveRole, Question};
use pinpoint_streams_model::policy::{Direction, Document, direction, same_meaning};
use pinpoint_streams_model::recorded::{Object, Recorded};
use serde::Serialize;
use serde_json::json;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// `policy`
#[derive(Debug, Subcommand)]
pub(crate) enum PolicyCommand {
    /// Show the live policies of a role as JSON.
    Show {
        /// role.KEY, or iam.ACCOUNT/NAME for a role that is not in the manifest.
        address: Address,
        #[command(flatten)]
        output: Output,
    },
    /// Compare two policy documents by meaning.
    #[command(after_help = "\
Ignores order, Sid, letter case where IAM does, and whether a single value is in a list.
Exits with 0 if the policies are equivalent, and with 2 if not. Needs no manifest, state or credentials.")]
    Diff {
        /// The old document.
        before: PathBuf,
        /// The new document.
        after: PathBuf,
        #[command(flatten)]
        output: Output,
    },
}

pub(super) async fn run(command: PolicyCommand, context: &CommandContext<'_>) -> Result<Exit, Error> {
    match command {
        PolicyCommand::Show { address, output: _ } => show(&address, context).await,
        PolicyCommand::Diff { before, after, output: Output { format } } => {
            let read = |path: &Path| document(&context.environment.folder.join(path));
            compare(&read(&before)?, &read(&after)?, format, context)
        }
    }
}

/// In bytes. IAM allows about a hundredth of it.
const MAX_POLICY_BYTES: u64 = 1024 * 1024;

fn document(path: &Path) -> Result<Document, Error> {
    Document::from_json(&read_text(path, MAX_POLICY_BYTES)?)
        .map_err(|source| Error::Policy { path: path.to_owned(), source })
}

fn compare(
    before: &Document,
    after: &Document,
    format: Format,
    context: &CommandContext<'_>,
) -> Result<Exit, Error> {
    let equal = same_meaning(before, after);
    let direction = direction(before, after);
    context.show(&match format {
        Format::Json => views::json(&json!({"format_version": 1, "equal": equal, "direction": direction})),
        Format::Text if equal => "The policies are equivalent.\n".to_owned(),
        Format::Text => {
            let lines = diff::lines(&before.canonical_lines(), &after.canonical_lines(), Around::Near, "");
            let conclusion = match direction {
                Direction::Same => "The second grants the same in another form.",
                Direction::Widens => "The second widens the first.",
                Direction::Narrows => "The second narrows the first.",
                Direction::Both => "The second both widens and narrows the first.",
            };
            format!("{lines}\n{conclusion}\n")
        }
    })?;
    Ok(if equal { Exit::Done } else { Exit::Differs })
}

/// Always JSON, which `policy diff` and other programs accept.
async fn show(address: &Address, context: &CommandContext<'_>) -> Result<Exit, Error> {
    let workspace = Workspace::open(context)?;
    let recorded = workspace.load().await?.recorded;
    let accounts = connect(Selection::Manifest, &workspace, None, context).await?;
    let (desired, cloud) = (accounts.desired(&workspace)?, accounts.cloud);
    let asked = role(address, &desired, &recorded, &workspace)?;
    let failed = |why| Error::Cloud {
        operation: "read",
        address: Some(address.clone()),
        error: Box::new(CloudError::unread(why)),
    };
    let read = cloud.read_as(&Question::role_directly(&asked.account, &asked.name)).await;
    let role: Arc<LiveRole> = read.known().map_err(failed)?.ok_or_else(|| Error::NotFound {
        message: format!("account {} has no role {}", asked.account, asked.name),
        hint: "run `pinpoint-streams plan` to see what would be created".to_owned(),
    })?;
    let LiveRole { trust_policy, inline_policies: permissions, .. } = &*role;
    context.show(&views::json(&LivePolicies { address, trust_policy, permissions }))?;
    Ok(Exit::Done)
}

/// The output of `policy show`. The documents keep the conventional order of policy elements.
#[derive(Serialize)]
struct LivePolicies<'a> {
    address: &'a Address,
    trust_policy: &'a Document,
    permissions: &'a InlinePolicies,
}

/// The account and name of the role at an address: from the state, else from the manifest.
fn role(
    address: &Address,
    desired: &Desired,
    recorded: &Recorded,
    workspace: &Workspace,
) -> Result<AccountRole, Error> {
    let unknown = || Error::NotFound {
        message: format!("{address} is not a role of workspace {}", workspace.name),
        hint: "use role.KEY or iam.ACCOUNT/NAME; `pinpoint-streams state list` lists recorded roles".to_owned(),
    };
    if let Address::Undeclared(role) = address {
        return Ok(role.clone());
    }
    if let Some(Object::Role(role)) = recorded.resources.get(address).map(|resource| &resource.object) {
        return Ok(role.arn.in_account());
    }
    let Address::Role(key) = address else { return Err(unknown()) };
    let arn = desired.roles.get(key).and_then(|role| role.arn_under(key).ok()).ok_or_else(unknown)?;
    Ok(arn.in_account())
}
