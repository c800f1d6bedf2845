//! What is on disk when, and what a crash leaves.
use crate::world::{Steps, World, results};
use pinpoint_streams_executor::clock::Clock as _;
use pinpoint_streams_executor::execute::NotWritten;
use pinpoint_streams_model::{Ending, Serial, StepId};
use pinpoint_streams_store::journal::{Begin, Contents, FileJournal, JournalError, JournalStore, Log, Record};
use pinpoint_streams_store::session;
use pinpoint_streams_store::state::{FileStateStore, State, StateError, StateStore};
use pinpoint_streams_testkit::FakeCloud;
use pinpoint_streams_testkit::cloud::{Cut, Fault, When};
use std::io;
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// A journal that notes which writes the cloud had seen when each record became durable, and that is full
/// after so many batches.
struct Watched {
    file: FileJournal,
    cloud: FakeCloud,
    seen: Arc<Mutex<Vec<(Record, usize)>>>,
    batches: usize,
    is_removable: bool,
}

struct WatchedLog<L> {
    log: L,
    cloud: FakeCloud,
    seen: Arc<Mutex<Vec<(Record, usize)>>>,
    batches: usize,
}

impl<L: Log> Log for WatchedLog<L> {
    fn append(&mut self, lines: &[u8]) -> io::Result<()> {
        if self.batches == 0 {
            return Err(io::Error::from(io::ErrorKind::StorageFull));
        }
        self.batches -= 1;
        let writes = self.cloud.writes().len();
        self.log.append(lines)?;
        for line in lines.split(|byte| *byte == b'\n').filter(|line| !line.is_empty()) {
            self.seen.lock().unwrap().push((serde_json::from_slice(line).unwrap(), writes));
        }
        Ok(())
    }
}

impl JournalStore for Watched {
    type Log = WatchedLog<<FileJournal as JournalStore>::Log>;

    fn place(&self) -> String {
        self.file.place()
    }

    async fn read(&self) -> Result<Option<Contents>, JournalError> {
        self.file.read().await
    }

    async fn create(&self, first_line: Vec<u8>) -> Result<Self::Log, JournalError> {
        let (cloud, seen) = (self.cloud.clone(), Arc::clone(&self.seen));
        Ok(WatchedLog { log: self.file.create(first_line).await?, cloud, seen, batches: self.batches })
    }

    async fn remove(&self) -> Result<(), JournalError> {
        if !self.is_removable {
            return Err(JournalError::Broken { place: self.place(), line: 1, reason: "read-only".to_owned() });
        }
        self.file.remove().await
    }
}

impl Watched {
    fn of(world: &World, batches: usize) -> Watched {
        let (file, cloud) = (world.journal(), world.cloud.clone());
        Watched { file, cloud, seen: Arc::default(), batches, is_removable: true }
    }
}

#[tokio::test(start_paused = true)]
async fn a_beginning_is_on_disk_before_its_call_and_an_end_before_what_needs_it() {
    let (mut world, plan) = World::onboarding(&["shop"]);
    let journal = Watched::of(&world, usize::MAX);
    let outcome = world.run_with(&plan, &journal).await;
    assert_eq!(outcome.ending, Ending::Done);
    let seen: Vec<_> = journal
        .seen
        .lock()
        .unwrap()
        .iter()
        .map(|(record, writes)| (matches!(record, Record::Begin(_)), *writes))
        .collect();
    let expected: Vec<_> = (0..4).flat_map(|writes| [(true, writes), (false, writes + 1)]).collect();
    assert_eq!(seen, expected, "each beginning before its call, each end after it, one step after another");
}

#[tokio::test(start_paused = true)]
async fn one_fsync_covers_all_records_that_wait() {
    let (mut world, plan) = World::onboarding_each(10);
    world.cloud.set_latency(Duration::from_millis(50));
    let journal = Watched::of(&world, 30);
    let outcome = world.run_with(&plan, &journal).await;
    assert_eq!(outcome.ending, Ending::Done, "80 records in at most 30 batches");
    assert_eq!(journal.seen.lock().unwrap().len(), 80);
}

#[tokio::test(start_paused = true)]
async fn a_program_that_dies_at_any_call_leaves_what_was_done_recorded_and_the_rest_pending() {
    for (write, cut) in (1..=4).flat_map(|n| [(n, Cut::before_write(n)), (n, Cut::after_write(n))]) {
        let (mut world, mut steps) = (World::new(), Steps::default());
        steps.onboard("shop");
        world.cloud.crash_at(cut);
        let cloud = world.cloud.clone();
        assert!(cloud.until_crash(world.run(&steps.plan())).await.is_none());
        let recorded = world.recorded().await;
        let known: Vec<_> = recorded.resources.keys().map(ToString::to_string).collect();
        let expected: &[&str] =
            [&[][..], &["app.shop"], &["app.shop", "role.shop"], &["app.shop", "role.shop"]][write - 1];
        assert_eq!(known, expected, "at write {write}");
        assert_eq!(recorded.pending.len(), 1, "at write {write}");
        assert_eq!(
            recorded.pending[0].op.name(),
            ["create_app", "create_role", "put_role_policy", "put_event_stream"][write - 1]
        );
        assert_eq!(recorded.serial, Serial(2), "as if it were folded already");
    }
}

