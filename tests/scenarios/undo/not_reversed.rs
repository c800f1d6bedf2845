//! What an undo does not reverse: it says so before anything is asked, and changes nothing of it.
use super::*;
use pinpoint_streams_model::problem::ProblemCode;
use pinpoint_streams_model::{RoleArn, ownership};
use pinpoint_streams_testkit::cloud::OutsideChanges;
use pinpoint_streams_testkit::desired::{AppBuilder, app_id};

/// One role for the app `id`, under the key `key`.
fn named(key: &str, id: &str) -> DesiredBuilder {
    desired().app(key, |app| app.existing(app_id(id).as_str()).kinesis("clicks"))
}

/// A ground on which the manifest was edited and applied as `r2`.
async fn edited(before: Desired, after: Desired) -> Ground {
    let mut ground = fresh(before);
    ground.cloud.presume(&after);
    ground.apply("r1", &Options::default()).await;
    ground.desired = after;
    assert!(!ground.apply("r2", &Options::default()).await.is_empty());
    ground
}

/// The problems of undoing `r2`: their codes and addresses, and all that they say.
async fn refused(ground: &Ground) -> (Vec<(ProblemCode, String)>, String) {
    let before = ground.cloud.snapshot();
    let problems = ground.undo("r2").await.expect_err("it is not undone");
    assert_eq!(ground.cloud.snapshot(), before);
    let address = |problem: &pinpoint_streams_model::problem::Problem| {
        problem.address.as_ref().map(ToString::to_string).unwrap_or_default()
    };
    let codes = problems.iter().map(|problem| (problem.code, address(problem))).collect();
    let said = problems.iter().map(|problem| format!("{} {:?}\n", problem.message, problem.hint)).collect();
    (codes, said)
}

#[tokio::test(start_paused = true)]
async fn a_run_that_moved_an_address_is_refused_with_the_way_back() {
    let ground =
        edited(named("shop", "shop").build(), named("store", "shop").moved("shop", "store").build()).await;
    let (codes, said) = refused(&ground).await;
    let at = |address: &str| (ProblemCode::Immutable, address.to_owned());
    assert_eq!(codes, [at("role.store"), at("event_stream.store")]);
    assert!(said.contains("moved its record here from role.shop") && said.contains("[[moved]]"), "{said}");
}

#[tokio::test(start_paused = true)]
async fn a_run_that_moved_an_event_stream_to_another_app_is_refused_with_the_way_back() {
    let ground = edited(named("shop", "shop").build(), named("shop", "other").build()).await;
    let (codes, said) = refused(&ground).await;
    assert!(codes.contains(&(ProblemCode::Immutable, "event_stream.shop".to_owned())), "{codes:?}\n{said}");
    assert!(said.contains("moved it from another app") && said.contains("restore the former manifest"), "{said}");
}

#[tokio::test(start_paused = true)]
async fn a_run_that_only_forgot_is_refused_and_each_address_is_named() {
    let both = || named("shop", "shop").app("blog", |app| app.firehose("lake"));
    let forgetting = named("shop", "shop").forget("event_stream.blog").forget("role.blog");
    let ground = edited(both().build(), forgetting.build()).await;
    let (codes, said) = refused(&ground).await;
    let at = |address: &str| (ProblemCode::NothingToRestore, address.to_owned());
    assert_eq!(codes, [at(""), at("role.blog"), at("event_stream.blog")], "{said}");
    assert!(said.contains("the run stopped managing it"), "{said}");
}

#[tokio::test(start_paused = true)]
async fn what_a_run_forgot_beside_other_changes_is_a_warning_of_the_plan() {
    let both = || named("shop", "shop").app("blog", |app| app.firehose("lake"));
    let edit = desired().app("shop", |app| app.kinesis("other")).forget("event_stream.blog").forget("role.blog");
    let mut ground = edited(both().build(), edit.build()).await;
    let plan = ground.undone("r2").await;
    let warned: Vec<_> =
        plan.warnings.iter().map(|warning| warning.address.as_ref().unwrap().to_string()).collect();
    assert_eq!(warned, ["role.blog", "event_stream.blog"]);
    assert_eq!(fates(&plan).keys().collect::<Vec<_>>(), ["event_stream.shop", "role.shop"]);
    ground.desired = named("shop", "shop").build();
    assert!(ground.plan(Mode::Converge, &Options::default()).await.is_empty());
}

