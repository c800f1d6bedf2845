//! What can go wrong with a world kept on disk.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Why a world on disk cannot be read or written.
#[derive(Debug, Clone, thiserror::Error)]
pub enum StoreError {
    /// The operating system refused.
    #[error("failed to {doing} {}", path.display())]
    Io {
        /// What was being done, as a verb.
        doing: &'static str,
        /// To what.
        path: PathBuf,
        /// What the system said.
        source: Arc<io::Error>,
    },
    /// The file is not what the sandbox wrote. It is left as it is.
    #[error("{} is broken at line {line}: {reason}", path.display())]
    Broken {
        /// The file.
        path: PathBuf,
        /// Where, counted from 1.
        line: usize,
        /// What is wrong there.
        reason: String,
    },
    /// A line of the file is whole, but what it holds is not what the sandbox keeps under that key.
    #[error("{} holds no usable `{key}`: {reason}", path.display())]
    Entry {
        /// The file.
        path: PathBuf,
        /// What should have been there.
        key: String,
        /// What is wrong with it.
        reason: String,
    },
    /// The file was written by a newer version. It is left as it is.
    #[error("{} has format {found}; this version knows formats up to {known}", path.display())]
    Newer {
        /// The file.
        path: PathBuf,
        /// Its format.
        found: u64,
        /// The newest format known here.
        known: u64,
    },
    /// The work was dropped before it was done; nothing of it was answered.
    #[error("the sandbox's writer stopped in the middle of a write")]
    Interrupted,
}

impl StoreError {
    /// The file or folder that it is about.
    pub fn path(&self) -> Option<&Path> {
        match self {
            StoreError::Io { path, .. }
            | StoreError::Broken { path, .. }
            | StoreError::Entry { path, .. }
            | StoreError::Newer { path, .. } => Some(path),
            StoreError::Interrupted => None,
        }
    }

    pub(crate) fn io(doing: &'static str, path: &Path, source: io::Error) -> StoreError {
        StoreError::Io { doing, path: path.to_owned(), source: Arc::new(source) }
    }
}
