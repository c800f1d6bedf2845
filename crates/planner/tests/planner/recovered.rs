//! A lost record, made again from ownership tags alone.
use crate::workspace::*;
use pinpoint_streams_model::Lineage;
use pinpoint_streams_planner::Recover;
use pinpoint_streams_planner::recover::{Counts, Known, Recovery};
use pinpoint_streams_testkit::applied::lineage;
use pinpoint_streams_testkit::strategies::manifests;
use proptest::test_runner::{Config, TestRunner};
use std::collections::BTreeSet;

async fn recovery(cloud: &FakeCloud, desired: &Desired, lineage: Option<&Lineage>) -> Recovery {
    let from = Known::Nothing { lineage: lineage.cloned() };
    ask(&Recover { desired: desired.clone().into(), from }, cloud).await.output
}

/// Loses the record and makes it again.
async fn recovered(workspace: &mut Workspace) -> Recovery {
    workspace.recorded = Recorded::default();
    let recovery = recovery(&workspace.cloud, &workspace.desired, None).await;
    assert_eq!(recovery.problems, [], "{recovery:#?}");
    workspace.recorded = recovery.recorded.clone().unwrap_or_default();
    recovery
}

fn a_hundred_apps() -> DesiredBuilder {
    let builder = desired().shared_role("team", |role| role.name("TeamStreams")).account("other", "210987654321");
    (0..100).fold(builder, |builder, n| {
        builder.app(&format!("app{n}"), |app| {
            let app = match n % 3 {
                0 => app.created(&format!("App {n}")).tag("site", "x"),
                _ => app.existing(&format!("{n:032}")),
            };
            let app = if n % 5 == 0 { app.region("eu-west-1") } else { app };
            let app = if n % 7 == 0 { app.protect() } else { app };
            let app = app.kinesis(&format!("clicks{}", n % 4));
            match n % 10 {
                1 => app.role("team"),
                2 => app.role_elsewhere("arn:aws:iam::123456789012:role/Elsewhere"),
                4 => app.account("other").own_role(|role| role.name(&format!("Own-{n}")).tag("team", "x")),
                _ => app,
            }
        })
    })
}

fn role(name: &str) -> RoleArn {
    parsed(&format!("arn:aws:iam::123456789012:role/pinpoint-streams/{name}"))
}

#[tokio::test(start_paused = true)]
async fn the_record_of_a_hundred_apps_is_made_again_and_the_plan_is_empty() {
    let mut workspace = Workspace::applied(a_hundred_apps());
    let lost = std::mem::take(&mut workspace.recorded);
    workspace.cloud.clear_log();
    let found = recovered(&mut workspace).await;
    assert_eq!(found.lineages[&lineage()], Counts { apps: 34, roles: 81 });
    assert!(workspace.cloud.writes().is_empty());
    let addresses = |recorded: &Recorded| recorded.resources.keys().cloned().collect::<Vec<_>>();
    assert_eq!(addresses(&workspace.recorded), addresses(&lost));
    for (address, resource) in &workspace.recorded.resources {
        assert_eq!(resource.protect, lost.resources[address].protect, "{address}");
        assert_eq!(resource.named_under, lost.resources[address].named_under, "{address}");
    }
    workspace.settled().await;
}

#[test]
fn whatever_was_applied_is_recovered_and_the_plan_is_empty() {
    let mut runner = TestRunner::new(Config { cases: 96, failure_persistence: None, ..Config::default() });
    let result = runner.run(&manifests(), |desired| {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build();
        runtime.unwrap().block_on(async {
            let mut workspace = Workspace::applied(desired);
            recovered(&mut workspace).await;
            workspace.settled().await;
        });
        Ok(())
    });
    result.unwrap_or_else(|error| panic!("{error}"));
}

#[tokio::test(start_paused = true)]
async fn what_was_lost_before_a_move_keeps_its_name_after_it() {
    let mut workspace = Workspace::applied(desired().app("old", |app| app.kinesis("clicks")));
    let id = app_id("old").to_string();
    let moved = desired().app("new", |app| app.existing(&id).kinesis("clicks")).moved("old", "new");
    workspace = workspace.edited(moved);
    workspace.apply().await;
    recovered(&mut workspace).await;
    assert_eq!(workspace.recorded_at("role.new").named_under, "old");
    workspace.settled().await;
}

#[tokio::test(start_paused = true)]
async fn without_a_readable_origin_a_role_counts_as_adopted_and_its_event_stream_with_it() {
    let mut workspace = Workspace::applied(shop());
    workspace.cloud.outside().untag_role(&shop_role(), "pinpoint-streams:origin");
    recovered(&mut workspace).await;
    for address in ["role.shop", "event_stream.shop"] {
        assert_eq!(workspace.recorded_at(address).origin, Origin::Adopted);
    }
}

