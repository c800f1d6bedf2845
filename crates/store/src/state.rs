//! The state: what is kept between runs, as JSON, and the port to wherever it is kept.
mod file;
mod succession;

pub use file::{FileStateStore, write_copy};
pub use succession::{Succession, check_later, check_successor};

use crate::disk::DiskError;
use pinpoint_streams_model::digest::Digest;
use pinpoint_streams_model::ids::{AccountAlias, AccountId, Lineage, RunId, Serial, Workspace};
use pinpoint_streams_model::recorded::{Pending, Recorded, Resources};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

/// The format that is written. A newer one is refused unread.
pub const FORMAT: u32 = 1;

/// What is kept between runs. It holds no secret.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct State {
    /// [`FORMAT`].
    pub format: u32,
    /// Whose state it is.
    pub workspace: Workspace,
    /// Made once, by the first apply.
    pub lineage: Lineage,
    /// One more with each write.
    pub serial: Serial,
    /// The run whose journal was taken in last; null before any was.
    pub last_run: Option<RunId>,
    /// The last record of that journal that was taken in.
    pub journal_seq: u64,
    /// The accounts, pinned at the first apply.
    pub accounts: BTreeMap<AccountAlias, AccountId>,
    /// What is owned.
    pub resources: Resources,
    /// What was begun without a known end.
    pub pending: Vec<Pending>,
    /// The archives that runs have made, and their digests: what `restore` trusts.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub archives: Archives,
}

/// Digests of archives, by path.
pub type Archives = BTreeMap<String, Digest>;

impl State {
    /// The state that holds this, with these archives known. A record without a lineage has no state.
    pub fn of(workspace: &Workspace, recorded: &Recorded, archives: Archives) -> Option<State> {
        let Recorded { lineage, serial, accounts, resources, pending } = recorded.clone();
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
        })
    }

    /// What it says this workspace owns.
    pub fn recorded(&self) -> Recorded {
        Recorded {
            lineage: Some(self.lineage.clone()),
            serial: self.serial,
            accounts: self.accounts.clone(),
            resources: self.resources.clone(),
            pending: self.pending.clone(),
        }
    }

    /// Reads a state. `place` is where it was found, for people.
    pub fn from_json(place: &str, json: &[u8], workspace: &Workspace) -> Result<State, StateError> {
        /// All that is read of a format that may not be known.
        #[derive(Deserialize)]
        struct Header {
            format: u32,
        }
        let broken = |error: serde_json::Error| StateError::Broken {
            place: place.to_owned(),
            line: error.line(),
            column: error.column(),
            reason: without_position(&error),
        };
        let Header { format } = serde_json::from_slice(json).map_err(broken)?;
        if format > FORMAT {
            return Err(StateError::NewerFormat { place: place.to_owned(), format });
        }
        let state: State = serde_json::from_slice(json).map_err(broken)?;
        if state.workspace != *workspace {
            let (found, wanted) = (state.workspace, workspace.clone());
            return Err(StateError::OtherWorkspace { place: place.to_owned(), found, wanted });
        }
        Ok(state)
    }

    /// The JSON that is kept: indented, so that people can read and compare it.
    pub fn to_json(&self) -> Result<Vec<u8>, StateError> {
        let mut json = serde_json::to_vec_pretty(self)
            .map_err(|error| StateError::Store { place: "memory".to_owned(), source: Arc::new(error) })?;
        json.push(b'\n');
        Ok(json)
    }
}

fn without_position(error: &serde_json::Error) -> String {
    let text = error.to_string();
    match text.rfind(" at line ") {
        Some(at) => text[..at].to_owned(),
        None => text,
    }
}

/// Why a state cannot be read or written.
#[derive(Debug, Clone, thiserror::Error)]
#[non_exhaustive]
pub enum StateError {
    /// The file cannot be read or written.
    #[error(transparent)]
    Disk(Arc<DiskError>),
    /// A newer version of the program wrote it.
    #[error("the state {place} has format {format}, newer than {FORMAT}: a newer pinpoint-streams wrote it")]
    NewerFormat {
        /// Where it is.
        place: String,
        /// Its format.
        format: u32,
    },
    /// It is cut off or was changed by hand.
    #[error("the state {place} cannot be read, line {line} column {column}: {reason}")]
    Broken {
        /// Where it is.
        place: String,
        /// From 1.
        line: usize,
        /// From 1.
        column: usize,
        /// What is wrong there.
        reason: String,
    },
    /// It belongs to another workspace.
    #[error("the state {place} is that of workspace `{found}`, not `{wanted}`")]
    OtherWorkspace {
        /// Where it is.
        place: String,
        /// Whose it is.
        found: Workspace,
        /// Whose it should be.
        wanted: Workspace,
    },
    /// Another hand wrote it meanwhile; nothing was written.
    #[error("the state {place} was changed outside this run: {reason}")]
    Conflict {
        /// Where it is.
        place: String,
        /// What was found.
        reason: String,
    },
    /// Wherever it is kept did not take or give it.
    #[error("the state {place} cannot be reached")]
    Store {
        /// Where it is.
        place: String,
        /// Why.
        #[source]
        source: Arc<dyn std::error::Error + Send + Sync>,
    },
}

impl From<DiskError> for StateError {
    fn from(error: DiskError) -> Self {
        StateError::Disk(Arc::new(error))
    }
}

/// Where the state is kept. The lock is held whenever [`StateStore::write`] is called.
pub trait StateStore: Send + Sync {
    /// Where it is, for people.
    fn place(&self) -> String;

    /// The state; none before the first apply.
    fn read(&self) -> impl Future<Output = Result<Option<State>, StateError>> + Send;

    /// Replaces the state by its successor, durably and whole or not at all. What cannot be read, or is
    /// not the predecessor, is never overwritten.
    fn write(&self, state: &State) -> impl Future<Output = Result<(), StateError>> + Send;

    /// Whether the state may be written, found out before anything is done that would have to be written down. An
    /// error says what is in the way; that there is none is no promise.
    fn must_be_writable(&self) -> impl Future<Output = Result<(), StateError>> + Send {
        async { Ok(()) }
    }

    /// How often a run writes the state while it goes on; none where the journal beside it is enough.
    fn push_every(&self) -> Option<Duration> {
        None
    }
}
