//! What a run starts from: the state with the journal of an earlier run applied. `plan` does this in memory; `apply`,
//! under the lock, on disk.
use crate::journal::{Fold, FoldError, JournalError, JournalStore, LeftoverJournal};
use crate::state::{State, StateError, StateStore};
use jiff::Timestamp;
use pinpoint_streams_model::ids::RunId;
use pinpoint_streams_model::recorded::Recorded;

/// The state that a run starts from.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Loaded {
    /// With the journal applied; `None` before the first apply.
    pub state: Option<State>,
    /// Its record. The caller may settle pending operations before a run starts from it.
    pub recorded: Recorded,
    /// The run whose journal was applied, because it did not finish.
    pub resumed: Option<RunId>,
}

#[derive(Debug, thiserror::Error)]
pub enum SessionError {
    #[error(transparent)]
    State(#[from] StateError),
    #[error(transparent)]
    Journal(#[from] JournalError),
    #[error(transparent)]
    Fold(#[from] FoldError),
}

/// Applies the journal in memory, without the lock; `now` is when. The result is what [`open`] would write, including the serial, so
/// a plan made from it is valid for `apply`.
pub async fn load(
    state: &impl StateStore,
    journal: &impl JournalStore,
    now: Timestamp,
) -> Result<Loaded, SessionError> {
    let (loaded, _) = read(state, journal, now).await?;
    Ok(loaded)
}

/// Writes a leftover journal into the state and removes it. Requires the lock. A state that may not be written is an
/// error even if there is nothing to write yet.
pub async fn open(
    state: &impl StateStore,
    journal: &impl JournalStore,
    now: Timestamp,
) -> Result<Loaded, SessionError> {
    // Before they are read, so that no other run writes them after that.
    journal.must_be_removable().await?;
    state.must_be_writable().await?;
    let (loaded, left) = read(state, journal, now).await?;
    if let (Left::Journal, Some(folded)) = (left, &loaded.state) {
        state.write(folded).await?;
    }
    if left != Left::Nothing {
        journal.remove().await?;
    }
    Ok(loaded)
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Left {
    Nothing,
    /// A journal that the state already contains.
    SpentJournal,
    /// A journal that the state lacks.
    Journal,
}

async fn read(
    state: &impl StateStore,
    journal: &impl JournalStore,
    now: Timestamp,
) -> Result<(Loaded, Left), SessionError> {
    // The journal first: if it is applied and removed between the two reads, the state contains it.
    let contents = journal.read().await?;
    let found = state.read().await?;
    let (state, resumed, left) = match contents {
        None => (found, None, Left::Nothing),
        Some(contents) => match Fold::found(found.as_ref(), contents, now)? {
            LeftoverJournal::Spent => (found, None, Left::SpentJournal),
            LeftoverJournal::Folded(folded) => (Some(*folded.clone()), folded.last_run, Left::Journal),
        },
    };
    let recorded = state.as_ref().map(State::recorded).unwrap_or_default();
    Ok((Loaded { state, recorded, resumed }, left))
}
