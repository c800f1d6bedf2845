//! What a first, a second and a third signal do.
use crate::world::{Steps, World, create_app, failure, results};
use pinpoint_streams_executor::execute::{NotWritten, Outcome, StateWrite, StepResult};
use pinpoint_streams_executor::{Level, Stop};
use pinpoint_streams_model::{Ending, FailureKind, StepId};
use pinpoint_streams_store::state::{FileStateStore, State, StateError, StateStore};
use pinpoint_streams_testkit::cloud::{Fault, Service, When};
use std::future::pending;
use std::time::Duration;
use tokio::time::{Instant, sleep, sleep_until};

/// Onboards an app while signals come at these seconds; the second from which on calls hang is the cloud's.
async fn stopped_at(world: &mut World, signals: &[u64]) -> (Outcome, Duration) {
    let (stopper, stop) = Stop::channel();
    world.stop = stop;
    let mut steps = Steps::default();
    steps.onboard("shop");
    let plan = steps.plan();
    let began = Instant::now();
    let press = async {
        let mut passed = 0;
        for second in signals {
            sleep(Duration::from_secs(second - passed)).await;
            passed = *second;
            stopper.raise();
        }
    };
    let (outcome, ()) = tokio::join!(world.run(&plan), press);
    (outcome, began.elapsed())
}

#[tokio::test(start_paused = true)]
async fn the_first_signal_lets_what_runs_finish_and_starts_nothing_new() {
    let mut world = World::new();
    world.cloud.set_latency(Duration::from_secs(10));
    let (outcome, took) = stopped_at(&mut world, &[15]).await;
    assert_eq!((outcome.ending, took.as_secs()), (Ending::Stopped, 20));
    assert_eq!(results(&outcome), ["done", "done", "not started", "not started"]);
    assert_eq!(world.recorded().await.resources.len(), 2);
    assert!(world.recorded().await.pending.is_empty());
}

#[tokio::test(start_paused = true)]
async fn the_second_signal_ends_a_wait_at_once() {
    let mut world = World::new();
    world.cloud.fail(When::operation("PutRolePolicy"), Fault::Refuse(FailureKind::ConcurrentModification));
    let (outcome, took) = stopped_at(&mut world, &[40, 41]).await;
    assert_eq!((outcome.ending, took.as_secs()), (Ending::Stopped, 41));
    assert_eq!(failure(&outcome, StepId(3)).code, "Stopped");
    assert_eq!(results(&outcome), ["done", "done", "failed", "skipped"]);
    assert!(world.recorded().await.pending.is_empty(), "IAM had refused it: nothing is in doubt");
}

#[tokio::test(start_paused = true)]
async fn the_second_signal_lets_go_of_calls_within_two_seconds_and_writes_the_state() {
    let mut world = World::new();
    world.cloud.fail(When::operation("PutRolePolicy"), Fault::NeverAnswer);
    let (outcome, took) = stopped_at(&mut world, &[10, 20]).await;
    assert!((20..22).contains(&took.as_secs()), "{took:?}");
    assert_eq!(outcome.ending, Ending::Stopped);
    assert_eq!(failure(&outcome, StepId(3)).code, "Interrupted");
    assert!(matches!(outcome.state_written, Ok(StateWrite::Serial(_))));
    let recorded = world.recorded().await;
    assert_eq!((recorded.resources.len(), recorded.pending.len()), (2, 1));
}

#[tokio::test(start_paused = true)]
async fn the_third_signal_leaves_at_once_and_the_journal_has_it() {
    let mut world = World::new();
    world.cloud.fail(When::operation("PutRolePolicy"), Fault::NeverAnswer);
    let (outcome, took) = stopped_at(&mut world, &[10, 20, 20]).await;
    assert_eq!(took.as_secs(), 20);
    assert!(matches!(outcome.state_written, Err(NotWritten::ExitedNow)));
    let recorded = world.recorded().await;
    assert_eq!((recorded.resources.len(), recorded.pending.len()), (2, 1));
    assert_eq!(world.stop.level(), Level::ExitNow);
}