type OutsideChange = fn(&OutsideChanges<'_>, &RoleArn);

#[tokio::test(start_paused = true)]
async fn a_role_that_was_changed_since_the_run_that_created_it_is_not_deleted() {
    let changes: [OutsideChange; 5] = [
        |outside, role| {
            let trust = r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":{"Service":
                ["pinpoint.amazonaws.com","lambda.amazonaws.com"]},"Action":"sts:AssumeRole"}}"#;
            outside.put_trust_policy(role, trust);
        },
        |outside, role| {
            let policy =
                r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"s3:*","Resource":"*"}}"#;
            outside.put_inline_policy(role, &parsed("PinpointEventStreamPermissionsPolicy"), policy);
        },
        |outside, role| outside.update_role(role, "Used by our reports too", 3600),
        |outside, role| outside.set_boundary(role, Some(&parsed("arn:aws:iam::123456789012:policy/Boundary"))),
        |outside, role| outside.tag_role(role, "team", "reports"),
    ];
    for change in changes {
        let shop = desired().app("shop", |app| app.kinesis("clicks").tag("team", "growth")).build();
        let ground = fresh(shop);
        ground.apply("r2", &Options::default()).await;
        let role = ground.cloud.snapshot().roles.keys().next().unwrap().clone();
        change(&ground.cloud.outside(), &role);
        let (codes, said) = refused(&ground).await;
        assert!(codes.contains(&(ProblemCode::IdentityChanged, "role.shop".to_owned())), "{said}");
    }
}

#[tokio::test(start_paused = true)]
async fn the_undo_of_an_adoption_leaves_nothing_to_undo() {
    let desired = shop_and_blog().build();
    let (cloud, _) = FakeCloud::applied(&desired);
    without_ownership_tags(&cloud);
    let ground = Ground::new(cloud, desired);
    ground.apply("r1", &Options { adopt: true, ..Options::default() }).await;
    let undone = ground.undo("r1").await.unwrap().plan;
    ground.done("r2", &undone).await;
    let (codes, said) = refused(&ground).await;
    assert!(codes.iter().all(|(code, _)| *code == ProblemCode::NothingToRestore), "{codes:?}");
    assert!(said.contains("the run stopped managing it"), "{said}");
}

#[tokio::test(start_paused = true)]
async fn what_an_undo_restored_without_recording_it_is_left_alone() {
    let left = two_hundred_roles();
    let desired = Desired::nothing(parsed("growth"), BTreeMap::from([(parsed("main"), left.account.clone())]));
    let ground = Ground::new(left.cloud(), desired);
    let swept = ground.sweep(asked(SweepAction::Delete, &left, &ground, "r1")).await;
    ground.done("r1", &swept).await;
    let restored = ground.undo("r1").await.unwrap().plan;
    ground.done("r2", &restored).await;
    let (codes, said) = refused(&ground).await;
    assert!(codes.iter().all(|(code, _)| *code == ProblemCode::NothingToRestore), "{codes:?}");
    assert!(said.contains("the state does not record it"), "{said}");
}

/// Since then, another workspace has taken over the role and the app.
#[tokio::test(start_paused = true)]
async fn what_another_workspace_owns_by_now_is_left_as_the_run_made_it() {
    let blog = |app: AppBuilder, team: &str| app.created("Blog").kinesis("clicks").tag("team", team);
    let shop = |team: &str| desired().app("shop", |app| app.kinesis("clicks").tag("team", team));
    let manifest = |team: &str| shop(team).app("blog", |app| blog(app, team)).build();
    let ground = edited(manifest("growth"), manifest("sales")).await;
    let snapshot = ground.cloud.snapshot();
    let outside = ground.cloud.outside();
    snapshot.roles.keys().for_each(|role| outside.tag_role(role, ownership::WORKSPACE, "retail"));
    let created = snapshot.apps.iter().filter(|(_, app)| app.name == "Blog");
    created.for_each(|(app, _)| outside.tag_app(app, ownership::WORKSPACE, "retail"));
    let (codes, said) = refused(&ground).await;
    let expected = ["app.blog", "role.blog", "role.shop"].map(|one| (ProblemCode::OwnedByAnother, one.to_owned()));
    assert_eq!(codes, expected, "{said}");
    assert!(said.contains("workspace `retail`"), "{said}");
}

#[tokio::test(start_paused = true)]
async fn a_release_is_not_reversed() {
    let left = two_hundred_roles();
    let desired = Desired::nothing(parsed("growth"), BTreeMap::from([(parsed("main"), left.account.clone())]));
    let ground = Ground::new(left.cloud(), desired);
    let quarantined = ground.sweep(asked(SweepAction::Quarantine, &left, &ground, "r1")).await;
    ground.done("r1", &quarantined).await;
    let released = ground.sweep(asked(SweepAction::Release, &left, &ground, "r2")).await;
    ground.done("r2", &released).await;
    let (codes, said) = refused(&ground).await;
    assert!(codes.iter().all(|(code, _)| *code == ProblemCode::NothingToRestore), "{codes:?}");
    assert!(said.contains("released it from quarantine"), "{said}");
}
