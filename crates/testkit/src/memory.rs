//! What a run keeps, in memory: the state, the journal and the archives, as strict as the files, and able to be full.
//! They outlive the program that [`crate::FakeCloud`] lets die, as a disk does.
use crate::history::{Chronicle, Entering};
use pinpoint_streams_executor::Stores;
use pinpoint_streams_model::digest;
use pinpoint_streams_model::ids::Workspace;
use pinpoint_streams_model::recorded::Recorded;
use pinpoint_streams_store::archive::{ArchiveError, ArchiveStore, Entry, Kept};
use pinpoint_streams_store::journal::{Contents, Header, JournalError, JournalStore, Log, Record};
use pinpoint_streams_store::state::{State, StateError, StateStore};
use std::io;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// All that a run keeps. Clones are handles to one.
#[derive(Debug, Clone, Default)]
pub struct Memory {
    /// The state.
    pub state: MemoryState,
    /// The journal.
    pub journal: MemoryJournal,
    /// The archives.
    pub archive: MemoryArchive,
}

impl Memory {
    /// Nothing is kept yet.
    pub fn new() -> Memory {
        Memory::default()
    }

    /// The state of this workspace says this; without a lineage there is none yet.
    pub fn recording(workspace: &Workspace, recorded: &Recorded) -> Memory {
        let memory = Memory::new();
        lock(&memory.state.0).content = State::of(workspace, recorded, Default::default());
        memory
    }

    /// The same, with what a run keeps in a place of its own, as if nothing of this was here.
    pub(crate) fn fork(&self) -> Memory {
        let memory = Memory::new();
        lock(&memory.state.0).content = lock(&self.state.0).content.clone();
        lock(&memory.state.0).push_every = lock(&self.state.0).push_every;
        lock(&memory.journal.0).content = lock(&self.journal.0).content.clone();
        lock(&memory.archive.0).content = lock(&self.archive.0).content.clone();
        memory
    }

    /// Whether the same is kept as in another.
    pub(crate) fn holds_the_same_as(&self, other: &Memory) -> bool {
        self.state.now() == other.state.now()
            && self.journal.bytes() == other.journal.bytes()
            && self.archive.entries() == other.archive.entries()
    }

    /// Lets every write be noted there.
    pub(crate) fn is_noted_in(&self, chronicle: &Chronicle) {
        lock(&self.state.0).chronicle = chronicle.clone();
        lock(&self.journal.0).chronicle = chronicle.clone();
        lock(&self.archive.0).chronicle = chronicle.clone();
    }

    /// As the executor takes them.
    pub fn stores(&self) -> Stores<'_, MemoryState, MemoryJournal, MemoryArchive> {
        Stores { state: &self.state, journal: &self.journal, archive: &self.archive }
    }
}

/// What one store holds, and whether it takes more.
#[derive(Debug, Default)]
struct Shelf<T> {
    content: T,
    /// How many writes it still takes; any number where there is none.
    room: Option<usize>,
    writes: usize,
    /// How often a run is to write it while it goes on.
    push_every: Option<Duration>,
    chronicle: Chronicle,
}

impl<T> Shelf<T> {
    /// Takes one more write, if there is room.
    fn take(&mut self) -> Result<&mut T, io::Error> {
        if let Some(room) = &mut self.room {
            *room = room.checked_sub(1).ok_or(io::ErrorKind::StorageFull)?;
        }
        self.writes += 1;
        Ok(&mut self.content)
    }
}

fn chronicle<T>(shelf: &Mutex<Shelf<T>>) -> Chronicle {
    lock(shelf).chronicle.clone()
}

fn lock<T>(shelf: &Mutex<Shelf<T>>) -> MutexGuard<'_, Shelf<T>> {
    shelf.lock().unwrap_or_else(PoisonError::into_inner)
}

macro_rules! room {
    ($store:ident) => {
        impl $store {
            /// From now on takes so many writes, and fails for want of room thereafter.
            pub fn has_room_for(&self, writes: usize) {
                lock(&self.0).room = Some(writes);
            }

            /// Takes any number of writes again.
            pub fn has_room(&self) {
                lock(&self.0).room = None;
            }

            /// How many writes it has taken.
            pub fn writes(&self) -> usize {
                lock(&self.0).writes
            }
        }
    };
}

/// A state in memory.
#[derive(Debug, Clone, Default)]
pub struct MemoryState(Arc<Mutex<Shelf<Option<State>>>>);
room!(MemoryState);

