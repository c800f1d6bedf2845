//! AWS Organizations: the accounts, and credentials for each.
use crate::classify::{ApiOperation, CloudError, Service, missing};
use crate::connect::Aws;
use crate::credentials::AccountCredentials;
use crate::pages::{self, Page};
use crate::service::json::Request;
use pinpoint_streams_model::arn::RoleArn;
use pinpoint_streams_model::ids::{AccountId, RoleName, RolePath};
use serde::Deserialize;
use serde_json::json;
use std::fmt;

const LIST: ApiOperation = ApiOperation::new(Service::Organizations, "ListAccounts");
const TARGET: &str = "AWSOrganizationsV20161128";

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OrganizationAccount {
    pub id: AccountId,
    /// Not unique; may be empty.
    pub name: String,
    pub state: AccountState,
}

/// The state of an account. Source: Organizations API reference, Account (`State`; `Status`, its forerunner, was
/// to be retired on 9 September 2026).
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AccountState {
    Active,
    /// `SUSPENDED`, `PENDING_CLOSURE`, `CLOSED`, `PENDING_ACTIVATION`.
    Other(String),
}

impl fmt::Display for AccountState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            AccountState::Active => f.write_str("ACTIVE"),
            AccountState::Other(word) => f.write_str(word),
        }
    }
}

impl OrganizationAccount {
    /// Credentials for this account: `from`, which listed the organization, and this role. The role is not assumed in the
    /// account of `from` itself.
    pub fn credentials(&self, from: &AccountCredentials, path: &RolePath, role: &RoleName) -> AccountCredentials {
        let AccountCredentials { id: _, partition, profile, assume_role: _, external_id, session_name } = from;
        let role =
            RoleArn { partition: *partition, account: self.id.clone(), path: path.clone(), name: role.clone() };
        AccountCredentials {
            id: Some(self.id.clone()),
            partition: *partition,
            profile: profile.clone(),
            assume_role: Some(role),
            external_id: external_id.clone(),
            session_name: session_name.clone(),
        }
    }
}

impl Aws {
    /// Every account of the organization in any state, by ID. Calls the first account that could be reached, which must be
    /// the management account or a delegated administrator.
    pub async fn organization_accounts(&self) -> Result<Vec<OrganizationAccount>, CloudError> {
        let organizations = self.first(LIST)?.organizations();
        let pages = pages::all(LIST, |token| {
            let organizations = &organizations;
            async move {
                let body = token.map_or_else(|| json!({}), |token| json!({ "NextToken": token }));
                let Listed { accounts, next_token } =
                    organizations.call(LIST, Request::target(TARGET, LIST, body)).await?;
                Ok(Page { items: accounts.unwrap_or_default(), next: next_token })
            }
        });
        let accounts = pages.await?.into_iter().map(listed);
        let mut accounts = accounts.collect::<Result<Vec<_>, _>>()?;
        accounts.sort_by(|a, b| a.id.cmp(&b.id));
        accounts.dedup_by(|a, b| a.id == b.id);
        Ok(accounts)
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Listed {
    accounts: Option<Vec<ListedAccount>>,
    next_token: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct ListedAccount {
    id: AccountId,
    name: Option<String>,
    state: Option<String>,
    status: Option<String>,
}

fn listed(account: ListedAccount) -> Result<OrganizationAccount, CloudError> {
    let ListedAccount { id, name, state, status } = account;
    let state = match state.or(status).ok_or_else(|| missing(LIST, "State"))? {
        active if active == "ACTIVE" => AccountState::Active,
        other => AccountState::Other(other),
    };
    Ok(OrganizationAccount { id, name: name.unwrap_or_default(), state })
}
