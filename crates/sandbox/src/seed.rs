//! What a sandbox begins with: made once, so that what a person deletes afterwards stays deleted.

mod apply;

pub(crate) use apply::apply;

use jiff::Timestamp;
use pinpoint_streams_model::arn::{PolicyArn, RoleArn, StreamArn};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// What should be there at first.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Seed {
    /// By account.
    pub accounts: Vec<SeedAccount>,
}

/// What should be in one account.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SeedAccount {
    /// Twelve digits.
    pub id: String,
    /// `aws` or `aws-us-gov`.
    pub partition: String,
    /// Pinpoint apps with the ids they have in the manifest.
    #[serde(default)]
    pub apps: Vec<SeedApp>,
    /// Kinesis and Firehose streams.
    #[serde(default)]
    pub streams: Vec<SeedStream>,
    /// Roles that are managed elsewhere.
    #[serde(default)]
    pub roles: Vec<SeedRole>,
    /// ARNs of managed policies that allow everything, such as permissions boundaries.
    #[serde(default)]
    pub policies: Vec<PolicyArn>,
    /// Managed policies with what they say.
    #[serde(default)]
    pub managed_policies: Vec<SeedPolicy>,
    /// Event streams of the apps, whatever they name: nothing is checked.
    #[serde(default)]
    pub event_streams: Vec<SeedEventStream>,
    /// The accounts of the organization that this account manages, itself among them.
    #[serde(default)]
    pub organization: Vec<SeedMember>,
}

/// A managed policy.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SeedPolicy {
    /// Its ARN.
    pub arn: PolicyArn,
    /// What it says.
    pub document: String,
}

/// An app's event stream.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SeedEventStream {
    /// Where.
    pub region: String,
    /// The app's id.
    pub app: String,
    /// The stream's ARN.
    pub destination: String,
    /// The role's ARN.
    pub role: String,
}

/// An account of an organization.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SeedMember {
    /// Twelve digits.
    pub id: String,
    /// Its name.
    pub name: String,
    /// `ACTIVE`, `SUSPENDED`, `PENDING_CLOSURE` or `CLOSED`. Roles can be assumed only in an active one.
    #[serde(default = "active")]
    pub state: String,
}

fn active() -> String {
    "ACTIVE".to_owned()
}

impl SeedMember {
    /// An account that works.
    pub fn active(id: &str, name: &str) -> SeedMember {
        SeedMember { id: id.to_owned(), name: name.to_owned(), state: active() }
    }
}

/// A Pinpoint app.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SeedApp {
    /// Where.
    pub region: String,
    /// Its id.
    pub id: String,
    /// Its name.
    pub name: String,
}

/// A stream.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SeedStream {
    /// Its ARN; names the region too.
    pub arn: StreamArn,
    /// The ARN of the customer's key that encrypts it.
    #[serde(default)]
    pub kms_key: Option<String>,
}

/// A role.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SeedRole {
    /// Its ARN; names path and name too.
    pub arn: RoleArn,
    /// The trust policy.
    pub trust_json: String,
    /// Names and documents of inline policies.
    #[serde(default)]
    pub inline: Vec<(String, String)>,
    /// ARNs of managed policies attached to it.
    #[serde(default)]
    pub attached: Vec<PolicyArn>,
    /// Names of instance profiles that hold it; they are made.
    #[serde(default)]
    pub instance_profiles: Vec<String>,
    /// Its permissions boundary.
    #[serde(default)]
    pub boundary: Option<PolicyArn>,
    /// Its description.
    #[serde(default)]
    pub description: Option<String>,
    /// Its tags.
    #[serde(default)]
    pub tags: BTreeMap<String, String>,
    /// When it was made; none for now.
    #[serde(default)]
    pub created: Option<Timestamp>,
    /// When it was last used; none where it was not within 400 days.
    #[serde(default)]
    pub last_used: Option<SeedUse>,
    /// The ARN of the role template that it was made from.
    #[serde(default)]
    pub template: Option<String>,
    /// The CloudFormation stack that holds it.
    #[serde(default)]
    pub stack: Option<SeedStack>,
}

/// The last use of a role.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SeedUse {
    /// When.
    pub at: Timestamp,
    /// In which region.
    pub region: String,
}

/// A CloudFormation stack.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SeedStack {
    /// Where; a stack of any region may hold a role.
    pub region: String,
    /// Its name.
    pub name: String,
}

impl SeedRole {
    /// A role that trusts so, made now, with nothing on it.
    pub fn new(arn: RoleArn, trust_json: impl Into<String>) -> SeedRole {
        SeedRole {
            arn,
            trust_json: trust_json.into(),
            inline: Vec::new(),
            attached: Vec::new(),
            instance_profiles: Vec::new(),
            boundary: None,
            description: None,
            tags: BTreeMap::new(),
            created: None,
            last_used: None,
            template: None,
            stack: None,
        }
    }
}

/// What was made.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SeedReport {
    /// ARNs, in the order of the seed.
    pub created: Vec<String>,
}
