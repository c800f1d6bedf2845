//! Nothing is created twice, even if answers are lost.
use crate::world::{Steps, World, account, create_app, create_role, failure, region, role_arn};
use pinpoint_streams_model::{Document, EventKind, FailureKind, Text};
use pinpoint_streams_testkit::cloud::{Fault, When};

#[tokio::test(start_paused = true)]
async fn a_lost_answer_to_create_app_makes_one_app() {
    for with_tags in [true, false] {
        let (mut world, mut steps) = (World::new(), Steps::default());
        steps.onboard("shop");
        world.cloud.list_apps_with_tags(with_tags);
        world.cloud.add_app(&account(), &region(), "shop");
        world.cloud.fail(When::operation("CreateApp").nth(1), Fault::LoseAnswer);
        world.done(&steps.plan()).await;
        assert_eq!(world.cloud.count("CreateApp"), 1);
        assert_eq!(world.cloud.snapshot().apps.len(), 2, "ours and the one of the same name");
    }
}

#[tokio::test(start_paused = true)]
async fn a_create_app_that_never_arrived_is_sent_again_once_it_is_seen_that_no_app_is_there() {
    let (mut world, mut steps) = (World::new(), Steps::default());
    steps.add("app.shop", &[], create_app("shop"));
    world.cloud.fail(When::operation("CreateApp").nth(1), Fault::Refuse(FailureKind::Timeout));
    world.done(&steps.plan()).await;
    let operations: Vec<_> = world.cloud.calls().iter().map(|call| call.operation).collect();
    assert_eq!(operations, ["CreateApp", "GetApps", "GetApps", "CreateApp"], "it is looked for twice");
}

#[tokio::test(start_paused = true)]
async fn an_app_that_cannot_be_looked_for_is_not_made_again_but_left_for_the_next_run() {
    let (mut world, mut steps) = (World::new(), Steps::default());
    let create = steps.add("app.shop", &[], create_app("shop"));
    world.cloud.fail(When::operation("CreateApp").nth(1), Fault::LoseAnswer);
    world.cloud.fail(When::operation("GetApps"), Fault::Refuse(FailureKind::Denied));
    assert!(world.failed(&steps.plan(), create).await.details[0].contains("the next run checks again"));
    assert_eq!(world.cloud.count("CreateApp"), 1);
    assert_eq!(world.recorded().await.pending[0].step, create);
}

/// The attempts that were announced.
fn attempts(world: &World) -> Vec<u32> {
    let retried = world.events.iter().filter_map(|event| match &event.what {
        EventKind::StepRetried { attempt, .. } => Some(*attempt),
        _ => None,
    });
    retried.collect()
}

#[tokio::test(start_paused = true)]
async fn a_look_up_is_not_an_attempt() {
    let (mut world, mut steps) = (World::new(), Steps::default());
    steps.add("app.shop", &[], create_app("shop"));
    world.cloud.fail(When::operation("CreateApp").nth(1), Fault::Refuse(FailureKind::Server));
    world.done(&steps.plan()).await;
    assert_eq!((world.cloud.count("CreateApp"), attempts(&world)), (2, vec![2]));

    let mut world = World::new();
    world.cloud.fail(When::operation("CreateRole").nth(1), Fault::LoseAnswer);
    world.cloud.fail(When::operation("GetRole").first(2), Fault::Refuse(FailureKind::Unintelligible));
    world.done(&role_of_app("shop").plan()).await;
    assert_eq!((world.cloud.count("CreateRole"), attempts(&world)), (1, vec![]));
}

fn role_of_app(key: &str) -> Steps {
    let mut steps = Steps::default();
    let source = Text::Known("arn:aws:mobiletargeting:eu-west-1:123456789012:apps/abc".to_owned());
    steps.add(&format!("role.{key}"), &[], create_role(key, source));
    steps
}

#[tokio::test(start_paused = true)]
async fn a_role_that_a_lost_attempt_made_is_taken_for_ours() {
    for lost in [Fault::LoseAnswer, Fault::Refuse(FailureKind::Unintelligible)] {
        let mut world = World::new();
        world.cloud.fail(When::operation("CreateRole").nth(1), lost);
        let recorded = world.done(&role_of_app("shop").plan()).await;
        assert_eq!(recorded.resources.len(), 1);
    }
    let mut world = World::new();
    world.cloud.fail(When::operation("CreateRole").nth(1), Fault::LoseAnswer);
    world.cloud.fail(When::operation("GetRole").nth(1), Fault::Overlook);
    world.done(&role_of_app("shop").plan()).await;
    assert_eq!(world.cloud.count("CreateRole"), 2, "IAM knew the name although it did not show the role");
}

#[tokio::test(start_paused = true)]
async fn a_role_whose_arn_cannot_be_read_yet_is_read_until_it_can_be() {
    let mut world = World::new();
    world.cloud.fail(When::operation("CreateRole").nth(1), Fault::LoseAnswer);
    world.cloud.fail(When::operation("GetRole").first(2), Fault::Refuse(FailureKind::Unintelligible));
    world.done(&role_of_app("shop").plan()).await;
    assert_eq!((world.cloud.count("CreateRole"), world.cloud.count("GetRole")), (1, 3));
}

#[tokio::test(start_paused = true)]
async fn a_role_of_the_same_name_that_is_not_ours_is_never_taken() {
    let mut world = World::new();
    let trust =
        Document::from_json(r#"{"Statement":{"Effect":"Allow","Principal":"*","Action":"sts:AssumeRole"}}"#);
    world.cloud.add_role(&role_arn("shop"), &trust.unwrap());
    let plan = role_of_app("shop").plan();
    let outcome = world.run(&plan).await;
    let failure = failure(&outcome, plan.steps[0].id);
    assert_eq!(failure.code, "EntityAlreadyExists");
    assert!(failure.details[0].contains("not ours"), "{failure:?}");
    assert!(outcome.recorded.resources.is_empty() && outcome.recorded.pending.is_empty());
}
