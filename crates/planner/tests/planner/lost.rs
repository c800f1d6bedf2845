//! The record is lost and what it was of is there: with state elsewhere, a working folder that is wiped loses the
//! journal. What a run of this very state made is known by its tags.
use crate::workspace::*;
use pinpoint_streams_model::{AppOp, Op, Pending, ownership};
use std::collections::BTreeSet;

fn renamed() -> DesiredBuilder {
    desired().app("shop", |app| app.kinesis("clicks").own_role(|role| role.name("Renamed")))
}

#[tokio::test(start_paused = true)]
async fn a_role_that_a_lost_run_began_is_recorded_and_finished_without_adoption() {
    let mut workspace = Workspace::applied(shop());
    workspace.lose("role.shop");
    let hand = workspace.cloud.outside();
    hand.delete_inline_policy(&parsed(ROLE), &parsed(POLICY));
    let plan = workspace.apply().await;
    assert_eq!(fate(&plan, "role.shop"), (Action::Adopt, Reason::LostRecord));
    assert_eq!(workspace.recorded_at("role.shop").origin, Origin::Created);
    workspace.settled().await;
}

#[tokio::test(start_paused = true)]
async fn the_plan_shows_what_becomes_of_the_tags_of_a_lost_role() {
    let mut workspace = Workspace::applied(shop());
    for adopt in [false, true] {
        workspace.options.adopt = adopt;
        workspace.lose("role.shop");
        let plan = workspace.apply().await;
        assert_eq!(change(&plan, "role.shop").fields, [], "{adopt}: it was created and stays so");
        assert_eq!(workspace.recorded_at("role.shop").origin, Origin::Created, "{adopt}");
    }
    workspace.cloud.outside().tag_role(&parsed(ROLE), ownership::ORIGIN, "adopted");
    workspace.lose("role.shop");
    let plan = workspace.apply().await;
    assert_eq!(change(&plan, "role.shop").fields, []);
    assert_eq!(workspace.recorded_at("role.shop").origin, Origin::Adopted);
}

#[tokio::test(start_paused = true)]
async fn a_role_that_was_adopted_and_lost_is_not_changed_without_adoption() {
    let mut workspace = Workspace::applied(shop());
    workspace.lose("role.shop");
    let hand = workspace.cloud.outside();
    hand.tag_role(&parsed(ROLE), ownership::ORIGIN, "adopted");
    hand.delete_inline_policy(&parsed(ROLE), &parsed(POLICY));
    workspace.refused(ProblemCode::StateLost, "role.shop").await;
}

#[tokio::test(start_paused = true)]
async fn a_successor_that_a_lost_run_made_is_recorded_and_the_old_role_goes() {
    let mut workspace = Workspace::applied(shop());
    let before = workspace.recorded.clone();
    workspace = workspace.edited(renamed());
    let whole = workspace.plan().await;
    let create = whole.steps.iter().position(|step| step.op.name() == "create_role").unwrap();
    let begun = Plan { steps: whole.steps[..=create].to_vec(), ..whole };
    workspace.carry_out(&begun).await;
    workspace.recorded = before;
    let plan = workspace.apply().await;
    assert_eq!(fate(&plan, "role.shop"), (Action::Replace, Reason::LostRecord));
    assert!(operations(&plan).iter().all(|one| !one.starts_with("create_role")), "{:?}", operations(&plan));
    assert_eq!(workspace.cloud.snapshot().roles.len(), 1);
    workspace.settled().await;
}

#[tokio::test(start_paused = true)]
async fn a_successor_of_another_lineage_is_a_taken_name() {
    let mut workspace = Workspace::applied(shop());
    workspace = workspace.edited(renamed());
    let old = workspace.cloud.snapshot().role("PinpointEventStream-shop").clone();
    let new = parsed("arn:aws:iam::123456789012:role/pinpoint-streams/Renamed");
    workspace.cloud.add_role(&new, &old.trust_policy);
    for (key, value) in &old.tags {
        workspace.cloud.outside().tag_role(&new, key, value);
    }
    workspace.cloud.outside().tag_role(&new, ownership::LINEAGE, "another");
    workspace.refused(ProblemCode::NotOurs, "role.shop").await;
}

#[tokio::test(start_paused = true)]
async fn a_role_that_a_lost_run_made_anew_is_ours() {
    let mut workspace = Workspace::applied(shop());
    let id = workspace.cloud.outside().recreate_role(&parsed(ROLE));
    let plan = workspace.apply().await;
    assert_eq!(fate(&plan, "role.shop"), (Action::Adopt, Reason::LostRecord));
    assert_eq!(workspace.recorded_at("role.shop").object.as_role().unwrap().id, id);
    workspace.settled().await;
}

