//! Destroy, protect, apps with their data, and the predicate that every role delete passes.
use crate::workspace::*;
use pinpoint_streams_model::{Detach, Evidence, Object, ownership};
use std::collections::BTreeSet;

fn with_blog() -> DesiredBuilder {
    shop().app("blog", |app| app.created("Blog").kinesis("clicks"))
}

#[tokio::test(start_paused = true)]
async fn destroy_deletes_what_was_created_and_warns_that_apps_are_kept() {
    let mut workspace = Workspace::applied(with_blog());
    let plan = workspace.destroy().await;
    assert_eq!(fate(&plan, "role.blog"), (Action::Delete, Reason::DestroyAsked));
    assert!(plan.warnings.iter().any(|warning| matches!(warning.fact, Fact::AppKept { .. })));
    let left = workspace.cloud.snapshot();
    assert!(left.roles.is_empty());
    assert_eq!(left.apps.len(), 2, "the app that was given, and the app that was made");
    workspace.options.delete_apps = true;
    let plan = workspace.destroy().await;
    assert_eq!(operations(&plan), ["delete_app app.blog"]);
    assert_eq!(workspace.cloud.snapshot().apps.len(), 1);
    assert!(workspace.recorded.resources.is_empty());
}

#[tokio::test(start_paused = true)]
async fn destroy_with_apps_goes_down_event_stream_role_app() {
    let mut workspace = Workspace::applied(desired().app("blog", |app| app.created("Blog").kinesis("clicks")))
        .with(|options| options.delete_apps = true);
    let app = workspace.cloud.snapshot().apps.keys().next().unwrap().clone();
    workspace.cloud.outside().enable_channel(&app, "APNS");
    let plan = workspace.destroy().await;
    assert_eq!(
        operations(&plan),
        [
            "delete_event_stream event_stream.blog",
            "delete_role_policy role.blog",
            "delete_role role.blog",
            "delete_app app.blog"
        ]
    );
    let channels = ["APNS".to_owned()].into();
    let notes = [Fact::DataDeleted {}, Fact::ChannelsDeleted { channels }].map(Evidence::from);
    assert_eq!(change(&plan, "app.blog").notes, notes);
}

#[tokio::test(start_paused = true)]
async fn an_app_whose_block_is_gone_is_a_problem_that_offers_the_ways_out() {
    let mut workspace = Workspace::applied(with_blog()).edited(shop());
    let problem = workspace.refused(ProblemCode::AppDeletion, "app.blog").await;
    let hint = problem.hint.unwrap();
    assert!(hint.contains("[[forget]]") && hint.contains("--delete-apps"), "{hint}");
    let renamed = shop().app("journal", |app| app.created("Blog").kinesis("clicks")).build();
    workspace = workspace.edited(renamed);
    let hint = workspace.problems().await.remove(0).hint.unwrap();
    assert!(hint.contains("from = \"blog\" and to = \"journal\""), "{hint}");
}

/// A journal or a state that someone planted records a role or an app that this workspace never made.
#[tokio::test(start_paused = true)]
async fn what_is_recorded_without_our_tags_is_not_deleted() {
    let others = ["retail", "another-lineage"];
    for (key, value) in [("workspace", others[0]), ("lineage", others[1]), ("", "")] {
        let workspace = Workspace::applied(with_blog()).with(|options| options.delete_apps = true);
        let (outside, snapshot) = (workspace.cloud.outside(), workspace.cloud.snapshot());
        let key = format!("pinpoint-streams:{key}");
        for role in snapshot.roles.keys() {
            match value {
                "" => lose_ownership_tags(&workspace.cloud, role),
                value => outside.tag_role(role, &key, value),
            }
        }
        for (app, live) in snapshot.apps.iter().filter(|(_, app)| app.name == "Blog") {
            match value {
                "" => live.tags.iter().flat_map(|tags| tags.keys()).for_each(|key| outside.untag_app(app, key)),
                value => outside.tag_app(app, &key, value),
            }
        }
        let before = workspace.cloud.snapshot();
        let problems = workspace.try_plan(Mode::Destroy).await.unwrap_err();
        // An event stream that stays keeps its role in use.
        let refused = problems.iter().map(code).filter(|(code, _)| *code != ProblemCode::RoleInUse);
        let refused: BTreeSet<_> = refused.collect();
        let not_ours = ["app.blog", "role.blog", "role.shop"].map(|one| (ProblemCode::NotOurs, one.to_owned()));
        let streams = ["event_stream.blog", "event_stream.shop"];
        let anothers = streams.map(|one| (ProblemCode::OwnedByAnother, one.to_owned()));
        let of_another = if value.is_empty() { &[][..] } else { &anothers };
        let expected: BTreeSet<_> = not_ours.iter().chain(of_another).cloned().collect();
        assert_eq!(refused, expected, "{key}: {problems:#?}");
        assert_eq!(workspace.cloud.snapshot(), before);
        // As declared, it gets its tags again, unless it is another's; then all of it goes.
        if value.is_empty() {
            let mut workspace = workspace;
            workspace.apply().await;
            workspace.destroy().await;
            assert!(workspace.cloud.snapshot().roles.is_empty());
        }
    }
}

