//! Errors of the store.
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

#[derive(Debug, Clone, thiserror::Error)]
pub enum StoreError {
    #[error("failed to {doing} {}", path.display())]
    Io {
        /// A verb.
        doing: &'static str,
        path: PathBuf,
        source: Arc<io::Error>,
    },
    /// The file is damaged. It is left unchanged.
    #[error("{} is damaged at line {line}: {reason}", path.display())]
    Broken {
        path: PathBuf,
        /// Counted from 1.
        line: usize,
        reason: String,
    },
    /// A value does not have the type of its key.
    #[error("invalid entry `{key}` in {}: {reason}", path.display())]
    Entry { path: PathBuf, key: String, reason: String },
    /// The file was written by a newer version. It is left unchanged.
    #[error("{} has format {found}; this version supports formats up to {known}", path.display())]
    Newer { path: PathBuf, found: u64, known: u64 },
    /// The writing task stopped before it answered.
    #[error("the write to the sandbox was interrupted")]
    Interrupted,
}

impl StoreError {
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
