//! Every moment at which a run can end: before and after each call to the cloud and each write to what is kept, and
//! amid those that can be torn. Each is noted with the world as it was then, so that a test can begin there as the
//! next run would. That is the same as a program that dies there: what it had in memory is gone, what it had asked
//! for and was not done yet is never done.
use crate::FakeCloud;
use crate::memory::Memory;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// A cloud, and what runs over it keep.
#[derive(Debug, Clone)]
pub struct World {
    /// The cloud.
    pub cloud: FakeCloud,
    /// What runs keep.
    pub memory: Memory,
}

/// Moments between which nothing changed, and the world as it was.
#[derive(Debug, Clone)]
pub struct Moment {
    /// What each was about, in order. Never empty.
    pub about: Vec<String>,
    /// The world, which nothing happens to any more.
    pub world: World,
}

/// What is noted, while a run goes on.
#[derive(Debug)]
pub struct History(Chronicle);

impl World {
    /// A cloud over which nothing was kept yet.
    pub fn new(cloud: FakeCloud) -> World {
        World { cloud, memory: Memory::new() }
    }

    /// A world of its own that begins as this one is. Faults and deaths are left behind.
    pub fn fork(&self) -> World {
        World { cloud: self.cloud.fork(), memory: self.memory.fork() }
    }

    /// From now on notes every moment, until the history is ended.
    pub fn record(&self) -> History {
        let chronicle = self.cloud.chronicle.clone();
        self.memory.is_noted_in(&chronicle);
        *chronicle.lock() = Some(Notes { world: self.clone(), moments: Vec::new() });
        History(chronicle)
    }

    /// Whether all is there that is in another, and nothing else.
    pub fn holds_the_same_as(&self, other: &World) -> bool {
        self.cloud.holds_the_same_as(&other.cloud) && self.memory.holds_the_same_as(&other.memory)
    }
}

impl History {
    /// Notes nothing more, and gives what was noted.
    pub fn end(self) -> Vec<Moment> {
        self.0.lock().take().map(|notes| notes.moments).unwrap_or_default()
    }
}

/// Where moments are noted, if they are. What is changed while it is open is changed by nobody else.
#[derive(Debug, Clone, Default)]
pub(crate) struct Chronicle(Arc<Mutex<Option<Notes>>>);

#[derive(Debug)]
struct Notes {
    world: World,
    moments: Vec<Moment>,
}

/// A chronicle that is open. What is noted is looked at, so the caller holds no lock of a cloud or a store.
pub(crate) struct Entering<'a>(MutexGuard<'a, Option<Notes>>);

impl Chronicle {
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
