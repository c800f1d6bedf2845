//! The initial resources of a sandbox. Each is created once: a seeded resource that was deleted stays deleted.
mod apply;

pub(crate) use apply::apply;

use crate::world::Member;
use crate::world::iam::{RoleUse, Stack};
use crate::world::others::OtherResource;
use crate::world::sources::{Aggregator, Analyzer, Recorder};
use jiff::Timestamp;
use pinpoint_streams_model::arn::{PolicyArn, RoleArn, StreamArn};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Seed {
    pub accounts: Vec<SeedAccount>,
}

#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SeedAccount {
    /// Twelve digits.
    pub id: String,
    /// `aws` or `aws-us-gov`.
    pub partition: String,
    #[serde(default)]
    pub apps: Vec<SeedApp>,
    #[serde(default)]
    pub streams: Vec<SeedStream>,
    #[serde(default)]
    pub roles: Vec<SeedRole>,
    /// Managed policies that allow everything, for example permissions boundaries.
    #[serde(default)]
    pub policies: Vec<PolicyArn>,
    #[serde(default)]
    pub managed_policies: Vec<SeedPolicy>,
    /// Event streams of the apps. Role and stream are not validated.
    #[serde(default)]
    pub event_streams: Vec<SeedEventStream>,
    /// The accounts of the organization that this account manages, itself among them.
    #[serde(default)]
    pub organization: Vec<Member>,
    /// AWS Config's recorders, one a region. They record the apps and event streams that are there as of their start.
    #[serde(default)]
    pub config: Vec<Recorder>,
    #[serde(default)]
    pub aggregators: Vec<Aggregator>,
    #[serde(default)]
    pub analyzers: Vec<Analyzer>,
    /// What `sweep --residue` reads.
    #[serde(default)]
    pub others: Vec<OtherResource>,
}

impl SeedAccount {
    /// An account of the partition `aws` with nothing in it.
    pub fn new(id: impl Into<String>) -> SeedAccount {
        SeedAccount { id: id.into(), partition: "aws".to_owned(), ..SeedAccount::default() }
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SeedPolicy {
    pub arn: PolicyArn,
    pub document: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SeedEventStream {
    pub region: String,
    pub app: String,
    pub destination: String,
    pub role: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SeedApp {
    pub region: String,
    pub id: String,
    pub name: String,
}

impl SeedApp {
    pub fn new(region: &str, id: &str, name: &str) -> SeedApp {
        SeedApp { region: region.to_owned(), id: id.to_owned(), name: name.to_owned() }
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SeedStream {
    pub arn: StreamArn,
    /// The ARN of the customer managed key that encrypts it.
    #[serde(default)]
    pub kms_key: Option<String>,
    /// The current time if none.
    #[serde(default)]
    pub created: Option<Timestamp>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SeedRole {
    pub arn: RoleArn,
    pub trust_json: String,
    #[serde(default)]
    pub inline: Vec<(String, String)>,
    #[serde(default)]
    pub attached: Vec<PolicyArn>,
    /// Instance profiles that contain the role. They are created with it.
    #[serde(default)]
    pub instance_profiles: Vec<String>,
    #[serde(default)]
    pub boundary: Option<PolicyArn>,
    #[serde(default)]
    pub description: Option<String>,
    #[serde(default)]
    pub tags: BTreeMap<String, String>,
    /// The current time if none.
    #[serde(default)]
    pub created: Option<Timestamp>,
    /// None if not used in the last 400 days.
    #[serde(default)]
    pub last_used: Option<RoleUse>,
    /// The ARN of the role template that it was created from.
    #[serde(default)]
    pub template: Option<String>,
    #[serde(default)]
    pub stack: Option<Stack>,
}

impl SeedRole {
    /// A role with nothing but a trust policy, created now.
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

#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SeedReport {
    /// ARNs of the created resources in the order of the seed.
    pub created: Vec<String>,
}
