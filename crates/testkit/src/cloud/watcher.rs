//! A function that is shown every write as it arrives, before anything becomes of it.
use super::FakeCloud;
use pinpoint_streams_model::op::{Op, Resolved};
use std::fmt;
use std::sync::Arc;

type Look = dyn Fn(&Op<Resolved>) + Send + Sync;

#[derive(Clone)]
pub(crate) struct Watcher(Arc<Look>);

impl fmt::Debug for Watcher {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Watcher")
    }
}

impl FakeCloud {
    /// Shows every write to this one as it arrives, before anything becomes of it; in place of an
    /// earlier function. Not what a crashed program sends. It may look at the cloud.
    pub fn watch_writes(&self, look: impl Fn(&Op<Resolved>) + Send + Sync + 'static) {
        self.lock().watcher = Some(Watcher(Arc::new(look)));
    }

    /// Returns with the nth write from now.
    pub async fn nth_write(&self, n: usize) {
        let last = *self.writes_shown.borrow() + n;
        // The sender lives as long as `self`, so that waiting cannot fail.
        drop(self.writes_shown.subscribe().wait_for(|shown| *shown >= last).await);
    }

    pub fn unwatch_writes(&self) {
        self.lock().watcher = None;
    }

    pub(crate) fn show(&self, op: &Op<Resolved>) {
        self.writes_shown.send_modify(|shown| *shown += 1);
        let watcher = self.lock().watcher.clone();
        if let Some(Watcher(look)) = watcher.filter(|_| !*self.crashed.borrow()) {
            look(op);
        }
    }
}
