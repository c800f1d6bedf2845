//! Access to the world, in memory or on disk. Reads see it as it is. Concurrent writes share one sync and return once
//! they are durable.
use crate::store::{Store, StoreError, Unread};
use crate::world::{InvalidEntry, World};
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, TryLockError};
use tokio::sync::oneshot;

#[derive(Clone)]
pub(crate) struct WorldStore {
    shared: Arc<Shared>,
}

struct Shared {
    on_disk: bool,
    queue: Mutex<Vec<Write>>,
    /// Locked until the writes are answered. Lock order: writer before world.
    writer: Mutex<Writer>,
    world: Mutex<World>,
}

/// A queued write: changes the world, or receives the reason why it cannot, and returns a callback that receives whether
/// the change was stored.
type Write = Box<dyn FnOnce(Result<&mut World, StoreError>) -> Completion + Send>;
type Completion = Box<dyn FnOnce(Result<(), StoreError>) + Send>;

impl fmt::Debug for WorldStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WorldStore").field("on_disk", &self.shared.on_disk).finish_non_exhaustive()
    }
}

impl WorldStore {
    pub(crate) fn in_memory(world: World) -> WorldStore {
        WorldStore::new(None, world)
    }

    /// Reads the world from this store.
    pub(crate) fn on_disk(store: Store, world: World) -> Result<WorldStore, StoreError> {
        let store = WorldStore::new(Some(store), world);
        store.read(|_| ())?;
        Ok(store)
    }

    fn new(store: Option<Store>, world: World) -> WorldStore {
        WorldStore {
            shared: Arc::new(Shared {
                on_disk: store.is_some(),
                queue: Mutex::default(),
                writer: Mutex::new(Writer { store }),
                world: Mutex::new(world),
            }),
        }
    }

    /// Reads the world. Accesses the disk only to check whether another process has written.
    pub(crate) fn read<T>(&self, look: impl FnOnce(&mut World) -> T) -> Result<T, StoreError> {
        let writer = match self.shared.writer.try_lock() {
            Ok(writer) => Some(writer),
            Err(TryLockError::Poisoned(poisoned)) => Some(poisoned.into_inner()),
            // A write of this process is running. It reads new writes itself.
            Err(TryLockError::WouldBlock) => None,
        };
        let mut world = lock(&self.shared.world);
        if let Some(mut writer) = writer {
            writer.read_new(&mut world)?;
        }
        Ok(look(&mut world))
    }

    /// Changes the world and returns once the change is durable. On an error, nothing has changed.
    pub(crate) async fn write<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut World) -> T + Send + 'static,
    ) -> Result<T, StoreError> {
        let result = self.queue(work);
        if self.shared.on_disk {
            // The first task to lock the writer performs all queued writes.
            let store = self.clone();
            tokio::task::spawn_blocking(move || store.run_queue());
        } else {
            self.run_queue();
        }
        result.await.unwrap_or(Err(StoreError::Interrupted))
    }

    /// As [`WorldStore::write`], for callers outside a runtime.
    pub(crate) fn write_now<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut World) -> T + Send + 'static,
    ) -> Result<T, StoreError> {
        let mut result = self.queue(work);
        self.run_queue();
        result.try_recv().unwrap_or(Err(StoreError::Interrupted))
    }

    fn queue<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut World) -> T + Send + 'static,
    ) -> oneshot::Receiver<Result<T, StoreError>> {
        let (sender, receiver) = oneshot::channel();
        // The caller may be gone. As on AWS, the write still happens.
        let write: Write = Box::new(move |world| match world {
            Ok(world) => {
                let value = work(world);
                Box::new(move |stored| drop(sender.send(stored.map(|()| value))))
            }
            Err(error) => Box::new(move |_| drop(sender.send(Err(error)))),
        });
        lock(&self.shared.queue).push(write);
        receiver
    }

    /// Performs all queued writes and answers them. Does nothing if another task has just done so.
    fn run_queue(&self) {
        let mut writer = lock(&self.shared.writer);
        let writes = std::mem::take(&mut *lock(&self.shared.queue));
        if writes.is_empty() {
            return;
        }
        let (completions, stored) = writer.write_all(&self.shared.world, writes);
        for complete in completions {
            complete(stored.clone());
        }
    }
}

