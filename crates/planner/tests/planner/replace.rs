//! New names, and `--replace`.
use crate::workspace::*;
use pinpoint_streams_model::Resource;
use pinpoint_streams_testkit::desired::AppBuilder;

fn named(build: impl Fn(RoleBuilder) -> RoleBuilder) -> DesiredBuilder {
    desired().app("shop", |app| app.kinesis("clicks").own_role(build))
}

#[tokio::test(start_paused = true)]
async fn a_role_with_a_new_name_is_made_before_the_old_one_goes() {
    let mut workspace = Workspace::applied(named(|role| role)).edited(named(|role| role.name("New")));
    let plan = workspace.apply().await;
    assert_eq!(fate(&plan, "role.shop"), (Action::Replace, Reason::ManifestChanged));
    assert_eq!(fate(&plan, "event_stream.shop"), (Action::Update, Reason::DependsOn));
    assert_eq!(
        operations(&plan),
        [
            "move_record iam.123456789012/PinpointEventStream-shop",
            "create_role role.shop",
            "put_role_policy role.shop",
            "put_event_stream event_stream.shop",
            "delete_role_policy iam.123456789012/PinpointEventStream-shop",
            "delete_role iam.123456789012/PinpointEventStream-shop",
        ]
    );
    assert!(workspace.cloud.outages().is_empty(), "{:?}", workspace.cloud.outages());
    assert_eq!(workspace.cloud.snapshot().roles.len(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_new_path_or_letter_case_under_the_same_name_is_a_problem() {
    for change in
        [|role: RoleBuilder| role.path("/other/"), |role: RoleBuilder| role.name("PINPOINTEVENTSTREAM-shop")]
    {
        let workspace = Workspace::applied(named(|role| role)).edited(named(change));
        let problem = workspace.refused(ProblemCode::Immutable, "role.shop").await;
        assert!(problem.hint.unwrap().contains("new name"));
    }
}

#[tokio::test(start_paused = true)]
async fn replace_under_the_same_name_says_that_it_stops_streaming() {
    let mut workspace = Workspace::applied(named(|role| role))
        .with(|options| options.replace = ["role.shop".parse().unwrap()].into());
    let before = workspace.cloud.snapshot().roles.values().next().unwrap().id.clone();
    let plan = workspace.apply().await;
    assert_eq!(fate(&plan, "role.shop"), (Action::Replace, Reason::ReplaceAsked));
    assert_eq!(change(&plan, "role.shop").notes, [Fact::StopsUntilRoleReady {}.into()]);
    assert_ne!(workspace.cloud.snapshot().roles.values().next().unwrap().id, before);
}

#[tokio::test(start_paused = true)]
async fn an_event_stream_can_be_replaced_and_an_app_cannot() {
    let manifest = desired().app("blog", |app| app.created("Blog").kinesis("clicks")).build();
    let mut workspace = Workspace::applied(manifest)
        .with(|options| options.replace = ["event_stream.blog".parse().unwrap()].into());
    let plan = workspace.apply().await;
    assert_eq!(operations(&plan), ["delete_event_stream event_stream.blog", "put_event_stream event_stream.blog"]);
    workspace.options.replace = ["app.blog".parse().unwrap()].into();
    assert_eq!(workspace.problem().await.code, ProblemCode::Selector);
}

#[tokio::test(start_paused = true)]
async fn what_is_protected_is_never_replaced() {
    let protected = |name: &'static str| {
        desired().app("shop", |app| app.kinesis("clicks").protect().own_role(|role| role.name(name))).build()
    };
    let workspace = Workspace::applied(protected("Old")).edited(protected("New"));
    workspace.refused(ProblemCode::Protected, "role.shop").await;
}

#[tokio::test(start_paused = true)]
async fn a_rename_that_protects_and_was_interrupted_can_be_undone() {
    let role = |name: &'static str, is_protected: bool| {
        let app = |app: AppBuilder| app.kinesis("clicks").own_role(|role| role.name(name));
        desired().app("shop", |builder| if is_protected { app(builder).protect() } else { app(builder) }).build()
    };
    let mut workspace = Workspace::applied(role("Old", false)).edited(role("New", true));
    let mut plan = workspace.plan().await;
    let created = operations(&plan).iter().position(|step| step == "create_role role.shop").unwrap();
    plan.steps.truncate(created + 1);
    workspace.carry_out(&plan).await;
    let workspace = workspace.edited(role("Old", false));
    let problem = workspace.refused(ProblemCode::Protected, "role.shop").await;
    assert!(problem.hint.unwrap().contains("name it New again"));
    let mut workspace = workspace.edited(role("New", false));
    workspace.apply().await;
    let mut workspace = workspace.edited(role("Old", false));
    workspace.apply().await;
    assert_eq!(workspace.cloud.snapshot().roles.len(), 1);
}

#[tokio::test(start_paused = true)]
async fn an_adopted_role_that_gets_a_new_name_stays_behind_without_our_tags() {
    let mut workspace = Workspace::applied(named(|role| role)).edited(named(|role| role.name("New")));
    let adopted = |role: &mut Resource| role.origin = Origin::Adopted;
    workspace.recorded.resources.change(&parsed("role.shop"), adopted).unwrap();
    let plan = workspace.apply().await;
    assert_eq!(fate(&plan, "role.shop").0, Action::Replace);
    assert!(matches!(change(&plan, "role.shop").notes[0].fact, Fact::OldRoleForgotten { .. }));
    let left = workspace.cloud.snapshot();
    assert!(left.role("PinpointEventStream-shop").tags.is_empty());
    assert_eq!(left.roles.len(), 2);
    assert!(workspace.cloud.outages().is_empty());
}

#[tokio::test(start_paused = true)]
async fn two_roles_that_swap_their_names_are_a_problem() {
    let names = |shop: &'static str, blog: &'static str| {
        desired()
            .app("shop", |app| app.kinesis("clicks").own_role(|role| role.name(shop)))
            .app("blog", |app| app.kinesis("clicks").own_role(|role| role.name(blog)))
            .build()
    };
    let mut workspace = Workspace::applied(names("A", "B")).edited(names("B", "A"));
    let problems = workspace.problems().await;
    assert_eq!(problems.len(), 2, "{problems:#?}");
    assert_eq!(code(&problems[0]), (ProblemCode::RecordedElsewhere, "role.blog".to_owned()));
    assert!(problems[0].message.contains("role.shop"), "{}", problems[0].message);
    workspace = workspace.edited(names("C", "B"));
    workspace.apply().await;
    workspace.edited(names("C", "A")).apply().await;
}

#[tokio::test(start_paused = true)]
async fn a_name_that_another_role_leaves_is_free_after_that_was_applied() {
    let names =
        |shop: &'static str| desired().app("shop", |app| app.kinesis("clicks").own_role(|role| role.name(shop)));
    let both = names("A").app("blog", |app| app.kinesis("clicks").own_role(|role| role.name("B"))).build();
    let workspace = Workspace::applied(both).edited(names("B"));
    let problem = workspace.refused(ProblemCode::RecordedElsewhere, "role.shop").await;
    assert!(problem.hint.unwrap().contains("--exclude"));
}

#[tokio::test(start_paused = true)]
async fn replace_together_with_a_change_of_the_manifest_makes_the_role_as_it_should_be() {
    let shared = |apps: &[&str]| {
        apps.iter()
            .fold(desired().shared_role("all", |role| role), |manifest, key| {
                manifest.app(key, |app| app.kinesis(key).role("all"))
            })
            .build()
    };
    let mut workspace = Workspace::applied(shared(&["one", "two"]))
        .edited(shared(&["two", "three"]))
        .with(|options| options.replace = ["role.all".parse().unwrap()].into());
    let plan = workspace.apply().await;
    assert_eq!(fate(&plan, "role.all"), (Action::Replace, Reason::ReplaceAsked));
}

#[tokio::test(start_paused = true)]
async fn what_a_partial_plan_leaves_out_cannot_be_replaced_by_it() {
    let manifest = named(|role| role).app("blog", |app| app.kinesis("clicks")).build();
    let workspace = Workspace::applied(manifest).with(|options| {
        options.replace = ["role.shop".parse().unwrap()].into();
        options.targets = vec!["role.blog".to_owned()];
    });
    workspace.refused(ProblemCode::Selector, "role.shop").await;
}