/// The role is ours, but another workspace has taken over the app that the state records.
#[tokio::test(start_paused = true)]
async fn the_event_stream_of_an_app_that_another_workspace_took_over_is_not_deleted() {
    for target in [None, Some("event_stream.blog")] {
        let blog = desired().app("blog", |app| app.created("Blog").kinesis("clicks"));
        let workspace = Workspace::applied(blog).with(|options| options.targets.extend(target.map(str::to_owned)));
        let app = workspace.cloud.snapshot().apps.keys().next().unwrap().clone();
        workspace.cloud.outside().tag_app(&app, ownership::WORKSPACE, "retail");
        let before = workspace.cloud.snapshot();
        let problems = workspace.try_plan(Mode::Destroy).await.unwrap_err();
        let codes: Vec<_> = problems.iter().map(code).collect();
        let expected = (ProblemCode::OwnedByAnother, "event_stream.blog".to_owned());
        assert!(codes.contains(&expected), "{target:?}: {problems:#?}");
        assert_eq!(workspace.cloud.snapshot(), before);
    }
}

/// A planted state records the event stream of another workspace's app as ours.
#[tokio::test(start_paused = true)]
async fn the_event_stream_of_another_workspace_is_not_deleted_because_it_is_recorded() {
    let removed = || desired().app("blog", |app| app.created("Blog").kinesis("clicks"));
    let moved = || removed().app("shop", |app| app.region("eu-west-1").kinesis("clicks"));
    let kept = || removed().app("shop", |app| app.kinesis("clicks").role_elsewhere(ROLE));
    for (what, after) in [("removed", removed()), ("moved", moved()), ("replaced", with_blog())] {
        let mut workspace = Workspace::applied(with_blog());
        workspace.lose("role.shop");
        workspace.cloud.outside().tag_role(&shop_role(), ownership::WORKSPACE, "retail");
        let mut workspace = workspace.edited(after).with(|options| {
            if what == "replaced" {
                options.replace.insert(parsed("event_stream.shop"));
            }
        });
        let before = workspace.cloud.snapshot();
        let problems = workspace.problems().await;
        let of_stream = problems.iter().find(|problem| code(problem).1 == "event_stream.shop").unwrap();
        assert_eq!(of_stream.code, ProblemCode::OwnedByAnother, "{what}: {problems:#?}");
        assert!(of_stream.message.contains("workspace retail"), "{what}: {}", of_stream.message);
        let hint = of_stream.hint.as_deref().unwrap();
        assert!(hint.contains("state rm event_stream.shop"), "{what}: {hint}");
        assert_eq!(workspace.cloud.snapshot(), before);
        // Where the manifest says that this role is managed elsewhere, the event stream may be ours all the same.
        workspace.options.replace.clear();
        let mut workspace = workspace.edited(kept());
        let plan = workspace.destroy().await;
        assert_eq!(fate(&plan, "event_stream.shop"), (Action::Delete, Reason::DestroyAsked), "{what}");
    }
}

/// A planted state records its role too, under the id of no role, and the manifest may name its app.
#[tokio::test(start_paused = true)]
async fn the_event_stream_on_an_app_of_another_workspace_is_neither_changed_nor_deleted() {
    let elsewhere = shop().app("shop", |app| app.kinesis("other"));
    for (what, after) in [("removed", desired()), ("changed", elsewhere)] {
        let mut workspace = Workspace::applied(shop());
        let outside = workspace.cloud.outside();
        lose_ownership_tags(&workspace.cloud, &shop_role());
        for (key, value) in [(ownership::WORKSPACE, "retail"), (ownership::LINEAGE, "another-lineage")] {
            outside.tag_app(&shop_app(), key, value);
        }
        workspace.recorded.resources.change_all(|_, resource| {
            if let Object::Role(role) = &mut resource.object {
                role.id = parsed("AROAFORGEDFORGEDFORGE");
            }
        });
        let workspace = workspace.edited(after);
        let problems = workspace.problems().await;
        let codes: Vec<_> = problems.iter().map(code).collect();
        let expected = (ProblemCode::OwnedByAnother, "event_stream.shop".to_owned());
        assert!(codes.contains(&expected), "{what}: {problems:#?}");
    }
}

