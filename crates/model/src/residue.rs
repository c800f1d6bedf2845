//! What else in an account names Pinpoint, beside the roles that a sweep judges.
use crate::arn::{AppArn, RoleArn, StreamArn};
use crate::live::residue::StreamMode;
use crate::live::{Question, Unreadable};
use crate::region::AccountRegion;
use jiff::Timestamp;
use serde::Serialize;
use std::collections::BTreeSet;

/// For how long nothing was written to an idle stream.
pub const IDLE_DAYS: i64 = 30;

#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ResidueReport {
    pub found: Vec<Residue>,
    /// The questions that have no answer: what they ask about may be there.
    pub gaps: Vec<Gap>,
}

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Residue {
    pub place: AccountRegion,
    #[serde(flatten)]
    pub item: ResidueItem,
}

/// Roles are as AWS returns them.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum ResidueItem {
    IdentityPolicy { identity: String, policy: String, principals: BTreeSet<String> },
    EventDestination { configuration_set: String, name: String, enabled: bool, app_arn: Option<String> },
    FunctionPolicy { function: String, principals: BTreeSet<String> },
    ImportJobs { app: AppArn, role_arn: String, jobs: usize },
    ExportJobs { app: AppArn, role_arn: String, jobs: usize },
    Recommender { id: String, role_arn: String },
    EmailChannel { app: AppArn, role_arn: Option<String>, sending_role_arn: Option<String> },
    MessageTemplate { name: String, channel: String },
    IdleStream(IdleStream),
}

/// A stream to which nothing was written for [`IDLE_DAYS`].
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct IdleStream {
    pub stream: StreamArn,
    pub mode: StreamMode,
    /// When it was created, if that is less than [`IDLE_DAYS`] ago.
    pub created_since: Option<Timestamp>,
    /// An estimate by list prices. None where the price is not known.
    pub monthly_usd_cents: Option<u64>,
    pub named_by: BTreeSet<StreamUser>,
}

/// Why Pinpoint writes, or wrote, to a stream.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum StreamUser {
    EventStream(AppArn),
    /// An event stream that AWS Config recorded.
    RecordedEventStream(AppArn),
    /// The permissions of a role that trusts Pinpoint.
    Role(RoleArn),
}

/// A question that has no answer.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Gap {
    pub question: Question,
    pub why: Unreadable,
}
