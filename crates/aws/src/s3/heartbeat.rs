//! The heartbeat of a held lock: written by a task for as long as the lock is held, and only over the previous heartbeat,
//! so that a lock that another run has taken is never taken back.
use super::lock_file::{self, LockFile};
use super::objects::{Content, Objects, Over, Put};
use crate::calling::Timeouts;
use jiff::Timestamp;
use pinpoint_streams_executor::clock::Clock;
use pinpoint_streams_store::lock::{ABANDONED_AFTER, LockCheck};
use std::fmt;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{Notify, watch};
use tokio::task::JoinHandle;
use tokio::time::{Instant, sleep, timeout};

/// `state unlock` waits four times as long.
const HEARTBEAT_INTERVAL: Duration = Duration::from_secs(30);
/// How old the last heartbeat may be at a write to AWS. Then the next is sent first, which fails if the lock was removed.
const STALE_AFTER: Duration = Duration::from_secs(ABANDONED_AFTER.as_secs() / 2);
/// How long such a heartbeat is tried, and how often. Then the lock counts as lost.
const CONFIRM_FOR: Duration = Duration::from_secs(60);
const CONFIRM_EVERY: Duration = Duration::from_secs(5);
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
    shared: Shared,
    task: JoinHandle<()>,
}

/// Shared by a lock, its heartbeat, and readers that ask whether it is held.
#[derive(Clone)]
struct Shared {
    state: watch::Sender<LockState>,
    /// Sends a heartbeat now.
    beat_now: Arc<Notify>,
    clock: Arc<dyn Clock>,
}

/// When a heartbeat was sent. The monotonic clock may stop while the machine is suspended, and the wall clock may be set.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Sent {
    monotonic: Instant,
    wall: Timestamp,
}

impl Sent {
    pub(super) fn now(clock: &impl Clock) -> Sent {
        Sent { monotonic: Instant::now(), wall: clock.now() }
    }

    fn is_stale(self, wall: Timestamp) -> bool {
        self.monotonic.elapsed() > STALE_AFTER || wall.duration_since(self.wall).unsigned_abs() > STALE_AFTER
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum LockState {
    Held { etag: String, sent: Sent },
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
        sent: Sent,
        clock: K,
    ) -> HeldS3 {
        let id = lock.id.clone();
        let state = watch::Sender::new(LockState::Held { etag, sent });
        let shared = Shared { state, beat_now: Arc::default(), clock: Arc::new(clock) };
        let task = tokio::spawn(beat(objects.within(TIMEOUTS), key, lock, shared.clone()));
        HeldS3 { id, shared, task }
    }

    pub fn check(&self) -> impl LockCheck + use<> {
        self.shared.clone()
    }

    pub fn id(&self) -> &str {
        &self.id
    }

    /// Completes once a heartbeat finds that the lock is another run's or gone, else never. The state is still safe, but
    /// two concurrent runs may revert each other's changes.
    pub fn lost(&self) -> impl Future<Output = ()> + Send + 'static {
        let mut state = self.shared.state.subscribe();
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
        let (etag, is_lost) = match &*self.shared.state.borrow() {
            LockState::Held { etag, sent: _ } => (etag.clone(), false),
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
            .field("state", &*self.shared.state.borrow())
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for Shared {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Shared").field(&*self.state.borrow()).finish()
    }
}

impl LockCheck for Shared {
    fn is_held(&self) -> Pin<Box<dyn Future<Output = bool> + Send + '_>> {
        Box::pin(self.confirm())
    }
}

impl Shared {
    /// Whether the lock is held; if its last heartbeat is old, by sending the next.
    async fn confirm(&self) -> bool {
        let (mut state, began) = (self.state.subscribe(), Instant::now());
        loop {
            match *state.borrow_and_update() {
                LockState::Lost => return false,
                LockState::Held { sent, .. } if !sent.is_stale(self.clock.now()) => return true,
                LockState::Held { .. } => {}
            }
            if began.elapsed() >= CONFIRM_FOR {
                self.state.send_replace(LockState::Lost);
                return false;
            }
            self.beat_now.notify_one();
            let _ = timeout(CONFIRM_EVERY, state.changed()).await;
        }
    }
}

async fn beat(objects: Objects, key: String, lock: LockFile, shared: Shared) {
    let Shared { state: sender, beat_now, clock } = shared;
    loop {
        tokio::select! {
            () = sleep(HEARTBEAT_INTERVAL) => {}
            () = beat_now.notified() => {}
        }
        let LockState::Held { etag, sent: _ } = sender.borrow().clone() else { return };
        let sent = Sent { monotonic: Instant::now(), wall: clock.now() };
        let json = lock.at(objects.time.now(sent.wall)).to_json();
        let is_ours = |found: &[u8]| lock_file::is(found, &lock.id);
        match objects.put(&key, Content::json(&json), &Over::ETag(etag), is_ours).await {
            Ok(Put::Written(etag)) => {
                sender.send_if_modified(|state| {
                    let is_held = *state != LockState::Lost;
                    if is_held {
                        *state = LockState::Held { etag, sent };
                    }
                    is_held
                });
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
