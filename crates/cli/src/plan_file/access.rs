//! How an apply of a saved plan connects to the plan's accounts.
use pinpoint_streams_aws::AccountCredentials;
use pinpoint_streams_model::arn::RoleArn;
use pinpoint_streams_model::ids::AccountAlias;
use pinpoint_streams_model::region::Partition;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// How to connect to the accounts of a saved sweep or restore. Not part of the plan or its digest: credentials for an
/// account that is not in the plan are rejected anyway. Contains no secrets.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Access {
    /// Whether the plan was made from a manifest and belongs to its workspace.
    pub manifest: bool,
    /// `None` if the manifest declares the accounts.
    pub accounts: Option<BTreeMap<AccountAlias, CredentialSource>>,
    /// The location of the archives of a restore.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub archive: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CredentialSource {
    partition: Partition,
    profile: Option<String>,
    assume_role: Option<RoleArn>,
}

impl From<&AccountCredentials> for CredentialSource {
    fn from(credentials: &AccountCredentials) -> CredentialSource {
        let AccountCredentials { id: _, partition, profile, assume_role, external_id: _, session_name: _ } =
            credentials;
        CredentialSource { partition: *partition, profile: profile.clone(), assume_role: assume_role.clone() }
    }
}

impl From<CredentialSource> for AccountCredentials {
    fn from(CredentialSource { partition, profile, assume_role }: CredentialSource) -> AccountCredentials {
        AccountCredentials { profile, assume_role, ..AccountCredentials::chain(partition) }
    }
}
