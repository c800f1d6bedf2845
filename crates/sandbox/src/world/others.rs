//! What other services, and Pinpoint beside apps and event streams, hold. Only read.
use super::{Account, World};
use jiff::Timestamp;
use pinpoint_streams_model::arn::StreamArn;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OtherResource {
    pub region: String,
    /// Of an email channel, the id of its app.
    pub name: String,
    pub resource: OtherKind,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum OtherKind {
    /// Of SES, with its policies by name.
    EmailIdentity {
        #[serde(default)]
        policies: BTreeMap<String, String>,
    },
    /// Of SES, with its event destinations by name: the ARN of an app, or of an SNS topic.
    ConfigurationSet {
        #[serde(default)]
        to_pinpoint: BTreeMap<String, String>,
        #[serde(default)]
        to_topics: BTreeMap<String, String>,
    },
    /// Of Lambda.
    Function {
        #[serde(default)]
        policy: Option<String>,
    },
    ImportJob {
        app: String,
        role: String,
    },
    ExportJob {
        app: String,
        role: String,
    },
    Recommender {
        role: String,
    },
    EmailChannel {
        #[serde(default)]
        role: Option<String>,
        #[serde(default)]
        sending_role: Option<String>,
    },
    MessageTemplate {
        channel: String,
    },
    /// Records that were written to a stream.
    Records {
        stream: StreamArn,
        at: Timestamp,
        count: u64,
    },
}

impl OtherResource {
    /// Unique within an account.
    pub(crate) fn key(&self) -> String {
        let kind = match &self.resource {
            OtherKind::EmailIdentity { .. } => "email-identity",
            OtherKind::ConfigurationSet { .. } => "configuration-set",
            OtherKind::Function { .. } => "function",
            OtherKind::ImportJob { .. } => "import-job",
            OtherKind::ExportJob { .. } => "export-job",
            OtherKind::Recommender { .. } => "recommender",
            OtherKind::EmailChannel { .. } => "email-channel",
            OtherKind::MessageTemplate { .. } => "message-template",
            OtherKind::Records { .. } => "records",
        };
        format!("{}/{kind}/{}", self.region, self.name)
    }
}

impl Account {
    /// In the order of their names within a kind.
    pub(crate) fn others_in<'a>(&'a self, region: &'a str) -> impl Iterator<Item = &'a OtherResource> {
        self.sources.others.values().filter(move |other| other.region == region)
    }
}

impl World {
    pub(crate) fn put_other(&mut self, account: &str, other: OtherResource) {
        let key = other.key();
        self.record(format!("source/{account}/other/{key}"), super::to_value(&other));
        self.account(account).sources.others.insert(key, other);
    }
}
