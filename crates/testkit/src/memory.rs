//! What a run keeps, in memory: state, journal and archives, as strict as the files. They can be full, and they outlive
//! a program that [`FakeCloud`] lets crash, as a disk does: what that program was about to keep is not kept.
use crate::cloud::{FakeCloud, ProcessId, Side};
use crate::recorder::{Entering, Recorder};
use pinpoint_streams_executor::Stores;
use pinpoint_streams_model::archive::Archived;
use pinpoint_streams_model::digest;
use pinpoint_streams_model::ids::{RunId, Workspace};
use pinpoint_streams_model::recorded::Recorded;
use pinpoint_streams_store::archive::{ArchiveError, ArchiveStore, Entry, Kept, is_verified};
use pinpoint_streams_store::journal::{self, Contents, JournalError, JournalStore, Log};
use pinpoint_streams_store::state::{State, StateError, StateStore, check_successor};
use std::collections::BTreeSet;
use std::future::pending;
use std::io;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

#[derive(Debug, Clone, Default)]
pub struct Memory {
    pub state: MemoryState,
    pub journal: MemoryJournal,
    pub archive: MemoryArchive,
}

pub type MemoryState = Store<Option<State>>;
/// A journal's bytes, as a file has them.
pub type MemoryJournal = Store<Option<Vec<u8>>>;
pub type MemoryArchive = Store<Vec<Entry>>;

impl Memory {
    pub fn new() -> Memory {
        Memory::default()
    }

    /// The state of this workspace says this; without a lineage there is none yet.
    pub fn recording(workspace: &Workspace, recorded: &Recorded) -> Memory {
        let memory = Memory::new();
        memory.state.lock().content = State::of(workspace, recorded, Default::default());
        memory
    }

    /// The same stores, as the program that calls this cloud now sees them: it keeps nothing once it has crashed.
    pub fn of_process(&self, cloud: &FakeCloud) -> Memory {
        let process = (cloud.clone(), cloud.process());
        Memory {
            state: self.state.of_process(&process),
            journal: self.journal.of_process(&process),
            archive: self.archive.of_process(&process),
        }
    }

    pub(crate) fn fork(&self) -> Memory {
        Memory { state: self.state.fork(), journal: self.journal.fork(), archive: self.archive.fork() }
    }

    pub(crate) fn holds_the_same_as(&self, other: &Memory) -> bool {
        self.state.now() == other.state.now()
            && self.journal.bytes() == other.journal.bytes()
            && self.archive.entries() == other.archive.entries()
    }

    pub(crate) fn record_in(&self, recorder: &Recorder) {
        self.state.lock().recorder = recorder.clone();
        self.journal.lock().recorder = recorder.clone();
        self.archive.lock().recorder = recorder.clone();
    }

    /// Every store takes any number of writes again.
    pub fn has_room(&self) {
        self.state.has_room();
        self.journal.has_room();
        self.archive.has_room();
    }

    pub fn stores(&self) -> Stores<'_, MemoryState, MemoryJournal, MemoryArchive> {
        Stores { state: &self.state, journal: &self.journal, archive: &self.archive }
    }
}

#[derive(Debug, Clone, Default)]
pub struct Store<T> {
    shelf: Arc<Mutex<Shelf<T>>>,
    /// Who writes, where it can crash.
    process: Option<(FakeCloud, ProcessId)>,
}

/// What a store holds, and whether it takes more.
#[derive(Debug, Default)]
struct Shelf<T> {
    content: T,
    /// How many writes it still takes; any number where there is none.
    room: Option<usize>,
    writes: usize,
    push_every: Option<Duration>,
    recorder: Recorder,
}

impl<T> Shelf<T> {
    fn take(&mut self) -> Result<&mut T, io::Error> {
        if let Some(room) = &mut self.room {
            *room = room.checked_sub(1).ok_or(io::ErrorKind::StorageFull)?;
        }
        self.writes += 1;
        Ok(&mut self.content)
    }
}

impl<T: Clone + Default> Store<T> {
    fn lock(&self) -> MutexGuard<'_, Shelf<T>> {
        self.shelf.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn of_process(&self, process: &(FakeCloud, ProcessId)) -> Store<T> {
        Store { process: Some(process.clone()), ..self.clone() }
    }

