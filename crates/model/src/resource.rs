//! A resource that a workspace owns, as the state keeps it.
use crate::live::InlinePolicies;
use crate::{
    AccountId, AppArn, AppId, Document, Kind, LiveRole, Origin, PolicyArn, PolicyName, Region, RoleArn, RoleId,
    StreamArn, Tags,
};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

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

    pub fn as_app(&self) -> Option<&AppRecord> {
        if let Object::App(app) = self { Some(app) } else { None }
    }

    pub fn as_role(&self) -> Option<&RoleRecord> {
        if let Object::Role(role) = self { Some(role) } else { None }
    }

    pub fn as_event_stream(&self) -> Option<&EventStreamRecord> {
        if let Object::EventStream(stream) = self { Some(stream) } else { None }
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
    pub inline_policies: InlinePolicies,
    /// Empty means none.
    pub description: String,
    /// In seconds.
    pub max_session_duration: u32,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub permissions_boundary: Option<PolicyArn>,
    /// Includes the ownership tags.
    pub tags: Tags,
}

impl RoleRecord {
    /// What is live as a record has it: of its inline policies those that are ours, and these tags.
    pub fn of(live: &LiveRole, is_ours: impl Fn(&PolicyName) -> bool, tags: Tags) -> RoleRecord {
        let ours = live.inline_policies.iter().filter(|(name, _)| is_ours(name));
        RoleRecord {
            arn: live.arn.clone(),
            id: live.id.clone(),
            trust_policy: live.trust_policy.clone(),
            inline_policies: ours.map(|(name, document)| (name.clone(), document.clone())).collect(),
            description: live.description.clone(),
            max_session_duration: live.max_session_duration,
            permissions_boundary: live.permissions_boundary.clone(),
            tags,
        }
    }
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