/// Whose a role is that cannot be read is not known.
#[tokio::test(start_paused = true)]
async fn the_event_stream_of_a_role_that_cannot_be_read_is_not_deleted() {
    let workspace = Workspace::applied(shop()).edited(desired());
    for operation in ["GetAccountAuthorizationDetails", "GetRole"] {
        workspace.cloud.fail(When::operation(operation), Fault::Refuse(FailureKind::Denied));
    }
    let problems = workspace.problems().await;
    let codes: BTreeSet<_> = problems.iter().map(code).collect();
    let unreadable = ["event_stream.shop", "role.shop"].map(|one| (ProblemCode::Unreadable, one.to_owned()));
    assert_eq!(codes, unreadable.into(), "{problems:#?}");
}

#[tokio::test(start_paused = true)]
async fn adopted_resources_are_forgotten_unless_they_are_included() {
    let mut workspace = Workspace::applied(shop());
    workspace.recorded.resources.change_all(|_, resource| resource.origin = Origin::Adopted);
    let plan = Workspace::demand(workspace.try_plan(Mode::Destroy).await);
    assert_eq!(fate(&plan, "role.shop"), (Action::Forget, Reason::DestroyAsked));
    assert_eq!(
        operations(&plan),
        ["forget_record event_stream.shop", "untag_role role.shop", "forget_record role.shop"]
    );
    workspace.options.include_adopted = true;
    let plan = workspace.destroy().await;
    assert_eq!(fate(&plan, "role.shop"), (Action::Delete, Reason::DestroyAsked));
}

#[tokio::test(start_paused = true)]
async fn a_role_that_a_forgotten_event_stream_names_is_forgotten_with_it() {
    let mut workspace = Workspace::applied(shop());
    let stream = parsed("event_stream.shop");
    workspace.recorded.resources.change(&stream, |resource| resource.origin = Origin::Adopted).unwrap();
    let plan = workspace.destroy().await;
    assert_eq!(fate(&plan, "role.shop").0, Action::Forget);
    let event_stream = parsed("event_stream.shop");
    assert_eq!(plan.warnings[0].fact, Fact::StillUsedBy { event_stream, may_be_deleted: true });
}

#[tokio::test(start_paused = true)]
async fn protection_outlives_its_block_and_is_lifted_by_an_apply() {
    let protected = desired().app("shop", |app| app.kinesis("clicks").protect()).build();
    let mut workspace = Workspace::applied(protected.clone()).edited(desired());
    let codes: Vec<_> = workspace.problems().await.iter().map(|problem| problem.code).collect();
    assert_eq!(codes[0], ProblemCode::Protected);
    workspace = workspace.edited(shop());
    let plan = workspace.apply().await;
    assert_eq!(change(&plan, "role.shop").fields[0].path, "protect");
    let plan = workspace.edited(desired()).apply().await;
    assert_eq!(fate(&plan, "role.shop").0, Action::Delete);
}

#[tokio::test(start_paused = true)]
async fn a_role_that_another_apps_event_stream_names_is_not_deleted() {
    let mut workspace = Workspace::applied(shop()).edited(desired());
    let guest = workspace.guest();
    workspace.cloud.outside().put_trust_policy(&shop_role(), OPEN);
    workspace.cloud.outside().put_event_stream(&guest, CLICKS, shop_role());
    let problem = workspace.refused(ProblemCode::RoleInUse, "role.shop").await;
    assert!(problem.message.contains(guest.id.as_str()), "{}", problem.message);
    workspace.cloud.outside().delete_event_stream(&guest);
    workspace.apply().await;
}

#[tokio::test(start_paused = true)]
async fn a_role_whose_users_cannot_be_read_is_not_deleted() {
    let workspace = Workspace::applied(shop()).edited(desired());
    workspace.cloud.fail(When::operation("GetEventStream"), Fault::Refuse(FailureKind::Denied));
    let problems = workspace.problems().await;
    assert!(problems.iter().all(|problem| problem.code == ProblemCode::Unreadable), "{problems:#?}");
    assert!(problems.iter().any(|problem| code(problem).1 == "role.shop"));
}

#[tokio::test(start_paused = true)]
async fn a_discontinued_service_blocks_a_destroy_until_the_absence_is_asserted() {
    let mut workspace = Workspace::applied(shop());
    workspace.cloud.fail(When::operation("GetEventStream"), Fault::Refuse(FailureKind::ServiceEnded));
    let problems = workspace.try_plan(Mode::Destroy).await.unwrap_err();
    assert!(problems[0].hint.as_ref().unwrap().contains("--event-streams-gone"));
    workspace.options.event_streams_gone.insert(parsed("123456789012/us-east-1"));
    let plan = workspace.destroy().await;
    assert_eq!(fate(&plan, "role.shop").0, Action::Delete);
    assert_eq!(fate(&plan, "event_stream.shop").0, Action::Forget);
}

