//! One run at a time, on any machine: the lock is an object that only one run can create. It outlives its process, so
//! it has a heartbeat that shows whether its run is alive.
use super::connect::RemoteState;
use super::error::S3Error;
use super::heartbeat::{HeldS3, Sent};
use super::lock_file::{self, LockFile, LockShown};
use super::objects::{Content, Deleted, Object, Objects, Over, Put};
use jiff::Timestamp;
use pinpoint_streams_executor::clock::Clock;
use pinpoint_streams_store::archive::quoted;
use pinpoint_streams_store::lock::{ABANDONED_AFTER, Holder, LockError, LockHeld, LockStore, rounded};
use std::sync::Arc;
use std::time::Duration;

/// Attempts to delete a held lock that changes meanwhile (a heartbeat in flight).
const DELETES: u32 = 5;

/// The lock of a state in S3: the object `<key>.lock`.
#[derive(Debug, Clone)]
pub struct S3Lock<K> {
    objects: Objects,
    key: String,
    clock: K,
}

impl RemoteState {
    /// `clock` is this machine's, used until a response has shown S3's.
    pub fn lock<K: Clock + Clone + 'static>(&self, clock: K) -> S3Lock<K> {
        S3Lock { objects: self.objects.clone(), key: self.at.lock_key(), clock }
    }
}

impl<K: Clock> S3Lock<K> {
    fn place(&self) -> String {
        self.objects.place(&self.key)
    }

    fn now(&self) -> Timestamp {
        self.objects.time.now(self.clock.now())
    }

    fn unreachable(&self, error: S3Error) -> LockError {
        LockError::Store { place: self.place(), source: Arc::new(error) }
    }

    /// Creates the lock again: a store that does not refuse that ignores conditions, so other runs can take it too.
    async fn must_be_exclusive(&self, json: &[u8], etag: &str) -> Result<(), LockError> {
        let error = match self.objects.refuses_to_create(&self.key, Content::json(json)).await {
            Ok(true) => return Ok(()),
            Ok(false) => self.objects.unconditional(&self.key),
            Err(error) => error,
        };
        // If this fails, `state unlock` removes it.
        let _ = self.objects.delete(&self.key, etag).await;
        Err(self.unreachable(error))
    }

    /// Who holds the lock, without acquiring it.
    pub async fn peek(&self) -> Result<Option<LockHeld>, LockError> {
        let found = self.objects.get(&self.key).await.map_err(|error| self.unreachable(error))?;
        Ok(found.map(|found| {
            let shown = LockFile::of_json(&found.bytes).ok().map(|lock| lock.shown(self.now()));
            let heartbeat = shown.as_ref().map(|shown| shown.heartbeat());
            LockHeld { holder: shown.map(|shown| shown.holder), heartbeat }
        }))
    }

    fn held_by_another(&self, found: &Object) -> LockError {
        let shown = LockFile::of_json(&found.bytes).ok().map(|lock| lock.shown(self.now()));
        let heartbeat = shown.as_ref().map(|shown| shown.heartbeat());
        LockError::Held { place: self.place(), holder: shown.map(|shown| shown.holder), heartbeat }
    }

    fn lost(&self, found: Option<&Object>) -> LockError {
        let lock = found.and_then(|found| LockFile::of_json(&found.bytes).ok());
        LockError::Lost { place: self.place(), holder: lock.map(|lock| lock.shown(Timestamp::UNIX_EPOCH).holder) }
    }
}