#[tokio::test(start_paused = true)]
async fn the_next_run_takes_the_journal_in_and_ends_with_it_gone() {
    let (mut world, plan) = World::onboarding(&["shop"]);
    world.cloud.crash_at(Cut::after_write(2));
    let cloud = world.cloud.clone();
    assert!(cloud.until_crash(world.run(&plan)).await.is_none());
    cloud.restart();
    let before = world.state().await;
    let outcome = world.run(&Steps::default().plan()).await;
    assert_eq!(outcome.ending, Ending::NoChanges);
    assert_eq!(world.state().await, before);
    assert!(world.journal().read().await.unwrap().is_none());
}

#[tokio::test(start_paused = true)]
async fn when_the_disk_is_full_nothing_new_begins_and_what_was_done_is_known() {
    let (mut world, plan) = World::onboarding(&["shop"]);
    // Beginning and end of the first step, the beginning of the second; its end finds no room.
    let journal = Watched::of(&world, 3);
    let outcome = world.run_with(&plan, &journal).await;
    assert_eq!(results(&outcome), ["done", "done", "not started", "not started"]);
    assert_eq!(outcome.ending, Ending::Failed);
    assert_eq!(outcome.recorded.resources.len(), 2);
    assert_eq!(world.recorded().await, outcome.recorded, "the state had room");
}

#[tokio::test(start_paused = true)]
async fn a_state_that_cannot_be_written_is_an_error_and_the_journal_stays() {
    let (mut world, plan) = World::onboarding(&["shop"]);
    let path = world.state_path();
    // Another hand replaces the state while the run goes on.
    world.cloud.fail(When::operation("PutEventStream"), Fault::Delay(Duration::from_secs(5)));
    let meddle = async {
        tokio::time::sleep(Duration::from_secs(1)).await;
        let state = std::fs::read_to_string(&path).unwrap();
        std::fs::write(&path, state.replace("\"serial\": 1", "\"serial\": 9")).unwrap();
    };
    let journal = world.journal();
    let (outcome, ()) = tokio::join!(world.run_with(&plan, &journal), meddle);
    assert!(matches!(outcome.state_written, Err(NotWritten::State(_))));
    assert_eq!(outcome.ending, Ending::Failed);
    let Contents { records, .. } = journal.read().await.unwrap().unwrap();
    assert!(
        records.iter().any(|record| matches!(record, Record::Begin(Begin { step, .. }) if *step == StepId(4)))
    );
    assert_eq!(outcome.state.unwrap().resources.len(), 3, "the full state is in the caller's hands");
}

#[tokio::test(start_paused = true)]
async fn a_journal_that_cannot_be_removed_does_not_fail_the_run_and_the_next_run_removes_it() {
    let (mut world, plan) = World::onboarding(&["shop"]);
    let journal = Watched { is_removable: false, ..Watched::of(&world, usize::MAX) };
    let outcome = world.run_with(&plan, &journal).await;
    assert!(matches!(outcome.state_written, Err(NotWritten::Journal(_))));
    assert_eq!((outcome.ending, outcome.tally().done), (Ending::Done, 4));
    assert_eq!(world.run(&Steps::default().plan()).await.ending, Ending::NoChanges);
    assert!(world.journal().read().await.unwrap().is_none());
}

#[tokio::test(start_paused = true)]
async fn recording_a_step_costs_the_same_however_much_is_recorded() {
    let mut world = World::new();
    let mut sizes = Vec::new();
    for batch in 0..2 {
        let mut steps = Steps::default();
        for n in 0..20 {
            steps.onboard(&format!("app{batch}{n:02}"));
        }
        let journal = Watched::of(&world, usize::MAX);
        let outcome = world.run_with(&steps.plan(), &journal).await;
        assert_eq!(outcome.ending, Ending::Done);
        let seen = journal.seen.lock().unwrap();
        sizes.push(seen.iter().map(|(record, _)| serde_json::to_string(record).unwrap().len()).sum::<usize>());
    }
    assert!(sizes[1] < sizes[0] + sizes[0] / 50, "{sizes:?}");
}

/// A state that is pushed while a run goes on, as a remote one is.
struct Pushed(FileStateStore);

impl StateStore for Pushed {
    fn place(&self) -> String {
        self.0.place()
    }

