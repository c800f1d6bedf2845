//! One run at a time: an operating system lock on a file next to the state, which names its holder. The lock ends with
//! the process, so a crash leaves no stale lock.
use crate::disk::{self, DiskError, FileId};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::fs::{File, TryLockError};
use std::future::Future;
use std::io::{Read, Seek, Write};
use std::path::{Path, PathBuf};
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

/// The largest lock file that is read, in bytes.
const LARGEST: u64 = 64 * 1024;
/// How long a lock that outlives its process must be without a heartbeat before it may be removed. A live run sends
/// one every 30 seconds.
pub const ABANDONED_AFTER: Duration = Duration::from_secs(120);

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Holder {
    /// The user or CI job.
    pub who: String,
    pub host: String,
    pub pid: u32,
    pub since: Timestamp,
}

impl std::fmt::Display for Holder {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Holder { who, host, pid, since } = self;
        write!(f, "{who} on {host}, process {pid}, since {since:.0}")
    }
}

/// The last heartbeat of a lock that outlives its process.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Heartbeat {
    /// The lock's id, which `state unlock` requires.
    pub id: String,
    /// The time since the last heartbeat.
    pub age: Duration,
}

impl Heartbeat {
    pub fn is_abandoned(&self) -> bool {
        self.age >= ABANDONED_AFTER
    }
}

#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum LockError {
    #[error("{place} is held by {}{}", described(holder.as_ref()), sign_of_life(heartbeat.as_ref()))]
    Held {
        place: String,
        /// `None` if it cannot be read.
        holder: Option<Holder>,
        /// `None` if the lock ends with its process.
        heartbeat: Option<Heartbeat>,
    },
    /// It was removed while it was held.
    #[error("the lock {place} was removed while this run held it; {}", now_held(holder.as_ref()))]
    Lost {
        place: String,
        /// The new holder, if any.
        holder: Option<Holder>,
    },
    #[error(transparent)]
    Disk(#[from] DiskError),
    #[error("the lock {place} cannot be reached")]
    Store {
        place: String,
        #[source]
        source: std::sync::Arc<dyn std::error::Error + Send + Sync>,
    },
}

/// The format of a lock file. A newer one is not read, but its lock counts.
const FORMAT: u32 = 1;

#[derive(Serialize, Deserialize)]
struct Signed {
    format: u32,
    #[serde(flatten)]
    holder: Holder,
}

/// The holder that a lock file names; `None` if it cannot be parsed.
fn signed_by(text: &str) -> Option<Holder> {
    let Signed { format, holder } = serde_json::from_str(text).ok()?;
    (format <= FORMAT).then_some(holder)
}

fn described(holder: Option<&Holder>) -> String {
    holder.map_or_else(|| "another run".to_owned(), Holder::to_string)
}

fn sign_of_life(heartbeat: Option<&Heartbeat>) -> String {
    let Some(Heartbeat { id, age }) = heartbeat else { return String::new() };
    format!("; last heartbeat {} ago, lock ID {id}", rounded(*age))
}

fn now_held(holder: Option<&Holder>) -> String {
    holder.map_or_else(|| "no run holds it now".to_owned(), |holder| format!("it is now held by {holder}"))
}

/// An age in one unit: `45 s`, `12 min`, `5 h`, `3 d`.
pub fn rounded(age: Duration) -> String {
    match age.as_secs() {
        seconds @ ..120 => format!("{seconds} s"),
        seconds @ ..7200 => format!("{} min", seconds / 60),
        seconds @ ..172_800 => format!("{} h", seconds / 3600),
        seconds => format!("{} d", seconds / 86_400),
    }
}

pub trait LockStore: Send + Sync {
    /// A held lock. Dropping it releases a local lock only; use [`LockStore::release`].
    type Held: Send;

    /// Acquires the lock, or returns at once that another run holds it.
    fn acquire(&self, holder: &Holder) -> impl Future<Output = Result<Self::Held, LockError>> + Send;

    /// Releases the lock. [`LockError::Lost`] if another run holds it by now.
    fn release(&self, held: Self::Held) -> impl Future<Output = Result<(), LockError>> + Send;
}

