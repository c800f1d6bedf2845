//! Which step runs when, and what is said meanwhile.
use crate::world::{Steps, World, create_app, failure, results};
use pinpoint_streams_model::{Ending, EventKind, FailureKind, RecordOp, Serial, StepId};
use pinpoint_streams_testkit::cloud::{Fault, When};
use std::time::Duration;
use tokio::time::Instant;

#[tokio::test(start_paused = true)]
async fn a_step_starts_once_what_it_needs_is_done_and_gets_what_that_gave() {
    let (mut world, plan) = World::onboarding(&["shop"]);
    let left = world.done(&plan).await;
    let operations: Vec<_> = world.cloud.writes().iter().map(|call| call.operation).collect();
    assert_eq!(operations, ["CreateApp", "CreateRole", "PutRolePolicy", "PutEventStream"]);
    let recorded = world.recorded().await;
    assert_eq!(recorded.resources.len(), 3);
    assert_eq!(recorded, left);
    // The first apply writes the state before its first call, and once more at its end.
    assert_eq!(recorded.serial, Serial(2));
}

#[tokio::test(start_paused = true)]
async fn apps_overlap_and_none_waits_for_the_slowest() {
    let (mut world, plan) = World::onboarding_each(5);
    world.cloud.set_latency(Duration::from_secs(1));
    world.cloud.fail(When::operation("CreateApp").about("app00"), Fault::Delay(Duration::from_secs(6)));
    let began = Instant::now();
    world.done(&plan).await;
    assert_eq!(began.elapsed().as_secs(), 10, "the slowest app alone: 7 s and three calls");
    let last_of_others = world.cloud.writes().into_iter().filter(|call| call.operation == "PutEventStream").nth(3);
    assert_eq!(last_of_others.unwrap().at.duration_since(began).as_secs(), 3);
}

#[tokio::test(start_paused = true)]
async fn no_more_calls_are_under_way_than_allowed_and_no_slot_is_idle() {
    let (mut world, plan) = World::onboarding_each(30);
    world.cloud.set_latency(Duration::from_millis(50));
    world.parallelism = 7;
    let began = Instant::now();
    world.done(&plan).await;
    assert_eq!(world.cloud.most_under_way(), 7);
    let bound = 120.0 / 7.0 * 0.05;
    assert!(began.elapsed().as_secs_f64() <= bound * 1.1, "{:?}, bound {bound}", began.elapsed());
}

#[tokio::test(start_paused = true)]
async fn a_step_that_waits_gives_its_slot_back() {
    let (mut world, mut steps) = (World::new(), Steps::default());
    let waits = steps.add("app.slow", &[], create_app("slow"));
    steps.add("app.quick", &[], create_app("quick"));
    world.parallelism = 1;
    world.cloud.fail(When::operation("CreateApp").about("slow").first(3), Fault::Refuse(FailureKind::Throttled));
    world.done(&steps.plan()).await;
    let order: Vec<_> = world.cloud.writes().iter().map(|call| call.subject.clone()).collect();
    assert_eq!(order, ["slow", "quick", "slow", "slow", "slow"]);
    assert!(world.events.iter().any(|event| matches!(&event.what,
        EventKind::StepRetried { step, attempt: 4, .. } if step.step == waits)));
}

#[tokio::test(start_paused = true)]
async fn a_failed_step_stops_its_dependants_and_nothing_else() {
    let (mut world, plan) = World::onboarding(&["shop", "blog"]);
    world.cloud.fail(When::operation("CreateRole").about("ps-shop"), Fault::Refuse(FailureKind::LimitExceeded));
    let outcome = world.run(&plan).await;
    assert_eq!(outcome.ending, Ending::Failed);
    assert_eq!(results(&outcome), ["done", "failed", "skipped", "skipped", "done", "done", "done", "done"]);
    assert_eq!(failure(&outcome, StepId(2)).code, "LimitExceeded");
    assert!(failure(&outcome, StepId(2)).request_id.is_some());
    assert!(matches!(
        world.events.last().unwrap().what,
        EventKind::Summary {
            outcome: Ending::Failed,
            done: 5,
            failed: 1,
            unfinished: 0,
            skipped: 2,
            not_started: 0
        }
    ));
}

#[tokio::test(start_paused = true)]
async fn a_heartbeat_is_said_every_ten_seconds() {
    let (mut world, plan) = World::onboarding(&["shop"]);
    world.cloud.set_latency(Duration::from_secs(8));
    world.done(&plan).await;
    let beats: Vec<_> = world
        .events
        .iter()
        .filter_map(|event| match event.what {
            EventKind::Heartbeat { done, total: 4, running: 1 } => Some((event.elapsed_ms / 1000, done)),
            _ => None,
        })
        .collect();
    assert_eq!(beats, [(10, 1), (20, 2), (30, 3)]);
    let numbers: Vec<_> = world.events.iter().map(|event| event.seq).collect();
    assert_eq!(numbers, (0..numbers.len() as u64).collect::<Vec<_>>());
}

#[tokio::test(start_paused = true)]
async fn what_only_the_record_knows_is_written_without_a_call() {
    let (mut world, plan) = World::onboarding(&["shop"]);
    world.done(&plan).await;
    world.cloud.clear_log();
    let mut steps = Steps::default();
    steps.add("event_stream.shop", &[], RecordOp::Forget {});
    world.done(&steps.plan()).await;
    assert!(world.cloud.calls().is_empty());
    let recorded = world.recorded().await;
    assert_eq!((recorded.resources.len(), recorded.serial), (2, Serial(3)));
}

#[tokio::test(start_paused = true)]
async fn a_plan_without_steps_writes_nothing() {
    let mut world = World::new();
    let outcome = world.run(&Steps::default().plan()).await;
    assert_eq!(outcome.ending, Ending::NoChanges);
    assert!(!world.state_path().exists());
}

#[tokio::test(start_paused = true)]
async fn a_step_that_needs_what_is_not_in_the_plan_is_not_started() {
    let (mut world, mut steps) = (World::new(), Steps::default());
    steps.add("app.shop", &[StepId(9)], create_app("shop"));
    assert_eq!(results(&world.run(&steps.plan()).await), ["not started"]);
}
