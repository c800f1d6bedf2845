//! Every moment at which a run can end: before and after each call to the cloud and each write to what is kept, and
//! amid those that can be torn. Each is noted with the world as it was then, so that a test can begin there as the
//! next run would. That is the same as a program that crashes there: what it had in memory is gone, what it had asked
//! for and was not done yet is never done.
use crate::recorder::{Notes, Recorder};
use crate::world::World;
use std::sync::{Arc, Mutex, PoisonError};

/// Moments between which nothing changed, and the world as it was.
#[derive(Debug, Clone)]
pub struct Moment {
    /// What each was about, in order; never empty.
    pub about: Vec<String>,
    /// The world, which nothing happens to any more.
    pub world: World,
}

#[derive(Debug)]
pub struct History {
    recorder: Recorder,
    moments: Arc<Mutex<Vec<Moment>>>,
}

impl World {
    /// From now on notes every moment, until the history is ended. The next run from a moment is not the run recorded:
    /// it gets an id of its own.
    pub fn record(&self) -> History {
        let recorder = self.cloud.recorder.clone();
        self.memory.record_in(&recorder);
        let world = World { runs: self.runs + 1, ..self.clone() };
        let moments = Arc::<Mutex<Vec<Moment>>>::default();
        recorder.begin(Moments { world, moments: Arc::clone(&moments) });
        History { recorder, moments }
    }
}

impl History {
    pub fn end(self) -> Vec<Moment> {
        self.recorder.end();
        std::mem::take(&mut self.moments.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

#[derive(Debug)]
struct Moments {
    world: World,
    moments: Arc<Mutex<Vec<Moment>>>,
}

impl Notes for Moments {
    fn note(&mut self, about: &mut dyn FnMut() -> String) {
        let Moments { world, moments } = self;
        let mut moments = moments.lock().unwrap_or_else(PoisonError::into_inner);
        match moments.last_mut() {
            Some(last) if last.world.holds_the_same_as(world) => last.about.push(about()),
            _ => moments.push(Moment { about: vec![about()], world: world.fork() }),
        }
    }
}
