//! A resource that a workspace owns, as the state keeps it.
use crate::address::Kind;
use crate::arn::{AppArn, PolicyArn, RoleArn, StreamArn};
use crate::ids::{AccountId, AppId, PolicyName, RoleId};
use crate::ownership::{Origin, Tags};
use crate::policy::Document;
use crate::region::Region;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Resource {
    pub account: AccountId,
    pub origin: Origin,
    /// Never deleted or replaced until an apply with `protect = false`.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub protect: bool,
    /// The key that it was named after. A move does not change it.
    pub named_under: String,
    pub changed_at: Timestamp,
    #[serde(flatten)]
    pub object: Object,
}

/// The attributes as last written.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Object {
    App(AppRecord),
    Role(RoleRecord),
    EventStream(EventStreamRecord),
}

impl Object {
    pub fn kind(&self) -> Kind {
        match self {
            Object::App(_) => Kind::App,
            Object::Role(_) => Kind::Role,
            Object::EventStream(_) => Kind::EventStream,
        }
    }

    /// None for roles, which are global.
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
    pub region: Region,
    pub id: AppId,
    pub name: String,
    /// Includes the ownership tags.
    pub tags: Tags,
}

impl AppRecord {
    /// Its ARN; the account stands beside the record.
    pub fn arn(&self, account: &AccountId) -> AppArn {
        AppArn::of(account, &self.region, &self.id)
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RoleRecord {
    pub arn: RoleArn,
    pub id: RoleId,
    pub trust_policy: Document,
    /// Managed inline policies only.
    pub inline_policies: BTreeMap<PolicyName, Document>,
    /// Empty means none.
    pub description: String,
    /// In seconds.
    pub max_session_duration: u32,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub permissions_boundary: Option<PolicyArn>,
    /// Includes the ownership tags.
    pub tags: Tags,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EventStreamRecord {
    pub region: Region,
    pub app_id: AppId,
    pub destination: StreamArn,
    pub role_arn: RoleArn,
}

impl EventStreamRecord {
    /// Its app's ARN; the account stands beside the record.
    pub fn app(&self, account: &AccountId) -> AppArn {
        AppArn::of(account, &self.region, &self.app_id)
    }
}
