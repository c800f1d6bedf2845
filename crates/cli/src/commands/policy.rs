//! `policy`: the live policies of a role, and comparison by meaning.
use super::{Format, Output};
use crate::accounts::{Selection, connect};
use crate::ui::CommandContext;
use crate::ui::error::Error;
use crate::ui::exit::Exit;
use crate::ui::views;
use crate::ui::views::diff::{self, Context as Around};
use crate::workspace::{Workspace, read_text};
use clap::Subcommand;
use pinpoint_streams_executor::cloud::{CloudError, ReadCloud as _};
use pinpoint_streams_model::address::Address;
use pinpoint_streams_model::desired::Desired;
use pinpoint_streams_model::ids::{AccountRole, PolicyName};
use pinpoint_streams_model::live::{LiveRole, Question};
use pinpoint_streams_model::policy::{Direction, Document, direction, same_meaning};
use pinpoint_streams_model::recorded::{Object, Recorded};
use serde::Serialize;
use serde_json::json;
use std::collections::BTreeMap;
use std::path::Path;
use std::path::PathBuf;

/// `policy`
#[derive(Debug, Subcommand)]
pub(crate) enum PolicyCommand {
    /// Show the live policies of a role as JSON.
    Show {
        /// Which role: role.KEY, or iam.ACCOUNT/NAME for one that no manifest declares.
        address: Address,
        /// How the result is printed.
        #[command(flatten)]
        output: Output,
    },
    /// Compare two policy documents by what they mean.
    #[command(after_help = "\
Order, letter case where IAM ignores it, Sid, single values in lists and the like make no difference.
Exits with 0 if the two mean the same, with 2 if not. Needs no manifest, state or credentials.")]
    Diff {
        /// The document as it was.
        before: PathBuf,
        /// The document as it is now.
        after: PathBuf,
        /// How the result is printed.
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

/// The largest file that is looked at for a policy, in bytes. IAM takes a hundredth of it.
const LARGEST: u64 = 1024 * 1024;

fn document(path: &Path) -> Result<Document, Error> {
    Document::from_json(&read_text(path, LARGEST)?)
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
        Format::Text if equal => "The two mean the same.\n".to_owned(),
        Format::Text => {
            let lines = diff::lines(&before.canonical_lines(), &after.canonical_lines(), Around::Near, "");
            let words = match direction {
                Direction::Same => "The second is written otherwise, and grants the same.",
                Direction::Widens => "The second widens the first.",
                Direction::Narrows => "The second narrows the first.",
                Direction::Both => "The second grants more in one place and less in another.",
            };
            format!("{lines}\n{words}\n")
        }
    })?;
    Ok(if equal { Exit::Done } else { Exit::Differs })
}

/// Always JSON: it is what other programs, and `policy diff`, take.
async fn show(address: &Address, context: &CommandContext<'_>) -> Result<Exit, Error> {
    let workspace = Workspace::open(context)?;
    let recorded = workspace.load().await?.recorded;
    let accounts = connect(Selection::Manifest, &workspace, None, context).await?;
    let (desired, cloud) = (accounts.desired(&workspace)?, accounts.cloud);
    let asked = role(address, &desired, &recorded, &workspace)?;
    let failed = |why| Error::Cloud {
        doing: "read",
        address: Some(address.clone()),
        error: Box::new(CloudError::unread(why)),
    };
    let read = cloud.read_as(&Question::role_directly(&asked.account, &asked.name)).await;
    let role: LiveRole = read.known().map_err(failed)?.ok_or_else(|| Error::NotThere {
        what: format!("account {} has no role {}", asked.account, asked.name),
        hint: "`pinpoint-streams plan` shows what would be made".to_owned(),
    })?;
    let LiveRole { trust_policy, inline_policies: permissions, .. } = &role;
    context.show(&views::json(&Shown { address, trust_policy, permissions }))?;
    Ok(Exit::Done)
}

/// What `policy show` prints. The documents keep the order in which policies are usually written.
#[derive(Serialize)]
struct Shown<'a> {
    address: &'a Address,
    trust_policy: &'a Document,
    permissions: &'a BTreeMap<PolicyName, Document>,
}

/// The account and name of the role at an address: as it is recorded, else as it is declared.
fn role(
    address: &Address,
    desired: &Desired,
    recorded: &Recorded,
    workspace: &Workspace,
) -> Result<AccountRole, Error> {
    let unknown = || Error::NotThere {
        what: format!("{address} is no role of workspace {}", workspace.name),
        hint: "name a role as role.KEY or iam.ACCOUNT/NAME; `pinpoint-streams state list` shows those recorded"
            .to_owned(),
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
