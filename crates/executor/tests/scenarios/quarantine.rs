//! What is quarantined is archived whole first: no archive, no quarantine.
use crate::world::{Steps, World, failure, results, role_arn};
use pinpoint_streams_model::sweep::{QUARANTINE_POLICY, QUARANTINED_ID};
use pinpoint_streams_model::{Document, FailureKind, LiveRole, Plan, RoleOp, StepId, Tags};
use pinpoint_streams_store::archive::{Object, read_all};
use pinpoint_streams_testkit::cloud::{Fault, When};
use pinpoint_streams_testkit::parsed;
use std::sync::Arc;

const NOTHING: &str = r#"{"Statement":{"Effect":"Deny","Action":"*","Resource":"*"}}"#;

/// An account with a role that nobody declared, and the plan that quarantines it: the policy, then the tags.
fn leftover() -> (World, Plan) {
    let (world, mut steps) = (World::new(), Steps::default());
    let role = role_arn("old");
    let trust =
        crate::world::KIND.trust_policy(&crate::world::account(), [crate::world::app_arn("gone").to_string()]);
    world.cloud.add_role(&role, &trust);
    world.cloud.outside().put_inline_policy(&role, &parsed("write"), NOTHING);
    let address = "iam.123456789012/ps-old";
    let document = Document::from_json(NOTHING).unwrap();
    let put = RoleOp::PutPolicy { role: role.clone(), policy_name: parsed(QUARANTINE_POLICY), document };
    let put = steps.add(address, &[], put);
    let tags = Tags::from([(QUARANTINED_ID.to_owned(), world.cloud.snapshot().role("ps-old").id.to_string())]);
    steps.add(address, &[put], RoleOp::Tag { role, tags, owner: None });
    world.cloud.clear_log();
    (world, steps.plan())
}

fn live(world: &World) -> LiveRole {
    world.cloud.snapshot().role("ps-old").clone()
}

#[tokio::test(start_paused = true)]
async fn a_role_is_archived_once_and_as_it_was_before_anything_was_written_to_it() {
    let (mut world, plan) = leftover();
    let before = live(&world);
    let recorded = world.done(&plan).await;
    assert!(recorded.resources.is_empty(), "it does not become ours");
    assert!(live(&world).inline_policies.contains_key(&parsed(QUARANTINE_POLICY)));
    let archives = read_all(&world.archive_folder(), Some(&world.state().await)).unwrap();
    let [archive] = &archives[..] else { panic!("one archive: {archives:#?}") };
    assert!(archive.is_verified);
    assert_eq!(archive.entry.object, Object::Role(Arc::new(before)));
}

#[tokio::test(start_paused = true)]
async fn without_an_archive_nothing_is_quarantined() {
    let (mut world, plan) = leftover();
    std::fs::write(world.archive_folder(), "in the way").unwrap();
    let outcome = world.run(&plan).await;
    assert_eq!(results(&outcome), ["failed", "skipped"]);
    assert_eq!(failure(&outcome, StepId(1)).code, "ArchiveFailed");
    assert!(world.cloud.writes().is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_role_that_cannot_be_read_whole_is_not_quarantined() {
    let (mut world, plan) = leftover();
    world.cloud.fail(When::operation("GetRole"), Fault::Refuse(FailureKind::Denied));
    let outcome = world.run(&plan).await;
    assert_eq!(results(&outcome), ["failed", "skipped"]);
    assert!(world.cloud.writes().is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_role_that_is_gone_is_not_quarantined() {
    let (mut world, plan) = leftover();
    world.cloud.outside().delete_role(&role_arn("old"));
    assert_eq!(world.failed(&plan, StepId(1)).await.code, "RoleChanged");
}

#[tokio::test(start_paused = true)]
async fn another_role_of_the_same_name_is_not_quarantined() {
    let (mut world, plan) = leftover();
    world.cloud.outside().recreate_role(&role_arn("old"));
    assert!(world.failed(&plan, StepId(1)).await.message.contains("the role was replaced"));
    assert!(world.cloud.writes().is_empty());
}
