//! A run and the questions before it under AWS's throttle.
use crate::world::{World, account};
use pinpoint_streams_executor::Paced;
use pinpoint_streams_model::{AppArn, FailureKind, Live, Question, Read};
use pinpoint_streams_testkit::cloud::{Limits, Service};
use pinpoint_streams_testkit::{FakeCloud, Questions, ask, parsed};
use std::time::Duration;
use tokio::time::Instant;

fn refused(cloud: &FakeCloud) -> f64 {
    let calls = cloud.calls();
    let refused = calls.iter().filter(|call| call.answer == Some(Err(FailureKind::Throttled))).count();
    refused as f64 / calls.len() as f64
}

#[tokio::test(start_paused = true)]
async fn a_throttled_apply_fails_nothing_and_uses_what_it_is_allowed() {
    let (mut world, plan) = World::onboarding_each(300);
    world.cloud.set_latency(Duration::from_millis(50));
    world.cloud.set_limits(&account(), Limits { apps: 300, ..Limits::default() });
    world.cloud.limit_rate(Service::Iam, 20, 20);
    world.is_paced = true;
    let began = Instant::now();
    world.done(&plan).await;
    let used = (600.0 - 20.0) / 20.0 / began.elapsed().as_secs_f64();
    assert!(used >= 0.9, "{used:.3} of the allowed rate used");
    assert!(refused(&world.cloud) < 0.05, "{:.3} of the calls refused", refused(&world.cloud));
}

#[tokio::test(start_paused = true)]
async fn questions_that_are_throttled_leave_nothing_unread() {
    let cloud = FakeCloud::new();
    cloud.add_account(&account());
    cloud.set_latency(Duration::from_millis(50));
    cloud.limit_rate(Service::Pinpoint, 20, 20);
    let wants = |_: &Live| {
        let ids = (0..600).map(|n| format!("app{n}"));
        ids.map(|id| Question::EventStream(AppArn::of(&account(), &parsed("eu-west-1"), &parsed(&id)))).collect()
    };
    let (paced, began) = (Paced::new(cloud.clone()), Instant::now());
    let found = ask(&Questions(wants), &paced).await;
    assert!(found.live.event_streams.values().all(|stream| *stream == Read::Absent));
    let used = (600.0 - 20.0) / 20.0 / began.elapsed().as_secs_f64();
    assert!(used >= 0.9 && refused(&cloud) < 0.05, "{used:.3} used, {:.3} refused", refused(&cloud));
}
