//! AWS Organizations: the accounts, and credentials for each.
use crate::classify::{ApiOperation, CloudError, Service, classify, misread, missing};
use crate::connect::Aws;
use crate::credentials::AccountCredentials;
use crate::pages::{self, Page};
use aws_sdk_organizations::types::Account;
use pinpoint_streams_model::arn::RoleArn;
use pinpoint_streams_model::ids::{AccountId, RoleName, RolePath};
use std::fmt;

const LIST: ApiOperation = ApiOperation::new(Service::Organizations, "ListAccounts");

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
                let request = organizations.list_accounts().set_next_token(token);
                let answer = request.send().await.map_err(|error| classify(LIST, error))?;
                Ok(Page { items: answer.accounts.unwrap_or_default(), next: answer.next_token })
            }
        });
        let accounts = pages.await?.into_iter().map(listed);
        let mut accounts = accounts.collect::<Result<Vec<_>, _>>()?;
        accounts.sort_by(|a, b| a.id.cmp(&b.id));
        accounts.dedup_by(|a, b| a.id == b.id);
        Ok(accounts)
    }
}

fn listed(account: Account) -> Result<OrganizationAccount, CloudError> {
    let id = account.id().ok_or_else(|| missing(LIST, "Id"))?;
    let status = || account.status().map(|status| status.as_str());
    let state = account.state().map(|state| state.as_str()).or_else(status);
    Ok(OrganizationAccount {
        id: id.parse().map_err(|error| misread(LIST, error))?,
        name: account.name().unwrap_or_default().to_owned(),
        state: match state.ok_or_else(|| missing(LIST, "State"))? {
            "ACTIVE" => AccountState::Active,
            other => AccountState::Other(other.to_owned()),
        },
    })
}
