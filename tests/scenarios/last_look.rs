//! What changes between the plan of a sweep and the moment at which it quarantines or deletes a role.
use jiff::Timestamp;
use pinpoint_streams_executor::execute::{RunContext, StepResult, execute};
use pinpoint_streams_executor::{Paced, RunEvents, Stop};
use pinpoint_streams_model::arn::{AppArn, RoleArn};
use pinpoint_streams_model::fact::Fact;
use pinpoint_streams_model::live::FailureKind;
use pinpoint_streams_model::op::Op;
use pinpoint_streams_model::sweep::{Detach, SweepAction, SweepOptions};
use pinpoint_streams_planner::{Planned, Sweep};
use pinpoint_streams_store::{Loaded, session};
use pinpoint_streams_testkit::cloud::{Fault, When};
use pinpoint_streams_testkit::executor::clock::Clock;
use pinpoint_streams_testkit::leftovers::{self, two_hundred_roles};
use pinpoint_streams_testkit::{FakeCloud, Memory, ask, parsed};
use std::collections::BTreeMap;

/// A plan for one role, with the app that its trust names.
async fn planned(cloud: &FakeCloud, action: SweepAction) -> (Planned, RoleArn, AppArn) {
    let left = two_hundred_roles();
    let options = SweepOptions {
        action,
        now: cloud.clock().now(),
        run: "r1".to_owned(),
        max_delete: 1000,
        allow_detach: [Detach::Managed, Detach::Inline, Detach::Profile].into(),
        terraform: left.terraform(),
        ..leftovers::asked()
    };
    let accounts = BTreeMap::from([(parsed("main"), left.account.clone())]);
    let sweep = Sweep::live(parsed("growth"), accounts, Default::default(), options);
    let planned = ask(&sweep, cloud).await.output.planned.unwrap();
    let gone = |fact: &Fact| if let Fact::AppGone { app } = fact { Some(app.clone()) } else { None };
    let change = &planned.plan.changes[0];
    let app = change.notes.iter().find_map(|note| gone(&note.fact)).unwrap();
    let role = planned.plan.steps.iter().find_map(|step| step.op.role()).unwrap().clone();
    (planned, role, app)
}

/// Why steps failed.
async fn carried_out(cloud: &FakeCloud, Planned { plan, recorded, last_look }: Planned) -> Vec<String> {
    let (memory, clock) = (Memory::new(), cloud.clock());
    let start = session::open(&memory.state, &memory.journal).await.unwrap();
    let context = RunContext { last_look, ..RunContext::new(parsed("r1"), 4, &clock, 7) };
    let mut events = RunEvents::begin(&clock, "0.0.0", |_| {});
    let start = Loaded { recorded, ..start };
    let paced = Paced::new(cloud.clone());
    let outcome = execute(&plan, &paced, memory.stores(), start, context, Stop::never(), &mut events).await;
    let failed = outcome.steps.values().filter_map(|step| match &step.result {
        StepResult::Failed(failure) => Some(failure.message.clone()),
        _ => None,
    });
    failed.collect()
}

type Change = fn(&FakeCloud, &RoleArn, &AppArn);

#[tokio::test(start_paused = true)]
async fn whatever_contradicts_the_verdict_since_the_plan_leaves_the_role_alone() {
    let changes: [(&str, Change); 9] = [
        ("names it now", |cloud, role, app| {
            cloud.add_app_as(app, "Back");
            cloud.outside().put_event_stream(app, "arn:aws:kinesis:us-east-1:123456789012:stream/clicks", role);
        }),
        ("stack late of", |cloud, role, _| cloud.put_in_stack(role, &parsed("eu-north-1"), "late")),
        ("trust policy changed", |cloud, role, _| {
            let trust = r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":{"Service":"lambda.amazonaws.com"},"Action":"sts:AssumeRole"}}"#;
            cloud.outside().put_trust_policy(role, trust);
        }),
        ("tags changed", |cloud, role, _| cloud.outside().tag_role(role, "keep", "yes")),
        ("permissions changed", |cloud, role, _| {
            let policy = cloud.snapshot().roles[role].inline_policies.values().next().unwrap().to_json();
            cloud.outside().put_inline_policy(role, &parsed("mine"), &policy);
        }),
        ("instance profiles changed", |cloud, role, _| cloud.outside().put_in_instance_profile(role, "workers")),
        ("was used on", |cloud, role, _| {
            let now: Timestamp = cloud.clock().now();
            cloud.outside().use_role(role, now, &parsed("us-east-1"));
        }),
        ("was replaced", |cloud, role, _| drop(cloud.outside().recreate_role(role))),
        ("could not be asked again", |cloud, _, _| {
            cloud.fail(When::operation("DescribeStackResources"), Fault::Refuse(FailureKind::Denied));
        }),
    ];
    for action in [SweepAction::Quarantine, SweepAction::Delete] {
        for (message, change) in &changes {
            let mut left = two_hundred_roles();
            let mut obsolete = left.roles.iter().filter(|role| role.kind == "obsolete");
            let one = obsolete.next().unwrap().arn.clone();
            left.roles.retain(|role| role.arn == one || role.kind == "in use");
            let cloud = left.cloud();
            let (planned, role, app) = planned(&cloud, action).await;
            assert_eq!(role, one);
            change(&cloud, &role, &app);
            let before = cloud.snapshot();
            let failed = carried_out(&cloud, planned).await;
            assert!(failed.iter().any(|why| why.contains(message)), "{action:?} {message}: {failed:?}");
            assert_eq!(cloud.snapshot(), before, "{action:?} {message}: nothing is written to AWS");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_role_about_which_nothing_has_changed_is_swept() {
    for action in [SweepAction::Quarantine, SweepAction::Delete] {
        let mut left = two_hundred_roles();
        left.roles.retain(|role| role.kind == "obsolete" || role.kind == "in use");
        let cloud = left.cloud();
        let (planned, ..) = planned(&cloud, action).await;
        let is_write = |step: &pinpoint_streams_model::plan::Step| matches!(step.op, Op::Role(_));
        assert!(planned.plan.steps.iter().any(is_write));
        assert_eq!(carried_out(&cloud, planned).await, Vec::<String>::new(), "{action:?}");
    }
}
