//! The state, and the port to its store.
mod file;
mod json;

pub use file::{FileStateStore, write_copy};

use crate::disk::DiskError;
use pinpoint_streams_model::arn::RoleArn;
use pinpoint_streams_model::digest::Digest;
use pinpoint_streams_model::ids::{AccountAlias, AccountId, Lineage, RunId, Serial, Workspace};
use pinpoint_streams_model::recorded::{Pending, Quarantined, Recorded, Resources};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

/// The format that is written. A newer one is refused unread.
pub const FORMAT: u32 = 4;

/// What is kept between runs. Contains no secrets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct State {
    pub format: u32,
    pub workspace: Workspace,
    /// Created by the first apply.
    pub lineage: Lineage,
    /// Incremented by each write.
    pub serial: Serial,
    /// The run whose journal was applied last; null before the first.
    pub last_run: Option<RunId>,
    /// The last record of that journal that was applied.
    pub journal_seq: u64,
    /// Pinned at the first apply.
    pub accounts: BTreeMap<AccountAlias, AccountId>,
    pub resources: Resources,
    /// Operations with an unknown outcome.
    pub pending: Vec<Pending>,
    /// The archives of all runs, which `restore` trusts.
    pub archives: Archives,
    /// The digests of the newest run logs, oldest first, for `report`. Since format 3.
    pub run_logs: Vec<RunLogDigest>,
    /// The roles that a sweep quarantined, which alone `sweep --reap` deletes. Since format 2.
    pub quarantined: BTreeMap<RoleArn, Quarantined>,
}

/// The digest that chains all lines of a run log: [`Link::digest`](crate::journal::Link::digest) of the last.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, expecting = "the digest of a run log")]
pub struct RunLogDigest {
    pub run: RunId,
    pub digest: Digest,
    /// Whether the run was interrupted and its journal was taken as it was found: it may have been edited before.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub as_found: bool,
}

pub type Archives = BTreeMap<String, Digest>;

impl State {
    /// The state for a record. `None` if the record has no lineage.
    pub fn of(workspace: &Workspace, recorded: &Recorded, archives: Archives) -> Option<State> {
        let Recorded { lineage, serial, accounts, resources, pending, quarantined } = recorded.clone();
        Some(State {
            format: FORMAT,
            workspace: workspace.clone(),
            lineage: lineage?,
            serial,
            last_run: None,
            journal_seq: 0,
            accounts,
            resources,
            pending,
            archives,
            run_logs: Vec::new(),
            quarantined,
        })
    }

    pub fn recorded(&self) -> Recorded {
        Recorded {
            lineage: Some(self.lineage.clone()),
            serial: self.serial,
            accounts: self.accounts.clone(),
            resources: self.resources.clone(),
            pending: self.pending.clone(),
            quarantined: self.quarantined.clone(),
        }
    }
}

#[derive(Debug, Clone, thiserror::Error)]
#[non_exhaustive]
pub enum StateError {
    #[error(transparent)]
    Disk(Arc<DiskError>),
    #[error("the state {place} has format {format}, newer than {FORMAT}: a newer pinpoint-streams wrote it")]
    NewerFormat { place: String, format: u32 },
    /// It is truncated, or it was edited.
    #[error("the state {place} cannot be read, line {line} column {column}: {reason}")]
    Broken { place: String, line: usize, column: usize, reason: String },
    /// It was edited: an entry lacks something, or refers to what is not there.
    #[error("the state {place} is not valid: {reason}")]
    Invalid { place: String, reason: String },
    #[error("the state {place} is that of workspace `{found}`, not `{wanted}`")]
    OtherWorkspace { place: String, found: Workspace, wanted: Workspace },
    /// It was changed since it was read; nothing was written.
    #[error("the state {place} was changed outside this run: {reason}")]
    Conflict { place: String, reason: String },
    #[error("the state {place} was not written: its lock was removed while this run held it")]
    LockLost { place: String },
    /// After the second signal it is not waited for.
    #[error("the run was stopped before the write of the state {place} was answered; its outcome is unknown")]
    NotAnswered { place: String },
    #[error("the state {place} is being written by a run that is still running")]
    InUse { place: String },
    #[error("the state {place} cannot be reached")]
    Store {
        place: String,
        #[source]
        source: Arc<dyn std::error::Error + Send + Sync>,
    },
}

impl From<DiskError> for StateError {
    fn from(error: DiskError) -> Self {
        StateError::Disk(Arc::new(error))
    }
}

/// Where the state is kept. [`StateStore::write`] requires the lock.
pub trait StateStore: Send + Sync {
    fn place(&self) -> String;

    /// The state; `None` before the first apply.
    fn read(&self) -> impl Future<Output = Result<Option<State>, StateError>> + Send;

    /// Replaces the state by its successor, durably and atomically. A state that is unreadable or not the predecessor
    /// is never overwritten.
    fn write(&self, state: &State) -> impl Future<Output = Result<(), StateError>> + Send;

    /// Checks that the state may be written, before anything is done that must be recorded. Success is no guarantee.
    fn must_be_writable(&self) -> impl Future<Output = Result<(), StateError>> + Send {
        async { Ok(()) }
    }

    /// How often a run writes the state while it runs; `None` if the journal next to it is enough.
    fn push_every(&self) -> Option<Duration> {
        None
    }
}

/// A check of the location (for messages), the stored state and its replacement.
pub type Succession = fn(&str, Option<(&Lineage, Serial)>, &State) -> Result<(), StateError>;

/// Allows only the next serial of the same lineage, or serial 1 if there is no state yet. Anything else is a
/// [`StateError::Conflict`]. `place` is for messages.
pub fn check_successor(place: &str, before: Option<(&Lineage, Serial)>, next: &State) -> Result<(), StateError> {
    match same_lineage(place, before, next)? {
        Some(serial) if serial.next() != next.serial => {
            Err(conflict(place, format!("it has serial {serial}, so serial {} cannot follow", next.serial)))
        }
        None if next.serial.0 != 1 => {
            Err(conflict(place, format!("it does not exist, so serial {} cannot follow", next.serial)))
        }
        Some(_) | None => Ok(()),
    }
}

/// Allows any later serial of the same lineage, or any state if there is none yet.
pub fn check_later(place: &str, before: Option<(&Lineage, Serial)>, next: &State) -> Result<(), StateError> {
    match same_lineage(place, before, next)? {
        Some(serial) if serial >= next.serial => {
            Err(conflict(place, format!("it has serial {serial}, and serial {} is not later", next.serial)))
        }
        Some(_) | None => Ok(()),
    }
}

/// The serial of the stored state, if there is one.
fn same_lineage(
    place: &str,
    before: Option<(&Lineage, Serial)>,
    next: &State,
) -> Result<Option<Serial>, StateError> {
    match before {
        Some((lineage, _)) if *lineage != next.lineage => {
            Err(conflict(place, format!("it has lineage {lineage}, not {}", next.lineage)))
        }
        before => Ok(before.map(|(_, serial)| serial)),
    }
}

fn conflict(place: &str, reason: String) -> StateError {
    StateError::Conflict { place: place.to_owned(), reason }
}
