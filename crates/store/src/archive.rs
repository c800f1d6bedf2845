//! Keeping a thing before it is deleted or quarantined: all of it, with its digest in the journal and a script
//! that makes it again. No archive, no delete and no quarantine. What an archive holds is `model::archive`.
mod file;
mod found;
mod script;

pub use file::{FileArchive, Filed, parse, read};
pub use found::{is_verified, read_all};
pub use script::{quoted, restore_script};

use crate::disk::DiskError;
pub use pinpoint_streams_model::archive::{App, Archived, Entry, EventStream, FORMAT, Object};
use pinpoint_streams_model::digest::Digest;
use std::future::Future;
use std::sync::Arc;

/// Where an entry is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Kept {
    /// Where, for people and for `restore`.
    pub path: String,
    /// Over its bytes.
    pub digest: Digest,
}

/// Why a thing could not be archived, so that it is left alone, or an archive not be read.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ArchiveError {
    /// The file cannot be written or read.
    #[error(transparent)]
    Disk(#[from] DiskError),
    /// A newer version of the program wrote it.
    #[error("the archive {path} has format {format}, newer than {FORMAT}: a newer pinpoint-streams wrote it")]
    NewerFormat {
        /// Where it is.
        path: String,
        /// Its format.
        format: u32,
    },
    /// It is not one of ours, or was changed by hand.
    #[error("{path} is not an archive: {reason}")]
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
