//! What a restore makes and this workspace does not own: it is made whole and is not recorded.
use crate::world::{KIND, Steps, World, account, app_arn, failure, region, results, role_arn, stream};
use pinpoint_streams_model::{
    CreateRole, Document, EventStreamOp, FailureKind, Plan, PutEventStream, RoleOp, Slot, StepId, Tags, Text,
};
use pinpoint_streams_testkit::cloud::{Fault, When};
use pinpoint_streams_testkit::parsed;
use std::collections::BTreeSet;

/// A role that nobody declares, with all that can hang on one, and the event stream that names it.
fn restore(world: &World) -> Plan {
    let (mut steps, role) = (Steps::default(), role_arn("old"));
    world.cloud.add_app_as(&app_arn("shop"), "shop");
    // A profile that is there and empty.
    world.cloud.add_role(&role, &KIND.trust_policy(&account(), [app_arn("shop").to_string()]));
    world.cloud.outside().put_in_instance_profile(&role, "web");
    world.cloud.outside().delete_role(&role);
    let create = CreateRole {
        arn: role.clone(),
        trust_policy: KIND.trust_policy(&account(), [Text::Known(app_arn("shop").to_string())]),
        description: "as it was".to_owned(),
        max_session_duration: 7200,
        permissions_boundary: None,
        tags: Tags::from([("team".to_owned(), "growth".to_owned())]),
        owner: None,
        protect: false,
    };
    let address = "iam.123456789012/ps-old";
    let created = steps.add(address, &[], RoleOp::Create(create));
    let document = Document::from_json(r#"{"Statement":{"Effect":"Allow","Action":"kinesis:*","Resource":"*"}}"#);
    let put = RoleOp::PutPolicy { role: role.clone(), policy_name: parsed("write"), document: document.unwrap() };
    let put = steps.add(address, &[created], put);
    let attach =
        RoleOp::AttachPolicy { role: role.clone(), policy: parsed("arn:aws:iam::aws:policy/ReadOnlyAccess") };
    let attach = steps.add(address, &[created], attach);
    let add = RoleOp::AddToProfile { role: role.clone(), instance_profile: "web".to_owned() };
    let add = steps.add(address, &[created], add);
    let put_event_stream = PutEventStream {
        account: account(),
        region: region(),
        app_id: Slot::Known(parsed("shop")),
        destination: stream(),
        role_arn: role,
        protect: false,
        record: false,
    };
    steps.add("event_stream.shop", &[put, attach, add], EventStreamOp::Put(put_event_stream));
    world.cloud.clear_log();
    steps.plan()
}

#[tokio::test(start_paused = true)]
async fn what_no_manifest_declares_is_made_whole_and_not_recorded() {
    let mut world = World::new();
    let plan = restore(&world);
    let recorded = world.done(&plan).await;
    assert!(recorded.resources.is_empty(), "{:?}", recorded.resources);
    let snapshot = world.cloud.snapshot();
    let role = snapshot.role("ps-old");
    assert_eq!(role.tags, Tags::from([("team".to_owned(), "growth".to_owned())]));
    assert_eq!((role.inline_policies.len(), role.attached_policies.len()), (1, 1));
    assert_eq!(role.instance_profiles, BTreeSet::from(["web".to_owned()]));
    assert_eq!(snapshot.event_streams.len(), 1);
}

#[tokio::test(start_paused = true)]
async fn answers_that_are_lost_change_nothing() {
    let mut world = World::new();
    let plan = restore(&world);
    for operation in
        ["CreateRole", "PutRolePolicy", "AttachRolePolicy", "AddRoleToInstanceProfile", "PutEventStream"]
    {
        world.cloud.fail(When::operation(operation).nth(1), Fault::LoseAnswer);
    }
    assert!(world.done(&plan).await.resources.is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_role_that_took_the_name_meanwhile_is_left_alone() {
    let mut world = World::new();
    let plan = restore(&world);
    world.cloud.add_role(&role_arn("old"), &KIND.trust_policy(&account(), [app_arn("shop").to_string()]));
    let outcome = world.run(&plan).await;
    assert_eq!(results(&outcome), ["failed", "skipped", "skipped", "skipped", "skipped"]);
    assert!(failure(&outcome, StepId(1)).details.iter().any(|detail| detail.contains("is not ours")));
    assert!(world.cloud.snapshot().role("ps-old").inline_policies.is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_profile_that_holds_another_role_is_a_failure_and_not_a_success() {
    let mut world = World::new();
    let plan = restore(&world);
    let other = role_arn("other");
    world.cloud.add_role(&other, &KIND.trust_policy(&account(), [app_arn("shop").to_string()]));
    world.cloud.outside().put_in_instance_profile(&other, "web");
    let outcome = world.run(&plan).await;
    assert_eq!(results(&outcome), ["done", "done", "done", "failed", "skipped"]);
    assert_eq!(failure(&outcome, StepId(4)).code, format!("{:?}", FailureKind::LimitExceeded));
}
