//! Only what was planned is deleted, only once it is archived, and what is half-way comes back.
use crate::world::{Steps, World, account, failure, region, results, role_arn, stream};
use pinpoint_streams_model::{
    AppId, AppOp, DeleteApp, DeleteEventStream, EventStreamOp, FailureKind, Plan, Planned, RoleOp, Step, StepId,
};
use pinpoint_streams_store::archive::{self, Object};
use pinpoint_streams_testkit::cloud::{Fault, When};
use pinpoint_streams_testkit::parsed;
use std::path::{Path, PathBuf};

const ANYTHING: &str = r#"{"Statement":{"Effect":"Allow","Action":"s3:*","Resource":"*"}}"#;

/// A world after an apply, and the plan that takes all of it away again: event stream, policy, role, app.
async fn applied() -> (World, Plan) {
    let (mut world, plan) = World::onboarding(&["shop"]);
    world.done(&plan).await;
    let snapshot = world.cloud.snapshot();
    let app_id: AppId = snapshot.apps.keys().next().unwrap().id.clone();
    let role_id = snapshot.role("ps-shop").id.clone();
    let (role, role_arn) = (role_arn("shop"), role_arn("shop").to_string());
    let mut steps = Steps::default();
    let delete = DeleteEventStream {
        account: account(),
        region: region(),
        app_id: app_id.clone(),
        destination: stream().to_string(),
        role_arn,
    };
    let event_stream = steps.add("event_stream.shop", &[], EventStreamOp::Delete(delete));
    let delete = RoleOp::DeletePolicy { role: role.clone(), policy_name: parsed("write") };
    let policy = steps.add("role.shop", &[event_stream], delete);
    let delete = steps.add("role.shop", &[policy], RoleOp::Delete { role, role_id });
    let app = DeleteApp { account: account(), region: region(), app_id, name: "shop".to_owned() };
    steps.add("app.shop", &[delete], AppOp::Delete(app));
    world.cloud.clear_log();
    (world, steps.plan())
}

/// One more step between the event stream's and the role's end.
fn take_off_too(plan: &mut Plan, id: StepId, op: RoleOp<Planned>) {
    plan.steps[2].after.push(id);
    let step = Step { id, op: op.into(), ..plan.steps[1].clone() };
    plan.steps.insert(2, step);
}

/// The same with a policy that pinpoint-streams did not create on the role, which the plan removes, too.
async fn with_their_policy() -> (World, Plan) {
    let (world, mut plan) = applied().await;
    let (role, policy_name) = (role_arn("shop"), parsed("theirs"));
    world.cloud.outside().put_inline_policy(&role, &policy_name, ANYTHING);
    take_off_too(&mut plan, StepId(9), RoleOp::DeletePolicy { role, policy_name });
    (world, plan)
}

fn archives(world: &World) -> Vec<PathBuf> {
    let Ok(runs) = std::fs::read_dir(world.archive_folder()) else { return Vec::new() };
    let files = runs.flat_map(|run| std::fs::read_dir(run.unwrap().path()).unwrap());
    let mut paths: Vec<_> = files.map(|file| file.unwrap().path()).collect();
    paths.retain(|path| path.extension().is_some_and(|extension| extension == "json"));
    paths.sort();
    paths
}

#[tokio::test(start_paused = true)]
async fn what_is_deleted_is_archived_first_and_its_digest_is_in_the_state() {
    let (mut world, plan) = applied().await;
    let role = world.cloud.snapshot().role("ps-shop").clone();
    world.cloud.fail(When::operation("GetChannels"), Fault::Refuse(FailureKind::ServiceEnded));
    world.done(&plan).await;
    let after = world.cloud.snapshot();
    assert!(after.apps.is_empty() && after.roles.is_empty() && after.event_streams.is_empty());
    let archives = archives(&world);
    assert_eq!(archives.len(), 3);
    let state = world.state().await;
    assert!(state.resources.is_empty());
    for path in &archives {
        let (entry, digest) = archive::read(path).unwrap();
        assert_eq!(state.archives.get(&path.display().to_string()), Some(&digest));
        match entry.object {
            Object::Role(archived) => {
                assert_eq!(*archived, role, "whole, as it was before its policy was taken off")
            }
            Object::App(app) => assert!(app.channels.is_none() && app.unread[0].contains("channels")),
            Object::EventStream(_) => {}
        }
        assert!(path.with_extension("restore.sh").exists());
    }
}