#[tokio::test(start_paused = true)]
async fn foreign_attachments_hold_back_until_they_are_allowed_off() {
    let mut workspace = Workspace::applied(shop()).edited(desired());
    let hand = workspace.cloud.outside();
    hand.attach_policy(&shop_role(), &parsed("arn:aws:iam::aws:policy/ReadOnlyAccess"));
    hand.put_inline_policy(&shop_role(), &parsed("theirs"), r#"{"Version":"2012-10-17","Statement":[]}"#);
    hand.put_in_instance_profile(&shop_role(), "web");
    let problems = workspace.problems().await;
    assert_eq!(problems.len(), 3, "{problems:#?}");
    assert!(problems.iter().all(|problem| problem.code == ProblemCode::ForeignAttachment));
    workspace.options.allow_detach = [Detach::Managed, Detach::Inline, Detach::Profile].into();
    let plan = workspace.apply().await;
    assert!(operations(&plan).contains(&"detach_role_policy role.shop".to_owned()));
}

#[tokio::test(start_paused = true)]
async fn a_role_whose_event_stream_is_forgotten_by_a_block_is_forgotten_with_it() {
    let mut workspace = Workspace::applied(shop()).edited(desired().forget("event_stream.shop"));
    let plan = workspace.apply().await;
    assert_eq!(fate(&plan, "event_stream.shop"), (Action::Forget, Reason::ForgetAsked));
    assert_eq!(fate(&plan, "role.shop").0, Action::Forget);
    let event_stream = parsed("event_stream.shop");
    assert_eq!(plan.warnings[0].fact, Fact::StillUsedBy { event_stream, may_be_deleted: false });
    assert_eq!(workspace.cloud.snapshot().roles.len(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_protected_app_that_destroy_keeps_is_no_problem() {
    let manifest = desired().app("blog", |app| app.created("Blog").protect()).build();
    let mut workspace = Workspace::applied(manifest);
    let plan = workspace.destroy().await;
    assert_eq!(plan.summary.keep, 1);
    workspace.options.delete_apps = true;
    let problems = workspace.try_plan(Mode::Destroy).await.unwrap_err();
    assert_eq!(code(&problems[0]), (ProblemCode::Protected, "app.blog".to_owned()));
}

#[tokio::test(start_paused = true)]
async fn an_app_does_not_go_with_an_event_stream_that_the_plan_leaves() {
    let mut workspace = Workspace::applied(with_blog()).edited(shop());
    workspace.lose("event_stream.blog");
    workspace.lose("role.blog");
    workspace.options.delete_apps = true;
    let problem = workspace.refused(ProblemCode::AppDeletion, "app.blog").await;
    assert!(problem.message.contains("PinpointEventStream-blog"), "{problem:?}");
    let app = workspace.cloud.event_streams_now().into_keys().find(|app| app.id != app_id("shop")).unwrap();
    workspace.cloud.outside().delete_event_stream(&app);
    assert_eq!(fate(&workspace.apply().await, "app.blog"), (Action::Delete, Reason::RemovedFromManifest));
}

#[tokio::test(start_paused = true)]
async fn an_event_stream_that_was_taken_over_stays_when_its_key_comes_to_mean_another_app() {
    let on = |id: &str| {
        let all = desired().shared_role("all", |role| role.trust(TrustScope::Region));
        all.app("shop", |app| app.existing(app_id(id).as_str()).kinesis("clicks").role("all")).build()
    };
    let mut workspace = Workspace::applied(on("shop")).edited(on("other"));
    let event_stream = parsed("event_stream.shop");
    workspace.recorded.resources.change(&event_stream, |resource| resource.origin = Origin::Adopted).unwrap();
    workspace.apply().await;
    assert_eq!(workspace.cloud.event_streams_now().len(), 2, "the one that was found, and the one that was made");
    assert_eq!(workspace.recorded.resources[&event_stream].origin, Origin::Created);
}

/// A state that was edited or merged by hand.
#[tokio::test(start_paused = true)]
async fn what_is_recorded_twice_is_not_deleted_under_the_other_address() {
    let twice = |address: &str, edit: fn(&mut Object)| {
        let mut workspace = Workspace::applied(shop());
        let mut twin = workspace.recorded.resources[&parsed(&format!("{address}.shop"))].clone();
        edit(&mut twin.object);
        workspace.recorded.resources.insert(parsed(&format!("{address}.twin")), twin);
        workspace
    };
    let hint =
        twice("event_stream", |_| {}).refused(ProblemCode::RecordedElsewhere, "event_stream.twin").await.hint;
    assert!(hint.unwrap().contains("`pinpoint-streams state rm event_stream.twin`"));
    let other_path = |object: &mut Object| {
        let Object::Role(role) = object else { panic!() };
        role.arn.path = parsed("/elsewhere/");
    };
    for edit in [|_: &mut Object| {}, other_path] {
        twice("role", edit).refused(ProblemCode::RoleInUse, "role.twin").await;
    }
}
