//! The eight rows of the presence table, and what makes something ours.
use crate::workspace::*;
use pinpoint_streams_model::desired::KeyedText;
use pinpoint_streams_model::ownership;
use pinpoint_streams_model::recorded::{Object, Resources};

#[tokio::test(start_paused = true)]
async fn desired_alone_is_created_in_the_order_app_role_event_stream() {
    let manifest = shop().app("blog", |app| app.created("Blog").region("eu-west-1").firehose("lake"));
    let mut workspace = Workspace::new(manifest);
    let plan = workspace.apply().await;
    assert_eq!(fate(&plan, "app.blog"), (Action::Create, Reason::New));
    assert_eq!(plan.summary.create, 5);
    let blog: Vec<String> = operations(&plan).into_iter().filter(|op| op.ends_with(".blog")).collect();
    assert_eq!(
        blog,
        [
            "create_app app.blog",
            "create_role role.blog",
            "put_role_policy role.blog",
            "put_event_stream event_stream.blog"
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn a_new_app_id_is_known_after_the_step_that_makes_it() {
    let manifest = desired().app("blog", |app| app.created("Blog").region("eu-west-1").kinesis("clicks"));
    let plan = Workspace::new(manifest).plan().await;
    let role = serde_json::to_value(&plan.steps[1]).unwrap();
    assert_eq!(plan.steps[1].after, [plan.steps[0].id]);
    let text = role["op"]["create_role"]["trust_policy"].to_string();
    assert!(
        text.contains(r#"{"after_step":1,"format":"arn:aws:mobiletargeting:eu-west-1:123456789012:apps/{}"}"#),
        "{text}"
    );
    let put = serde_json::to_value(plan.steps.last().unwrap()).unwrap();
    assert_eq!(put["op"]["put_event_stream"]["app_id"]["after_step"], 1);
}

#[tokio::test(start_paused = true)]
async fn desired_recorded_and_live_is_kept() {
    let plan = Workspace::applied(shop()).settled().await;
    assert_eq!(plan.summary.keep, 2);
}

#[tokio::test(start_paused = true)]
async fn desired_and_recorded_but_gone_is_created_again() {
    let mut workspace = Workspace::applied(shop());
    workspace.cloud.outside().delete_role(&parsed(ROLE));
    workspace.cloud.outside().delete_event_stream(&shop_app());
    let plan = workspace.apply().await;
    assert_eq!(fate(&plan, "role.shop"), (Action::Create, Reason::Missing));
    assert_eq!(fate(&plan, "event_stream.shop"), (Action::Create, Reason::Missing));
}

#[tokio::test(start_paused = true)]
async fn a_role_that_only_the_bulk_answer_lacks_is_asked_for_and_kept() {
    let workspace = Workspace::applied(shop());
    workspace.cloud.outside().hide_from_bulk(&parsed(ROLE));
    workspace.settled().await;
}

#[tokio::test(start_paused = true)]
async fn an_owned_app_that_is_gone_is_a_problem_until_it_is_forgotten() {
    let blog = || desired().app("blog", |app| app.created("Blog").kinesis("clicks"));
    let mut workspace = Workspace::applied(blog());
    let arn = workspace.cloud.snapshot().apps.keys().next().unwrap().clone();
    workspace.cloud.outside().delete_app(&arn);
    workspace.refused(ProblemCode::AppMissing, "app.blog").await;
    workspace = workspace.edited(blog().forget("app.blog"));
    let plan = workspace.apply().await;
    assert_eq!(fate(&plan, "app.blog").0, Action::Create);
    assert_eq!(fate(&plan, "event_stream.blog").0, Action::Replace);
}

#[tokio::test(start_paused = true)]
async fn what_is_there_and_just_as_wanted_is_adopted() {
    let mut workspace = Workspace::applied(shop());
    workspace.recorded = Default::default();
    lose_ownership_tags(&workspace.cloud, &parsed(ROLE));
    let plan = workspace.apply().await;
    assert_eq!(fate(&plan, "role.shop"), (Action::Adopt, Reason::AdoptionAsked));
    assert_eq!(fate(&plan, "event_stream.shop").0, Action::Adopt);
    let writes: Vec<_> = workspace.cloud.writes().iter().map(|call| call.operation).collect();
    assert_eq!(writes, ["TagRole"], "nothing but our tags is written");
}

#[tokio::test(start_paused = true)]
async fn what_is_there_and_not_as_wanted_is_never_touched_unless_adoption_is_asked() {
    let mut workspace = Workspace::new(shop());
    workspace.cloud.add_role(&parsed(ROLE), &Document::new(Vec::new()));
    let problem = workspace.refused(ProblemCode::NotOurs, "role.shop").await;
    assert!(problem.message.contains("trust_policy"), "{}", problem.message);
    workspace.options.adopt = true;
    let plan = workspace.apply().await;
    // Whoever relies on the trust policy may lose access.
    assert_eq!(fate(&plan, "role.shop"), (Action::Update, Reason::AdoptionAsked));
    assert!(paths(&plan, "role.shop").contains(&"trust_policy"));
}

#[tokio::test(start_paused = true)]
async fn a_role_of_another_workspace_or_lineage_is_never_taken() {
    let mut workspace = Workspace::applied(shop());
    workspace.recorded = Default::default();
    workspace.options.adopt = true;
    let codes: Vec<_> = workspace.problems().await.iter().map(code).collect();
    assert_eq!(codes, ["role.shop", "event_stream.shop"].map(|at| (ProblemCode::StateLost, at.to_owned())));
    workspace.cloud.outside().tag_role(&parsed(ROLE), "pinpoint-streams:workspace", "billing");
    let codes: Vec<_> = workspace.problems().await.iter().map(code).collect();
    assert_eq!(codes, ["role.shop", "event_stream.shop"].map(|at| (ProblemCode::OwnedByAnother, at.to_owned())));
}

fn with_created_app() -> Workspace {
    Workspace::applied(desired().app("shop", |app| app.created("Shop").kinesis("clicks")))
}

/// Another workspace writes this tag to the app and the role.
fn tag_all(workspace: &Workspace, key: &str, value: &str) {
    for resource in workspace.recorded.resources.values() {
        match &resource.object {
            Object::App(app) => workspace.cloud.outside().tag_app(&app.arn(&resource.account), key, value),
            Object::Role(role) => workspace.cloud.outside().tag_role(&role.arn, key, value),
            Object::EventStream(_) => {}
        }
    }
}

/// A state whose lineage was edited, and workspaces of which another has taken things over.
#[tokio::test(start_paused = true)]
async fn what_is_recorded_and_tagged_by_another_workspace_or_lineage_is_not_changed() {
    let mut edited = with_created_app();
    edited.recorded.lineage = Some(parsed("another-lineage"));
    let [taken_over, of_other_lineage] = [with_created_app(), with_created_app()];
    tag_all(&taken_over, ownership::WORKSPACE, "billing");
    tag_all(&of_other_lineage, ownership::LINEAGE, "another-lineage");
    for mut workspace in [edited, taken_over, of_other_lineage] {
        workspace.options.adopt = true;
        let problems = workspace.problems().await;
        let codes: Vec<_> = problems.iter().map(code).filter(|(_, at)| at != "event_stream.shop").collect();
        assert_eq!(codes, ["app.shop", "role.shop"].map(|at| (ProblemCode::OwnedByAnother, at.to_owned())));
    }
}

#[tokio::test(start_paused = true)]
async fn what_is_forgotten_keeps_the_tags_of_another_owner() {
    let workspace = with_created_app();
    tag_all(&workspace, ownership::WORKSPACE, "billing");
    let before = workspace.cloud.snapshot();
    let forgotten = ["app.shop", "role.shop", "event_stream.shop"]
        .into_iter()
        .fold(desired(), |manifest, address| manifest.forget(address));
    let mut workspace = workspace.edited(forgotten);
    workspace.apply().await;
    assert!(workspace.recorded.resources.is_empty());
    assert_eq!(workspace.cloud.snapshot(), before);
}

/// A second workspace declares the app of a first, with a role and a stream of its own.
#[tokio::test(start_paused = true)]
async fn an_event_stream_whose_role_another_workspace_owns_is_never_taken() {
    let mut workspace = Workspace::applied(shop());
    workspace.recorded = Default::default();
    workspace.cloud.outside().tag_role(&parsed(ROLE), "pinpoint-streams:workspace", "billing");
    let role = &mut workspace.desired.roles.values_mut().next().unwrap();
    role.name = KeyedText::literal("Growth-shop".to_owned());
    for adopt in [false, true] {
        workspace.options.adopt = adopt;
        let problem = workspace.problem().await;
        assert_eq!(code(&problem), (ProblemCode::OwnedByAnother, "event_stream.shop".to_owned()), "{adopt}");
        assert!(problem.message.contains("workspace billing"), "{}", problem.message);
    }
}

/// A second manifest names the first one's role as managed elsewhere, and another stream.
#[tokio::test(start_paused = true)]
async fn naming_its_role_as_managed_elsewhere_takes_no_event_stream_of_another_workspace() {
    let elsewhere =
        |stream: &'static str| desired().app("shop", move |app| app.kinesis(stream).role_elsewhere(ROLE).adopt());
    let mut workspace = Workspace::applied(shop());
    workspace.recorded = Default::default();
    workspace.cloud.outside().tag_role(&parsed(ROLE), "pinpoint-streams:workspace", "billing");
    let workspace = workspace.edited(elsewhere("other"));
    let problem = workspace.refused(ProblemCode::OwnedByAnother, "event_stream.shop").await;
    assert!(problem.message.contains("workspace billing"), "{}", problem.message);
    // As it is, the record of our own may have been lost: nothing is written to it.
    let plan = workspace.edited(elsewhere("clicks")).plan().await;
    assert_eq!(operations(&plan), ["write_record event_stream.shop"]);
}

/// A second folder has the same workspace in its manifest, no state, and another role.
#[tokio::test(start_paused = true)]
async fn an_event_stream_of_this_workspace_under_a_lineage_that_is_not_ours_is_never_taken() {
    let mut workspace = Workspace::applied(shop());
    workspace.recorded = Default::default();
    let role = &mut workspace.desired.roles.values_mut().next().unwrap();
    role.name = KeyedText::literal("Growth-shop".to_owned());
    for adopt in [false, true] {
        workspace.options.adopt = adopt;
        let problem = workspace.refused(ProblemCode::StateLost, "event_stream.shop").await;
        assert!(problem.hint.as_deref().unwrap().contains("state recover"), "{adopt}: {problem:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn an_adoption_that_changes_nothing_says_so() {
    let identical = |plan: &Plan, at: &str| change(plan, at).notes.contains(&Fact::AdoptedAsItIs {}.into());
    let mut workspace = Workspace::applied(shop());
    workspace.recorded = Default::default();
    lose_ownership_tags(&workspace.cloud, &parsed(ROLE));
    let plan = workspace.plan().await;
    assert!(identical(&plan, "role.shop") && identical(&plan, "event_stream.shop"), "{:#?}", plan.changes);
    let mut workspace = workspace.edited(shop().app("shop", |app| app.kinesis("other")));
    workspace.options.adopt = true;
    let plan = workspace.plan().await;
    assert!(!identical(&plan, "role.shop") && !identical(&plan, "event_stream.shop"), "{:#?}", plan.changes);
}

/// An app's entry gets the id of an app that another workspace streams from.
#[tokio::test(start_paused = true)]
async fn an_event_stream_that_moves_to_an_app_of_another_workspace_takes_nothing_there() {
    let mut workspace = Workspace::applied(shop().app("theirs", |app| app.kinesis("clicks")));
    let theirs = parsed("arn:aws:iam::123456789012:role/pinpoint-streams/PinpointEventStream-theirs");
    workspace.cloud.outside().tag_role(&theirs, "pinpoint-streams:workspace", "billing");
    workspace.lose("role.theirs");
    workspace.lose("event_stream.theirs");
    let id = app_id("theirs");
    let mut workspace = workspace.edited(desired().app("shop", |app| app.existing(id.as_str()).kinesis("clicks")));
    for adopt in [false, true] {
        workspace.options.adopt = adopt;
        let problem = workspace.refused(ProblemCode::OwnedByAnother, "event_stream.shop").await;
        assert!(problem.message.contains("workspace billing"), "{adopt}: {}", problem.message);
    }
}

#[tokio::test(start_paused = true)]
async fn ours_by_tags_and_lost_from_the_record_is_adopted_as_created() {
    let mut workspace = Workspace::applied(shop());
    workspace.lose("role.shop");
    let plan = workspace.apply().await;
    assert_eq!(fate(&plan, "role.shop"), (Action::Adopt, Reason::LostRecord));
    assert_eq!(workspace.recorded_at("role.shop").origin, Origin::Created);
}

#[tokio::test(start_paused = true)]
async fn a_foreign_event_stream_is_a_problem_that_says_how_to_take_it_over() {
    let mut workspace = Workspace::new(shop());
    let (other, role) =
        ("arn:aws:kinesis:us-east-1:123456789012:stream/other", "arn:aws:iam::123456789012:role/Other");
    workspace.cloud.outside().put_event_stream(&shop_app(), other, role);
    workspace.refused(ProblemCode::NotOurs, "event_stream.shop").await;
    workspace.options.adopt = true;
    let plan = workspace.apply().await;
    assert_eq!(fate(&plan, "event_stream.shop"), (Action::Adopt, Reason::AdoptionAsked));
}

#[tokio::test(start_paused = true)]
async fn an_event_stream_that_is_taken_over_is_recorded_as_it_is_until_it_is_moved() {
    let mut workspace = Workspace::new(shop());
    let (other, role) = ("arn:aws:kinesis:us-east-1:123456789012:stream/other", ROLE.replace("shop", "old"));
    workspace.cloud.outside().put_event_stream(&shop_app(), other, &role);
    workspace.options.adopt = true;
    let mut plan = workspace.plan().await;
    let taken = plan.steps.iter().position(|step| step.op.name() == "write_record").unwrap();
    plan.steps.truncate(taken + 1);
    workspace.carry_out(&plan).await;
    let stream = workspace.recorded_at("event_stream.shop").object.as_event_stream().unwrap();
    assert_eq!((stream.destination.to_string(), stream.role_arn.to_string()), (other.to_owned(), role));
    workspace.apply().await;
}

#[tokio::test(start_paused = true)]
async fn recorded_and_live_but_not_desired_is_deleted_event_stream_first() {
    let mut workspace = Workspace::applied(shop().app("blog", |app| app.kinesis("clicks"))).edited(shop());
    let plan = workspace.apply().await;
    assert_eq!(fate(&plan, "role.blog"), (Action::Delete, Reason::RemovedFromManifest));
    assert_eq!(
        operations(&plan),
        ["delete_event_stream event_stream.blog", "delete_role_policy role.blog", "delete_role role.blog"]
    );
    assert!(workspace.cloud.outages().is_empty());
}

#[tokio::test(start_paused = true)]
async fn recorded_alone_is_forgotten() {
    let mut workspace = Workspace::applied(shop().app("blog", |app| app.kinesis("clicks"))).edited(shop());
    workspace.cloud.outside().delete_event_stream(&AppArn { id: app_id("blog"), ..shop_app() });
    workspace.cloud.outside().delete_role(&parsed(&ROLE.replace("shop", "blog")));
    let plan = workspace.apply().await;
    assert_eq!(fate(&plan, "role.blog"), (Action::Forget, Reason::Missing));
    assert_eq!(fate(&plan, "event_stream.blog"), (Action::Forget, Reason::Missing));
    assert!(workspace.cloud.writes().is_empty());
}

#[tokio::test(start_paused = true)]
async fn live_alone_is_ignored() {
    let workspace = Workspace::applied(shop());
    workspace.cloud.add_role(&parsed("arn:aws:iam::123456789012:role/Legacy"), &Document::new(Vec::new()));
    workspace.settled().await;
}

#[tokio::test(start_paused = true)]
async fn nothing_at_all_is_nothing_to_do() {
    assert!(Workspace::new(desired()).plan().await.is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_role_made_anew_under_the_same_name_is_not_ours_any_more() {
    let mut workspace = Workspace::applied(shop());
    let hand = workspace.cloud.outside();
    hand.recreate_role(&parsed(ROLE));
    hand.untag_role(&parsed(ROLE), ownership::LINEAGE);
    workspace.refused(ProblemCode::IdentityChanged, "role.shop").await;
    workspace.desired.apps.clear();
    workspace.desired.roles.clear();
    let problem = workspace.problem().await;
    assert_eq!(problem.code, ProblemCode::IdentityChanged, "nor is it deleted");
}

#[tokio::test(start_paused = true)]
async fn an_app_of_the_same_name_is_not_taken_but_pointed_at() {
    let mut workspace = Workspace::new(desired().app("blog", |app| app.created("Blog").kinesis("clicks")));
    let other = workspace.cloud.add_app(&parsed("123456789012"), &parsed("us-east-1"), "Blog");
    let plan = workspace.plan().await;
    assert_eq!(fate(&plan, "app.blog").0, Action::Create);
    assert_eq!(plan.warnings[0].fact, Fact::SameName { app: other.id.clone(), name: "Blog".to_owned() });
    workspace.options.adopt = true;
    let plan = workspace.apply().await;
    assert_eq!(fate(&plan, "app.blog").0, Action::Adopt);
}

#[tokio::test(start_paused = true)]
async fn of_two_apps_of_one_name_neither_is_adopted() {
    let workspace = Workspace::new(desired().app("blog", |app| app.created("Blog").adopt().kinesis("clicks")));
    for _ in 0..2 {
        workspace.cloud.add_app(&parsed("123456789012"), &parsed("us-east-1"), "Blog");
    }
    workspace.refused(ProblemCode::Ambiguous, "app.blog").await;
}

#[tokio::test(start_paused = true)]
async fn an_app_whose_tags_cannot_be_read_is_neither_taken_for_a_stranger_nor_tagged_anew() {
    let blog = desired().app("blog", |app| app.created("Blog").kinesis("clicks").tag("site", "blog")).build();
    let mut workspace = Workspace::applied(blog);
    workspace.cloud.list_apps_with_tags(false);
    workspace.cloud.fail(When::operation("ListTagsForResource"), Fault::Refuse(FailureKind::Denied));
    for mode in [Mode::Converge, Mode::Drift] {
        let problems = workspace.try_plan(mode).await.unwrap_err();
        assert_eq!(code(&problems[0]), (ProblemCode::Unreadable, "app.blog".to_owned()), "{problems:#?}");
    }
    workspace.lose("app.blog");
    let problems = workspace.problems().await;
    assert_eq!(code(&problems[0]), (ProblemCode::Unreadable, "app.blog".to_owned()), "{problems:#?}");
}

#[tokio::test(start_paused = true)]
async fn an_app_recorded_under_one_key_is_not_adopted_under_another() {
    let both = shop().app("blog", |app| app.created("Blog").kinesis("clicks")).build();
    let mut workspace = Workspace::applied(both);
    let arn = workspace.cloud.snapshot().apps.into_values().find(|app| app.name == "Blog").unwrap().id;
    let arn = AppArn { id: arn, ..shop_app() };
    for tag in ["workspace", "lineage", "address", "origin"] {
        workspace.cloud.outside().untag_app(&arn, &format!("pinpoint-streams:{tag}"));
    }
    let two = shop()
        .app("blog", |app| app.created("Blog").kinesis("clicks"))
        .app("journal", |app| app.created("Blog").kinesis("clicks"))
        .build();
    workspace = workspace.edited(two).with(|options| options.adopt = true);
    let plan = workspace.apply().await;
    assert_eq!(fate(&plan, "app.journal"), (Action::Create, Reason::New));
}

#[tokio::test(start_paused = true)]
async fn an_event_stream_on_a_role_that_is_ours_by_its_tags_is_ours_too() {
    let mut workspace = Workspace::applied(shop());
    workspace.recorded.resources = Resources::default();
    let plan = workspace.apply().await;
    assert_eq!(fate(&plan, "role.shop"), (Action::Adopt, Reason::LostRecord));
    assert_eq!(fate(&plan, "event_stream.shop"), (Action::Adopt, Reason::LostRecord));
    assert_eq!(workspace.recorded_at("event_stream.shop").origin, Origin::Created);
}
