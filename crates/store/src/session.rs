//! What a run starts from: the state with what an earlier run's journal adds. `plan` does it in memory
//! alone; `apply`, which holds the lock, does it on disk.
use crate::journal::{Fold, FoldError, Found, JournalError, JournalStore};
use crate::state::{State, StateError, StateStore};
use pinpoint_streams_model::ids::RunId;
use pinpoint_streams_model::recorded::Recorded;

/// The state, and what it says is ours.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Loaded {
    /// The state, with the journal in it; none before the first apply.
    pub state: Option<State>,
    /// What it records. The caller may settle what is pending in it before a run starts from it.
    pub recorded: Recorded,
    /// The run whose journal had to be taken in, because it did not end in order.
    pub resumed: Option<RunId>,
}

/// Why there is nothing to start from.
#[derive(Debug, thiserror::Error)]
pub enum SessionError {
    /// The state cannot be read or written.
    #[error(transparent)]
    State(#[from] StateError),
    /// The journal cannot be read or taken away.
    #[error(transparent)]
    Journal(#[from] JournalError),
    /// The journal does not belong to the state.
    #[error(transparent)]
    Fold(#[from] FoldError),
}

/// State and journal in memory; nothing is written and no lock is needed. The record that comes of it is
/// the one that [`open`] would leave on disk, serial included, so a plan made from it holds for `apply`.
pub async fn load(state: &impl StateStore, journal: &impl JournalStore) -> Result<Loaded, SessionError> {
    let (loaded, _) = read(state, journal).await?;
    Ok(loaded)
}

/// State and journal on disk: a journal that was left is written into the state and then taken away. The
/// lock must be held. A state that may not be written is an error even where nothing is to be written yet: a run would
/// have to, in the end.
pub async fn open(state: &impl StateStore, journal: &impl JournalStore) -> Result<Loaded, SessionError> {
    let (loaded, left) = read(state, journal).await?;
    state.must_be_writable().await?;
    journal.must_be_removable().await?;
    if let (Left::Journal, Some(folded)) = (left, &loaded.state) {
        state.write(folded).await?;
    }
    if left != Left::Nothing {
        journal.remove().await?;
    }
    Ok(loaded)
}

/// What an earlier run left beside the state.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Left {
    Nothing,
    /// A journal that the state holds already.
    SpentJournal,
    /// A journal that it lacks.
    Journal,
}

async fn read(state: &impl StateStore, journal: &impl JournalStore) -> Result<(Loaded, Left), SessionError> {
    // The journal first: were it folded and removed between the two reads, the state holds it already.
    let contents = journal.read().await?;
    let found = state.read().await?;
    let (state, resumed, left) = match contents {
        None => (found, None, Left::Nothing),
        Some(contents) => match Fold::found(found.as_ref(), contents)? {
            Found::Spent => (found, None, Left::SpentJournal),
            Found::Folded(folded) => (Some(*folded.clone()), folded.last_run, Left::Journal),
        },
    };
    let recorded = state.as_ref().map(State::recorded).unwrap_or_default();
    Ok((Loaded { state, recorded, resumed }, left))
}
