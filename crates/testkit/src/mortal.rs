//! What a program keeps that can die of keeping it: the stores in memory, behind the life of the program that the
//! fake cloud lets die. What a dead program was about to keep is not kept; what was kept before stays.
use crate::cloud::{FakeCloud, Life};
use crate::memory::{Memory, MemoryArchive, MemoryJournal, MemoryState};
use pinpoint_streams_executor::Stores;
use pinpoint_streams_store::archive::{ArchiveError, ArchiveStore, Entry, Kept};
use pinpoint_streams_store::journal::{Contents, Header, JournalError, JournalStore, Log};
use pinpoint_streams_store::state::{State, StateError, StateStore};
use std::future::pending;
use std::io;
use std::pin::pin;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

/// The stores of one life of a program. See [`crate::cloud::Cut::before_keeping`].
#[derive(Debug, Clone)]
pub struct Mortal {
    state: Keeper<MemoryState>,
    journal: Keeper<MemoryJournal>,
    archive: Keeper<MemoryArchive>,
}

/// One store of a mortal program.
#[derive(Debug, Clone)]
pub struct Keeper<S> {
    store: S,
    cloud: FakeCloud,
    life: Life,
    push_every: Option<Duration>,
}

impl Mortal {
    /// What is kept there by the program that calls this cloud now.
    pub fn keeping(memory: &Memory, cloud: &FakeCloud) -> Mortal {
        fn keeper<S: Clone>(store: &S, cloud: &FakeCloud) -> Keeper<S> {
            Keeper { store: store.clone(), cloud: cloud.clone(), life: cloud.life(), push_every: None }
        }
        Mortal {
            state: keeper(&memory.state, cloud),
            journal: keeper(&memory.journal, cloud),
            archive: keeper(&memory.archive, cloud),
        }
    }

    /// The same with a state that is written this often while a run goes on, as one that is far away.
    pub fn pushing(mut self, every: Duration) -> Mortal {
        self.state.push_every = Some(every);
        self
    }

    /// As the executor takes them.
    pub fn stores(&self) -> Stores<'_, Keeper<MemoryState>, Keeper<MemoryJournal>, Keeper<MemoryArchive>> {
        Stores { state: &self.state, journal: &self.journal, archive: &self.archive }
    }
}

impl<S> Keeper<S> {
    /// One write that is made as a whole or not at all. A dead program waits for ever.
    async fn keeps<T>(&self, write: impl Future<Output = T>) -> T {
        match self.cloud.keeps(self.life, || at_once(write), || {}) {
            Some(kept) => kept,
            None => pending().await,
        }
    }
}

/// Memory makes nobody wait.
fn at_once<T>(write: impl Future<Output = T>) -> T {
    match pin!(write).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(kept) => kept,
        Poll::Pending => panic!("a write to memory waits"),
    }
}

impl StateStore for Keeper<MemoryState> {
    fn place(&self) -> String {
        self.store.place()
    }

    async fn read(&self) -> Result<Option<State>, StateError> {
        self.store.read().await
    }

    async fn write(&self, state: &State) -> Result<(), StateError> {
        self.keeps(self.store.write(state)).await
    }

    fn push_every(&self) -> Option<Duration> {
        self.push_every
    }
}

impl JournalStore for Keeper<MemoryJournal> {
    type Log = Keeper<<MemoryJournal as JournalStore>::Log>;

    fn place(&self) -> String {
        self.store.place()
    }

    async fn read(&self) -> Result<Option<Contents>, JournalError> {
        self.store.read().await
    }

    async fn create(&self, header: &Header) -> Result<Self::Log, JournalError> {
        let store = self.keeps(self.store.create(header)).await?;
        Ok(Keeper { store, cloud: self.cloud.clone(), life: self.life, push_every: None })
    }

    async fn remove(&self) -> Result<(), JournalError> {
        self.keeps(self.store.remove()).await
    }
}

impl<L: Log> Log for Keeper<L> {
    fn append(&mut self, lines: &[u8]) -> io::Result<()> {
        let Keeper { store, cloud, life, push_every: _ } = self;
        let store = std::cell::RefCell::new(store);
        let whole = || store.borrow_mut().append(lines);
        // What a torn write leaves is found by the next run; nobody hears whether it went well.
        let torn = || drop(store.borrow_mut().append(&lines[..lines.len() / 2]));
        cloud.keeps(*life, whole, torn).unwrap_or(Ok(()))
    }
}

impl ArchiveStore for Keeper<MemoryArchive> {
    async fn keep(&self, entry: &Entry) -> Result<Kept, ArchiveError> {
        self.keeps(self.store.keep(entry)).await
    }
}
