//! Taking away a lock that a run left behind: only the one that is meant, and only once its run has been silent long
//! enough to be dead.
use super::connect::RemoteState;
use super::error::S3Error;
use super::lock_file::{LockFile, LockShown};
use super::objects::{Deleted, Object};
use jiff::Timestamp;
use pinpoint_streams_store::archive::quoted;
use pinpoint_streams_store::lock::{ABANDONED_AFTER, rounded};
use std::time::Duration;

/// Why a lock was not taken away, or cannot be shown.
#[derive(Debug, Clone, thiserror::Error)]
#[non_exhaustive]
pub enum UnlockError {
    /// Nobody holds it.
    #[error("{place} is not there: the state is not locked")]
    NoLock { place: String },
    /// It is another lock than the one that was named.
    #[error("{place} has the id {}, and is held by {}", found.id, found.holder)]
    OtherId { place: String, found: LockShown },
    /// Its run may be alive.
    #[error("{place} is held by {}, whose last sign of life was {} ago", found.holder, rounded(found.age))]
    TooYoung {
        place: String,
        found: LockShown,
        /// How long it must be silent from now on.
        wait: Duration,
    },
    /// It changed while it was looked at; nothing was taken away.
    #[error("{place} changed meanwhile: its run is alive, or another has taken it")]
    Changed { place: String },
    #[error("{place} is no lock: {reason}")]
    Unreadable { place: String, reason: String },
    /// S3 did not answer.
    #[error(transparent)]
    Store(#[from] S3Error),
}

impl UnlockError {
    pub fn hint(&self) -> String {
        match self {
            UnlockError::NoLock { .. } => "nothing needs to be done".to_owned(),
            UnlockError::OtherId { found, .. } => {
                format!("if that run is dead: `pinpoint-streams state unlock {}`", quoted(&found.id))
            }
            UnlockError::TooYoung { wait, .. } => format!(
                "make sure that its run has ended, and try again in {}: a run that is alive gives a sign every 30 s",
                rounded(*wait)
            ),
            UnlockError::Changed { .. } => "wait until that run has ended".to_owned(),
            UnlockError::Unreadable { place, .. } => {
                format!(
                    "look at it with `aws s3 cp {} -`, and delete it by hand if nobody needs it",
                    quoted(place)
                )
            }
            UnlockError::Store(error) => error.hint(),
        }
    }
}

impl RemoteState {
    /// The lock as it stands; none where nobody holds it. Its age is by S3's clock where the answer tells it, and
    /// by `now` where not.
    pub async fn lock_now(&self, now: Timestamp) -> Result<Option<LockShown>, UnlockError> {
        Ok(self.lock_found(now).await?.map(|(shown, _)| shown))
    }

    /// Takes the lock with this id away, and gives back what it was. One that showed a sign of life within two
    /// minutes is left.
    pub async fn unlock(&self, id: &str, now: Timestamp) -> Result<LockShown, UnlockError> {
        let key = self.at.lock_key();
        let place = self.objects.place(&key);
        let Some((found, etag)) = self.lock_found(now).await? else { return Err(UnlockError::NoLock { place }) };
        if found.id != id {
            return Err(UnlockError::OtherId { place, found });
        }
        if let Some(wait) = ABANDONED_AFTER.checked_sub(found.age).filter(|wait| !wait.is_zero()) {
            return Err(UnlockError::TooYoung { place, found, wait });
        }
        match self.objects.delete(&key, &etag).await {
            Ok(Deleted::Done) => Ok(found),
            // Refused, or nobody knows: a delete that had taken hold when the SDK repeated it left nothing there.
            unclear => match (self.objects.get(&key).await?, unclear) {
                (None, _) => Ok(found),
                (Some(still), Err(error)) if still.etag == etag => Err(error.into()),
                (Some(_), _) => Err(UnlockError::Changed { place }),
            },
        }
    }

    async fn lock_found(&self, now: Timestamp) -> Result<Option<(LockShown, String)>, UnlockError> {
        let key = self.at.lock_key();
        let Some(Object { bytes, etag }) = self.objects.get(&key).await? else { return Ok(None) };
        let lock = LockFile::of_json(&bytes)
            .map_err(|reason| UnlockError::Unreadable { place: self.objects.place(&key), reason })?;
        Ok(Some((lock.shown(self.objects.time.now(now)), etag)))
    }
}
