//! One run at a time, over machines: the lock is an object that only one can make. It does not go with its process, so
//! it bears signs of life, by which people see whether its run is dead.
use super::connect::RemoteState;
use super::error::S3Error;
use super::heartbeat::HeldS3;
use super::lock_file::{self, LockFile};
use super::objects::{Content, Deleted, Object, Objects, Over, Put};
use jiff::Timestamp;
use pinpoint_streams_executor::clock::Clock;
use pinpoint_streams_store::lock::{Holder, LockError, LockStore};
use std::sync::Arc;

/// How often a lock of ours that changes under our hands (a sign of life on its way) is deleted at most.
const DELETES: u32 = 5;

/// The lock of a state in S3: the object `<key>.lock`.
#[derive(Debug, Clone)]
pub struct S3Lock<K> {
    objects: Objects,
    key: String,
    clock: K,
}

impl RemoteState {
    /// The lock of the state. The clock is this machine's; S3's is taken once an answer has told it.
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
        // Looks first: what stands there is shown, and S3's clock is known before ours goes into the lock.
        let found = self.objects.get(&self.key).await.map_err(|error| self.unreachable(error))?;
        if let Some(found) = found {
            return Err(self.held_by_another(&found));
        }
        let lock = LockFile::new(holder, self.now());
        let (json, is_ours) = (lock.to_json(), |found: &[u8]| lock_file::is(found, &lock.id));
        match self.objects.put(&self.key, Content::json(&json), &Over::Nothing, is_ours).await {
            Ok(Put::Written(etag)) => {
                Ok(HeldS3::begin(self.objects.clone(), self.key.clone(), lock, etag, self.clock.clone()))
            }
            Ok(Put::Lost(Some(found))) => Err(self.held_by_another(&found)),
            // Made and given up by another between two calls of ours: to be tried again.
            Ok(Put::Lost(None)) => Err(LockError::Held { place: self.place(), holder: None, heartbeat: None }),
            Err(error) => Err(self.unreachable(error)),
        }
    }

    async fn release(&self, held: HeldS3) -> Result<(), LockError> {
        let ended = held.end().await;
        if ended.is_lost {
            let found = self.objects.get(&self.key).await.ok().flatten();
            return Err(self.lost(found.as_ref()));
        }
        let (mut etag, mut deletes) = (ended.etag, 1);
        loop {
            let deleted = self.objects.delete(&self.key, &etag).await;
            if matches!(deleted, Ok(Deleted::Done)) {
                return Ok(());
            }
            // A sign of life that was on its way, a delete that had taken hold when the SDK repeated it, or another.
            match (self.objects.get(&self.key).await, deleted) {
                (Err(_), Err(error)) | (Err(error), _) => return Err(self.unreachable(error)),
                (Ok(None), _) => return Ok(()),
                (Ok(Some(found)), _) if !lock_file::is(&found.bytes, &ended.id) => {
                    return Err(self.lost(Some(&found)));
                }
                (Ok(Some(_)), Err(error)) if deletes == DELETES => return Err(self.unreachable(error)),
                (Ok(Some(found)), _) => etag = found.etag,
            }
            deletes += 1;
        }
    }
}
