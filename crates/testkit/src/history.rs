//! Every moment at which a run can end: before and after each call to the cloud and each write to what is kept, and
//! amid those that can be torn. Each is noted with the world as it was then, so that a test can begin there as the
//! next run would. That is the same as a program that crashes there: what it had in memory is gone, what it had asked
//! for and was not done yet is never done.
use crate::world::World;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Moments between which nothing changed, and the world as it was.
#[derive(Debug, Clone)]
pub struct Moment {
    /// What each was about, in order; never empty.
    pub about: Vec<String>,
    /// The world, which nothing happens to any more.
    pub world: World,
}

/// What is noted, while a run goes on.
#[derive(Debug)]
pub struct History(Recorder);

impl World {
    /// From now on notes every moment, until the history is ended. The next run from a moment is not the run recorded:
    /// it gets an id of its own.
    pub fn record(&self) -> History {
        let recorder = self.cloud.recorder.clone();
        self.memory.record_in(&recorder);
        let world = World { runs: self.runs + 1, ..self.clone() };
        *recorder.lock() = Some(Notes { world, moments: Vec::new() });
        History(recorder)
    }
}

impl History {
    /// Notes nothing more, and gives what was noted.
    pub fn end(self) -> Vec<Moment> {
        self.0.lock().take().map(|notes| notes.moments).unwrap_or_default()
    }
}

/// Where moments are noted, if they are. While it is open, nobody else changes anything.
#[derive(Debug, Clone, Default)]
pub(crate) struct Recorder(Arc<Mutex<Option<Notes>>>);

#[derive(Debug)]
struct Notes {
    world: World,
    moments: Vec<Moment>,
}

/// A recorder that is open. Taking a note copies the world, so the caller holds no lock of the cloud or of a store.
pub(crate) struct Entering<'a>(MutexGuard<'a, Option<Notes>>);

impl Recorder {
    pub(crate) fn open(&self) -> Entering<'_> {
        Entering(self.lock())
    }

    fn lock(&self) -> MutexGuard<'_, Option<Notes>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Entering<'_> {
    /// Notes the world as it is now.
    pub(crate) fn note(&mut self, about: impl FnOnce() -> String) {
        let Some(Notes { world, moments }) = &mut *self.0 else { return };
        match moments.last_mut() {
            Some(last) if last.world.holds_the_same_as(world) => last.about.push(about()),
            _ => moments.push(Moment { about: vec![about()], world: world.fork() }),
        }
    }
}