    async fn read(&self) -> Result<Option<State>, StateError> {
        self.0.read().await
    }

    async fn write(&self, state: &State) -> Result<(), StateError> {
        self.0.write(state).await
    }

    fn push_every(&self) -> Option<Duration> {
        Some(Duration::from_secs(5))
    }
}

#[tokio::test(start_paused = true)]
async fn a_state_that_is_pushed_meanwhile_agrees_with_its_journal_at_any_moment() {
    let (mut world, plan) = World::onboarding(&["shop"]);
    world.cloud.set_latency(Duration::from_secs(4));
    world.cloud.fail(When::operation("PutEventStream"), Fault::NeverAnswer);
    let (store, journal) = (Pushed(world.state_store()), world.journal());
    let run = world.run_in(&store, &plan, &journal);
    assert!(tokio::time::timeout(Duration::from_secs(13), run).await.is_err(), "killed while it waits");
    let on_disk = store.read().await.unwrap().unwrap();
    assert_eq!((on_disk.serial, on_disk.resources.len()), (Serial(3), 2), "pushed after 5 and 10 seconds");
    assert_eq!((on_disk.pending.len(), on_disk.pending[0].op.name()), (1, "put_role_policy"));
    let recorded = world.recorded().await;
    assert_eq!((recorded.serial, recorded.resources.len()), (Serial(4), 2));
    assert_eq!(recorded.pending.len(), 1);
    assert_eq!(recorded.pending[0].op.name(), "put_event_stream", "the policy has ended since");
}

/// A remote state whose answers are lost for a while: writes are carried out, but not confirmed.
struct Deaf {
    state: Pushed,
    since: tokio::time::Instant,
    outage: std::ops::Range<Duration>,
}

impl Deaf {
    fn heard<T>(&self, answer: Result<T, StateError>) -> Result<T, StateError> {
        if self.outage.contains(&self.since.elapsed()) {
            let source = Arc::new(io::Error::from(io::ErrorKind::TimedOut));
            return Err(StateError::Store { place: self.place(), source });
        }
        answer
    }
}

impl StateStore for Deaf {
    fn place(&self) -> String {
        self.state.place()
    }

    async fn read(&self) -> Result<Option<State>, StateError> {
        self.heard(self.state.read().await)
    }

    async fn write(&self, state: &State) -> Result<(), StateError> {
        self.heard(self.state.write(state).await)
    }

    fn push_every(&self) -> Option<Duration> {
        self.state.push_every()
    }
}

#[tokio::test(start_paused = true)]
async fn a_push_whose_answer_is_lost_in_an_outage_is_looked_up_and_the_run_goes_on_from_it() {
    // With four seconds a call the push of 15 s finds out, with three the write at the end.
    for latency in [4, 3].map(Duration::from_secs) {
        let (mut world, mut steps) = (World::new(), Steps::default());
        steps.onboard("shop");
        let plan = steps.plan();
        world.cloud.set_latency(latency);
        let outage = Duration::from_secs(4)..Duration::from_secs(11);
        let state = Pushed(world.state_store());
        let store = Deaf { state, since: tokio::time::Instant::now(), outage };
        let journal = world.journal();
        let outcome = world.run_in(&store, &plan, &journal).await;
        assert_eq!(outcome.ending, Ending::Done, "{:?}", outcome.state_written);
        let on_disk = store.read().await.unwrap().unwrap();
        assert_eq!((on_disk.resources.len(), on_disk.pending.len()), (3, 0));
        assert_eq!(journal.read().await.unwrap(), None);
    }
}

#[tokio::test(start_paused = true)]
async fn what_was_settled_is_on_disk_before_the_first_call() {
    let (mut world, plan) = World::onboarding(&["shop"]);
    let _ = world.done(&plan).await;
    let mut steps = Steps::default();
    steps.onboard("blog");
    let plan = steps.plan();
    let mut start =
        session::open(&world.state_store(), &world.journal(), world.cloud.clock().now()).await.unwrap();
    let (all, kept) = (&start.recorded.resources, |address: &pinpoint_streams_model::address::Address| {
        address.key() != Some("shop")
    });
    let others = all.iter().filter(|(address, _)| kept(address));
    start.recorded.resources = others.map(|(address, one)| (address.clone(), one.clone())).collect();
    world.cloud.crash_at(Cut::before_write(1));
    let (cloud, journal, store) = (world.cloud.clone(), world.journal(), world.state_store());
    let run = world.run_from(start, &store, &plan, &journal);
    assert!(cloud.until_crash(run).await.is_none());
    let on_disk = world.state_store().read().await.unwrap().unwrap();
    assert_eq!((on_disk.serial, on_disk.resources.len()), (Serial(3), 0));
}