#[tokio::test(start_paused = true)]
async fn a_role_that_a_lost_run_made_moments_ago_may_be_waited_for() {
    let mut workspace = Workspace::applied(shop());
    workspace.lose("role.shop");
    let created = workspace.cloud.snapshot().role("PinpointEventStream-shop").created;
    workspace.apply().await;
    assert_eq!(Some(workspace.recorded_at("role.shop").changed_at), created);
}

#[tokio::test(start_paused = true)]
async fn an_event_stream_that_names_a_role_made_here_follows_the_manifest() {
    let mut workspace = Workspace::applied(shop());
    workspace.lose("event_stream.shop");
    let mut workspace = workspace.edited(desired().app("shop", |app| app.kinesis("other")));
    let plan = workspace.apply().await;
    assert_eq!(fate(&plan, "event_stream.shop"), (Action::Adopt, Reason::LostRecord));
    assert_eq!(workspace.recorded_at("event_stream.shop").origin, Origin::Created);
}

#[tokio::test(start_paused = true)]
async fn where_adoption_is_asked_a_lost_event_stream_counts_as_taken_over() {
    let mut workspace = Workspace::applied(desired().app("shop", |app| app.kinesis("clicks").adopt()));
    workspace.lose("event_stream.shop");
    workspace.apply().await;
    assert_eq!(workspace.recorded_at("event_stream.shop").origin, Origin::Adopted);
}

#[tokio::test(start_paused = true)]
async fn what_a_lost_run_changed_is_told_by_the_record_again_and_nothing_is_written_to_aws() {
    let mut workspace = Workspace::applied(shop());
    let before = workspace.recorded.clone();
    let manifest = desired()
        .app("shop", |app| app.kinesis("other").tag("team", "shop").own_role(|role| role.description("Other")));
    workspace = workspace.edited(manifest);
    workspace.apply().await;
    let after = std::mem::replace(&mut workspace.recorded, before);
    workspace.cloud.clear_log();
    let plan = workspace.apply().await;
    assert_eq!(fate(&plan, "role.shop"), (Action::Update, Reason::LostRecord));
    assert_eq!(change(&plan, "event_stream.shop").fields, []);
    assert!(workspace.cloud.writes().is_empty());
    let objects = |recorded: &pinpoint_streams_model::recorded::Recorded| {
        recorded.resources.values().map(|resource| resource.object.clone()).collect::<Vec<_>>()
    };
    assert_eq!(objects(&workspace.recorded), objects(&after));
    workspace.settled().await;
}

#[tokio::test(start_paused = true)]
async fn an_unknown_role_with_our_tags_is_named_and_never_deleted() {
    let manifest = shop().app("blog", |app| app.created("Blog").kinesis("clicks"));
    let mut workspace = Workspace::applied(manifest);
    for address in ["app.blog", "role.blog", "event_stream.blog"] {
        workspace.lose(address);
    }
    let workspace = workspace.edited(shop());
    let plan = workspace.settled().await;
    let named = plan.warnings.iter().map(|warning| match &warning.fact {
        Fact::NotInState { arn: _, address } => address.as_str(),
        other => panic!("{other:?}"),
    });
    assert_eq!(named.collect::<BTreeSet<_>>(), BTreeSet::from(["app.blog", "role.blog"]));
}

#[tokio::test(start_paused = true)]
async fn a_role_that_is_let_go_is_not_named_as_lost() {
    let workspace = Workspace::applied(shop());
    let workspace = workspace.edited(desired().forget("role.shop").forget("event_stream.shop"));
    let plan = workspace.plan().await;
    assert!(!plan.warnings.iter().any(|warning| matches!(warning.fact, Fact::NotInState { .. })));
}

#[tokio::test(start_paused = true)]
async fn tags_of_an_app_whose_write_has_an_unknown_outcome_are_read() {
    let blog = |team: &str| desired().app("blog", |app| app.created("Blog").tag("team", team)).build();
    let workspace = Workspace::applied(blog("press"));
    let (arn, _) = workspace.cloud.snapshot().apps.pop_first().unwrap();
    let mut workspace = workspace.edited(blog("news"));
    workspace.cloud.outside().tag_app(&arn, "team", "news");
    let op = Op::App(AppOp::tag(&arn, Tags::from([("team".to_owned(), "news".to_owned())]), None));
    let (run, address, began_at) = (parsed("r1"), parsed("app.blog"), Default::default());
    let pending = Pending { run, step: pinpoint_streams_model::ids::StepId(1), address, op, began_at };
    workspace.recorded.pending.push(pending);
    for with_tags in [true, false] {
        workspace.cloud.list_apps_with_tags(with_tags);
        let inquiry = workspace.inquiry(pinpoint_streams_model::plan::Mode::Converge);
        let settled = ask(&inquiry, &workspace.cloud).await.output.unwrap().recorded;
        let app = settled.resources[&parsed::<Address>("app.blog")].object.as_app().unwrap();
        assert_eq!((app.tags.get("team").unwrap().as_str(), settled.pending.len()), ("news", 0));
    }
    workspace.settled().await;
}
