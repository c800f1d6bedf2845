//! Someone who looks at every write as it arrives, before anything becomes of it.
use super::FakeCloud;
use pinpoint_streams_model::op::{Op, Resolved};
use std::fmt;
use std::sync::Arc;

/// What is done with each write that arrives.
type Look = dyn Fn(&Op<Resolved>) + Send + Sync;

/// Whoever looks.
#[derive(Clone)]
pub(crate) struct Witness(Arc<Look>);

impl fmt::Debug for Witness {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Witness")
    }
}

impl FakeCloud {
    /// Shows every write to this one as it arrives, before anything becomes of it; in place of who looked before.
    /// Not what a dead program sends. It may look at the cloud.
    pub fn watch_writes(&self, look: impl Fn(&Op<Resolved>) + Send + Sync + 'static) {
        self.lock().witness = Some(Witness(Arc::new(look)));
    }

    pub(crate) fn show(&self, op: &Op<Resolved>) {
        let witness = self.lock().witness.clone();
        if let Some(Witness(look)) = witness.filter(|_| !*self.dead.borrow()) {
            look(op);
        }
    }
}
