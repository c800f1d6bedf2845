//! Where a workspace's state, lock and archives are kept: in files beside the manifest, or for a team in a bucket.
//! A command need not know which. Journal and run log are always files.
use super::{Places, Workspace};
use crate::ui::error::Error;
use pinpoint_streams_aws::ConnectOptions;
use pinpoint_streams_aws::s3::{HeldS3, Location, RemoteState, S3Archive, S3Lock, S3StateStore};
use pinpoint_streams_executor::clock::SystemClock;
use pinpoint_streams_model::manifest::S3State;
use pinpoint_streams_store::archive::{ArchiveError, ArchiveStore, Entry, FileArchive, Kept};
use pinpoint_streams_store::lock::{FileLock, HeldFile, Holder, LockError, LockStore};
use pinpoint_streams_store::state::{FileStateStore, State, StateError, StateStore};
use std::path::PathBuf;
use std::time::Duration;

/// Where state, lock and archives are kept.
#[derive(Debug)]
pub(crate) enum Store {
    /// In files beside the manifest.
    Files {
        /// The state.
        state: FileStateStore,
        /// Its lock.
        lock: FileLock,
        /// The folder of the archives.
        archive: PathBuf,
    },
    /// In a bucket; archives are also left in their folder.
    Bucket(Box<Bucket>),
}

/// A state in a bucket, with what goes with it.
#[derive(Debug)]
pub(crate) struct Bucket {
    /// All that is kept there.
    pub(crate) remote: RemoteState,
    state: S3StateStore,
    lock: S3Lock<SystemClock>,
    archive: PathBuf,
}

impl Store {
    /// Where this workspace keeps things. No call is made to a bucket yet.
    pub(crate) async fn of(workspace: &Workspace) -> Result<Store, Error> {
        let Workspace { name, places: Places { state, archive, .. }, remote, .. } = workspace;
        let Some(remote) = remote else {
            let (state, lock) = (FileStateStore::new(state, name.clone()), FileLock::beside(state));
            return Ok(Store::Files { state, lock, archive: archive.clone() });
        };
        let options = ConnectOptions::new(name.clone(), None);
        let remote = RemoteState::connect(&location(remote), &options).await?;
        let (state, lock) = (remote.state(name.clone()), remote.lock(SystemClock));
        Ok(Store::Bucket(Box::new(Bucket { remote, state, lock, archive: archive.clone() })))
    }

    /// The bucket, where there is one.
    pub(crate) fn remote(&self) -> Option<&RemoteState> {
        match self {
            Store::Files { .. } => None,
            Store::Bucket(bucket) => Some(&bucket.remote),
        }
    }

    /// The state's bytes, whatever they are; none where there is no state.
    pub(crate) async fn raw(&self) -> Result<Option<Vec<u8>>, StateError> {
        match self {
            Store::Files { state, .. } => state.raw().await,
            Store::Bucket(bucket) => bucket.state.raw().await,
        }
    }

    /// Replaces the state by a later one that a person brings. The lock is held.
    pub(crate) async fn push(&self, next: &State) -> Result<(), StateError> {
        match self {
            Store::Files { state, .. } => state.push(next).await,
            Store::Bucket(bucket) => bucket.state.push(next).await,
        }
    }

    /// The archives of one run.
    pub(crate) fn archive(&self) -> Archive {
        match self {
            Store::Files { archive, .. } => Archive::Files(FileArchive::new(archive)),
            Store::Bucket(bucket) => Archive::Bucket(bucket.remote.archive(FileArchive::new(&bucket.archive))),
        }
    }
}

/// How the bucket of a manifest is found.
fn location(S3State { bucket, key, region, profile }: &S3State) -> Location {
    Location {
        bucket: bucket.to_string(),
        key: key.to_string(),
        region: region.as_ref().map(ToString::to_string),
        profile: profile.clone(),
    }
}

impl StateStore for Store {
    fn place(&self) -> String {
        match self {
            Store::Files { state, .. } => state.place(),
            Store::Bucket(bucket) => bucket.state.place(),
        }
    }

    async fn read(&self) -> Result<Option<State>, StateError> {
        match self {
            Store::Files { state, .. } => state.read().await,
            Store::Bucket(bucket) => bucket.state.read().await,
        }
    }

    async fn write(&self, next: &State) -> Result<(), StateError> {
        match self {
            Store::Files { state, .. } => state.write(next).await,
            Store::Bucket(bucket) => bucket.state.write(next).await,
        }
    }

    async fn must_be_writable(&self) -> Result<(), StateError> {
        match self {
            Store::Files { state, .. } => state.must_be_writable().await,
            Store::Bucket(bucket) => bucket.state.must_be_writable().await,
        }
    }

    fn push_every(&self) -> Option<Duration> {
        match self {
            Store::Files { state, .. } => state.push_every(),
            Store::Bucket(bucket) => bucket.state.push_every(),
        }
    }
}

/// The lock of a [`Store`], held.
#[derive(Debug)]
pub(crate) enum Held {
    /// On a file; it goes with the process.
    File(HeldFile),
    /// On an object; it stays until it is given up.
    Object(HeldS3),
}

impl Held {
    /// Ends when the lock is found to be another's; never, where that cannot be.
    pub(crate) fn lost(&self) -> impl Future<Output = ()> + Send + 'static {
        let lost = match self {
            Held::File(_) => None,
            Held::Object(held) => Some(held.lost()),
        };
        async move {
            match lost {
                Some(lost) => lost.await,
                None => std::future::pending().await,
            }
        }
    }
}

impl LockStore for Store {
    type Held = Held;

    async fn acquire(&self, holder: &Holder) -> Result<Held, LockError> {
        match self {
            Store::Files { lock, .. } => lock.acquire(holder).await.map(Held::File),
            Store::Bucket(bucket) => bucket.lock.acquire(holder).await.map(Held::Object),
        }
    }

    async fn release(&self, held: Held) -> Result<(), LockError> {
        match (self, held) {
            (Store::Bucket(bucket), Held::Object(held)) => bucket.lock.release(held).await,
            (Store::Files { lock, .. }, Held::File(held)) => lock.release(held).await,
            // A lock is given up by who gave it; the other kind goes when it is dropped.
            (_, held) => {
                drop(held);
                Ok(())
            }
        }
    }
}

/// The archives of one run.
#[derive(Debug)]
pub(crate) enum Archive {
    /// In a folder.
    Files(FileArchive),
    /// In a folder and a bucket.
    Bucket(S3Archive),
}

impl ArchiveStore for Archive {
    async fn keep(&self, entry: &Entry) -> Result<Kept, ArchiveError> {
        match self {
            Archive::Files(archive) => archive.keep(entry).await,
            Archive::Bucket(archive) => archive.keep(entry).await,
        }
    }
}
