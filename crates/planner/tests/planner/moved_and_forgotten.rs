//! `[[moved]]` and `[[forget]]`.
use crate::workspace::*;
use pinpoint_streams_model::plan::{FieldValue, Warning};

fn named(key: &str) -> DesiredBuilder {
    desired().app(key, |app| app.existing(app_id("shop").as_str()).kinesis("clicks"))
}

/// With a block that moves `shop` to `store`.
fn moving() -> Workspace {
    Workspace::applied(named("shop")).edited(named("store").moved("shop", "store"))
}

#[tokio::test(start_paused = true)]
async fn a_moved_app_keeps_its_role_and_its_event_stream() {
    let mut workspace = moving();
    let plan = workspace.apply().await;
    assert_eq!(fate(&plan, "role.store"), (Action::Update, Reason::Moved));
    assert!(paths(&plan, "role.store").contains(&"tags.pinpoint-streams:address"));
    assert!(paths(&plan, "role.store").contains(&"description"));
    assert_eq!(fate(&plan, "event_stream.store"), (Action::Update, Reason::Moved));
    assert_eq!(workspace.only_role().name.as_str(), "PinpointEventStream-shop");
    // A spent block is silent.
    workspace.settled().await;
}

#[tokio::test(start_paused = true)]
async fn without_the_block_the_event_stream_moves_all_the_same_and_never_stops() {
    let mut workspace = Workspace::applied(named("shop")).edited(named("store"));
    let plan = workspace.apply().await;
    assert_eq!(fate(&plan, "event_stream.store"), (Action::Update, Reason::Moved));
    assert_eq!(fate(&plan, "role.store"), (Action::Create, Reason::New));
    assert_eq!(fate(&plan, "role.shop"), (Action::Delete, Reason::RemovedFromManifest));
    assert!(!operations(&plan).iter().any(|operation| operation.starts_with("delete_event_stream")));
    assert!(workspace.cloud.outages().is_empty());
}

#[tokio::test(start_paused = true)]
async fn on_a_shared_role_a_renamed_key_only_moves_the_record() {
    let shared = |key: &str| {
        desired()
            .shared_role("all", |role| role)
            .app(key, |app| app.existing(app_id("shop").as_str()).kinesis("clicks").role("all"))
    };
    let mut workspace = Workspace::applied(shared("shop")).edited(shared("store"));
    let plan = workspace.apply().await;
    assert_eq!(operations(&plan), ["move_record event_stream.store"]);
}

#[tokio::test(start_paused = true)]
async fn two_apps_that_swap_their_ids_are_a_problem() {
    let apps = |one: &'static str, two: &'static str| {
        desired()
            .shared_role("all", |role| role)
            .app("one", |app| app.existing(app_id(one).as_str()).kinesis("clicks").role("all"))
            .app("two", |app| app.existing(app_id(two).as_str()).kinesis("clicks").role("all"))
            .build()
    };
    let workspace = Workspace::applied(apps("one", "two")).edited(apps("two", "one"));
    let problems = workspace.problems().await;
    assert_eq!(code(&problems[0]), (ProblemCode::MoveOrForget, "event_stream.one".to_owned()));
    assert!(problems[0].message.contains("event_stream.two"));
}

#[tokio::test(start_paused = true)]
async fn a_hint_names_a_moved_block_only_if_there_is_one() {
    let before = desired()
        .app("one", |app| app.existing(app_id("one").as_str()).kinesis("clicks"))
        .app("two", |app| app.existing(app_id("two").as_str()).kinesis("clicks"));
    let swapped = desired()
        .app("one", |app| app.existing(app_id("two").as_str()).kinesis("clicks"))
        .app("two", |app| app.existing(app_id("one").as_str()).kinesis("clicks"));
    for (with_block, after) in [(false, swapped.clone()), (true, swapped.moved("one", "two"))] {
        let mut workspace = Workspace::applied(before.clone()).edited(after);
        workspace.options.targets = vec!["event_stream.two".to_owned()];
        let problems = workspace.problems().await;
        let hints = problems.iter().filter_map(|problem| problem.hint.as_ref());
        assert_eq!(hints.filter(|hint| hint.contains("[[moved]]")).count() > 0, with_block, "{problems:#?}");
    }
}

#[tokio::test(start_paused = true)]
async fn an_event_stream_that_moves_to_another_app_shows_both_ids() {
    let manifest = |id: &str| desired().app("one", |app| app.existing(app_id(id).as_str()).kinesis("clicks"));
    let plan = Workspace::applied(manifest("x")).edited(manifest("y")).plan().await;
    assert_eq!(fate(&plan, "event_stream.one"), (Action::Replace, Reason::ManifestChanged));
    let field = &change(&plan, "event_stream.one").fields[0];
    let id = |id: &str| Some(FieldValue::of(&app_id(id)));
    assert_eq!((field.path.as_str(), &field.before, &field.after), ("app_id", &id("x"), &id("y")));
}

#[tokio::test(start_paused = true)]
async fn an_id_that_goes_to_a_new_key_takes_its_event_stream_along() {
    let before = desired().app("one", |app| app.existing(app_id("x").as_str()).kinesis("clicks")).build();
    let after = desired()
        .app("one", |app| app.existing(app_id("y").as_str()).kinesis("clicks"))
        .app("two", |app| app.existing(app_id("x").as_str()).kinesis("clicks"))
        .build();
    let mut workspace = Workspace::applied(before).edited(after);
    let plan = workspace.apply().await;
    assert_eq!(fate(&plan, "event_stream.two"), (Action::Update, Reason::Moved));
    assert_eq!(fate(&plan, "event_stream.one"), (Action::Create, Reason::New));
    assert!(workspace.cloud.outages().is_empty(), "{:?}", workspace.cloud.outages());
}

