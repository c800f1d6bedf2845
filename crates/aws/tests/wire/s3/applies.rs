//! Whole runs over a bucket: two at once, and one whose machine is lost midway.
use super::bucket::Bucket;
use super::locks::holder;
use pinpoint_streams_aws::s3::RemoteState;
use pinpoint_streams_executor::clock::Clock;
use pinpoint_streams_executor::{Outcome, RunContext, RunEvents, Stop, Stores, execute};
use pinpoint_streams_model::event::{Ending, Event};
use pinpoint_streams_model::plan::Plan;
use pinpoint_streams_store::archive::FileArchive;
use pinpoint_streams_store::journal::FileJournal;
use pinpoint_streams_store::lock::{Heartbeat, LockError, LockStore};
use pinpoint_streams_store::{Loaded, session};
use pinpoint_streams_testkit::{FakeCloud, desired, first_plan, parsed};
use std::time::Duration;
use tempfile::TempDir;
use tokio::time::{sleep, timeout};

/// A machine with a working folder of its own.
struct Machine {
    remote: RemoteState,
    folder: TempDir,
    cloud: FakeCloud,
}

impl Machine {
    async fn new(bucket: &Bucket, cloud: &FakeCloud) -> Machine {
        Machine { remote: bucket.remote().await, folder: tempfile::tempdir().unwrap(), cloud: cloud.clone() }
    }

    fn journal(&self) -> FileJournal {
        FileJournal::beside(&self.folder.path().join("state.json"))
    }

    async fn load(&self) -> Loaded {
        session::load(&self.remote.state(parsed("growth")), &self.journal(), self.cloud.clock().now())
            .await
            .unwrap()
    }

    /// One apply of a plan that was made, under the lock.
    async fn apply(&self, who: &str, plan: &Plan) -> Result<Outcome, LockError> {
        let (clock, state, journal) = (self.cloud.clock(), self.remote.state(parsed("growth")), self.journal());
        let lock = self.remote.lock(clock.clone());
        let held = lock.acquire(&holder(who)).await?;
        let archive = self.remote.archive(FileArchive::new(self.folder.path().join("archive")));
        let start = session::open(&state, &journal, clock.now()).await.unwrap();
        let context = RunContext::new(parsed(&format!("run-of-{who}")), 1, &clock, 7);
        let mut events = RunEvents::begin(&clock, "0.1.0", |_: &Event| {});
        let stores = Stores { state: &state, journal: &journal, archive: &archive };
        let outcome =
            execute(plan.clone().into(), &self.cloud, stores, start, context, Stop::never(), &mut events).await;
        lock.release(held).await?;
        Ok(outcome)
    }
}

fn cloud() -> FakeCloud {
    let cloud = FakeCloud::new();
    cloud.add_account(&parsed("123456789012"));
    cloud
}

/// A plan that makes these apps, one after the other.
async fn plan(apps: &[&str], cloud: &FakeCloud) -> Plan {
    let desired = apps.iter().fold(desired(), |desired, key| desired.app(key, |app| app.created(key))).build();
    first_plan(desired, cloud).await
}

#[tokio::test(start_paused = true)]
async fn two_applies_at_once_are_one_winner_and_one_that_is_told_who_it_is() {
    let (bucket, cloud) = (Bucket::new().await, cloud());
    let plan = plan(&["shop"], &cloud).await;
    cloud.set_latency(Duration::from_secs(1));
    let (ours, theirs) = (Machine::new(&bucket, &cloud).await, Machine::new(&bucket, &cloud).await);
    let (won, refused, winner) = match tokio::join!(ours.apply("ana", &plan), theirs.apply("bob", &plan)) {
        (Ok(won), Err(refused)) => (won, refused, "ana"),
        (Err(refused), Ok(won)) => (won, refused, "bob"),
        other => panic!("{other:?}"),
    };
    assert_eq!(won.ending, Ending::Done);
    assert!(matches!(&refused, LockError::Held { holder: Some(by), .. } if by.who == winner), "{refused:?}");
    assert_eq!(cloud.snapshot().apps.len(), 1);
    assert_eq!(bucket.bytes("growth/state.json.lock").await, None);
    for machine in [ours, theirs] {
        let Loaded { state, recorded, resumed } = machine.load().await;
        assert_eq!((recorded.resources.len(), recorded.pending.len(), resumed), (1, 0, None));
        assert_eq!(state.unwrap().last_run, Some(parsed(&format!("run-of-{winner}"))));
    }
}

#[tokio::test(start_paused = true)]
async fn a_machine_that_is_lost_midway_leaves_what_it_pushed_and_a_lock_that_can_be_taken_away() {
    let (bucket, cloud) = (Bucket::new().await, cloud());
    let plan = plan(&["shop", "blog"], &cloud).await;
    cloud.set_latency(Duration::from_secs(6));
    let lost = Machine::new(&bucket, &cloud).await;
    let run = lost.apply("ana", &plan);
    assert!(timeout(Duration::from_secs(11), run).await.is_err(), "the machine is gone, with its working folder");
    drop(lost);

    let next = Machine::new(&bucket, &cloud).await;
    let refused = next.apply("bob", &plan).await.unwrap_err();
    let LockError::Held { heartbeat: Some(Heartbeat { id, .. }), .. } = refused else { panic!("{refused:?}") };
    assert!(next.remote.unlock(&id, cloud.clock().now()).await.is_err(), "it may be alive");
    sleep(Duration::from_secs(120)).await;
    next.remote.unlock(&id, cloud.clock().now()).await.unwrap();
    let Loaded { state, recorded, resumed: _ } = next.load().await;
    assert_eq!((recorded.resources.len(), recorded.pending.len()), (1, 1), "pushed after ten seconds");
    assert_eq!(state.unwrap().last_run, Some(parsed("run-of-ana")));
}
