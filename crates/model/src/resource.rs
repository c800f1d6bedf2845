//! A resource that a workspace owns, as the state keeps it.
use crate::address::Kind;
use crate::arn::{PolicyArn, RoleArn, StreamArn};
use crate::ids::{AccountId, AppId, PolicyName, RoleId};
use crate::ownership::{Origin, Tags};
use crate::policy::Document;
use crate::region::Region;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// One thing owned.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Resource {
    /// Whose account it is in.
    pub account: AccountId,
    /// Created here, or taken over.
    pub origin: Origin,
    /// Never deleted or replaced, until an apply with `protect = false`.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub protect: bool,
    /// The key that it was named after, which a move does not change.
    pub named_under: String,
    /// When we last changed it.
    pub changed_at: Timestamp,
    /// What it is, with the attributes last written.
    #[serde(flatten)]
    pub object: Object,
}

/// What is owned, with the attributes last written.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Object {
    /// A Pinpoint app.
    App(AppRecord),
    /// An IAM role.
    Role(RoleRecord),
    /// An app's event stream.
    EventStream(EventStreamRecord),
}

impl Object {
    /// What kind of resource it is.
    pub fn kind(&self) -> Kind {
        match self {
            Object::App(_) => Kind::App,
            Object::Role(_) => Kind::Role,
            Object::EventStream(_) => Kind::EventStream,
        }
    }

    /// The region that it is in; none for roles, which are global.
    pub fn region(&self) -> Option<&Region> {
        match self {
            Object::App(app) => Some(&app.region),
            Object::EventStream(stream) => Some(&stream.region),
            Object::Role(_) => None,
        }
    }
}

/// An app that this workspace created or adopted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AppRecord {
    /// Where it is.
    pub region: Region,
    /// Its identity.
    pub id: AppId,
    /// Its name.
    pub name: String,
    /// The tags last written, ownership among them.
    pub tags: Tags,
}

/// A role.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RoleRecord {
    /// Its ARN.
    pub arn: RoleArn,
    /// Its identity.
    pub id: RoleId,
    /// The trust policy last written.
    pub trust_policy: Document,
    /// The inline policies that are ours, as last written.
    pub inline_policies: BTreeMap<PolicyName, Document>,
    /// Empty is none.
    pub description: String,
    /// In seconds.
    pub max_session_duration: u32,
    /// Its permissions boundary.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub permissions_boundary: Option<PolicyArn>,
    /// The tags last written, ownership among them.
    pub tags: Tags,
}

/// An event stream.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EventStreamRecord {
    /// Where its app is.
    pub region: Region,
    /// Its app.
    pub app_id: AppId,
    /// Where events go.
    pub destination: StreamArn,
    /// As whom.
    pub role_arn: RoleArn,
}