#[tokio::test(start_paused = true)]
async fn a_target_that_moves_is_moved_and_never_deleted() {
    let mut workspace = moving();
    workspace.options.targets = vec!["event_stream.shop".to_owned()];
    let plan = workspace.plan().await;
    assert_eq!(plan.summary.delete, 0, "{:#?}", plan.changes);
}

#[tokio::test(start_paused = true)]
async fn what_moves_is_destroyed_where_it_is_recorded() {
    let mut workspace = moving();
    let plan = workspace.destroy().await;
    assert!(!operations(&plan).iter().any(|operation| operation.starts_with("move_record")));
    assert!(workspace.recorded.resources.is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_role_without_its_tags_is_not_adopted_under_a_second_address() {
    let fixed = |key: &str| {
        let role = |role: RoleBuilder| role.name("Fixed").description("fixed");
        desired().app(key, |app| app.existing(app_id("shop").as_str()).kinesis("clicks").own_role(role))
    };
    let workspace = Workspace::applied(fixed("shop")).edited(fixed("store"));
    lose_ownership_tags(&workspace.cloud, &workspace.only_role());
    let problems = workspace.problems().await;
    let under_a_second = problems.iter().find(|problem| problem.code == ProblemCode::RecordedElsewhere).unwrap();
    assert_eq!(code(under_a_second).1, "role.store", "{problems:#?}");
    let hint = under_a_second.hint.as_ref().unwrap();
    assert!(hint.contains("state mv role.shop role.store") && hint.contains("[[moved]]"), "{hint}");
}

#[tokio::test(start_paused = true)]
async fn a_forgotten_role_stays_and_loses_our_tags() {
    let mut workspace =
        Workspace::applied(named("shop")).edited(desired().forget("role.shop").forget("event_stream.shop"));
    let plan = workspace.apply().await;
    assert_eq!(fate(&plan, "role.shop"), (Action::Forget, Reason::ForgetAsked));
    let roles = workspace.cloud.snapshot().roles;
    assert!(roles.values().next().unwrap().tags.is_empty());
    assert!(workspace.recorded.resources.is_empty());
}

#[tokio::test(start_paused = true)]
async fn what_is_declared_and_still_there_is_not_forgotten() {
    let workspace = Workspace::applied(named("shop")).edited(named("shop").forget("role.shop"));
    workspace.settled().await;
}

#[tokio::test(start_paused = true)]
async fn a_block_that_forgets_what_is_not_recorded_is_warned_of() {
    let workspace = Workspace::applied(named("shop")).edited(named("shop").forget("app.nope").forget("role.shop"));
    let plan = workspace.settled().await;
    let unrecorded = |warning: &&Warning| format!("{warning:?}").contains("nothing is recorded at this address");
    let warned: Vec<&Warning> = plan.warnings.iter().filter(unrecorded).collect();
    let [Warning { address: Some(address), fact: _ }] = warned[..] else { panic!("{:#?}", plan.warnings) };
    assert_eq!(address.to_string(), "app.nope");
}

#[tokio::test(start_paused = true)]
async fn a_vanished_role_is_forgotten_and_made_in_one_go() {
    let mut workspace = Workspace::applied(named("shop")).edited(named("shop").forget("role.shop"));
    workspace.cloud.outside().delete_role(&workspace.only_role());
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

async fn moved() -> Workspace {
    let mut workspace = moving();
    workspace.apply().await;
    workspace
}

#[tokio::test(start_paused = true)]
async fn a_moved_role_that_vanished_is_made_under_its_own_key() {
    let mut workspace = moved().await;
    workspace.cloud.outside().delete_role(&workspace.only_role());
    let plan = workspace.apply().await;
    assert_eq!(fate(&plan, "role.store"), (Action::Create, Reason::Missing));
    assert_eq!(fate(&plan, "event_stream.store"), (Action::Update, Reason::DependsOn));
    assert_eq!(workspace.only_role().name.as_str(), "PinpointEventStream-store");
}

#[tokio::test(start_paused = true)]
async fn a_moved_role_that_is_replaced_is_made_under_its_own_key_and_nothing_stops() {
    let mut workspace = moved().await.with(|options| options.replace = [parsed("role.store")].into());
    let plan = workspace.apply().await;
    assert_eq!(fate(&plan, "role.store"), (Action::Replace, Reason::ReplaceAsked));
    assert_eq!(workspace.only_role().name.as_str(), "PinpointEventStream-store");
    assert!(workspace.cloud.outages().is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_moved_role_of_a_new_template_is_named_under_its_own_key() {
    use pinpoint_streams_model::desired::{KeyedPart, KeyedText};
    let mut workspace = moved().await;
    let mut manifest = workspace.desired.clone();
    let role = manifest.roles.get_mut(&parsed("store")).unwrap();
    role.name = KeyedText(vec![KeyedPart::Literal("New-".to_owned()), KeyedPart::Key]);
    workspace = workspace.edited(manifest);
    workspace.apply().await;
    assert_eq!(workspace.only_role().name.as_str(), "New-store");
}
