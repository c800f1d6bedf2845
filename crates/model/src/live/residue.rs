//! What outlives Pinpoint's event streams: what SES, Lambda and Pinpoint itself hold, and what is written to streams. The
//! lists are whole. ARNs that any tool may have written are as AWS returns them.
use crate::arn::StreamArn;
use crate::policy::Document;
use crate::region::AccountRegion;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// A resource that AWS identifies by its name within an account and region.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct RegionalName {
    pub place: AccountRegion,
    pub name: String,
}

/// SES identities: domains and email addresses.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct EmailIdentities(pub BTreeSet<String>);

/// The authorization policies of an SES identity, by name.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct IdentityPolicies(pub BTreeMap<String, Document>);

/// SES configuration sets.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConfigurationSets(pub BTreeSet<String>);

/// The event destinations of type Pinpoint of an SES configuration set, by name.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PinpointDestinations(pub BTreeMap<String, PinpointDestination>);

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PinpointDestination {
    pub enabled: bool,
    pub app_arn: Option<String>,
}

/// Lambda functions.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Functions(pub BTreeSet<String>);

/// The resource policy of a Lambda function.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FunctionPolicy(pub Document);

/// The import jobs of an app: by id, the ARN of the role.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ImportJobs(pub BTreeMap<String, String>);

/// The export jobs of an app: by id, the ARN of the role.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExportJobs(pub BTreeMap<String, String>);

/// Pinpoint's configurations of recommender models: by id, the ARN of the role.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Recommenders(pub BTreeMap<String, String>);

/// The roles of an app's email channel. Source: Pinpoint API reference, EmailChannelResponse.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct EmailChannel {
    /// For events about email.
    pub role_arn: Option<String>,
    /// For sending through SES.
    pub sending_role_arn: Option<String>,
}

/// Pinpoint's message templates. A name is unique within a type.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct MessageTemplates(pub BTreeSet<MessageTemplate>);

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct MessageTemplate {
    pub name: String,
    /// `EMAIL`, `SMS`…
    pub channel: String,
}

/// What a stream is billed by.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StreamCapacity {
    pub mode: StreamMode,
    pub created: Option<Timestamp>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StreamMode {
    Provisioned { open_shards: u32 },
    OnDemand,
    Firehose,
}

/// A stream and a time.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct StreamPeriod {
    pub stream: StreamArn,
    pub from: Timestamp,
    pub to: Timestamp,
}

/// How many records were written to a stream.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct IncomingRecords(pub u64);
