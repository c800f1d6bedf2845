//! Where the moments of a run are noted, while a history is recorded.
use std::fmt::Debug;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

pub(crate) trait Notes: Send + Debug {
    /// Notes the world as it is now. `about` is called at most once.
    fn note(&mut self, about: &mut dyn FnMut() -> String);
}

/// Where moments are noted, if they are. While it is open, nothing else changes the world.
#[derive(Debug, Clone, Default)]
pub(crate) struct Recorder(Arc<Mutex<Option<Box<dyn Notes>>>>);

/// A recorder that is open. Taking a note copies the world, so the caller holds no lock of the cloud or of a store.
pub(crate) struct Entering<'a>(MutexGuard<'a, Option<Box<dyn Notes>>>);

impl Recorder {
    pub(crate) fn open(&self) -> Entering<'_> {
        Entering(self.lock())
    }

    pub(crate) fn begin(&self, notes: impl Notes + 'static) {
        *self.lock() = Some(Box::new(notes));
    }

    pub(crate) fn end(&self) {
        self.lock().take();
    }

    fn lock(&self) -> MutexGuard<'_, Option<Box<dyn Notes>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Entering<'_> {
    pub(crate) fn note(&mut self, mut about: impl FnMut() -> String) {
        if let Some(notes) = &mut *self.0 {
            notes.note(&mut about);
        }
    }
}
