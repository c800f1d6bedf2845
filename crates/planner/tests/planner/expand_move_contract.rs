//! Changes never stop a stream that can go on.
use crate::workspace::*;

fn shared(red: &str, blue: &str) -> DesiredBuilder {
    desired()
        .shared_role("one", |role| role)
        .shared_role("two", |role| role)
        .app("red", |app| app.kinesis("clicks").role(red))
        .app("blue", |app| app.kinesis("clicks").role(blue))
}

#[tokio::test(start_paused = true)]
async fn two_apps_swap_their_shared_roles_and_neither_stream_stops() {
    let mut workspace = Workspace::applied(shared("one", "two")).edited(shared("two", "one"));
    let plan = workspace.apply().await;
    assert_eq!(fate(&plan, "event_stream.red"), (Action::Update, Reason::ManifestChanged));
    assert_eq!(
        operations(&plan),
        [
            "update_trust_policy role.one",
            "update_trust_policy role.two",
            "put_event_stream event_stream.blue",
            "put_event_stream event_stream.red",
            "update_trust_policy role.one",
            "update_trust_policy role.two",
        ]
    );
    assert!(workspace.cloud.outages().is_empty(), "{:?}", workspace.cloud.outages());
}

#[tokio::test(start_paused = true)]
async fn a_stream_moves_between_both_grants() {
    let to = |name: &'static str| desired().app("shop", |app| app.kinesis(name)).build();
    let mut workspace = Workspace::applied(to("old")).edited(to("new"));
    let plan = workspace.apply().await;
    let operations: Vec<String> =
        operations(&plan).into_iter().filter(|op| op != "update_role role.shop").collect();
    assert_eq!(
        operations,
        ["put_role_policy role.shop", "put_event_stream event_stream.shop", "put_role_policy role.shop"]
    );
    assert!(workspace.cloud.outages().is_empty(), "{:?}", workspace.cloud.outages());
}

#[tokio::test(start_paused = true)]
async fn an_app_that_leaves_a_shared_role_goes_before_its_grant() {
    let mut workspace = Workspace::applied(shared("one", "one"))
        .edited(desired().shared_role("one", |role| role).app("red", |app| app.kinesis("clicks").role("one")));
    let plan = workspace.apply().await;
    assert_eq!(operations(&plan), ["delete_event_stream event_stream.blue", "update_trust_policy role.one"]);
    assert!(workspace.cloud.outages().is_empty());
}

#[tokio::test(start_paused = true)]
async fn what_no_event_stream_needs_is_taken_off_at_once() {
    let mut workspace = Workspace::applied(shared("one", "two"));
    let role: RoleArn = workspace.cloud.snapshot().roles.keys().next().unwrap().clone();
    workspace.cloud.outside().put_trust_policy(&role, OPEN);
    let plan = workspace.apply().await;
    assert_eq!(plan.steps.len(), 1);
    assert!(plan.steps[0].after.is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_grant_that_a_foreign_event_stream_needs_is_not_taken_silently() {
    let workspace = Workspace::applied(shop());
    let guest = workspace.guest();
    workspace.cloud.outside().put_trust_policy(&shop_role(), &admitting(&guest, &shop_app()));
    workspace.cloud.outside().put_event_stream(&guest, CLICKS, shop_role());
    workspace.refused(ProblemCode::RoleInUse, "role.shop").await;
}

#[tokio::test(start_paused = true)]
async fn an_existing_app_becomes_one_that_we_own_and_streams_again() {
    let owned = desired().app("shop", |app| app.created("Shop").kinesis("clicks"));
    let mut workspace = Workspace::applied(shop()).edited(owned);
    let plan = workspace.apply().await;
    assert_eq!(fate(&plan, "app.shop").0, Action::Create);
    assert_eq!(fate(&plan, "event_stream.shop").0, Action::Replace);
    assert_eq!(fate(&plan, "role.shop").0, Action::Update);
}

#[tokio::test(start_paused = true)]
async fn a_policy_of_a_new_name_stands_before_the_old_one_goes() {
    let named = |name: &'static str| {
        desired().app("shop", |app| app.kinesis("clicks").own_role(|role| role.policy_name(name))).build()
    };
    let mut workspace = Workspace::applied(named("old")).edited(named("new"));
    let plan = workspace.apply().await;
    assert_eq!(operations(&plan), ["put_role_policy role.shop", "delete_role_policy role.shop"]);
    assert!(workspace.cloud.outages().is_empty());
}
