//! What sources other than IAM and Pinpoint keep of event streams and of the use of roles: AWS Config, CloudTrail's event
//! history, IAM's last accessed data, and IAM Access Analyzer.
use crate::{AccountRegion, AppArn, AppId, Region, RoleArn};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// A region's configuration recorder. Source: AWS Config API reference, DescribeConfigurationRecorders and
/// DescribeConfigurationRecorderStatus.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConfigRecorder {
    /// Whether it records each change of resources of type `AWS::Pinpoint::EventStream` as it happens.
    pub covers_event_streams: bool,
    /// When it was last started. None while it is stopped, or where its last delivery of configuration items failed.
    pub recording_since: Option<Timestamp>,
}

/// The event streams that AWS Config holds as existing, by app.
pub type ConfigEventStreams = BTreeMap<AppArn, ConfigEventStream>;

/// An event stream as AWS Config recorded it. Both texts are as AWS returns them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConfigEventStream {
    pub destination: String,
    pub role_arn: String,
    /// `configurationItemCaptureTime`.
    pub captured: Timestamp,
}

/// A configuration aggregator, by the account and region that holds it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct ConfigAggregator {
    pub place: AccountRegion,
    pub name: String,
}

/// The names of the aggregators of a region.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConfigAggregators(pub BTreeSet<String>);

/// The event streams of all accounts and regions of an aggregator, by app.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct AggregatedEventStreams(pub ConfigEventStreams);

/// The latest configuration items of an app and of its event stream. None where AWS Config never recorded it.
/// Source: AWS Config API reference, GetResourceConfigHistory.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConfigHistory {
    pub event_stream: Option<ConfigItem>,
    pub app: Option<ConfigItem>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConfigItem {
    /// Whether its status is `ResourceDeleted` or `ResourceDeletedNotRecorded`.
    pub is_deleted: bool,
    pub captured: Timestamp,
}

/// An event of CloudTrail's event history in which a role was assumed. Source: CloudTrail API reference, LookupEvents (the
/// last 90 days).
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct RoleUse {
    pub at: Timestamp,
    /// `AssumeRole`, `AssumeRoleWithWebIdentity`…
    pub event: String,
    /// `userIdentity.invokedBy`: the service that assumed the role, if a service did.
    pub invoked_by: Option<String>,
    /// `errorCode`: the attempt was refused.
    pub error: Option<String>,
}

/// A successful change of an event stream in CloudTrail's event history.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct EventStreamChange {
    pub at: Timestamp,
    pub app: AppId,
    pub change: EventStreamChangeKind,
}

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EventStreamChangeKind {
    /// PutEventStream. The role's ARN is as it was given.
    Put { role_arn: String },
    /// DeleteEventStream.
    Deleted,
    /// DeleteApp.
    AppDeleted,
}

/// When a role last called, or tried to call, each service; none if it did not within the tracking period. By service
/// namespace: `kinesis`. Source: IAM API reference, GetServiceLastAccessedDetails.
pub type LastAccessed = BTreeMap<String, Option<ServiceAccess>>;

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ServiceAccess {
    pub at: Timestamp,
    pub region: Option<Region>,
}

/// Active findings of type `UnusedIAMRole`, by role, with the time of their last update. Source: IAM Access Analyzer API
/// reference, ListFindingsV2.
pub type UnusedRoles = BTreeMap<RoleArn, Timestamp>;