#[tokio::test(start_paused = true)]
async fn without_an_archive_nothing_is_deleted() {
    let (mut world, plan) = applied().await;
    std::fs::write(world.archive_folder(), "in the way").unwrap();
    let outcome = world.run(&plan).await;
    assert_eq!(failure(&outcome, StepId(1)).code, "ArchiveFailed");
    assert_eq!(results(&outcome), ["failed", "skipped", "skipped", "skipped"]);
    assert!(world.cloud.writes().is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_role_with_something_new_on_it_is_left_as_it_is() {
    let (mut world, plan) = applied().await;
    world.cloud.outside().put_inline_policy(&role_arn("shop"), &parsed("theirs"), r#"{"Statement":[]}"#);
    let outcome = world.run(&plan).await;
    assert_eq!(results(&outcome), ["done", "failed", "skipped", "skipped"]);
    assert!(failure(&outcome, StepId(2)).message.contains("inline policy theirs"));
    assert_eq!(world.cloud.snapshot().role("ps-shop").inline_policies.len(), 2);
}

#[tokio::test(start_paused = true)]
async fn another_role_of_the_same_name_is_never_touched() {
    let (mut world, plan) = applied().await;
    world.cloud.outside().recreate_role(&role_arn("shop"));
    assert_eq!(world.failed(&plan, StepId(2)).await.code, "RoleChanged");
    assert_eq!(world.cloud.writes().len(), 1, "the event stream alone");
}

#[tokio::test(start_paused = true)]
async fn an_event_stream_that_goes_elsewhere_now_is_left_as_it_is() {
    let (mut world, plan) = applied().await;
    let app = world.cloud.snapshot().apps.into_keys().next().unwrap();
    world.cloud.outside().put_event_stream(&app, "arn:elsewhere", role_arn("shop"));
    assert_eq!(world.failed(&plan, StepId(1)).await.code, "EventStreamChanged");
    assert!(world.cloud.writes().is_empty());
}

#[tokio::test(start_paused = true)]
async fn what_is_gone_already_is_done() {
    let (mut world, plan) = applied().await;
    let app = world.cloud.snapshot().apps.into_keys().next().unwrap();
    let hand = world.cloud.outside();
    hand.delete_event_stream(&app);
    hand.delete_role(&role_arn("shop"));
    hand.delete_app(&app);
    world.done(&plan).await;
    assert!(world.cloud.writes().is_empty() && archives(&world).is_empty());
    assert!(world.recorded().await.resources.is_empty());
}

#[tokio::test(start_paused = true)]
async fn what_aws_calls_non_existent_and_can_still_be_read_is_not_deleted() {
    for (operation, step, address) in [
        ("DeleteEventStream", StepId(1), "event_stream.shop"),
        ("DeleteRolePolicy", StepId(2), "role.shop"),
        ("DeleteRole", StepId(3), "role.shop"),
        ("DeleteApp", StepId(4), "app.shop"),
    ] {
        let (mut world, plan) = applied().await;
        world.cloud.fail(When::operation(operation), Fault::Refuse(FailureKind::NotFound));
        let failure = world.failed(&plan, step).await;
        assert!(failure.message.contains("does not exist, but it does"), "{operation}: {failure:?}");
        let state = world.state().await;
        assert!(state.resources.contains_key(&parsed(address)), "{operation}: it is still ours");
        assert!(state.pending.iter().any(|pending| pending.address == parsed(address)), "{operation}");
    }
}

#[tokio::test(start_paused = true)]
async fn what_is_taken_off_a_role_that_cannot_be_deleted_is_put_back() {
    let (mut world, plan) = applied().await;
    let before = world.recorded().await.resources[&parsed("role.shop")].object.clone();
    world.cloud.fail(When::operation("DeleteRole"), Fault::Refuse(FailureKind::Denied));
    let details = &world.failed(&plan, StepId(3)).await.details;
    assert!(details.iter().any(|detail| detail.starts_with("restored: inline policy write")), "{details:?}");
    assert_eq!(world.cloud.snapshot().role("ps-shop").inline_policies.len(), 1);
    assert_eq!(
        world.recorded().await.resources[&parsed("role.shop")].object,
        before,
        "and recorded as ours again"
    );
}

#[tokio::test(start_paused = true)]
async fn foreign_policies_are_restored_to_the_role_and_not_recorded() {
    let (mut world, plan) = with_their_policy().await;
    world.cloud.fail(When::operation("DeleteRole"), Fault::Refuse(FailureKind::Denied));
    assert_eq!(world.failed(&plan, StepId(3)).await.details.len(), 2);
    assert_eq!(world.cloud.snapshot().role("ps-shop").inline_policies.len(), 2);
    let recorded = world.recorded().await;
    let role = recorded.resources[&parsed("role.shop")].object.as_role().unwrap();
    assert_eq!(role.inline_policies.keys().map(ToString::to_string).collect::<Vec<_>>(), ["write"]);
}

/// A world with a role that a managed policy and an instance profile hang on, and the plan that takes all off it.
async fn with_attachments() -> (World, Plan) {
    let (world, mut plan) = applied().await;
    let (role, policy, profile) = (role_arn("shop"), parsed("arn:aws:iam::aws:policy/ReadOnlyAccess"), "web");
    world.cloud.outside().attach_policy(&role, &policy);
    world.cloud.outside().put_in_instance_profile(&role, profile);
    take_off_too(&mut plan, StepId(8), RoleOp::DetachPolicy { role: role.clone(), policy });
    let remove = RoleOp::RemoveFromProfile { role, instance_profile: profile.to_owned() };
    take_off_too(&mut plan, StepId(9), remove);
    world.cloud.clear_log();
    (world, plan)
}

#[tokio::test(start_paused = true)]
async fn managed_policies_and_instance_profiles_are_put_back_too() {
    let (mut world, plan) = with_attachments().await;
    let before = world.cloud.snapshot().role("ps-shop").clone();
    let recorded = world.recorded().await.resources[&parsed("role.shop")].object.clone();
    world.cloud.fail(When::operation("DeleteRole"), Fault::Refuse(FailureKind::Denied));
    world.cloud.fail(When::operation("AttachRolePolicy").nth(1), Fault::Refuse(FailureKind::Throttled));
    world.cloud.fail(When::operation("AddRoleToInstanceProfile").nth(1), Fault::LoseAnswer);
    let details = &world.failed(&plan, StepId(3)).await.details;
    assert_eq!(details.iter().filter(|detail| detail.starts_with("restored: ")).count(), 3, "{details:?}");
    assert_eq!(*world.cloud.snapshot().role("ps-shop"), before);
    assert_eq!(world.recorded().await.resources[&parsed("role.shop")].object, recorded);
    let state = world.state().await;
    assert!(state.pending.is_empty(), "{:?}", state.pending);
}

#[tokio::test(start_paused = true)]
async fn what_cannot_be_put_back_is_named_with_its_script() {
    let (mut world, plan) = with_attachments().await;
    world.cloud.fail(When::operation("DeleteRole"), Fault::Refuse(FailureKind::Denied));
    world.cloud.fail(When::operation("AttachRolePolicy"), Fault::Refuse(FailureKind::Denied));
    let outcome = world.run(&plan).await;
    let details = &failure(&outcome, StepId(3)).details;
    assert!(details.iter().any(|detail| detail.starts_with("not restored: managed policy")), "{details:?}");
    let hint = &failure(&outcome, StepId(3)).hints[0];
    assert!(hint.contains("restore.sh") && hint.contains("archive") && hint.contains("managed policy"), "{hint}");
    assert_eq!(
        details.iter().filter(|detail| detail.starts_with("restored: ")).count(),
        2,
        "the others are: {details:?}"
    );
}

#[tokio::test(start_paused = true)]
async fn when_one_policy_cannot_be_taken_off_the_others_are_put_back() {
    let (mut world, plan) = with_their_policy().await;
    // The other one is taken off while this one is still being refused.
    world.cloud.fail(When::operation("DeleteRolePolicy").nth(1), Fault::Refuse(FailureKind::Denied));
    world.cloud.fail(When::operation("DeleteRolePolicy").nth(2), Fault::Delay(std::time::Duration::from_secs(5)));
    let outcome = world.run(&plan).await;
    assert_eq!(results(&outcome), ["done", "failed", "skipped", "skipped", "failed"]);
    assert_eq!(world.cloud.snapshot().role("ps-shop").inline_policies.len(), 2);
}

#[tokio::test(start_paused = true)]
async fn a_delete_conflict_is_waited_for_and_then_what_was_taken_off_is_put_back() {
    let (mut world, plan) = applied().await;
    world.cloud.fail(When::operation("DeleteRole").first(2), Fault::Refuse(FailureKind::DeleteConflict));
    world.done(&plan).await;
    let (mut world, plan) = applied().await;
    world.cloud.fail(When::operation("DeleteRole"), Fault::Refuse(FailureKind::DeleteConflict));
    assert_eq!(world.failed(&plan, StepId(3)).await.code, "DeleteConflict");
    assert_eq!(world.cloud.snapshot().role("ps-shop").inline_policies.len(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_lost_answer_to_a_delete_is_a_delete() {
    let (mut world, plan) = applied().await;
    for operation in ["DeleteEventStream", "DeleteRolePolicy", "DeleteRole", "DeleteApp"] {
        world.cloud.fail(When::operation(operation).nth(1), Fault::LoseAnswer);
    }
    world.done(&plan).await;
    assert!(world.recorded().await.resources.is_empty());
    assert!(Path::new(&world.archive_folder()).exists());
}

#[tokio::test(start_paused = true)]
async fn where_a_role_cannot_be_read_nothing_is_taken_off_it() {
    let (mut world, plan) = with_attachments().await;
    let before = world.cloud.snapshot().role("ps-shop").clone();
    world.cloud.fail(When::operation("GetRole").nth(1), Fault::Refuse(FailureKind::Timeout));
    let outcome = world.run(&plan).await;
    let words = results(&outcome);
    assert_eq!(words.iter().filter(|word| **word == "done").count(), 1, "its event stream's: {words:?}");
    assert_eq!(*world.cloud.snapshot().role("ps-shop"), before);
    assert!(world.state().await.pending.is_empty(), "nothing was sent that could have been done");
}

#[tokio::test(start_paused = true)]
async fn a_role_that_cannot_be_read_again_before_it_goes_gets_back_what_was_taken_off_it() {
    let (mut world, plan) = applied().await;
    world.cloud.fail(When::operation("GetRole").nth(2), Fault::Refuse(FailureKind::Timeout));
    let details = &world.failed(&plan, StepId(3)).await.details;
    assert!(details.iter().any(|detail| detail.starts_with("restored: ")), "{details:?}");
    assert_eq!(world.cloud.snapshot().role("ps-shop").inline_policies.len(), 1);
    assert!(world.state().await.pending.is_empty());
}
