//! A held lock's signs of life: written by a task of their own for as long as the lock is held, and only over the sign
//! before, so that a lock that another has taken is never taken back.
use super::lock_file::{self, LockFile};
use super::objects::{Content, Objects, Over, Put};
use crate::calling::Timeouts;
use pinpoint_streams_executor::clock::Clock;
use std::fmt;
use std::time::Duration;
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio::time::sleep;

/// How often a lock that is held shows that its run is alive. `state unlock` waits four times as long.
const BEAT_EVERY: Duration = Duration::from_secs(30);
/// One that does not get through in this time is made good by the next.
const TIMEOUTS: Timeouts = Timeouts {
    connect: Duration::from_secs(5),
    attempt: Duration::from_secs(10),
    operation: Duration::from_secs(20),
    between_attempts: Duration::from_secs(2),
};

/// A lock in S3 that is held. Dropping it ends its signs of life and leaves the object, since a drop cannot call S3:
/// it is given up by [`LockStore::release`](pinpoint_streams_store::lock::LockStore::release), or two minutes
/// later by hand.
pub struct HeldS3 {
    id: String,
    life: watch::Receiver<Life>,
    task: JoinHandle<()>,
}

/// What is known of a lock of ours.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Life {
    Held { etag: String },
    Lost,
}

/// A lock whose signs of life have ended.
pub(super) struct Ended {
    pub(super) id: String,
    /// As far as is known: a sign that was on its way may have changed it.
    pub(super) etag: String,
    pub(super) is_lost: bool,
}

impl HeldS3 {
    pub(super) fn begin<K: Clock + 'static>(
        objects: Objects,
        key: String,
        lock: LockFile,
        etag: String,
        clock: K,
    ) -> HeldS3 {
        let id = lock.id.clone();
        let (says, life) = watch::channel(Life::Held { etag });
        let task = tokio::spawn(beat(objects.within(TIMEOUTS), key, lock, clock, says));
        HeldS3 { id, life, task }
    }

    /// Which lock it is.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// Ends once a sign of life found that the lock is another's or gone, and never otherwise. The state is safe
    /// all the same, but two runs at once may undo each other's work.
    pub fn lost(&self) -> impl Future<Output = ()> + Send + 'static {
        let mut life = self.life.clone();
        async move {
            let is_lost = life.wait_for(|life| *life == Life::Lost).await.is_ok();
            if !is_lost {
                std::future::pending::<()>().await;
            }
        }
    }

    /// Ends the signs of life. The one that is on its way may still arrive.
    pub(super) async fn end(mut self) -> Ended {
        self.task.abort();
        // It ended because it was told to, or because the lock was lost.
        let _ = (&mut self.task).await;
        let (etag, is_lost) = match &*self.life.borrow() {
            Life::Held { etag } => (etag.clone(), false),
            Life::Lost => (String::new(), true),
        };
        Ended { id: self.id.clone(), etag, is_lost }
    }
}

impl Drop for HeldS3 {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl fmt::Debug for HeldS3 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HeldS3").field("id", &self.id).field("life", &*self.life.borrow()).finish_non_exhaustive()
    }
}

async fn beat<K: Clock>(objects: Objects, key: String, lock: LockFile, clock: K, says: watch::Sender<Life>) {
    loop {
        sleep(BEAT_EVERY).await;
        let Life::Held { etag } = says.borrow().clone() else { return };
        let json = lock.at(objects.time.now(clock.now())).to_json();
        let is_ours = |found: &[u8]| lock_file::is(found, &lock.id);
        match objects.put(&key, Content::json(&json), &Over::ETag(etag), is_ours).await {
            Ok(Put::Written(etag)) => {
                says.send_replace(Life::Held { etag });
            }
            Ok(Put::Lost(_)) => {
                says.send_replace(Life::Lost);
                return;
            }
            // It did not get through. The lock is ours for as long as nobody takes it away.
            Err(_) => {}
        }
    }
}