    fn fork(&self) -> Store<T> {
        let shelf = self.lock();
        let (content, push_every) = (shelf.content.clone(), shelf.push_every);
        Store { shelf: Arc::new(Mutex::new(Shelf { content, push_every, ..Shelf::default() })), process: None }
    }

    /// From now on takes so many writes, and fails for want of room thereafter.
    pub fn has_room_for(&self, writes: usize) {
        self.lock().room = Some(writes);
    }

    pub fn has_room(&self) {
        self.lock().room = None;
    }

    pub fn writes(&self) -> usize {
        self.lock().writes
    }

    /// One write, recorded in the history; none if the program has crashed, or crashes of it. `torn` does half of it.
    fn write_as_process<R>(&self, whole: impl FnOnce(&mut Entering<'_>) -> R, torn: impl FnOnce()) -> Option<R> {
        let recorder = self.lock().recorder.clone();
        let mut history = recorder.open();
        let Some((cloud, process)) = &self.process else { return Some(whole(&mut history)) };
        match cloud.begins_keeping(*process)? {
            None => return Some(whole(&mut history)),
            Some(Side::Before) => {}
            Some(Side::Within) => torn(),
            Some(Side::After) => drop(whole(&mut history)),
        }
        cloud.crash();
        None
    }

    /// A write that is made as a whole or not at all. A crashed program waits for ever.
    async fn keep_whole<R>(&self, write: impl FnOnce(&mut Entering<'_>) -> R) -> R {
        match self.write_as_process(write, || {}) {
            Some(kept) => kept,
            None => pending().await,
        }
    }
}

impl MemoryState {
    pub fn now(&self) -> Option<State> {
        self.lock().content.clone()
    }

    /// Somebody else replaces it, or takes it away.
    pub fn replace(&self, state: Option<State>) {
        self.lock().content = state;
    }

    /// How often a run writes it while it goes on, as one in a bucket; not at all where there is none.
    pub fn set_push_every(&self, push_every: Option<Duration>) {
        self.lock().push_every = push_every;
    }

    fn replace_by_successor(&self, state: &State) -> Result<(), StateError> {
        let mut shelf = self.lock();
        let before = shelf.content.as_ref().map(|before| (&before.lineage, before.serial));
        check_successor(&self.place(), before, state)?;
        let full = |error| StateError::Store { place: self.place(), source: Arc::new(error) };
        *shelf.take().map_err(full)? = Some(state.clone());
        Ok(())
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
        let write = |history: &mut Entering<'_>| {
            history.note(|| format!("before the state is written with serial {}", state.serial));
            self.replace_by_successor(state)?;
            history.note(|| format!("after the state is written with serial {}", state.serial));
            Ok(())
        };
        self.keep_whole(write).await
    }

    fn push_every(&self) -> Option<Duration> {
        self.lock().push_every
    }
}

impl MemoryJournal {
    pub fn bytes(&self) -> Option<Vec<u8>> {
        self.lock().content.clone()
    }

    /// Somebody else takes it away, as with a working folder that is wiped.
    pub fn lose(&self) {
        self.lock().content = None;
    }

    /// A power failure may come between the two.
    fn write_in_halves(&self, bytes: &[u8], history: &mut Entering<'_>) {
        let (first, second) = bytes.split_at(bytes.len() / 2);
        self.extend(first);
        history.note(|| format!("with {} of {} bytes in the journal", first.len(), bytes.len()));
        self.extend(second);
    }

    fn extend(&self, bytes: &[u8]) {
        if let Some(content) = &mut self.lock().content {
            content.extend_from_slice(bytes);
        }
    }

    fn broken(&self, line: usize, reason: impl ToString) -> JournalError {
        JournalError::Broken { place: self.place(), line, reason: reason.to_string() }
    }

    fn begin(&self, header: &[u8], history: &mut Entering<'_>) -> Result<(), JournalError> {
        history.note(|| "before the journal is begun".to_owned());
        *self.lock().take().map_err(|error| self.broken(1, error))? = Some(Vec::new());
        history.note(|| "while the journal is begun: it is empty".to_owned());
        self.write_in_halves(header, history);
        history.note(|| "after the journal is begun".to_owned());
        Ok(())
    }
}

impl JournalStore for MemoryJournal {
    type Log = MemoryJournal;

