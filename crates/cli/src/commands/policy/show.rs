//! `policy show`: the live policies of a role.
use crate::accounts::{AccountSelector, Selection, connect};
use crate::ui::{CommandContext, Error, Exit, views};
use crate::workspace::Workspace;
use pinpoint_streams_executor::cloud::{CloudError, ReadCloud as _};
use pinpoint_streams_model::address::Address;
use pinpoint_streams_model::desired::Desired;
use pinpoint_streams_model::ids::AccountRole;
use pinpoint_streams_model::live::{InlinePolicies, LiveRole, Question};
use pinpoint_streams_model::policy::Document;
use pinpoint_streams_model::recorded::{Object, Recorded};
use serde::Serialize;
use std::sync::Arc;

/// Always JSON, which `policy diff` and other programs accept.
pub(super) async fn show(address: &Address, context: &CommandContext<'_>) -> Result<Exit, Error> {
    let role = live_role(address, context).await?;
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

/// Reads the role at an address. Without a manifest, a role of the caller's account that is not in one.
pub(super) async fn live_role(address: &Address, context: &CommandContext<'_>) -> Result<Arc<LiveRole>, Error> {
    let workspace = match address {
        Address::Undeclared(_) => Workspace::open_if_any(context)?,
        _ => Workspace::open(context)?,
    };
    let recorded = workspace.load().await?.recorded;
    let callers = AccountSelector::default();
    let selection = if workspace.manifest.is_some() { Selection::Manifest } else { Selection::Flags(&callers) };
    let accounts = connect(selection, &workspace, None, context).await?;
    let (desired, cloud) = (accounts.desired(&workspace)?, accounts.cloud);
    let asked = role(address, &desired, &recorded, &workspace)?;
    let failed = |why| Error::Cloud {
        operation: "read",
        address: Some(address.clone()),
        error: Box::new(CloudError::unread(why)),
    };
    let read = cloud.read_as(&Question::role_directly(&asked.account, &asked.name)).await;
    read.known().map_err(failed)?.ok_or_else(|| Error::NotFound {
        message: format!("account {} has no role {}", asked.account, asked.name),
        hint: match address {
            Address::Undeclared(_) => "`aws iam list-roles` lists the roles of the account".to_owned(),
            _ => "run `pinpoint-streams plan` to see what would be created".to_owned(),
        },
    })
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
