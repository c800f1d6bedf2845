//! How the accounts of a saved plan are found again.
use pinpoint_streams_aws::AccountCredentials;
use pinpoint_streams_model::arn::RoleArn;
use pinpoint_streams_model::ids::AccountAlias;
use pinpoint_streams_model::region::Partition;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// How the accounts of a saved sweep or restore are called. It is no part of the plan or its digest: credentials
/// that lead to another account than the plan's are refused whatever stands here. It holds no secret.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Access {
    /// Whether the plan was made from a manifest, and so belongs to its workspace.
    pub manifest: bool,
    /// By alias; none where the manifest says it.
    pub accounts: Option<BTreeMap<AccountAlias, CredentialSource>>,
    /// Of a restore, where its archives are.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub archive: Option<String>,
}

/// How one account is called.
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