impl<K: Clock + Clone + 'static> LockStore for S3Lock<K> {
    type Held = HeldS3;

    async fn acquire(&self, holder: &Holder) -> Result<HeldS3, LockError> {
        // Reads first: to show an existing lock, and to know S3's clock before the lock is written.
        let found = self.objects.get(&self.key).await.map_err(|error| self.unreachable(error))?;
        if let Some(found) = found {
            return Err(self.held_by_another(&found));
        }
        let lock = LockFile::new(holder, self.now());
        let (json, is_ours) = (lock.to_json(), |found: &[u8]| lock_file::is(found, &lock.id));
        let sent = Sent::now(&self.clock);
        match self.objects.put(&self.key, Content::json(&json), &Over::Nothing, is_ours).await {
            Ok(Put::Written(etag)) => {
                self.must_be_exclusive(&json, &etag).await?;
                Ok(HeldS3::begin(self.objects.clone(), self.key.clone(), lock, etag, sent, self.clock.clone()))
            }
            Ok(Put::Lost(Some(found))) => Err(self.held_by_another(&found)),
            // Acquired and released by another run between two calls: to be retried.
            Ok(Put::Lost(None)) => Err(LockError::Held { place: self.place(), holder: None, heartbeat: None }),
            Err(error) => Err(self.unreachable(error)),
        }
    }

    async fn release(&self, held: HeldS3) -> Result<(), LockError> {
        let mut stopped = held.stop().await;
        if stopped.is_lost {
            // It also counts as lost if the bucket could not be reached for long. Then it may still be ours.
            match self.objects.get(&self.key).await.ok().flatten() {
                Some(found) if lock_file::is(&found.bytes, &stopped.id) => stopped.etag = found.etag,
                found => return Err(self.lost(found.as_ref())),
            }
        }
        let (mut etag, mut deletes) = (stopped.etag, 1);
        loop {
            let deleted = self.objects.delete(&self.key, &etag).await;
            if matches!(deleted, Ok(Deleted::Done)) {
                return Ok(());
            }
            // A heartbeat in flight, a delete that the SDK retried after it had succeeded, or another lock.
            match (self.objects.get(&self.key).await, deleted) {
                (Err(_), Err(error)) | (Err(error), _) => return Err(self.unreachable(error)),
                (Ok(None), _) => return Ok(()),
                (Ok(Some(found)), _) if !lock_file::is(&found.bytes, &stopped.id) => {
                    return Err(self.lost(Some(&found)));
                }
                (Ok(Some(_)), Err(error)) if deletes == DELETES => return Err(self.unreachable(error)),
                (Ok(Some(found)), _) => etag = found.etag,
            }
            deletes += 1;
        }
    }
}

#[derive(Debug, Clone, thiserror::Error)]
#[non_exhaustive]
pub enum UnlockError {
    #[error("{place} does not exist: the state is not locked")]
    NoLock { place: String },
    #[error("{place} has ID {}, and is held by {}", found.id, found.holder)]
    OtherId { place: String, found: LockShown },
    #[error("{place} is held by {}, whose last heartbeat was {} ago", found.holder, rounded(found.age))]
    TooYoung {
        place: String,
        found: LockShown,
        /// Until it counts as abandoned.
        wait: Duration,
    },
    /// Nothing was removed.
    #[error("{place} changed meanwhile: its run is alive, or another run has acquired it")]
    Changed { place: String },
    #[error("{place} is not a lock: {reason}")]
    Unreadable { place: String, reason: String },
    #[error(transparent)]
    Store(#[from] S3Error),
}

impl UnlockError {
    pub fn hint(&self) -> String {
        match self {
            UnlockError::NoLock { .. } => "no action is needed".to_owned(),
            UnlockError::OtherId { found, .. } => {
                format!("if that run has ended: `pinpoint-streams state unlock {}`", quoted(&found.id))
            }
            UnlockError::TooYoung { wait, .. } => format!(
                "make sure that its run has ended, and try again in {}: a running run sends a heartbeat every 30 s",
                rounded(*wait)
            ),
            UnlockError::Changed { .. } => "wait until that run has ended".to_owned(),
            UnlockError::Unreadable { place, .. } => {
                format!(
                    "inspect it with `aws s3 cp {} -`, and delete it by hand if it is not needed",
                    quoted(place)
                )
            }
            UnlockError::Store(error) => error.hint(),
        }
    }
}

impl RemoteState {
    /// Removes the lock with this ID and returns it. A lock with a heartbeat in the last two minutes is kept. Its age is by
    /// S3's clock if the response has it, else by `now`.
    pub async fn unlock(&self, id: &str, now: Timestamp) -> Result<LockShown, UnlockError> {
        let key = self.at.lock_key();
        let place = self.objects.place(&key);
        let Some(Object { bytes, etag }) = self.objects.get(&key).await? else {
            return Err(UnlockError::NoLock { place });
        };
        let found = match LockFile::of_json(&bytes) {
            Ok(lock) => lock.shown(self.objects.time.now(now)),
            Err(reason) => return Err(UnlockError::Unreadable { place, reason }),
        };
        if found.id != id {
            return Err(UnlockError::OtherId { place, found });
        }
        if let Some(wait) = ABANDONED_AFTER.checked_sub(found.age).filter(|wait| !wait.is_zero()) {
            return Err(UnlockError::TooYoung { place, found, wait });
        }
        match self.objects.delete(&key, &etag).await {
            Ok(Deleted::Done) => Ok(found),
            // Rejected or unknown: a delete that the SDK retried after it had succeeded leaves no object.
            unclear => match (self.objects.get(&key).await?, unclear) {
                (None, _) => Ok(found),
                (Some(still), Err(error)) if still.etag == etag => Err(error.into()),
                (Some(_), _) => Err(UnlockError::Changed { place }),
            },
        }
    }
}