impl MemoryState {
    /// What is kept now.
    pub fn now(&self) -> Option<State> {
        lock(&self.0).content.clone()
    }

    /// Another hand replaces it, or takes it away.
    pub fn replace(&self, state: Option<State>) {
        lock(&self.0).content = state;
    }

    /// From now on it is far away: a run writes it while it goes on, this often.
    pub fn is_remote(&self, push_every: Duration) {
        lock(&self.0).push_every = Some(push_every);
    }

    fn conflict(&self, reason: String) -> Result<(), StateError> {
        Err(StateError::Conflict { place: self.place(), reason })
    }
}

impl StateStore for MemoryState {
    fn place(&self) -> String {
        "memory".to_owned()
    }

    async fn read(&self) -> Result<Option<State>, StateError> {
        Ok(self.now())
    }

    async fn write(&self, state: &State) -> Result<(), StateError> {
        let chronicle = chronicle(&self.0);
        let mut history = chronicle.open();
        history.note(|| format!("before the state is written with serial {}", state.serial));
        self.replace_by_successor(state)?;
        history.note(|| format!("after the state is written with serial {}", state.serial));
        Ok(())
    }

    fn push_every(&self) -> Option<Duration> {
        lock(&self.0).push_every
    }
}

impl MemoryState {
    fn replace_by_successor(&self, state: &State) -> Result<(), StateError> {
        let mut shelf = lock(&self.0);
        let successor_of = shelf.content.as_ref().map(|before| (&before.lineage, before.serial));
        let fits = match successor_of {
            Some((lineage, serial)) => *lineage == state.lineage && serial.next() == state.serial,
            None => state.serial.0 == 1,
        };
        if !fits {
            return self.conflict(format!("{} does not follow {successor_of:?}", state.serial));
        }
        let full = |error| StateError::Store { place: self.place(), source: Arc::new(error) };
        *shelf.take().map_err(full)? = Some(state.clone());
        Ok(())
    }
}

/// A journal in memory: its bytes, as a file has them.
#[derive(Debug, Clone, Default)]
pub struct MemoryJournal(Arc<Mutex<Shelf<Option<Vec<u8>>>>>);
room!(MemoryJournal);

impl MemoryJournal {
    /// The bytes, if there is a journal.
    pub fn bytes(&self) -> Option<Vec<u8>> {
        lock(&self.0).content.clone()
    }

    /// Cuts off the last so many bytes, as a power failure may.
    pub fn tear(&self, bytes: usize) {
        if let Some(content) = &mut lock(&self.0).content {
            content.truncate(content.len().saturating_sub(bytes));
        }
    }

    /// Another hand takes it away, as with a working folder that is wiped.
    pub fn lose(&self) {
        lock(&self.0).content = None;
    }

    /// A power failure may come between the two.
    fn write_in_halves(&self, bytes: &[u8], history: &mut Entering<'_>) {
        let (first, second) = bytes.split_at(bytes.len() / 2);
        self.extend(first);
        history.note(|| format!("with {} of {} bytes in the journal", first.len(), bytes.len()));
        self.extend(second);
    }

    fn extend(&self, bytes: &[u8]) {
        if let Some(content) = &mut lock(&self.0).content {
            content.extend_from_slice(bytes);
        }
    }

    fn broken(&self, line: usize, reason: impl ToString) -> JournalError {
        JournalError::Broken { place: self.place(), line, reason: reason.to_string() }
    }
}

impl JournalStore for MemoryJournal {
    type Log = MemoryJournal;

    fn place(&self) -> String {
        "memory".to_owned()
    }

    async fn read(&self) -> Result<Option<Contents>, JournalError> {
        let Some(bytes) = self.bytes() else { return Ok(None) };
        let mut lines =
            bytes.split_inclusive(|byte| *byte == b'\n').filter(|line| line.ends_with(b"\n")).enumerate();
        let header = lines.next().map(|(_, line)| serde_json::from_slice::<Header>(line));
        let header = header.transpose().map_err(|error| self.broken(1, error))?;
        let record =
            |(at, line)| serde_json::from_slice::<Record>(line).map_err(|error| self.broken(at + 1, error));
        Ok(Some(Contents { header, records: lines.map(record).collect::<Result<_, _>>()? }))
    }