/// Whether a lock is still held. Asked before each write to AWS, so it must be cheap.
pub trait LockCheck: Send + Sync + std::fmt::Debug {
    fn is_held(&self) -> Pin<Box<dyn Future<Output = bool> + Send + '_>>;
}

/// Clones are one lock.
#[derive(Debug, Clone)]
pub struct FileLock {
    path: PathBuf,
    /// The file that was locked last.
    acquired: Arc<Mutex<Option<LockedFile>>>,
}

/// A lock that a run holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LockHeld {
    /// `None` if it cannot be read.
    pub holder: Option<Holder>,
    /// `None` if the lock ends with its process.
    pub heartbeat: Option<Heartbeat>,
}

#[derive(Debug)]
pub struct HeldFile {
    file: File,
    locked: LockedFile,
}

/// Which file was locked. If the path no longer leads to it, another run can lock the file that is there now.
#[derive(Debug, Clone)]
pub struct LockedFile {
    path: PathBuf,
    id: FileId,
}

impl LockedFile {
    fn is_in_place(&self) -> bool {
        disk::is_in_place(&self.path, self.id)
    }
}

impl LockCheck for LockedFile {
    fn is_held(&self) -> Pin<Box<dyn Future<Output = bool> + Send + '_>> {
        Box::pin(std::future::ready(self.is_in_place()))
    }
}

impl FileLock {
    /// The lock of the state at this path: `<state>.lock`.
    pub fn beside(state: &Path) -> Self {
        let mut path = state.as_os_str().to_owned();
        path.push(".lock");
        FileLock { path: path.into(), acquired: Arc::default() }
    }

    /// Who holds the lock, without acquiring it; `None` if no run does. A file that cannot be parsed names no holder.
    pub fn peek(&self) -> Result<Option<LockHeld>, LockError> {
        let text = disk::read(&self.path, LARGEST)?.unwrap_or_default();
        // A run empties the file when it ends. Only what a killed run left is locked for a moment to find out.
        if text.is_empty() {
            return Ok(None);
        }
        let file = File::open(&self.path).map_err(DiskError::at("open", &self.path))?;
        match file.try_lock_shared() {
            Ok(()) => Ok(None),
            Err(TryLockError::WouldBlock) => {
                let holder = signed_by(&String::from_utf8_lossy(&text));
                Ok(Some(LockHeld { holder, heartbeat: None }))
            }
            Err(TryLockError::Error(error)) => Err(DiskError::at("look at", &self.path)(error).into()),
        }
    }

    /// Whether the lock file was removed or replaced since it was locked.
    pub(crate) fn is_lost(&self) -> bool {
        let acquired = self.acquired.lock().unwrap_or_else(PoisonError::into_inner);
        acquired.as_ref().is_some_and(|locked| !locked.is_in_place())
    }
}

impl HeldFile {
    pub fn check(&self) -> LockedFile {
        self.locked.clone()
    }

    fn sign(&mut self, holder: &Holder) -> std::io::Result<()> {
        self.file.set_len(0)?;
        self.file.rewind()?;
        self.file.write_all(&serde_json::to_vec(&Signed { format: FORMAT, holder: holder.clone() })?)
    }
}

impl Drop for HeldFile {
    fn drop(&mut self) {
        // The empty file stays: if it were removed, two runs could each lock a file with this name.
        let _ = self.file.set_len(0);
        // Closing it is not enough: a process that is being started holds a copy of it for a moment.
        let _ = self.file.unlock();
    }
}

impl LockStore for FileLock {
    type Held = HeldFile;

