//! Partial plans.
use crate::workspace::*;

fn two() -> DesiredBuilder {
    desired().app("shop", |app| app.kinesis("clicks")).app("blog", |app| app.created("Blog").kinesis("clicks"))
}

fn target(pattern: &str) -> Workspace {
    Workspace::new(two()).with(|options| options.targets = vec![pattern.to_owned()])
}

#[tokio::test(start_paused = true)]
async fn a_target_takes_what_it_needs() {
    let mut workspace = target("event_stream.blog");
    let plan = workspace.apply().await;
    assert_eq!(plan.summary.create, 3);
    assert!(operations(&plan).iter().all(|operation| operation.ends_with(".blog")));
    assert!(plan.warnings.iter().any(|warning| warning.fact == Fact::PartialPlan {}));
}

#[tokio::test(start_paused = true)]
async fn a_glob_selects_many() {
    assert_eq!(target("role.*").plan().await.summary.create, 3, "and the app that a role needs");
}

#[tokio::test(start_paused = true)]
async fn exclude_wins_and_takes_its_dependants() {
    let mut workspace = Workspace::new(two()).with(|options| options.excludes = vec!["app.blog".to_owned()]);
    let plan = workspace.apply().await;
    assert!(operations(&plan).iter().all(|operation| operation.ends_with(".shop")), "{:?}", operations(&plan));
}

#[tokio::test(start_paused = true)]
async fn a_pattern_that_matches_nothing_is_an_error_with_a_suggestion() {
    let problem = target("roles.shop").problem().await;
    assert_eq!(problem.code, ProblemCode::Selector);
    assert!(problem.hint.unwrap().contains("role.shop"));
}

#[tokio::test(start_paused = true)]
async fn an_app_that_is_named_by_its_id_is_not_managed_and_its_event_stream_is() {
    for pattern in ["app.shop", "app.sh*"] {
        let problem = target(pattern).problem().await;
        assert!(
            problem.message.ends_with("is not managed, only its event stream and role"),
            "{}",
            problem.message
        );
        assert_eq!(problem.hint.as_deref(), Some("did you mean role.shop or event_stream.shop?"));
    }
    let problem = target("nope.*").problem().await;
    assert_eq!(problem.message, "--target `nope.*` matches nothing");
    assert!(problem.hint.unwrap().starts_with("addresses look like"));
}

#[tokio::test(start_paused = true)]
async fn a_target_that_goes_takes_what_hangs_on_it() {
    let mut workspace = Workspace::applied(two()).edited(desired());
    workspace.options.targets = vec!["role.shop".to_owned()];
    let plan = workspace.plan().await;
    assert_eq!(
        operations(&plan),
        ["delete_event_stream event_stream.shop", "delete_role_policy role.shop", "delete_role role.shop"]
    );
    workspace.carry_out(&plan).await;
    assert_eq!(workspace.recorded.resources.len(), 3, "what was not selected stays");
}

#[tokio::test(start_paused = true)]
async fn a_targeted_shared_role_keeps_the_apps_already_in_its_trust() {
    let shared = |apps: &[&str]| {
        apps.iter().fold(desired().shared_role("all", |role| role), |manifest, key| {
            manifest.app(key, |app| app.kinesis("clicks").role("all"))
        })
    };
    let mut workspace = Workspace::applied(shared(&["one", "two"])).edited(shared(&["three"]));
    workspace.options.targets = vec!["event_stream.three".to_owned()];
    workspace.apply().await;
    assert!(workspace.cloud.outages().is_empty(), "{:?}", workspace.cloud.outages());
}

#[tokio::test(start_paused = true)]
async fn an_account_can_be_left_out() {
    let manifest = desired()
        .account("other", "210987654321")
        .app("shop", |app| app.kinesis("clicks"))
        .app("far", |app| app.account("other").kinesis("clicks"));
    let mut workspace = Workspace::new(manifest).with(|options| options.accounts = vec![parsed("other")]);
    let plan = workspace.apply().await;
    assert!(operations(&plan).iter().all(|operation| operation.ends_with(".far")));
}

#[tokio::test(start_paused = true)]
async fn a_targeted_role_of_ones_own_still_admits_its_app() {
    let workspace = Workspace::applied(desired().app("shop", |app| app.kinesis("clicks")))
        .with(|options| options.targets = vec!["role.shop".to_owned()]);
    assert!(workspace.plan().await.is_empty(), "its event stream is left alone, and needs it as it is");
}

#[tokio::test(start_paused = true)]
async fn a_targeted_role_is_mended_where_that_takes_nothing_from_what_is_left_alone() {
    let mut workspace = Workspace::applied(desired().app("shop", |app| app.kinesis("clicks")))
        .with(|options| options.targets = vec!["role.shop".to_owned()]);
    let role = workspace.cloud.snapshot().roles.keys().next().unwrap().clone();
    let anything = r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"*","Resource":"*"}}"#;
    workspace.cloud.outside().put_inline_policy(&role, &parsed("PinpointEventStreamPermissionsPolicy"), anything);
    let plan = workspace.apply().await;
    assert_eq!(operations(&plan), ["put_role_policy role.shop"]);
    let mut workspace = workspace.edited(desired().app("shop", |app| app.kinesis("other")));
    workspace.apply().await;
    assert!(workspace.cloud.outages().is_empty(), "{:?}", workspace.cloud.outages());
}
