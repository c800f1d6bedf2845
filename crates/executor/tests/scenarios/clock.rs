//! A wall clock that jumps, by a year, while a run goes on or between two runs. What waits and ages goes by the clock
//! that cannot.
use crate::world::{Steps, World, failure, put_event_stream, results};
use jiff::SignedDuration;
use pinpoint_streams_executor::clock::Clock as _;
use pinpoint_streams_model::{Ending, EventKind, FailureKind, Slot, StepId};
use pinpoint_streams_testkit::cloud::{Fault, When};
use std::time::Duration;
use tokio::time::{Instant, sleep};

fn years(number: i64) -> SignedDuration {
    SignedDuration::from_hours(number * 365 * 24)
}

#[tokio::test(start_paused = true)]
async fn events_age_and_the_heart_beats_however_the_clock_jumps() {
    let (mut world, plan) = World::onboarding(&["shop"]);
    world.cloud.set_latency(Duration::from_secs(15));
    let (clock, began) = (world.cloud.clock(), Instant::now());
    let jump = async {
        for year in [-1, 2, -1, -1, 1] {
            sleep(Duration::from_secs(9)).await;
            clock.set(clock.now() + years(year));
        }
    };
    let (outcome, ()) = tokio::join!(world.run(&plan), jump);
    assert_eq!((outcome.ending, began.elapsed().as_secs()), (Ending::Done, 60));
    let elapsed: Vec<u64> = world.events.iter().map(|event| event.elapsed_ms).collect();
    assert!(elapsed.is_sorted() && *elapsed.last().unwrap() == 60_000, "{elapsed:?}");
    let beats = world.events.iter().filter(|event| matches!(event.what, EventKind::Heartbeat { .. })).count();
    assert!((5..=6).contains(&beats), "{beats}");
}

#[tokio::test(start_paused = true)]
async fn a_role_stays_fresh_for_two_minutes_though_the_clock_jumps_ahead_meanwhile() {
    let (mut world, plan) = World::onboarding(&["shop"]);
    world.cloud.set_propagation(Duration::from_secs(60));
    let clock = world.cloud.clock();
    let jump = async {
        sleep(Duration::from_secs(1)).await;
        clock.set(clock.now() + years(1));
    };
    tokio::join!(world.done(&plan), jump);
}

/// A run that made a role, then one that names it for an event stream that is refused; the clock was put so many years
/// further between the two, or while the second ran.
async fn named_later(between: i64, meanwhile: i64) -> (Vec<&'static str>, u64) {
    let (mut world, plan) = World::onboarding(&["shop"]);
    world.cloud.fail(When::operation("PutEventStream").first(1), Fault::Refuse(FailureKind::Denied));
    assert!(matches!(failure(&world.run(&plan).await, StepId(4)).code.as_str(), "AccessDeniedException"));
    let id = world.cloud.snapshot().apps.into_keys().next().unwrap().id;
    world.cloud.heal();
    world.cloud.fail(When::operation("PutEventStream"), Fault::Refuse(FailureKind::RoleNotReady));
    world.cloud.fail(When::operation("PutEventStream"), Fault::Delay(Duration::from_secs(10)));
    sleep(Duration::from_secs(200)).await;
    let clock = world.cloud.clock();
    clock.set(clock.now() + years(between));
    let mut steps = Steps::default();
    steps.add("event_stream.shop", &[], put_event_stream("shop", Slot::Known(id)));
    let (plan, began) = (steps.plan(), Instant::now());
    let jump = async {
        sleep(Duration::from_secs(5)).await;
        clock.set(clock.now() + years(meanwhile));
    };
    let (outcome, ()) = tokio::join!(world.run(&plan), jump);
    (results(&outcome), began.elapsed().as_secs())
}

#[tokio::test(start_paused = true)]
async fn a_role_that_changed_in_the_future_counts_as_just_changed() {
    let (results, took) = named_later(-1, 0).await;
    assert_eq!(results, ["failed"]);
    assert!(took >= 120, "it is waited for: {took}");
}

#[tokio::test(start_paused = true)]
async fn a_role_that_changed_long_ago_does_not_become_fresh_because_the_clock_is_put_back() {
    assert_eq!(named_later(0, -1).await, (vec!["failed"], 10));
}

#[tokio::test(start_paused = true)]
async fn what_is_written_down_under_a_clock_that_was_put_back_is_read_as_it_was_done() {
    let mut world = World::new();
    let clock = world.cloud.clock();
    for key in ["shop", "blog"] {
        let mut steps = Steps::default();
        steps.onboard(key);
        world.done(&steps.plan()).await;
        clock.set(clock.now() + years(-1));
    }
    let recorded = world.recorded().await;
    assert_eq!((recorded.resources.len(), recorded.pending.len()), (6, 0));
    assert_eq!(
        std::fs::read_dir(world.runs_folder()).unwrap().count(),
        2,
        "each run is kept under a name of its own"
    );
}
