//! The storage of state, lock and archives: local files or an S3 bucket. Journal and run log are always local.
use super::tracked::refuse_tracked;
use super::{Workspace, WorkspacePaths};
use crate::ui::Error;
use pinpoint_streams_aws::ConnectOptions;
use pinpoint_streams_aws::s3::{Encryption, HeldS3, Location, RemoteState, S3Archive, S3Lock, S3StateStore};
use pinpoint_streams_executor::clock::SystemClock;
use pinpoint_streams_model::manifest::S3State;
use pinpoint_streams_store::archive::{ArchiveError, ArchiveStore, Entry, FileArchive, Kept};
use pinpoint_streams_store::journal::JournalStore as _;
use pinpoint_streams_store::lock::{FileLock, HeldFile, Holder, LockCheck, LockError, LockHeld, LockStore};
use pinpoint_streams_store::state::{FileStateStore, State, StateError, StateStore};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

#[derive(Debug)]
pub(crate) enum Store {
    Files {
        state: FileStateStore,
        lock: FileLock,
        archive: PathBuf,
    },
    /// In a bucket. Archives are also written locally.
    Bucket(Box<Bucket>),
}

#[derive(Debug)]
pub(crate) struct Bucket {
    pub(crate) remote: RemoteState,
    state: S3StateStore,
    lock: S3Lock<SystemClock>,
    archive: PathBuf,
}

impl Store {
    /// Makes no call to the bucket yet.
    pub(crate) async fn open(workspace: &Workspace) -> Result<Store, Error> {
        let Workspace { name, paths: WorkspacePaths { state, archive, .. }, remote, .. } = workspace;
        let Some(remote) = remote else {
            let lock = FileLock::beside(state);
            let state = FileStateStore::new(state, name.clone()).guarded_by(&lock);
            return Ok(Store::Files { state, lock, archive: archive.clone() });
        };
        refuse_tracked(Path::new(&workspace.journal().place()))?;
        let options = ConnectOptions::new(name.clone(), None);
        let remote = RemoteState::connect(&location(remote), &options).await?;
        let (state, lock) = (remote.state(name.clone()), remote.lock(SystemClock));
        Ok(Store::Bucket(Box::new(Bucket { remote, state, lock, archive: archive.clone() })))
    }

    pub(crate) fn remote(&self) -> Option<&RemoteState> {
        match self {
            Store::Files { .. } => None,
            Store::Bucket(bucket) => Some(&bucket.remote),
        }
    }

    /// The stored bytes, valid or not; `None` if there is no state.
    pub(crate) async fn raw(&self) -> Result<Option<Vec<u8>>, StateError> {
        match self {
            Store::Files { state, .. } => state.raw().await,
            Store::Bucket(bucket) => bucket.state.raw().await,
        }
    }

    /// Replaces the state by a later one. The caller must hold the lock.
    pub(crate) async fn push(&self, next: &State) -> Result<(), StateError> {
        match self {
            Store::Files { state, .. } => state.push(next).await,
            Store::Bucket(bucket) => bucket.state.push(next).await,
        }
    }

    /// Who holds the lock, without acquiring it.
    pub(crate) async fn lock_holder(&self) -> Result<Option<LockHeld>, LockError> {
        match self {
            Store::Files { lock, .. } => lock.peek(),
            Store::Bucket(bucket) => bucket.lock.peek().await,
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

/// Where the state is, with the encryption of its writes.
pub(super) fn location(S3State { bucket, key, region, profile, encrypt, kms_key_id }: &S3State) -> Location {
    Location {
        bucket: bucket.to_string(),
        key: key.to_string(),
        region: region.as_ref().map(ToString::to_string),
        profile: profile.clone(),
        encryption: match (kms_key_id, encrypt) {
            (Some(key), _) => Encryption::Kms(key.clone()),
            (None, true) => Encryption::S3,
            (None, false) => Encryption::BucketDefault,
        },
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

/// The held lock of a [`Store`].
#[derive(Debug)]
pub(crate) enum HeldLock {
    /// Ends with the process.
    File(HeldFile),
    /// Remains until it is released.
    Object(HeldS3),
}

impl HeldLock {
    pub(crate) fn check(&self) -> Arc<dyn LockCheck> {
        match self {
            HeldLock::File(held) => Arc::new(held.check()),
            HeldLock::Object(held) => Arc::new(held.check()),
        }
    }

    /// Resolves when a heartbeat finds that the lock is lost; never for a local lock.
    pub(crate) fn lost(&self) -> impl Future<Output = ()> + Send + 'static {
        let lost = match self {
            HeldLock::File(_) => None,
            HeldLock::Object(held) => Some(held.lost()),
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
    type Held = HeldLock;

    async fn acquire(&self, holder: &Holder) -> Result<HeldLock, LockError> {
        match self {
            Store::Files { lock, .. } => lock.acquire(holder).await.map(HeldLock::File),
            Store::Bucket(bucket) => bucket.lock.acquire(holder).await.map(HeldLock::Object),
        }
    }

    async fn release(&self, held: HeldLock) -> Result<(), LockError> {
        match (self, held) {
            (Store::Bucket(bucket), HeldLock::Object(held)) => bucket.lock.release(held).await,
            (Store::Files { lock, .. }, HeldLock::File(held)) => lock.release(held).await,
            // A store releases only locks that it issued.
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
    Files(FileArchive),
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
