//! `[[moved]]` and `[[forget]]`.
use crate::workspace::{Workspace, code, fate, operations, paths};
use pinpoint_streams_model::plan::{Action, Reason};
use pinpoint_streams_model::problem::ProblemCode;
use pinpoint_streams_testkit::desired::DesiredBuilder;
use pinpoint_streams_testkit::{app_id, desired, parsed};

fn named(key: &str) -> DesiredBuilder {
    desired().app(key, |app| app.existing(app_id("shop").as_str()).kinesis("clicks"))
}

#[tokio::test(start_paused = true)]
async fn a_moved_app_keeps_its_role_and_its_event_stream() {
    let mut workspace =
        Workspace::applied(named("shop").build()).edited(named("store").moved("shop", "store").build());
    let plan = workspace.apply().await;
    assert_eq!(fate(&plan, "role.store"), (Action::Update, Reason::Moved));
    assert!(paths(&plan, "role.store").contains(&"tags.pinpoint-streams:address"));
    assert!(paths(&plan, "role.store").contains(&"description"));
    assert_eq!(fate(&plan, "event_stream.store"), (Action::Update, Reason::Moved));
    let roles = workspace.cloud.snapshot().roles;
    assert_eq!(roles.keys().next().unwrap().name.as_str(), "PinpointEventStream-shop");
    let plan = workspace.plan().await;
    assert!(plan.is_empty(), "a spent block is silent");
}

#[tokio::test(start_paused = true)]
async fn without_the_block_a_renamed_key_is_a_problem_not_a_second_owner() {
    let workspace = Workspace::applied(named("shop").build()).edited(named("store").build());
    assert!(!workspace.problems().await.is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_forgotten_role_stays_and_loses_our_tags() {
    let mut workspace = Workspace::applied(named("shop").build())
        .edited(desired().forget("role.shop").forget("event_stream.shop").build());
    let plan = workspace.apply().await;
    assert_eq!(fate(&plan, "role.shop"), (Action::Forget, Reason::ForgetAsked));
    let roles = workspace.cloud.snapshot().roles;
    assert!(roles.values().next().unwrap().tags.is_empty());
    assert!(workspace.recorded.resources.is_empty());
}

#[tokio::test(start_paused = true)]
async fn what_is_declared_and_still_there_is_not_forgotten() {
    let workspace = Workspace::applied(named("shop").build()).edited(named("shop").forget("role.shop").build());
    assert!(workspace.plan().await.is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_vanished_role_is_forgotten_and_made_in_one_go() {
    let mut workspace =
        Workspace::applied(named("shop").build()).edited(named("shop").forget("role.shop").build());
    let role = workspace.cloud.snapshot().roles.keys().next().unwrap().clone();
    workspace.cloud.another_hand().delete_role(&role);
    let plan = workspace.apply().await;
    assert_eq!(
        operations(&plan),
        ["forget_record role.shop", "create_role role.shop", "put_role_policy role.shop"]
    );
}

#[tokio::test(start_paused = true)]
async fn a_created_app_given_its_own_id_is_let_go_and_kept_streaming() {
    let owned = desired().app("blog", |app| app.created("Blog").kinesis("clicks")).build();
    let mut workspace = Workspace::applied(owned);
    let id = workspace.cloud.snapshot().apps.keys().next().unwrap().id.clone();
    let given = desired().app("blog", |app| app.existing(id.as_str()).kinesis("clicks")).build();
    let plan = workspace.edited(given).apply().await;
    assert_eq!(fate(&plan, "app.blog"), (Action::Forget, Reason::ManifestChanged));
    assert_eq!(plan.summary.delete, 0);
    let owned = desired().app("blog", |app| app.created("Blog").kinesis("clicks")).build();
    workspace = Workspace::applied(owned);
    let other = desired().app("blog", |app| app.existing(app_id("other").as_str()).kinesis("clicks")).build();
    let problems = workspace.edited(other).problems().await;
    assert_eq!(code(&problems[0]), (ProblemCode::Immutable, "app.blog".to_owned()));
}

#[tokio::test(start_paused = true)]
async fn a_name_cannot_change() {
    let named = |name: &'static str| desired().app("blog", |app| app.created(name).kinesis("clicks")).build();
    let workspace = Workspace::applied(named("Blog")).edited(named("Journal"));
    assert_eq!(code(&workspace.problem().await), (ProblemCode::Immutable, parsed::<String>("app.blog")));
}
