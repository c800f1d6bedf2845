//! A full copy of a resource, taken before it is deleted or quarantined so that it can be restored. The JSON is
//! kept for years; a newer format is refused.
use crate::digest::Digest;
use crate::{AccountId, Address, AppId, Lineage, LiveEventStream, LiveRole, Region, RunId, Tags, Workspace};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use std::sync::Arc;

/// The format this version writes.
pub const FORMAT: u32 = 1;

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Entry {
    pub format: u32,
    /// The workspace whose run archived it.
    pub workspace: Workspace,
    pub lineage: Lineage,
    pub run: RunId,
    pub time: Timestamp,
    pub address: Address,
    pub object: Object,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Object {
    /// A role with its policies, tags and instance profiles.
    Role(Arc<LiveRole>),
    EventStream(EventStream),
    /// An app. Its endpoints, segments and credentials cannot be archived.
    App(App),
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EventStream {
    pub account: AccountId,
    pub region: Region,
    pub app_id: AppId,
    pub event_stream: LiveEventStream,
}

/// The archivable part of an app.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct App {
    pub account: AccountId,
    pub region: Region,
    /// Pinpoint never reuses an app id.
    pub app_id: AppId,
    pub name: String,
    /// Null if they could not be read.
    pub tags: Option<Tags>,
    /// Enabled channels; null if they could not be read.
    pub channels: Option<BTreeSet<String>>,
    pub event_stream: Option<LiveEventStream>,
    /// Reads that failed, and why.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub unread: Vec<String>,
}

/// An archive that was read back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Archived {
    pub path: String,
    /// Digest of the bytes that were read.
    pub digest: Digest,
    /// Whether the state or the journal records that a run of this workspace wrote exactly these bytes.
    pub is_verified: bool,
    pub entry: Entry,
}
