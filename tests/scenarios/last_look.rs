//! What changes between the plan of a sweep and the moment at which it quarantines or deletes a role.
use jiff::Timestamp;
use pinpoint_streams_executor::execute::{RunContext, StepResult, execute};
use pinpoint_streams_executor::{Paced, RunEvents, Stop};
use pinpoint_streams_model::arn::{AppArn, RoleArn};
use pinpoint_streams_model::fact::Fact;
use pinpoint_streams_model::live::FailureKind;
use pinpoint_streams_model::op::Op;
use pinpoint_streams_model::problem::ProblemCode;
use pinpoint_streams_model::region::AccountRegion;
use pinpoint_streams_model::sweep::{Detach, SweepAction, SweepOptions};
use pinpoint_streams_planner::{Inquiry as _, PlanResult, Planned, Sweep};
use pinpoint_streams_store::{Loaded, session};
use pinpoint_streams_testkit::clock::START;
use pinpoint_streams_testkit::cloud::{Fault, When};
use pinpoint_streams_testkit::executor::clock::Clock;
use pinpoint_streams_testkit::leftovers::{self, two_hundred_roles};
use pinpoint_streams_testkit::{FakeCloud, Memory, ask, parsed};
use std::collections::{BTreeMap, BTreeSet};

/// What is asked of the account of two hundred roles.
fn options(cloud: &FakeCloud, action: SweepAction) -> SweepOptions {
    SweepOptions {
        action,
        now: cloud.clock().now(),
        run: "r1".to_owned(),
        max_delete: 1000,
        allow_detach: [Detach::Managed, Detach::Inline, Detach::Profile].into(),
        terraform: two_hundred_roles().terraform(),
        ..leftovers::asked()
    }
}

async fn plan_of(cloud: &FakeCloud, options: SweepOptions) -> PlanResult {
    let accounts = BTreeMap::from([(parsed("main"), two_hundred_roles().account)]);
    let sweep = Sweep::live(parsed("growth"), accounts, Default::default(), options);
    ask(&sweep, cloud).await.output.planned
}

/// A plan for one role, with the app that its trust names.
async fn planned(cloud: &FakeCloud, action: SweepAction) -> (Planned, RoleArn, AppArn) {
    let planned = plan_of(cloud, options(cloud, action)).await.unwrap();
    let gone = |fact: &Fact| if let Fact::AppGone { app } = fact { Some(app.clone()) } else { None };
    let change = &planned.plan.changes[0];
    let app = change.notes.iter().find_map(|note| gone(&note.fact)).unwrap();
    let role = planned.plan.steps.iter().find_map(|step| step.op.role()).unwrap().clone();
    (planned, role, app)
}

/// Why steps failed, and what to do.
async fn carried_out(cloud: &FakeCloud, Planned { plan, recorded, last_look }: Planned) -> Vec<String> {
    let (memory, clock) = (Memory::new(), cloud.clock());
    let start = session::open(&memory.state, &memory.journal, START).await.unwrap();
    let context = RunContext { last_look, ..RunContext::new(parsed("r1"), 4, &clock, 7) };
    let mut events = RunEvents::begin(&clock, "0.0.0", |_| {});
    let start = Loaded { recorded, ..start };
    let paced = Paced::new(cloud.clone());
    let outcome =
        execute(plan.clone().into(), &paced, memory.stores(), start, context, Stop::never(), &mut events).await;
    let failed = outcome.steps.values().filter_map(|step| match &step.result {
        StepResult::Failed(failure) => Some(format!("{}: {}", failure.message, failure.hints.join("; "))),
        _ => None,
    });
    failed.collect()
}

type Change = fn(&FakeCloud, &RoleArn, &AppArn);