#[tokio::test(start_paused = true)]
async fn an_event_stream_of_an_app_that_is_no_longer_declared_counts_as_adopted() {
    let both = shop().app("blog", |app| app.kinesis("clicks"));
    let mut workspace = Workspace::applied(both);
    workspace = workspace.edited(shop());
    recovered(&mut workspace).await;
    let origin = |address: &str| workspace.recorded_at(address).origin;
    assert_eq!(origin("event_stream.shop"), Origin::Created);
    assert_eq!(origin("role.blog"), Origin::Created);
    assert_eq!(origin("event_stream.blog"), Origin::Adopted);
    let plan = workspace.plan().await;
    assert_eq!(fate(&plan, "event_stream.blog").0, Action::Forget);
    assert_eq!(fate(&plan, "role.blog").0, Action::Forget, "an event stream still names it");
}

/// A second checkout of the workspace, with a state of its own.
fn second_lineage() -> Lineage {
    parsed("2a0c9a52-6f43-4c1b-8d57-3f2b0c3e7a10")
}

fn with_blog() -> DesiredBuilder {
    shop().app("blog", |app| app.created("Blog").kinesis("clicks").own_role(|role| role.name("BlogRole")))
}

fn two_checkouts() -> FakeCloud {
    let (cloud, _) = FakeCloud::applied(&with_blog().build());
    let hand = cloud.outside();
    hand.tag_role(&role("BlogRole"), "pinpoint-streams:lineage", second_lineage().as_str());
    let snapshot = cloud.snapshot();
    let blog = snapshot.apps.iter().find(|(_, app)| app.name == "Blog").unwrap().0;
    hand.tag_app(blog, "pinpoint-streams:lineage", second_lineage().as_str());
    cloud
}

#[tokio::test(start_paused = true)]
async fn several_lineages_are_listed_and_none_is_taken_unasked() {
    let desired = shop().build();
    let found = recovery(&two_checkouts(), &desired, None).await;
    assert_eq!(found.recorded, None);
    let counts = [(lineage(), Counts { apps: 0, roles: 1 }), (second_lineage(), Counts { apps: 1, roles: 1 })];
    assert_eq!(found.lineages.into_iter().collect::<Vec<_>>(), counts);
}

#[tokio::test(start_paused = true)]
async fn two_checkouts_do_not_take_from_each_other() {
    let (manifest, cloud) = (with_blog().build(), two_checkouts());
    let addresses = |found: Recovery| -> Vec<String> {
        found.recorded.unwrap().resources.keys().map(ToString::to_string).collect()
    };
    let first = recovery(&cloud, &manifest, Some(&lineage())).await;
    assert_eq!(addresses(first), ["role.shop", "event_stream.shop"]);
    let second = recovery(&cloud, &manifest, Some(&second_lineage())).await;
    assert_eq!(addresses(second), ["app.blog", "role.blog", "event_stream.blog"]);
    // The first checkout plans nothing for what is the second's: it is told so and stops.
    let mut workspace =
        Workspace { desired: manifest, cloud, recorded: Recorded::default(), options: Default::default() };
    workspace.options.adopt = true;
    workspace.recorded = recovery(&workspace.cloud, &workspace.desired, Some(&lineage())).await.recorded.unwrap();
    let problems = workspace.problems().await;
    let codes: BTreeSet<_> = problems.iter().map(code).collect();
    assert!(codes.contains(&(ProblemCode::StateLost, "role.blog".to_owned())), "{problems:#?}");
    assert!(codes.contains(&(ProblemCode::StateLost, "app.blog".to_owned())), "{problems:#?}");
}

#[tokio::test(start_paused = true)]
async fn a_plan_without_a_record_names_state_recover() {
    let mut workspace = Workspace::applied(
        desired()
            .app("shop", |app| app.kinesis("clicks"))
            .app("blog", |app| app.created("Blog").kinesis("clicks")),
    );
    workspace.recorded = Recorded::default();
    let problems = workspace.problems().await;
    for address in ["role.shop", "app.blog"] {
        let problem =
            problems.iter().find(|problem| code(problem) == (ProblemCode::StateLost, address.to_owned()));
        let hint = problem.unwrap_or_else(|| panic!("{problems:#?}")).hint.clone().unwrap();
        assert!(hint.contains("state recover"), "{hint}");
    }
}

#[tokio::test(start_paused = true)]
async fn two_roles_that_say_to_be_one_are_told_apart_by_the_manifest_or_are_a_problem() {
    let mut workspace = Workspace::applied(shop());
    let snapshot = workspace.cloud.snapshot();
    let live = &snapshot.roles[&shop_role()];
    for copy in ["Copy1", "Copy2"] {
        workspace.cloud.add_role(&role(copy), &live.trust_policy);
        for (key, value) in &live.tags {
            workspace.cloud.outside().tag_role(&role(copy), key, value);
        }
    }
    recovered(&mut workspace).await;
    workspace.settled().await;
    workspace.desired = desired().app("blog", |app| app.kinesis("clicks")).build();
    let found = recovery(&workspace.cloud, &workspace.desired, None).await;
    assert!(
        found.problems.iter().all(|problem| code(problem) == (ProblemCode::Ambiguous, "role.shop".to_owned()))
    );
    assert!(!found.problems.is_empty());
}