    async fn acquire(&self, holder: &Holder) -> Result<HeldFile, LockError> {
        let mut file = disk::open_or_create(&self.path)?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                let mut text = String::new();
                let read = (&mut file).take(LARGEST).read_to_string(&mut text);
                let holder = read.ok().and_then(|_| signed_by(&text));
                return Err(LockError::Held { place: self.path.display().to_string(), holder, heartbeat: None });
            }
            Err(TryLockError::Error(error)) => return Err(DiskError::at("lock", &self.path)(error).into()),
        }
        let id = disk::file_id(&file.metadata().map_err(DiskError::at("look at", &self.path))?);
        let mut held = HeldFile { file, locked: LockedFile { path: self.path.clone(), id } };
        if !held.locked.is_in_place() {
            // Removed between the two calls: another run may have locked the file that is there now.
            return Err(LockError::Held { place: self.path.display().to_string(), holder: None, heartbeat: None });
        }
        *self.acquired.lock().unwrap_or_else(PoisonError::into_inner) = Some(held.locked.clone());
        held.sign(holder).map_err(DiskError::at("write", &self.path))?;
        Ok(held)
    }

    async fn release(&self, held: HeldFile) -> Result<(), LockError> {
        if held.locked.is_in_place() {
            return Ok(());
        }
        let found = disk::read(&self.path, LARGEST).ok().flatten();
        let holder = found.and_then(|text| signed_by(&String::from_utf8_lossy(&text)));
        Err(LockError::Lost { place: self.path.display().to_string(), holder })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn holder(who: &str) -> Holder {
        Holder { who: who.to_owned(), host: "ci-7".to_owned(), pid: 42, since: Timestamp::UNIX_EPOCH }
    }

    #[tokio::test]
    async fn the_second_run_is_refused_at_once_and_told_who_holds_the_lock() {
        let folder = tempfile::tempdir().unwrap();
        let lock = FileLock::beside(&folder.path().join("state.json"));
        let held = lock.acquire(&holder("ana")).await.unwrap();
        let refused = lock.acquire(&holder("bob")).await.unwrap_err();
        assert!(refused.to_string().contains("held by ana on ci-7, process 42, since 1970"), "{refused}");
        lock.release(held).await.unwrap();
        assert!(lock.acquire(&holder("bob")).await.is_ok());
    }

    #[tokio::test]
    async fn who_holds_a_lock_is_seen_without_acquiring_it() {
        let folder = tempfile::tempdir().unwrap();
        let lock = FileLock::beside(&folder.path().join("state.json"));
        assert_eq!(lock.peek().unwrap(), None, "there is no file");
        let held = lock.acquire(&holder("ana")).await.unwrap();
        let seen = FileLock::beside(&folder.path().join("state.json")).peek().unwrap();
        assert_eq!(seen, Some(LockHeld { holder: Some(holder("ana")), heartbeat: None }));
        drop(held);
        assert_eq!(lock.peek().unwrap(), None, "it was released");
        assert!(lock.acquire(&holder("bob")).await.is_ok());
    }

    #[tokio::test]
    async fn a_lock_file_that_was_removed_or_replaced_is_no_longer_held() {
        let folder = tempfile::tempdir().unwrap();
        let (state, path) = (folder.path().join("state.json"), folder.path().join("state.json.lock"));
        let (ours, theirs) = (FileLock::beside(&state), FileLock::beside(&state));
        let held = ours.acquire(&holder("ana")).await.unwrap();
        assert!(held.check().is_held().await && !ours.is_lost());
        std::fs::remove_file(&path).unwrap();
        assert!(!held.check().is_held().await);
        let taken = theirs.acquire(&holder("bob")).await.unwrap();
        assert!(!held.check().is_held().await && ours.is_lost());
        let lost = ours.release(held).await.unwrap_err().to_string();
        assert!(lost.contains("it is now held by bob"), "{lost}");
        assert!(taken.check().is_held().await, "the lock of the other run is left alone");
        theirs.release(taken).await.unwrap();
    }

    #[test]
    fn a_lock_that_outlives_its_process_is_shown_with_its_age_and_id() {
        let heartbeat = Some(Heartbeat { id: "3f2a".to_owned(), age: Duration::from_secs(185) });
        let held = LockError::Held { place: "s3://b/k.lock".to_owned(), holder: Some(holder("ana")), heartbeat };
        let text = held.to_string();
        assert!(text.ends_with("; last heartbeat 3 min ago, lock ID 3f2a"), "{text}");
        for (seconds, shown) in [(119, "119 s"), (7199, "119 min"), (7200, "2 h"), (200_000, "2 d")] {
            assert_eq!(rounded(Duration::from_secs(seconds)), shown);
        }
    }
}