#[tokio::test(start_paused = true)]
async fn whatever_contradicts_the_verdict_since_the_plan_leaves_the_role_alone() {
    let changes: [(&str, Change); 11] = [
        ("now uses it", |cloud, role, app| {
            cloud.add_app_as(app, "Back");
            cloud.outside().put_event_stream(app, "arn:aws:kinesis:us-east-1:123456789012:stream/clicks", role);
        }),
        ("now uses `arn:aws:iam::123456789012:role/elsewhere/", |cloud, role, app| {
            cloud.add_app_as(app, "Back");
            let elsewhere = role
                .to_string()
                .replace(&*format!("{}{}", role.path, role.name), &format!("/elsewhere/{}", role.name));
            cloud.outside().put_event_stream(
                app,
                "arn:aws:kinesis:us-east-1:123456789012:stream/clicks",
                elsewhere,
            );
        }),
        ("which may be this role", |cloud, role, app| {
            cloud.add_app_as(app, "Back");
            let blank = format!("{role} ");
            cloud.outside().put_event_stream(app, "arn:aws:kinesis:us-east-1:123456789012:stream/clicks", blank);
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

/// Asserts of every region of the account that no event stream, or no app, is there.
type Assertion = fn(&mut SweepOptions);

fn assertions() -> [(&'static str, Assertion); 2] {
    [
        ("event streams gone", |options| {
            let account = two_hundred_roles().account;
            let places = options.regions.iter().map(|region| AccountRegion::of(&account, region));
            options.event_streams_gone = places.collect();
        }),
        ("no Pinpoint", |options| options.no_pinpoint_in = ["*".to_owned()].into()),
    ]
}

#[tokio::test(start_paused = true)]
async fn an_assertion_costs_no_role_that_an_event_stream_names() {
    for (assertion, assert_it) in assertions() {
        for action in [SweepAction::Quarantine, SweepAction::Delete] {
            let left = two_hundred_roles();
            let named: BTreeSet<RoleArn> =
                left.apps.iter().filter_map(|app| app.event_stream.as_ref()?.1.parse().ok()).collect();
            let cloud = left.cloud();
            let mut options = options(&cloud, action);
            assert_it(&mut options);
            let planned = plan_of(&cloud, options).await.unwrap();
            let in_plan =
                planned.plan.steps.iter().filter_map(|step| step.op.role()).filter(|role| named.contains(role));
            assert!(in_plan.count() > 0, "{assertion}: nothing is called there for a plan");
            assert_eq!(cloud.count("GetApps"), 0, "{assertion}");
            let before = cloud.snapshot();
            carried_out(&cloud, planned).await;
            // Once for each of 17 regions, in pages; not once a role.
            assert!(cloud.count("GetApps") < 20, "{assertion}: {}", cloud.count("GetApps"));
            let after = cloud.snapshot();
            for role in &named {
                assert_eq!(after.roles.get(role), before.roles.get(role), "{assertion}, {action:?}: {role}");
            }
            assert_ne!(after, before, "{assertion}, {action:?}: of others it is believed");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn an_assertion_costs_no_role_that_an_event_stream_outside_its_trust_names() {
    for action in [SweepAction::Quarantine, SweepAction::Delete] {
        let mut left = two_hundred_roles();
        let one = left.of_kind("obsolete").next().unwrap().arn.clone();
        left.roles.retain(|role| role.arn == one);
        let cloud = left.cloud();
        let app = AppArn::of(&left.account, &parsed("us-east-1"), &parsed("0000000000000000000000000000beef"));
        cloud.add_app_as(&app, "Elsewhere");
        cloud.outside().put_event_stream(&app, "arn:aws:kinesis:us-east-1:123456789012:stream/clicks", &one);
        let mut options = options(&cloud, action);
        assertions()[0].1(&mut options);
        let planned = plan_of(&cloud, options).await.unwrap();
        let before = cloud.snapshot();
        let failed = carried_out(&cloud, planned).await;
        // With the assertion, the next plan would be the same.
        let why = "in 123456789012/us-east-1 uses it: plan again without --event-streams-gone for \
                   123456789012/us-east-1, which this contradicts";
        assert!(failed.iter().any(|failed| failed.ends_with(why)), "{action:?}: {failed:?}");
        assert_eq!(cloud.snapshot(), before, "{action:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn an_assertion_costs_no_role_that_a_stack_holds() {
    let mut left = two_hundred_roles();
    let one = left.of_kind("obsolete").next().unwrap().arn.clone();
    left.roles.retain(|role| role.arn == one || role.kind == "in use");
    for is_denied in [false, true] {
        let cloud = left.cloud();
        cloud.put_in_stack(&one, &parsed("eu-north-1"), "theirs");
        let mut options = options(&cloud, SweepAction::Delete);
        options.no_stacks_in = [parsed("123456789012/eu-north-1")].into();
        let planned = plan_of(&cloud, options).await.unwrap();
        if is_denied {
            cloud.fail(When::operation("DescribeStackResources"), Fault::Refuse(FailureKind::Denied));
        }
        let failed = carried_out(&cloud, planned).await;
        match is_denied {
            false => {
                let hint = "plan again without --no-stacks-in for 123456789012/eu-north-1, which this contradicts";
                let is_told = |why: &String| why.contains("stack theirs") && why.ends_with(hint);
                assert!(failed.iter().any(is_told), "{failed:?}");
            }
            // Of the other regions CloudFormation was asked, and must be again.
            true => assert!(failed.iter().any(|why| why.contains("could not be asked again")), "{failed:?}"),
        }
        assert!(cloud.snapshot().roles.contains_key(&one));
    }
}

#[tokio::test(start_paused = true)]
async fn a_region_that_no_longer_answers_keeps_its_assertion() {
    let failures = [
        Fault::Refuse(FailureKind::ServiceEnded),
        Fault::Refuse(FailureKind::Denied),
        Fault::Refuse(FailureKind::Connection),
        Fault::NeverAnswer,
    ];
    for fault in failures {
        let left = two_hundred_roles();
        let cloud = left.cloud();
        let mut options = options(&cloud, SweepAction::Delete);
        assertions()[0].1(&mut options);
        let planned = plan_of(&cloud, options).await.unwrap();
        let sought: BTreeSet<RoleArn> =
            planned.plan.steps.iter().filter_map(|step| step.op.role()).cloned().collect();
        cloud.fail(When::operation("GetApps"), fault.clone());
        let since = tokio::time::Instant::now();
        assert_eq!(carried_out(&cloud, planned).await, Vec::<String>::new(), "{fault:?}");
        assert!(since.elapsed() < std::time::Duration::from_secs(120), "{fault:?}: {:?}", since.elapsed());
        let left = cloud.snapshot().roles;
        assert!(sought.iter().all(|role| !left.contains_key(role)), "{fault:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn apps_where_the_manifest_says_that_there_never_were_any_are_an_error() {
    let left = two_hundred_roles();
    let cloud = left.cloud();
    let mut options = options(&cloud, SweepAction::Quarantine);
    let capture = Sweep::live(
        parsed("growth"),
        BTreeMap::from([(parsed("main"), left.account.clone())]),
        Default::default(),
        options.clone(),
    );
    let answers = ask(&capture, &cloud).await.live;
    options.no_pinpoint_in = ["us-east-*".to_owned()].into();
    let contradicted = Sweep { options, ..capture };
    let problems = contradicted.conclude(&answers).planned.unwrap_err();
    assert_eq!(
        problems.iter().map(|problem| problem.code).collect::<Vec<_>>(),
        [ProblemCode::AssertionContradicted]
    );
    assert!(problems[0].message.contains("us-east-1"), "{}", problems[0].message);
}
