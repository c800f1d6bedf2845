//! The heartbeat of a held lock: written by a task for as long as the lock is held, and only over the previous heartbeat,
//! so that a lock that another run has taken is never taken back.
use super::lock_file::{self, LockFile};
use super::objects::{Content, Objects, Over, Put};
use crate::calling::Timeouts;
use pinpoint_streams_executor::clock::Clock;
use std::fmt;
use std::time::Duration;
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio::time::sleep;

/// `state unlock` waits four times as long.
const HEARTBEAT_INTERVAL: Duration = Duration::from_secs(30);
/// A heartbeat that fails within this time is followed by the next.
const TIMEOUTS: Timeouts = Timeouts {
    connect: Duration::from_secs(5),
    attempt: Duration::from_secs(10),
    operation: Duration::from_secs(20),
    between_attempts: Duration::from_secs(2),
};

/// A held lock in S3. Dropping it stops its heartbeat but leaves the object, since a drop cannot call S3: release it with
/// [`LockStore::release`](pinpoint_streams_store::lock::LockStore::release), or two minutes later by hand.
pub struct HeldS3 {
    id: String,
    state: watch::Receiver<LockState>,
    task: JoinHandle<()>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum LockState {
    Held { etag: String },
    Lost,
}

/// A lock whose heartbeat has stopped.
pub(super) struct Stopped {
    pub(super) id: String,
    /// The last known one: a heartbeat in flight may have changed it.
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
        let (sender, state) = watch::channel(LockState::Held { etag });
        let task = tokio::spawn(beat(objects.within(TIMEOUTS), key, lock, clock, sender));
        HeldS3 { id, state, task }
    }

    pub fn id(&self) -> &str {
        &self.id
    }

    /// Completes once a heartbeat finds that the lock is another run's or gone, else never. The state is still safe, but
    /// two concurrent runs may revert each other's changes.
    pub fn lost(&self) -> impl Future<Output = ()> + Send + 'static {
        let mut state = self.state.clone();
        async move {
            let is_lost = state.wait_for(|state| *state == LockState::Lost).await.is_ok();
            if !is_lost {
                std::future::pending::<()>().await;
            }
        }
    }

    /// Stops the heartbeat. One in flight may still arrive.
    pub(super) async fn stop(mut self) -> Stopped {
        self.task.abort();
        let _ = (&mut self.task).await;
        let (etag, is_lost) = match &*self.state.borrow() {
            LockState::Held { etag } => (etag.clone(), false),
            LockState::Lost => (String::new(), true),
        };
        Stopped { id: self.id.clone(), etag, is_lost }
    }
}

impl Drop for HeldS3 {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl fmt::Debug for HeldS3 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HeldS3")
            .field("id", &self.id)
            .field("state", &*self.state.borrow())
            .finish_non_exhaustive()
    }
}

async fn beat<K: Clock>(
    objects: Objects,
    key: String,
    lock: LockFile,
    clock: K,
    sender: watch::Sender<LockState>,
) {
    loop {
        sleep(HEARTBEAT_INTERVAL).await;
        let LockState::Held { etag } = sender.borrow().clone() else { return };
        let json = lock.at(objects.time.now(clock.now())).to_json();
        let is_ours = |found: &[u8]| lock_file::is(found, &lock.id);
        match objects.put(&key, Content::json(&json), &Over::ETag(etag), is_ours).await {
            Ok(Put::Written(etag)) => {
                sender.send_replace(LockState::Held { etag });
            }
            Ok(Put::Lost(_)) => {
                sender.send_replace(LockState::Lost);
                return;
            }
            // Failed. The lock is still held until someone removes it.
            Err(_) => {}
        }
    }
}