struct Writer {
    /// None for a world in memory.
    store: Option<Store>,
}

impl Writer {
    fn write_all(
        &mut self,
        world: &Mutex<World>,
        writes: Vec<Write>,
    ) -> (Vec<Completion>, Result<(), StoreError>) {
        if let Some(store) = &self.store
            && let Err(error) = store.lock()
        {
            return (refuse(writes, &error), Err(error));
        }
        let outcome = self.write_all_locked(world, writes);
        if let Some(store) = &self.store {
            // The operating system releases it when the process ends. The writes are durable.
            let _ = store.unlock();
        }
        outcome
    }

    fn write_all_locked(
        &mut self,
        shared: &Mutex<World>,
        writes: Vec<Write>,
    ) -> (Vec<Completion>, Result<(), StoreError>) {
        let mut world = lock(shared);
        if let Err(error) = self.read_new(&mut world) {
            return (refuse(writes, &error), Err(error));
        }
        let mut changes = Vec::new();
        let mut completions = Vec::new();
        for write in writes {
            completions.push(write(Ok(&mut world)));
            changes.extend(world.take_changes());
        }
        let Some(store) = &mut self.store else {
            return (completions, Ok(()));
        };
        if changes.is_empty() {
            return (completions, Ok(()));
        }
        drop(world);
        let stored = store.append(&changes);
        let mut world = lock(shared);
        match &stored {
            Ok(()) if store.needs_compaction() => {
                // The writes are durable. A failed compaction is tried again later.
                let _ = store.compact(&mut world.entries().into_iter());
            }
            Ok(()) => {}
            Err(_) => {
                // Discard what was not stored. If reading fails too, the next call returns the error.
                store.forget();
                world.clear();
                let _ = self.read_new(&mut world);
            }
        }
        (completions, stored)
    }

    fn read_new(&mut self, world: &mut World) -> Result<(), StoreError> {
        let Some(store) = &mut self.store else { return Ok(()) };
        let writes = match store.read_new()? {
            Unread::None => return Ok(()),
            Unread::Appended(writes) => writes,
            Unread::All(writes) => {
                world.clear();
                writes
            }
        };
        // The last value of a key wins.
        let changes = writes.into_iter().flatten().collect();
        world.replay(changes).map_err(|InvalidEntry { key, reason }| {
            store.forget();
            let path = store.path().to_owned();
            StoreError::Entry { path, key, reason }
        })
    }
}

fn refuse(writes: Vec<Write>, error: &StoreError) -> Vec<Completion> {
    let refused = writes.into_iter();
    refused.map(|write| write(Err(error.clone()))).collect()
}

/// Ignores poisoning: a panic is reported where it happens, and the world is consistent between two calls.
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
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
        store.read_new().unwrap();
        store.break_file();
        WorldStore::on_disk(store, world()).unwrap()
    }

    #[tokio::test]
    async fn a_write_that_could_not_be_stored_did_not_happen() {
        let folder = TempDir::new().unwrap();
        let store = store_whose_next_write_fails(folder.path());
        let write = |world: &mut World| world.set_partition("123456789012", "aws-us-gov");
        assert!(store.write(write).await.is_err());
        assert_eq!(partition(&store), None);
        // The file is opened again.
        store.write(write).await.unwrap();
        assert_eq!(partition(&store).as_deref(), Some("aws-us-gov"));
        let reopened = WorldStore::on_disk(Store::open(folder.path()).unwrap(), world()).unwrap();
        assert_eq!(partition(&reopened).as_deref(), Some("aws-us-gov"));
    }

    #[tokio::test]
    async fn compaction_loses_nothing() {
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
