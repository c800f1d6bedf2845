//! Who may touch the world: reads look at it as it is, writes queue and share one sync of the disk.
//! An answer to a write leaves only once the write is durable.

use crate::store::{News, Store, StoreError};
use crate::world::{InvalidEntry, World};
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, TryLockError};
use tokio::sync::oneshot;

/// Keeps the world: in memory, and where it has a store also on disk.
#[derive(Clone)]
pub(crate) struct WorldStore {
    shared: Arc<Shared>,
}

struct Shared {
    on_disk: bool,
    waiting: Mutex<Vec<Write>>,
    /// Held while writes are carried out, until they are answered. Lock order: writer before world.
    writer: Mutex<Writer>,
    world: Mutex<World>,
}

/// A write that waits for its turn: does its work on the world, or learns why it cannot; then says what to do
/// once it is known whether the work was kept.
type Write = Box<dyn FnOnce(Result<&mut World, StoreError>) -> Answer + Send>;
type Answer = Box<dyn FnOnce(Result<(), StoreError>) + Send>;

impl fmt::Debug for WorldStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WorldStore").field("on_disk", &self.shared.on_disk).finish_non_exhaustive()
    }
}

impl WorldStore {
    /// A store for a world that is gone with him.
    pub(crate) fn in_memory(world: World) -> WorldStore {
        WorldStore::new(None, world)
    }

    /// A store for the world in this store, which is read now.
    pub(crate) fn on_disk(store: Store, world: World) -> Result<WorldStore, StoreError> {
        let store = WorldStore::new(Some(store), world);
        store.read(|_| ())?;
        Ok(store)
    }

    fn new(store: Option<Store>, world: World) -> WorldStore {
        WorldStore {
            shared: Arc::new(Shared {
                on_disk: store.is_some(),
                waiting: Mutex::default(),
                writer: Mutex::new(Writer { store }),
                world: Mutex::new(world),
            }),
        }
    }

    /// Looks at the world. Touches the disk only to see whether another process has written.
    pub(crate) fn read<T>(&self, look: impl FnOnce(&mut World) -> T) -> Result<T, StoreError> {
        let writer = match self.shared.writer.try_lock() {
            Ok(writer) => Some(writer),
            Err(TryLockError::Poisoned(poisoned)) => Some(poisoned.into_inner()),
            // A write of this process is under way: it catches up itself.
            Err(TryLockError::WouldBlock) => None,
        };
        let mut world = held(&self.shared.world);
        if let Some(mut writer) = writer {
            writer.catch_up(&mut world)?;
        }
        Ok(look(&mut world))
    }

    /// Changes the world and returns once the change is durable. On an error nothing has changed.
    pub(crate) async fn write<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut World) -> T + Send + 'static,
    ) -> Result<T, StoreError> {
        let told = self.queue(work);
        if self.shared.on_disk {
            // Of those that come to the writer the first carries out the writes of all that wait.
            let store = self.clone();
            tokio::task::spawn_blocking(move || store.serve());
        } else {
            self.serve();
        }
        told.await.unwrap_or(Err(StoreError::Interrupted))
    }

    /// As [`WorldStore::write`], for callers outside a runtime.
    pub(crate) fn write_now<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut World) -> T + Send + 'static,
    ) -> Result<T, StoreError> {
        let mut told = self.queue(work);
        self.serve();
        told.try_recv().unwrap_or(Err(StoreError::Interrupted))
    }

    fn queue<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut World) -> T + Send + 'static,
    ) -> oneshot::Receiver<Result<T, StoreError>> {
        let (tell, told) = oneshot::channel();
        // A caller that has given up no longer listens; as on AWS, that undoes nothing.
        let write: Write = Box::new(move |world| match world {
            Ok(world) => {
                let value = work(world);
                Box::new(move |kept| drop(tell.send(kept.map(|()| value))))
            }
            Err(error) => Box::new(move |_| drop(tell.send(Err(error)))),
        });
        held(&self.shared.waiting).push(write);
        told
    }

    /// Carries out all writes that wait and answers them; done at once where someone else has just done so.
    fn serve(&self) {
        let mut writer = held(&self.shared.writer);
        let writes = std::mem::take(&mut *held(&self.shared.waiting));
        if writes.is_empty() {
            return;
        }
        let (answers, kept) = writer.carry_out(&self.shared.world, writes);
        for answer in answers {
            answer(kept.clone());
        }
    }
}

struct Writer {
    /// None for a world in memory.
    store: Option<Store>,
}

impl Writer {
    fn carry_out(&mut self, world: &Mutex<World>, writes: Vec<Write>) -> (Vec<Answer>, Result<(), StoreError>) {
        if let Some(store) = &self.store
            && let Err(error) = store.lock()
        {
            return (refuse(writes, &error), Err(error));
        }
        let carried_out = self.carry_out_locked(world, writes);
        if let Some(store) = &self.store {
            // Dropped with the process at the latest; the writes themselves are safe.
            let _ = store.unlock();
        }
        carried_out
    }

