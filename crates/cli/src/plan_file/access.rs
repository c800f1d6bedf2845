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
    pub accounts: Option<BTreeMap<AccountAlias, Means>>,
    /// Of a restore, where its archives are.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub archive: Option<String>,
}

/// How one account is called.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Means {
    partition: Partition,
    profile: Option<String>,
    assume_role: Option<RoleArn>,
}

impl From<&AccountCredentials> for Means {
    fn from(credentials: &AccountCredentials) -> Means {
        let AccountCredentials { id: _, partition, profile, assume_role, external_id: _, session_name: _ } =
            credentials;
        Means { partition: *partition, profile: profile.clone(), assume_role: assume_role.clone() }
    }
}

impl From<Means> for AccountCredentials {
    fn from(Means { partition, profile, assume_role }: Means) -> AccountCredentials {
        AccountCredentials { profile, assume_role, ..AccountCredentials::chain(partition) }
    }
}
