//! Archives of what is deleted or quarantined: a full copy, its digest in the journal, and a script that recreates it.
//! What cannot be archived is neither deleted nor quarantined. `model::archive` has the format.
mod file;
mod script;

pub use crate::aws_cli::quoted;
pub use file::{FileArchive, Filed, is_verified, parse, read, read_all, read_each};
pub use script::restore_script;

use crate::disk::DiskError;
pub use pinpoint_streams_model::archive::{App, Archived, Entry, EventStream, FORMAT, Object};
use pinpoint_streams_model::digest::Digest;
use std::future::Future;
use std::sync::Arc;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Kept {
    pub path: String,
    pub digest: Digest,
}

#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ArchiveError {
    #[error(transparent)]
    Disk(#[from] DiskError),
    #[error("the archive {path} has format {format}, newer than {FORMAT}: a newer pinpoint-streams wrote it")]
    NewerFormat { path: String, format: u32 },
    /// It is not an archive, or it was edited.
    #[error("{path} is not an archive: {reason}")]
    Broken { path: String, reason: String },
    #[error("the archive {place} cannot be reached")]
    Store {
        place: String,
        #[source]
        source: Arc<dyn std::error::Error + Send + Sync>,
    },
}

pub trait ArchiveStore: Send + Sync {
    /// Stores an entry and its restore script durably.
    fn keep(&self, entry: &Entry) -> impl Future<Output = Result<Kept, ArchiveError>> + Send;
}
