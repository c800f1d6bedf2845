//! What is kept of a thing before it is deleted: all of it, with its digest in the journal and a script
//! that makes it again. No archive, no delete.
mod file;
mod script;

pub use file::{FileArchive, read};
pub use script::restore_script;

use crate::disk::DiskError;
use jiff::Timestamp;
use pinpoint_streams_model::address::Address;
use pinpoint_streams_model::digest::Digest;
use pinpoint_streams_model::ids::{AccountId, AppId, Lineage, RunId, Workspace};
use pinpoint_streams_model::live::{LiveEventStream, LiveRole};
use pinpoint_streams_model::ownership::Tags;
use pinpoint_streams_model::region::Region;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use std::future::Future;
use std::sync::Arc;

/// The format that is written.
pub const FORMAT: u32 = 1;

/// One thing as it was before it was deleted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Entry {
    /// [`FORMAT`].
    pub format: u32,
    /// Whose run deleted it.
    pub workspace: Workspace,
    /// The lineage of that workspace's state.
    pub lineage: Lineage,
    /// The run.
    pub run: RunId,
    /// When it was archived.
    pub time: Timestamp,
    /// What it was called here.
    pub address: Address,
    /// The thing itself.
    pub object: Object,
}

/// The thing itself.
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
    /// The app's account.
    pub account: AccountId,
    /// The app's region.
    pub region: Region,
    /// The app.
    pub app_id: AppId,
    /// Where events went, and as whom.
    pub event_stream: LiveEventStream,
}

/// An app, as far as it can be kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct App {
    /// Its account.
    pub account: AccountId,
    /// Its region.
    pub region: Region,
    /// Its id, which is never given again.
    pub app_id: AppId,
    /// Its name.
    pub name: String,
    /// Its tags; null where they could not be read.
    pub tags: Option<Tags>,
    /// Its enabled channels; null where they could not be read.
    pub channels: Option<BTreeSet<String>>,
    /// Its event stream, where it had one.
    pub event_stream: Option<LiveEventStream>,
    /// What could not be read, and why.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub unread: Vec<String>,
}

/// Where an entry is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Kept {
    /// Where, for people and for `restore`.
    pub path: String,
    /// Over its bytes.
    pub digest: Digest,
}

/// Why a thing could not be archived, so that it is not deleted.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ArchiveError {
    /// The file cannot be written or read.
    #[error(transparent)]
    Disk(#[from] DiskError),
    /// It is not one of ours, or was changed by hand.
    #[error("{path} is no archive: {reason}")]
    Broken {
        /// Where it is.
        path: String,
        /// What is wrong with it.
        reason: String,
    },
    /// Wherever archives are kept did not take it.
    #[error("the archive {place} cannot be reached")]
    Store {
        /// Where that is.
        place: String,
        /// Why.
        #[source]
        source: Arc<dyn std::error::Error + Send + Sync>,
    },
}

/// Where archives are kept.
pub trait ArchiveStore: Send + Sync {
    /// Keeps an entry and its script, durably.
    fn keep(&self, entry: &Entry) -> impl Future<Output = Result<Kept, ArchiveError>> + Send;
}