    async fn create(&self, header: &Header) -> Result<MemoryJournal, JournalError> {
        if self.bytes().is_some() {
            return Err(self.broken(1, "there is a journal already"));
        }
        let mut line = serde_json::to_vec(header).map_err(|error| self.broken(1, error))?;
        line.push(b'\n');
        let chronicle = chronicle(&self.0);
        let mut history = chronicle.open();
        history.note(|| "before the journal is begun".to_owned());
        *lock(&self.0).take().map_err(|error| self.broken(1, error))? = Some(Vec::new());
        history.note(|| "while the journal is begun: it is empty".to_owned());
        self.write_in_halves(&line, &mut history);
        history.note(|| "after the journal is begun".to_owned());
        Ok(self.clone())
    }

    async fn remove(&self) -> Result<(), JournalError> {
        let chronicle = chronicle(&self.0);
        let mut history = chronicle.open();
        history.note(|| "before the journal is taken away".to_owned());
        lock(&self.0).content = None;
        history.note(|| "after the journal is taken away".to_owned());
        Ok(())
    }
}

impl Log for MemoryJournal {
    fn append(&mut self, lines: &[u8]) -> io::Result<()> {
        if self.bytes().is_none() {
            return Err(io::ErrorKind::NotFound.into());
        }
        let chronicle = chronicle(&self.0);
        let mut history = chronicle.open();
        lock(&self.0).take()?;
        history.note(|| format!("before the journal takes {} bytes", lines.len()));
        self.write_in_halves(lines, &mut history);
        history.note(|| format!("after the journal took {} bytes", lines.len()));
        Ok(())
    }
}

/// Archives in memory.
#[derive(Debug, Clone, Default)]
pub struct MemoryArchive(Arc<Mutex<Shelf<Vec<Entry>>>>);
room!(MemoryArchive);

impl MemoryArchive {
    /// All that was kept, in order.
    pub fn entries(&self) -> Vec<Entry> {
        lock(&self.0).content.clone()
    }
}

impl ArchiveStore for MemoryArchive {
    async fn keep(&self, entry: &Entry) -> Result<Kept, ArchiveError> {
        let chronicle = chronicle(&self.0);
        let mut history = chronicle.open();
        history.note(|| format!("before {} is archived", entry.address));
        let kept = self.put(entry)?;
        history.note(|| format!("after {} is archived", entry.address));
        Ok(kept)
    }
}

impl MemoryArchive {
    fn put(&self, entry: &Entry) -> Result<Kept, ArchiveError> {
        let mut shelf = lock(&self.0);
        let full = |error| ArchiveError::Store { place: "memory".to_owned(), source: Arc::new(error) };
        let entries = shelf.take().map_err(full)?;
        entries.push(entry.clone());
        Ok(Kept { path: format!("memory/{}", entries.len()), digest: digest::of(entry) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use pinpoint_streams_model::ids::Serial;
    use pinpoint_streams_store::journal::FORMAT;

    fn header() -> Header {
        Header {
            format: FORMAT,
            lineage: crate::applied::lineage(),
            serial: Serial(1),
            run: crate::parsed("r1"),
            about: None,
        }
    }

    #[tokio::test]
    async fn a_torn_journal_is_read_without_its_last_line() {
        let journal = MemoryJournal::default();
        assert_eq!(journal.read().await.unwrap(), None);
        journal.create(&header()).await.unwrap();
        assert!(journal.create(&header()).await.is_err());
        assert_eq!(journal.read().await.unwrap().unwrap().header, Some(header()));
        journal.tear(1);
        assert_eq!(journal.read().await.unwrap().unwrap().header, None);
    }

    #[tokio::test]
    async fn a_full_store_takes_nothing_more() {
        let journal = MemoryJournal::default();
        journal.has_room_for(2);
        let mut log = journal.create(&header()).await.unwrap();
        log.append(b"x\n").unwrap();
        assert_eq!(log.append(b"y\n").unwrap_err().kind(), io::ErrorKind::StorageFull);
        journal.has_room();
        log.append(b"y\n").unwrap();
        assert_eq!(journal.writes(), 3);
    }

    #[tokio::test]
    async fn a_state_takes_only_its_successor() {
        let recorded = |serial| Recorded {
            lineage: Some(crate::applied::lineage()),
            serial: Serial(serial),
            ..Recorded::default()
        };
        let workspace = crate::parsed("growth");
        let state = |serial| State::of(&workspace, &recorded(serial), Default::default()).unwrap();
        let memory = Memory::recording(&workspace, &recorded(7));
        assert!(memory.state.write(&state(7)).await.is_err());
        memory.state.write(&state(8)).await.unwrap();
        assert_eq!(memory.state.read().await.unwrap(), Some(state(8)));
    }
}
