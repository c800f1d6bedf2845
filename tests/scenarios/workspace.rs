//! A workspace on disk over a cloud in memory, and runs of it just as the program makes them.
use pinpoint_streams_executor::events::EventStream;
use pinpoint_streams_executor::execute::{Outcome, RunContext, Stores, execute};
use pinpoint_streams_executor::pace::Paced;
use pinpoint_streams_executor::stop::Stop;
use pinpoint_streams_model::desired::Desired;
use pinpoint_streams_model::event::{Ending, Event};
use pinpoint_streams_model::plan::{Mode, Options, Plan};
use pinpoint_streams_model::problem::Problems;
use pinpoint_streams_model::recorded::Recorded;
use pinpoint_streams_planner::{Inputs, Planned};
use pinpoint_streams_store::archive::FileArchive;
use pinpoint_streams_store::journal::FileJournal;
use pinpoint_streams_store::session;
use pinpoint_streams_store::state::FileStateStore;
use pinpoint_streams_testkit::{FakeCloud, ask, parsed, reconcile};
use std::cell::Cell;
use std::path::PathBuf;
use tempfile::TempDir;
use tokio::time::Instant;

/// A workspace on disk.
pub(crate) struct Workspace {
    pub(crate) desired: Desired,
    pub(crate) cloud: FakeCloud,
    pub(crate) options: Options,
    pub(crate) events: Vec<Event>,
    /// What the next run watches.
    pub(crate) stop: Stop,
    folder: TempDir,
    runs: Cell<u32>,
}

impl Workspace {
    pub(crate) fn new(desired: Desired) -> Workspace {
        Workspace {
            cloud: FakeCloud::presumed_by(&desired),
            desired,
            options: Options::default(),
            events: Vec::new(),
            stop: Stop::never(),
            folder: tempfile::tempdir().unwrap(),
            runs: Cell::new(0),
        }
    }

    /// The same workspace with another manifest, and with all that this one presumes.
    pub(crate) fn edit(&mut self, desired: Desired) {
        self.cloud.presume(&desired);
        self.desired = desired;
    }

    fn state_path(&self) -> PathBuf {
        self.folder.path().join("test.state.json")
    }

    pub(crate) fn archives(&self) -> usize {
        std::fs::read_dir(self.folder.path().join("archive")).map_or(0, Iterator::count)
    }

    /// One run from reading the state to writing it, under one name of its own.
    async fn run(&self, mode: Mode, sink: &mut Vec<Event>) -> Result<(Plan, Outcome), Problems> {
        let state = FileStateStore::new(self.state_path(), self.desired.workspace.clone());
        let journal = FileJournal::beside(&self.state_path());
        let archive = FileArchive::new(self.folder.path().join("archive"));
        let cloud = Paced::new(self.cloud.clone());
        let mut loaded = session::open(&state, &journal).await.unwrap();
        let (desired, options) = (self.desired.clone(), self.options.clone());
        let inquiry = reconcile(mode, Inputs { desired, recorded: loaded.recorded, options });
        let Planned { plan, recorded } = ask(&inquiry, &cloud).await.output?;
        loaded.recorded = recorded;
        self.runs.set(self.runs.get() + 1);
        let clock = self.cloud.clock();
        let run = RunContext {
            run: parsed(&format!("run-{}", self.runs.get())),
            parallelism: 4,
            clock: &clock,
            seed: 7,
            approved_by: None,
            findings: Vec::new(),
            reading: None,
        };
        let mut events = EventStream::begin(&clock, "0.0.0", |event: &Event| sink.push(event.clone()));
        let stores = Stores { state: &state, journal: &journal, archive: &archive };
        let outcome = execute(&plan, &cloud, stores, loaded, run, self.stop.clone(), &mut events).await;
        Ok((plan, outcome))
    }

    /// Runs and demands that everything was done, and that a second run finds nothing to do.
    pub(crate) async fn apply(&mut self) -> Plan {
        self.finish(Mode::Converge).await
    }

    pub(crate) async fn destroy(&mut self) -> Plan {
        self.finish(Mode::Destroy).await
    }

    async fn finish(&mut self, mode: Mode) -> Plan {
        let (plan, outcome) =
            self.attempt(mode).await.unwrap_or_else(|problems| panic!("problems: {problems:#?}"));
        assert!(matches!(outcome.ending, Ending::Done | Ending::NoChanges), "{:#?}", outcome.steps);
        assert!(outcome.state_written.is_ok());
        let again = self.attempt(mode).await.unwrap_or_else(|problems| panic!("problems: {problems:#?}")).0;
        assert!(again.is_empty(), "there is something left to do: {:#?}", again.changes);
        plan
    }

    /// Runs, whatever comes of it.
    pub(crate) async fn attempt(&mut self, mode: Mode) -> Result<(Plan, Outcome), Problems> {
        let mut events = Vec::new();
        let result = self.run(mode, &mut events).await;
        self.events = events;
        result
    }

    /// Runs, and is killed if it is not through by then: it is dropped where it stands, and what it asked of the cloud
    /// is never answered.
    pub(crate) async fn attempt_until(&mut self, killed: Instant, mode: Mode) -> Option<(Plan, Outcome)> {
        let mut events = Vec::new();
        let run = tokio::time::timeout_at(killed, self.run(mode, &mut events)).await;
        self.events = events;
        run.ok().map(|result| result.unwrap_or_else(|problems| panic!("problems: {problems:#?}")))
    }

    /// Runs until the cloud says that the program is dead; whether it came to its end first.
    pub(crate) async fn run_until_death(&mut self, mode: Mode) -> bool {
        let cloud = self.cloud.clone();
        let survived = cloud.until_death(self.run(mode, &mut Vec::new())).await.is_some();
        cloud.revive();
        survived
    }

    /// What the state and the journal say now.
    pub(crate) async fn recorded(&self) -> Recorded {
        let state = FileStateStore::new(self.state_path(), self.desired.workspace.clone());
        session::load(&state, &FileJournal::beside(&self.state_path())).await.unwrap().recorded
    }
}