    fn carry_out_locked(
        &mut self,
        shared: &Mutex<World>,
        writes: Vec<Write>,
    ) -> (Vec<Answer>, Result<(), StoreError>) {
        let mut world = held(shared);
        if let Err(error) = self.catch_up(&mut world) {
            return (refuse(writes, &error), Err(error));
        }
        let mut changes = Vec::new();
        let mut answers = Vec::new();
        for write in writes {
            answers.push(write(Ok(&mut world)));
            changes.extend(world.take_changes());
        }
        let Some(store) = &mut self.store else {
            return (answers, Ok(()));
        };
        if changes.is_empty() {
            return (answers, Ok(()));
        }
        drop(world);
        let kept = store.append(&changes);
        let mut world = held(shared);
        match &kept {
            Ok(()) if store.is_worn() => {
                // The writes are durable already; a rewriting that fails is tried again later.
                let _ = store.compact(&mut world.entries().into_iter());
            }
            Ok(()) => {}
            Err(_) => {
                // What was not kept must not be seen either. If even reading fails, the next call says so.
                store.forget();
                world.clear();
                let _ = self.catch_up(&mut world);
            }
        }
        (answers, kept)
    }

    fn catch_up(&mut self, world: &mut World) -> Result<(), StoreError> {
        let Some(store) = &mut self.store else {
            return Ok(());
        };
        let news = match store.news()? {
            News::None => return Ok(()),
            News::More(news) => news,
            News::Anew(news) => {
                world.clear();
                news
            }
        };
        // Of several values of one key the last counts.
        let changes = news.into_iter().flatten().collect();
        world.replay(changes).map_err(|InvalidEntry { key, reason }| {
            store.forget();
            let path = store.path().to_owned();
            StoreError::Entry { path, key, reason }
        })
    }
}

fn refuse(writes: Vec<Write>, error: &StoreError) -> Vec<Answer> {
    let refused = writes.into_iter();
    refused.map(|write| write(Err(error.clone()))).collect()
}

/// A panic elsewhere is reported where it happened; the world is still whole between two calls.
fn held<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::settings::Settings;
    use jiff::Timestamp;
    use std::path::Path;
    use tempfile::TempDir;

    fn world() -> World {
        World::new(Settings::new(|| Timestamp::UNIX_EPOCH))
    }

    fn partition(store: &WorldStore) -> Option<String> {
        let look = |world: &mut World| Some(world.known_account("123456789012")?.partition.clone());
        store.read(look).unwrap()
    }

    fn store_whose_next_write_fails(folder: &Path) -> WorldStore {
        let mut store = Store::open(folder).unwrap();
        store.news().unwrap();
        store.break_file();
        WorldStore::on_disk(store, world()).unwrap()
    }

    #[tokio::test]
    async fn what_could_not_be_kept_was_not_done() {
        let folder = TempDir::new().unwrap();
        let store = store_whose_next_write_fails(folder.path());
        let write = |world: &mut World| world.set_partition("123456789012", "aws-us-gov");
        assert!(store.write(write).await.is_err());
        assert_eq!(partition(&store), None);
        // The file is opened anew, and all is well again.
        store.write(write).await.unwrap();
        assert_eq!(partition(&store).as_deref(), Some("aws-us-gov"));
        let reopened = WorldStore::on_disk(Store::open(folder.path()).unwrap(), world()).unwrap();
        assert_eq!(partition(&reopened).as_deref(), Some("aws-us-gov"));
    }

    #[tokio::test]
    async fn a_worn_file_is_written_anew_and_loses_nothing() {
        let folder = TempDir::new().unwrap();
        let store = WorldStore::on_disk(Store::open(folder.path()).unwrap(), world()).unwrap();
        let file = folder.path().join("world.jsonl");
        store.write(|world| world.mark_seeded("x")).await.unwrap();
        let mut longest = 0;
        for n in 0..50 {
            let partitions = move |world: &mut World| {
                for account in 0..100_u64 {
                    world.set_partition(&format!("{:012}", 123_456_789_012 + account), &format!("partition-{n}"));
                }
            };
            store.write_now(partitions).unwrap();
            longest = longest.max(std::fs::metadata(&file).unwrap().len());
        }
        assert!(std::fs::metadata(&file).unwrap().len() < longest);
        let reopened = WorldStore::on_disk(Store::open(folder.path()).unwrap(), world()).unwrap();
        assert_eq!(partition(&reopened).as_deref(), Some("partition-49"));
        assert!(!reopened.write_now(|world| world.mark_seeded("x")).unwrap());
    }
}