    fn place(&self) -> String {
        "memory".to_owned()
    }

    async fn read(&self) -> Result<Option<Contents>, JournalError> {
        self.bytes().map(|bytes| journal::parse(&self.place(), &bytes)).transpose()
    }

    async fn create(&self, first_line: Vec<u8>) -> Result<MemoryJournal, JournalError> {
        if self.bytes().is_some() {
            return Err(self.broken(1, "there is a journal already"));
        }
        self.keep_whole(|history| self.begin(&first_line, history)).await?;
        Ok(self.clone())
    }

    async fn remove(&self) -> Result<(), JournalError> {
        let remove = |history: &mut Entering<'_>| {
            history.note(|| "before the journal is taken away".to_owned());
            self.lose();
            history.note(|| "after the journal is taken away".to_owned());
        };
        self.keep_whole(remove).await;
        Ok(())
    }
}

impl Log for MemoryJournal {
    fn append(&mut self, lines: &[u8]) -> io::Result<()> {
        if self.bytes().is_none() {
            return Err(io::ErrorKind::NotFound.into());
        }
        let append = |history: &mut Entering<'_>| {
            self.lock().take()?;
            history.note(|| format!("before the journal takes {} bytes", lines.len()));
            self.write_in_halves(lines, history);
            history.note(|| format!("after the journal took {} bytes", lines.len()));
            Ok(())
        };
        let torn = || {
            if self.lock().take().is_ok() {
                self.extend(&lines[..lines.len() / 2]);
            }
        };
        // A crashed program does not learn the result of its write.
        self.write_as_process(append, torn).unwrap_or(Ok(()))
    }
}

impl MemoryArchive {
    pub fn entries(&self) -> Vec<Entry> {
        self.lock().content.clone()
    }

    /// What these runs archived, as `restore` reads it with this state.
    pub fn archived_by(&self, runs: &BTreeSet<RunId>, state: Option<&State>) -> Vec<Archived> {
        let entries = self.entries().into_iter().enumerate();
        let of_runs = entries.filter(|(_, entry)| runs.contains(&entry.run));
        let archived = of_runs.map(|(at, entry)| {
            let digest = digest::of(&entry);
            let is_verified = is_verified(&digest, state);
            Archived { path: format!("memory/{}", at + 1), digest, is_verified, entry }
        });
        archived.collect()
    }

    fn put(&self, entry: &Entry) -> Result<Kept, ArchiveError> {
        let mut shelf = self.lock();
        let full = |error| ArchiveError::Store { place: "memory".to_owned(), source: Arc::new(error) };
        let entries = shelf.take().map_err(full)?;
        entries.push(entry.clone());
        Ok(Kept { path: format!("memory/{}", entries.len()), digest: digest::of(entry) })
    }
}

impl ArchiveStore for MemoryArchive {
    async fn keep(&self, entry: &Entry) -> Result<Kept, ArchiveError> {
        let keep = |history: &mut Entering<'_>| {
            history.note(|| format!("before {} is archived", entry.address));
            let kept = self.put(entry)?;
            history.note(|| format!("after {} is archived", entry.address));
            Ok(kept)
        };
        self.keep_whole(keep).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use pinpoint_streams_model::ids::Serial;
    use pinpoint_streams_store::journal::{FORMAT, Header, line};

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
        journal.create(line(&header()).unwrap()).await.unwrap();
        assert!(journal.create(line(&header()).unwrap()).await.is_err());
        assert_eq!(journal.read().await.unwrap().unwrap().header, Some(header()));
        journal.lock().content.as_mut().unwrap().pop();
        assert_eq!(journal.read().await.unwrap().unwrap().header, None);
    }

    #[tokio::test]
    async fn a_full_store_takes_nothing_more() {
        let journal = MemoryJournal::default();
        journal.has_room_for(2);
        let mut log = journal.create(line(&header()).unwrap()).await.unwrap();
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
