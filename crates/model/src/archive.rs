//! What is kept of a thing before it is deleted or quarantined: all of it, so that it can be put back. Its
//! JSON is kept for years; a newer format is refused.
use crate::address::Address;
use crate::digest::Digest;
use crate::ids::{AccountId, AppId, Lineage, RunId, Workspace};
use crate::live::{LiveEventStream, LiveRole};
use crate::ownership::Tags;
use crate::region::Region;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// The format that is written.
pub const FORMAT: u32 = 1;

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Entry {
    pub format: u32,
    /// Whose run took it away.
    pub workspace: Workspace,
    pub lineage: Lineage,
    pub run: RunId,
    pub time: Timestamp,
    /// What it was called here.
    pub address: Address,
    pub object: Object,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Object {
    /// A role with all that hung on it.
    Role(Box<LiveRole>),
    /// An app's event stream.
    EventStream(EventStream),
    /// An app. Its endpoints, segments and credentials cannot be archived.
    App(App),
}

/// An app's event stream.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EventStream {
    pub account: AccountId,
    pub region: Region,
    pub app_id: AppId,
    /// Where events went, and as whom.
    pub event_stream: LiveEventStream,
}

/// An app, as far as it can be kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct App {
    pub account: AccountId,
    pub region: Region,
    /// Its id, which is never given again.
    pub app_id: AppId,
    pub name: String,
    /// Its tags; null where they could not be read.
    pub tags: Option<Tags>,
    /// Its enabled channels; null where they could not be read.
    pub channels: Option<BTreeSet<String>>,
    pub event_stream: Option<LiveEventStream>,
    /// What could not be read, and why.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub unread: Vec<String>,
}

/// An archive as it was found again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Archived {
    pub path: String,
    /// Over its bytes as they are now.
    pub digest: Digest,
    /// Whether state or journal say that a run of this workspace wrote these very bytes.
    pub is_vouched: bool,
    pub entry: Entry,
}
