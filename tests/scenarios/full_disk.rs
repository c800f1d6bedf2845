//! A disk that is full from the n-th write on, for every n, whichever of the state, the journal and the archives it
//! strikes: the run says what was done and what was not, and the next one, with room again, ends where this one would.
use crate::crash::{edited, three_apps};
use pinpoint_streams_executor::events::EventStream;
use pinpoint_streams_executor::execute::{NotWritten, Outcome, RunContext, StepResult, execute};
use pinpoint_streams_executor::stop::Stop;
use pinpoint_streams_model::desired::Desired;
use pinpoint_streams_model::event::Ending;
use pinpoint_streams_model::plan::{Options, Plan};
use pinpoint_streams_model::recorded::{Object, Recorded, Resource};
use pinpoint_streams_planner::{Converge, Inputs, Planned};
use pinpoint_streams_store::{Loaded, session};
use pinpoint_streams_testkit::memory::Memory;
use pinpoint_streams_testkit::{FakeCloud, ask, parsed, recorded_from};
use std::collections::BTreeSet;

struct Ground {
    desired: Desired,
    cloud: FakeCloud,
    memory: Memory,
    runs: u32,
}

impl Ground {
    /// As a first apply leaves it, with a manifest that creates, updates, replaces and deletes.
    async fn edited() -> Ground {
        let desired = three_apps();
        let cloud = FakeCloud::presumed_by(&desired);
        let mut ground = Ground { desired, cloud, memory: Memory::new(), runs: 0 };
        assert_eq!(ground.run().await.ending, Ending::Done);
        ground.desired = edited();
        ground.cloud.presume(&ground.desired);
        ground
    }

    /// What is recorded and settled by what is live, and what is left to do.
    async fn look(&self, mut loaded: Loaded) -> (Loaded, Plan) {
        let (desired, options) = (self.desired.clone(), Options::default());
        let converge = Converge(Inputs { desired, recorded: loaded.recorded, options });
        let planned = ask(&converge, &self.cloud).await.output;
        let Planned { plan, recorded } = planned.unwrap_or_else(|problems| panic!("problems: {problems:#?}"));
        loaded.recorded = recorded;
        (loaded, plan)
    }

    /// What the next run would start from.
    async fn known(&self) -> Loaded {
        session::load(&self.memory.state, &self.memory.journal).await.unwrap()
    }

    async fn run(&mut self) -> Outcome {
        let opened = session::open(&self.memory.state, &self.memory.journal).await.unwrap();
        let (start, plan) = self.look(opened).await;
        self.runs += 1;
        let clock = self.cloud.clock();
        let run = RunContext {
            run: parsed(&format!("run-{}", self.runs)),
            parallelism: 2,
            clock: &clock,
            seed: 7,
            approved_by: None,
            findings: Vec::new(),
            reading: None,
        };
        let mut events = EventStream::begin(&clock, "0.0.0", |_: &_| ());
        execute(&plan, &self.cloud, self.memory.stores(), start, run, Stop::never(), &mut events).await
    }
}

/// Which of the stores is full after so many writes; and how many it takes in all.
type Fill = (&'static str, fn(&Memory, usize), fn(&Memory) -> usize);

const FILLS: [Fill; 4] = [
    ("the state", |memory, room| memory.state.has_room_for(room), |memory| memory.state.writes()),
    ("the journal", |memory, room| memory.journal.has_room_for(room), |memory| memory.journal.writes()),
    ("the archive", |memory, room| memory.archive.has_room_for(room), |memory| memory.archive.writes()),
    (
        "the journal, beside a full state,",
        |memory, room| {
            memory.journal.has_room_for(room);
            memory.state.has_room_for(0);
        },
        |memory| memory.journal.writes(),
    ),
];

/// How many writes of this store the run takes that finds room for all.
async fn whole(writes: fn(&Memory) -> usize) -> usize {
    let mut ground = Ground::edited().await;
    let before = writes(&ground.memory);
    assert_eq!(ground.run().await.ending, Ending::Done);
    writes(&ground.memory) - before
}

fn addresses(recorded: &Recorded) -> Vec<String> {
    recorded.resources.keys().map(ToString::to_string).collect()
}

/// What is owned, under whatever address: a move of the record that found no room is made again.
fn objects(recorded: &Recorded) -> BTreeSet<String> {
    let name = |resource: &Resource| match &resource.object {
        Object::App(app) => format!("app {}", app.id),
        Object::Role(role) => format!("role {}", role.arn),
        Object::EventStream(stream) => format!("event stream of {}", stream.app_id),
    };
    recorded.resources.values().map(name).collect()
}

/// Holds what the run said of itself against the cloud and against what is on disk.
async fn says_what_is_so(ground: &Ground, outcome: &Outcome, case: &str) {
    let done = outcome.steps.values().filter(|step| matches!(step.result, StepResult::Done { .. })).count();
    let carried_out = ground.cloud.writes().into_iter().filter(|call| call.carried_out).count();
    assert!(
        done >= carried_out,
        "{case}: {carried_out} writes were carried out, {done} steps are said to be done"
    );
    let is_kept = ground.memory.journal.bytes().is_some();
    match &outcome.state_written {
        Ok(_) => assert!(!is_kept, "{case}: a journal that is spent"),
        Err(NotWritten::State(_)) => assert!(is_kept, "{case}: the journal has what the state lacks"),
        Err(other) => assert!(matches!(other, NotWritten::NothingBegun { .. }) && done == 0, "{case}: {other:?}"),
    }
    let (said, _) = ground.look(Loaded { recorded: outcome.recorded.clone(), ..ground.known().await }).await;
    let (kept, _) = ground.look(ground.known().await).await;
    assert_eq!(objects(&kept.recorded), objects(&said.recorded), "{case}: what is said and what is on disk");
}

#[tokio::test(start_paused = true)]
async fn a_disk_that_is_full_from_any_write_on_leaves_a_true_table_and_a_next_run_that_ends_well() {
    let mut tried = 0;
    for (store, fill, writes) in FILLS {
        let whole = whole(writes).await;
        assert!(whole > 0, "{store} is not written at all");
        // How many records go into one write depends on how fast the disk is, so their number is nearly this.
        for room in 0..whole {
            let case = format!("{store} has room for {room} writes");
            let mut ground = Ground::edited().await;
            ground.cloud.clear_log();
            fill(&ground.memory, room);
            let outcome = ground.run().await;
            tried += 1;
            if outcome.ending == Ending::Done {
                assert!(outcome.state_written.is_ok(), "{case}");
                continue;
            }
            assert!(matches!(outcome.ending, Ending::Failed | Ending::Refused), "{case}: {:?}", outcome.ending);
            says_what_is_so(&ground, &outcome, &case).await;
            ground.memory.state.has_room();
            ground.memory.journal.has_room();
            ground.memory.archive.has_room();
            let next = ground.run().await;
            assert!(matches!(next.ending, Ending::Done | Ending::NoChanges), "{case}: {:#?}", next.steps);
            let (end, left) = ground.look(ground.known().await).await;
            assert!(left.is_empty(), "{case}: {:#?}", left.changes);
            let truth = recorded_from(&ground.desired, &ground.cloud);
            assert_eq!(addresses(&end.recorded), addresses(&truth), "{case}");
            assert_eq!(ground.cloud.snapshot().roles.len(), ground.desired.roles.len(), "{case}");
        }
    }
    println!("full disks tried: {tried}");
    assert!(tried > 20, "{tried}");
}
