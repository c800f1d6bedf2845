//! IAM resources: roles, managed policies, instance profiles.
use super::World;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Role {
    /// In the case in which it was created.
    pub(crate) name: String,
    pub(crate) path: String,
    /// `AROA…`; a role created again under the same name gets another.
    pub(crate) id: String,
    pub(crate) arn: String,
    pub(crate) created: Timestamp,
    /// The trust policy document, unchanged.
    pub(crate) trust: String,
    pub(crate) description: Option<String>,
    /// Seconds.
    pub(crate) max_session: u32,
    pub(crate) boundary: Option<String>,
    pub(crate) tags: BTreeMap<String, String>,
    pub(crate) inline: BTreeMap<String, String>,
    pub(crate) attached: BTreeSet<String>,
    pub(crate) last_used: Option<RoleUse>,
    /// The ARN of the role template that it was created from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) template: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) stack: Option<Stack>,
    /// When trust or permissions last changed. Other services see a change after a delay.
    pub(crate) changed: Timestamp,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Stack {
    pub region: String,
    pub name: String,
}

/// The last attempt to use a role, in the last 400 days.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RoleUse {
    pub at: Timestamp,
    pub region: String,
}

/// A customer managed policy with its only version.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct ManagedPolicy {
    pub(crate) name: String,
    pub(crate) path: String,
    pub(crate) id: String,
    pub(crate) arn: String,
    pub(crate) created: Timestamp,
    pub(crate) description: Option<String>,
    pub(crate) document: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct InstanceProfile {
    pub(crate) name: String,
    pub(crate) path: String,
    pub(crate) id: String,
    pub(crate) arn: String,
    pub(crate) created: Timestamp,
    pub(crate) role: Option<String>,
}

/// Some AWS managed policies by name, with the parts of their documents that matter here.
const AWS_MANAGED: [(&str, &str); 4] = [
    (
        "AdministratorAccess",
        r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}"#,
    ),
    (
        "AmazonKinesisFirehoseFullAccess",
        r#"{"Version":"2012-10-17","Statement":[{"Action":["firehose:*"],"Effect":"Allow","Resource":"*"}]}"#,
    ),
    (
        "AmazonKinesisFullAccess",
        r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"kinesis:*","Resource":"*"}]}"#,
    ),
    (
        "AmazonS3ReadOnlyAccess",
        r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["s3:Get*","s3:List*","s3:Describe*","s3-object-lambda:Get*","s3-object-lambda:List*"],"Resource":"*"}]}"#,
    ),
];

impl World {
    /// The document of a managed policy, customer managed or AWS managed; none where there is no such policy.
    pub(crate) fn managed_document(&self, account: &str, arn: &str) -> Option<&str> {
        let own = self.known_account(account).and_then(|account| account.policies.get(arn));
        own.map(|policy| policy.document.as_str()).or_else(|| {
            let (_, name) = arn.split_once(":iam::aws:policy/")?;
            AWS_MANAGED.iter().find(|(known, _)| *known == name).map(|(_, document)| *document)
        })
    }
}