/// A state in a bucket that does not answer from a time on.
struct Silent {
    state: FileStateStore,
    from: Instant,
}

impl StateStore for Silent {
    fn place(&self) -> String {
        self.state.place()
    }

    async fn read(&self) -> Result<Option<State>, StateError> {
        self.state.read().await
    }

    async fn write(&self, state: &State) -> Result<(), StateError> {
        if Instant::now() >= self.from {
            pending::<()>().await;
        }
        self.state.write(state).await
    }

    fn push_every(&self) -> Option<Duration> {
        Some(Duration::from_secs(5))
    }
}

#[tokio::test(start_paused = true)]
async fn a_bucket_that_does_not_answer_delays_no_run_for_two_seconds_after_the_second_signal() {
    // The bucket is silent before the first call; during a push; only at the last write.
    for (silent_from, signals, took) in [(0, [2, 4], 5), (8, [12, 14], 15), (13, [12, 14], 15)] {
        let (mut world, (stopper, stop)) = (World::new(), Stop::channel());
        world.stop = stop;
        world.cloud.fail(When::operation("PutRolePolicy"), Fault::NeverAnswer);
        let mut steps = Steps::default();
        steps.onboard("shop");
        let (began, plan) = (Instant::now(), steps.plan());
        let silent = Silent { state: world.state_store(), from: began + Duration::from_secs(silent_from) };
        let press = async {
            for second in signals {
                sleep_until(began + Duration::from_secs(second)).await;
                stopper.raise();
            }
        };
        let journal = world.journal();
        let (outcome, ()) = tokio::join!(world.run_in(&silent, &plan, &journal), press);
        assert_eq!(began.elapsed().as_secs(), took, "silent from {silent_from}: {outcome:#?}");
        if silent_from == 0 {
            assert_eq!(outcome.ending, Ending::Refused);
            assert!(world.cloud.writes().is_empty());
            continue;
        }
        assert_eq!(outcome.ending, Ending::Stopped);
        let why = &outcome.state_written;
        assert!(matches!(why, Err(NotWritten::State(StateError::NotAnswered { .. }))), "{why:?}");
        // What is left unwritten is in the outcome, to be kept beside the manifest, and in the journal.
        let kept = outcome.state.unwrap();
        assert_eq!((kept.resources.len(), kept.pending.len()), (2, 1));
        let recorded = world.recorded().await;
        assert_eq!((recorded.resources.len(), recorded.pending.len()), (2, 1));
    }
}

#[tokio::test(start_paused = true)]
async fn a_signal_after_the_last_step_stops_nothing() {
    let mut world = World::new();
    world.cloud.fail(When::operation("PutEventStream"), Fault::Delay(Duration::from_secs(5)));
    let (outcome, _) = stopped_at(&mut world, &[2]).await;
    assert_eq!(outcome.ending, Ending::Done);
}

#[tokio::test(start_paused = true)]
async fn what_waits_for_its_turn_when_the_run_is_left_at_once_is_not_started() {
    let (mut world, mut steps) = (World::new(), Steps::default());
    for n in 0..9 {
        steps.add(&format!("app.app{n}"), &[], create_app(&format!("app{n}")));
    }
    world.cloud.limit_rate(Service::Pinpoint, 1, 1);
    let (stopper, stop) = Stop::channel();
    (world.stop, world.is_paced) = (stop, true);
    let plan = steps.plan();
    let leave = async {
        sleep(Duration::from_millis(1500)).await;
        while stopper.raise() < Level::ExitNow {}
    };
    let (outcome, ()) = tokio::join!(world.run(&plan), leave);
    // One may have been throttled and wait to try again.
    let is_so = |result: &StepResult| {
        matches!(result, StepResult::Done { .. } | StepResult::NotStarted { .. }) || result.is_unfinished()
    };
    assert!(outcome.tally().done > 0 && outcome.tally().not_started > 0, "{:?}", outcome.tally());
    assert!(outcome.steps.values().all(|step| is_so(&step.result)), "{:#?}", outcome.steps);
}