#[tokio::test(start_paused = true)]
async fn what_could_not_be_read_stands_in_the_way() {
    let manifest = shop().build();
    let (cloud, _) = FakeCloud::applied(&manifest);
    for operation in ["ListRoles", "GetApps", "GetEventStream", "GetCallerIdentity"] {
        cloud.fail(When::operation(operation), Fault::Refuse(FailureKind::Denied));
        let found = recovery(&cloud, &manifest, None).await;
        assert!(found.problems.iter().any(|problem| problem.code == ProblemCode::Unreadable), "{operation}");
        cloud.heal();
    }
    assert_eq!(recovery(&cloud, &manifest, None).await.problems, []);
}

#[tokio::test(start_paused = true)]
async fn a_record_edited_by_hand_moves_and_forgets() {
    use pinpoint_streams_planner::record::{move_address, remove_address};
    let both = desired()
        .shared_role("team", |role| role.name("TeamStreams"))
        .app("shop", |app| app.kinesis("clicks").role("team"))
        .app("blog", |app| app.kinesis("clicks"));
    let mut workspace = Workspace::applied(both);
    let recorded = workspace.recorded.clone();
    let message =
        |from: &str, to: &str| move_address(&recorded, &parsed(from), &parsed(to)).unwrap_err().to_string();
    assert_eq!(message("role.nothing", "role.x"), "role.nothing is not recorded");
    assert_eq!(message("role.blog", "role.team"), "role.team is recorded already");
    assert_eq!(message("role.blog", "app.x"), "role.blog is a role, and app.x would be an app");
    assert_eq!(message("role.blog", "role.blog"), "role.blog has this address already");
    assert!(message("role.blog", "iam.123456789012/x").contains("not an address that a manifest can declare"));
    let hint = move_address(&recorded, &parsed("app.blog"), &parsed("app.x")).unwrap_err().hint;
    assert_eq!(hint, "recorded under this key: role.blog, event_stream.blog");

    let removed = remove_address(&recorded, &parsed("role.team")).unwrap();
    assert_eq!(removed.named_by, [parsed("event_stream.shop")]);
    assert_eq!(removed.recorded.resources.len(), recorded.resources.len() - 1);

    // Another key for the shared role: without the move it would be another role of the same name.
    workspace = workspace.edited(
        desired()
            .shared_role("squad", |role| role.name("TeamStreams"))
            .app("shop", |app| app.kinesis("clicks").role("squad"))
            .app("blog", |app| app.kinesis("clicks")),
    );
    workspace.recorded = move_address(&recorded, &parsed("role.team"), &parsed("role.squad")).unwrap();
    let plan = workspace.apply().await;
    assert_eq!(fate(&plan, "role.squad").0, Action::Update);
    assert_eq!(plan.mode, Mode::Converge);
    assert!(workspace.cloud.snapshot().event_streams.contains_key(&shop_app()));
}

#[tokio::test(start_paused = true)]
async fn what_a_record_lacks_is_added_and_what_it_has_stays() {
    let manifest = || shop();
    let whole = manifest().app("blog", |app| app.created("Blog").kinesis("clicks")).build();
    let mut workspace = Workspace::applied(whole.clone());
    let all = workspace.recorded.clone();
    for address in ["app.blog", "role.blog", "event_stream.blog"] {
        workspace.lose(address);
    }
    let mut workspace = workspace.edited(manifest());
    workspace.options.delete_apps = true;
    // Whether an event stream was made or taken over cannot be seen where its app is no longer declared.
    workspace.options.include_adopted = true;
    assert!(workspace.plan().await.is_empty(), "it is not in the record, so nothing deletes it");
    let found = missing(&workspace).await;
    assert_eq!(found.problems, []);
    let recorded = found.recorded.unwrap();
    assert_eq!(recorded.resources.keys().collect::<Vec<_>>(), all.resources.keys().collect::<Vec<_>>());
    let (shop, before) = (parsed::<Address>("role.shop"), &all.resources);
    assert_eq!(recorded.resources[&shop], before[&shop]);
    workspace.recorded = recorded;
    assert_eq!(missing(&workspace).await.recorded.unwrap(), workspace.recorded, "and not twice");
    let plan = workspace.apply().await;
    assert_eq!(plan.summary.delete, 3, "{:#?}", plan.changes);
    assert_eq!(workspace.cloud.snapshot().roles.len(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_role_whose_address_another_one_has_is_recorded_beside_it() {
    let mut workspace = Workspace::applied(shop());
    let old = workspace.cloud.snapshot().role("PinpointEventStream-shop").clone();
    let left = role("Renamed");
    workspace.cloud.add_role(&left, &old.trust_policy);
    old.tags.iter().for_each(|(key, value)| workspace.cloud.outside().tag_role(&left, key, value));
    workspace.recorded = missing(&workspace).await.recorded.unwrap();
    let plan = workspace.apply().await;
    assert_eq!(fate(&plan, "iam.123456789012/Renamed").0, Action::Delete);
    assert_eq!(workspace.cloud.snapshot().roles.into_keys().collect::<Vec<_>>(), [old.arn]);
}

async fn missing(workspace: &Workspace) -> Recovery {
    let from = Known::Record(workspace.recorded.clone());
    ask(&Recover { desired: workspace.desired.clone().into(), from }, &workspace.cloud).await.output
}
