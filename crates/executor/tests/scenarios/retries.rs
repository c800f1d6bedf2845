//! What passes by itself, and what is diagnosed.
use crate::world::{KIND, Steps, World, account, app_arn, failure, put_event_stream, role_arn, stream};
use pinpoint_streams_model::sorted_set::SortedSet;
use pinpoint_streams_model::{FailureKind, Slot, StepId, StreamTarget};
use pinpoint_streams_testkit::cloud::{Fault, When};
use pinpoint_streams_testkit::parsed;
use std::time::Duration;
use tokio::time::Instant;

#[tokio::test(start_paused = true)]
async fn a_role_that_was_just_made_is_waited_for_until_pinpoint_knows_it() {
    let (mut world, plan) = World::onboarding(&["shop"]);
    world.cloud.set_propagation(Duration::from_secs(20));
    let began = Instant::now();
    world.done(&plan).await;
    assert!((20..40).contains(&began.elapsed().as_secs()), "{:?}", began.elapsed());
    let waits = world.waits();
    assert!(waits.len() >= 3 && waits.iter().all(|(_, reason)| reason.contains("not ready yet")), "{waits:?}");
    assert!(waits.is_sorted() && waits[0].0 == 0, "{waits:?}");
}

#[tokio::test(start_paused = true)]
async fn a_role_that_an_earlier_run_made_moments_ago_is_waited_for_too() {
    let (mut world, plan) = World::onboarding(&["shop"]);
    world.cloud.set_propagation(Duration::from_secs(60));
    world.cloud.fail(When::operation("PutEventStream").first(1), Fault::Refuse(FailureKind::Denied));
    assert!(matches!(failure(&world.run(&plan).await, StepId(4)).code.as_str(), "AccessDeniedException"));
    let id = world.cloud.snapshot().apps.into_keys().next().unwrap().id;
    let mut steps = Steps::default();
    steps.add("event_stream.shop", &[], put_event_stream("shop", Slot::Known(id)));
    tokio::time::sleep(Duration::from_secs(30)).await;
    world.done(&steps.plan()).await;
}

#[tokio::test(start_paused = true)]
async fn a_denied_step_names_the_command_that_prints_the_permissions_it_takes() {
    let (mut world, plan) = World::onboarding(&["shop"]);
    world.cloud.fail(When::operation("PutRolePolicy"), Fault::Refuse(FailureKind::Denied));
    let outcome = world.run(&plan).await;
    let hints = &failure(&outcome, StepId(3)).hints;
    let [hint] = &hints[..] else { panic!("one hint: {hints:?}") };
    assert!(hint.contains("allow PutRolePolicy"), "{hint}");
    assert!(hint.contains("`pinpoint-streams permissions --for apply`"), "{hint}");
}

#[tokio::test(start_paused = true)]
async fn a_role_that_is_never_ready_is_given_up_after_two_minutes_and_diagnosed() {
    let (mut world, plan) = World::onboarding(&["shop"]);
    world.cloud.fail(When::operation("PutEventStream"), Fault::Refuse(FailureKind::RoleNotReady));
    let began = Instant::now();
    let outcome = world.run(&plan).await;
    assert_eq!(began.elapsed().as_secs(), 120);
    let details = &failure(&outcome, StepId(4)).details;
    assert!(details[0].contains("no problem found"), "{details:?}");
}

/// A role that was there long before, with what is wrong with it.
async fn diagnosed(trusts: &str, writes_to: &str) -> Vec<String> {
    let (mut world, mut steps) = (World::new(), Steps::default());
    let app = app_arn("abc");
    world.cloud.add_app_as(&app, "shop");
    let target = StreamTarget { arn: parsed(writes_to), kms_key: None };
    let (trust, permissions) =
        (KIND.trust_policy(&account(), [trusts.to_owned()]), KIND.permissions(&SortedSet::from([target])));
    world.cloud.add_role_with_policy(&role_arn("shop"), &trust, &parsed("write"), &permissions);
    let put = steps.add("event_stream.shop", &[], put_event_stream("shop", Slot::Known(app.id)));
    let began = Instant::now();
    let outcome = world.run(&steps.plan()).await;
    assert!(began.elapsed() < Duration::from_secs(1), "it is not waited for");
    failure(&outcome, put).details.clone()
}

#[tokio::test(start_paused = true)]
async fn a_role_that_is_wrong_is_diagnosed_at_once() {
    let app = app_arn("abc").to_string();
    let trust = diagnosed(&app_arn("other").to_string(), &stream().to_string()).await;
    assert!(trust.len() == 1 && trust[0].contains("aws:SourceArn admits") && trust[0].contains(&app), "{trust:?}");
    let permissions = diagnosed(&app, "arn:aws:kinesis:eu-west-1:123456789012:stream/other").await;
    assert!(permissions.len() == 1 && permissions[0].contains("kinesis:PutRecords on arn"), "{permissions:?}");
}

#[tokio::test(start_paused = true)]
async fn another_change_under_way_and_a_principal_unknown_yet_are_waited_for() {
    let (mut world, plan) = World::onboarding(&["shop"]);
    world.cloud.fail(When::operation("CreateRole").nth(1), Fault::Refuse(FailureKind::InvalidPrincipal));
    world.cloud.fail(When::operation("PutRolePolicy").nth(1), Fault::Refuse(FailureKind::ConcurrentModification));
    world.done(&plan).await;
    assert_eq!((world.cloud.count("CreateRole"), world.cloud.count("PutRolePolicy")), (2, 2));
}

#[tokio::test(start_paused = true)]
async fn a_lost_answer_to_what_may_be_repeated_is_asked_for_again_a_few_times() {
    let (mut world, plan) = World::onboarding(&["shop"]);
    world.cloud.fail(When::operation("PutRolePolicy").first(2), Fault::LoseAnswer);
    world.cloud.fail(When::operation("PutEventStream"), Fault::Refuse(FailureKind::Server));
    let outcome = world.run(&plan).await;
    assert_eq!((world.cloud.count("PutRolePolicy"), world.cloud.count("PutEventStream")), (3, 4));
    assert_eq!(failure(&outcome, StepId(4)).code, "InternalServerErrorException");
    assert_eq!(outcome.recorded.pending.len(), 1, "it may have been done: the next run looks");
}

#[tokio::test(start_paused = true)]
async fn a_refusal_after_a_lost_answer_leaves_it_open_what_became_of_the_first_attempt() {
    let (mut world, plan) = World::onboarding(&["shop"]);
    world.cloud.fail(When::operation("PutEventStream").nth(1), Fault::LoseAnswer);
    world.cloud.fail(When::operation("PutEventStream").nth(2), Fault::Refuse(FailureKind::Denied));
    assert_eq!(world.failed(&plan, StepId(4)).await.code, "AccessDeniedException");
    assert_eq!(world.cloud.event_streams_now().len(), 1, "the first attempt did it");
    let pending: Vec<_> = world.recorded().await.pending.iter().map(|one| one.op.name()).collect();
    assert_eq!(pending, ["put_event_stream"], "so the next run looks");
}
