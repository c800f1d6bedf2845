//! Changes made outside pinpoint-streams, and differences that are not changes.
use crate::workspace::*;
use pinpoint_streams_model::plan::FieldValue;

fn workspace() -> Workspace {
    Workspace::applied(shop())
}

#[tokio::test(start_paused = true)]
async fn an_action_less_in_the_inline_policy_is_named_and_mended() {
    let mut workspace = workspace();
    workspace.cloud.outside().put_inline_policy(
        &shop_role(),
        &parsed(POLICY),
        r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"kinesis:PutRecords",
            "Resource":"arn:aws:kinesis:us-east-1:123456789012:stream/clicks"}}"#,
    );
    let plan = workspace.apply().await;
    assert_eq!(fate(&plan, "role.shop"), (Action::Update, Reason::Drifted));
    assert_eq!(paths(&plan, "role.shop"), [format!("inline_policies.{POLICY}")]);
    assert_eq!(change(&plan, "role.shop").fields[0].effect, Some(Direction::Widens));
}

#[tokio::test(start_paused = true)]
async fn a_condition_less_in_the_trust_policy_is_named_and_mended() {
    let mut workspace = workspace();
    workspace.cloud.outside().put_trust_policy(
        &shop_role(),
        r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"pinpoint.amazonaws.com"},
            "Action":"sts:AssumeRole","Condition":{"StringEquals":{"aws:SourceAccount":"123456789012"}}}]}"#,
    );
    let plan = workspace.apply().await;
    assert_eq!(fate(&plan, "role.shop"), (Action::Update, Reason::Drifted));
    assert_eq!(change(&plan, "role.shop").fields[0].effect, Some(Direction::Narrows));
}

#[tokio::test(start_paused = true)]
async fn an_event_stream_pointed_elsewhere_is_pointed_back() {
    let mut workspace = workspace();
    let elsewhere = "arn:aws:kinesis:us-east-1:123456789012:stream/elsewhere";
    workspace.cloud.outside().put_event_stream(&shop_app(), elsewhere, shop_role());
    let plan = workspace.apply().await;
    assert_eq!(fate(&plan, "event_stream.shop"), (Action::Update, Reason::Drifted));
    assert_eq!(paths(&plan, "event_stream.shop"), ["destination"]);
}

#[tokio::test(start_paused = true)]
async fn a_tag_of_ours_gone_is_put_back_and_foreign_tags_stay() {
    let mut workspace = workspace();
    workspace.cloud.outside().untag_role(&shop_role(), "pinpoint-streams:address");
    workspace.cloud.outside().tag_role(&shop_role(), "cost-centre", "42");
    let plan = workspace.apply().await;
    assert_eq!(fate(&plan, "role.shop"), (Action::Update, Reason::Drifted));
    assert_eq!(paths(&plan, "role.shop"), ["tags.pinpoint-streams:address"]);
    let tags = &workspace.cloud.snapshot().roles[&shop_role()].tags;
    assert_eq!(tags.get("cost-centre").map(String::as_str), Some("42"));
}

#[tokio::test(start_paused = true)]
async fn boundary_description_and_session_are_compared() {
    let mut workspace = workspace();
    let boundary = parsed("arn:aws:iam::123456789012:policy/b");
    workspace.cloud.add_policy(&boundary, r#"{"Version":"2012-10-17","Statement":[]}"#);
    workspace.cloud.outside().set_boundary(&shop_role(), Some(&boundary));
    workspace.cloud.outside().update_role(&shop_role(), "mine now", 7200);
    let plan = workspace.apply().await;
    assert_eq!(paths(&plan, "role.shop"), ["description", "max_session_duration", "permissions_boundary"]);
}

#[tokio::test(start_paused = true)]
async fn another_spelling_of_the_same_policies_is_no_change() {
    let workspace = workspace();
    workspace.cloud.outside().respell_policies(&shop_role());
    workspace.settled().await;
}

#[tokio::test(start_paused = true)]
async fn a_change_both_in_the_manifest_and_outside_is_reported_as_both() {
    let mut workspace = workspace();
    workspace.cloud.outside().update_role(&shop_role(), "mine now", 3600);
    let build = |role: RoleBuilder| role.description("new");
    workspace = workspace.edited(desired().app("shop", |app| app.kinesis("clicks").own_role(build)));
    let plan = workspace.apply().await;
    assert_eq!(fate(&plan, "role.shop"), (Action::Update, Reason::ManifestChangedAndDrifted));
}

#[tokio::test(start_paused = true)]
async fn a_change_of_the_manifest_alone_is_called_that() {
    let build = |role: RoleBuilder| role.description("new").tag("team", "growth");
    let manifest = desired().app("shop", |app| app.kinesis("clicks").own_role(build)).build();
    let mut workspace = workspace().edited(manifest);
    let plan = workspace.apply().await;
    assert_eq!(fate(&plan, "role.shop"), (Action::Update, Reason::ManifestChanged));
    assert_eq!(paths(&plan, "role.shop"), ["description", "tags.team"]);
    let untagged =
        desired().app("shop", |app| app.kinesis("clicks").own_role(|role| role.description("new"))).build();
    let plan = workspace.edited(untagged).apply().await;
    assert_eq!(paths(&plan, "role.shop"), ["tags.team"], "a tag that we wrote and no longer declare goes");
}

#[tokio::test(start_paused = true)]
async fn drift_mode_compares_the_record_with_life_and_has_no_steps() {
    let workspace = workspace();
    workspace.cloud.outside().update_role(&shop_role(), "mine now", 3600);
    workspace.cloud.outside().delete_event_stream(&shop_app());
    let plan = Workspace::demand(workspace.try_plan(Mode::Drift).await);
    assert_eq!(fate(&plan, "role.shop"), (Action::Update, Reason::Drifted));
    assert_eq!(change(&plan, "role.shop").fields[0].after, Some(FieldValue::of(&"mine now")));
    assert_eq!(fate(&plan, "event_stream.shop"), (Action::Delete, Reason::Missing));
    assert!(plan.steps.is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_foreign_policy_is_not_overwritten_by_a_new_policy_name() {
    let named = |name: &'static str| {
        desired().app("shop", |app| app.kinesis("clicks").own_role(|role| role.policy_name(name))).build()
    };
    let mut workspace = Workspace::applied(named("ours"));
    let theirs = r#"{"Version":"2012-10-17","Statement":{"Effect":"Deny","Action":"s3:*","Resource":"*"}}"#;
    workspace.cloud.outside().put_inline_policy(&shop_role(), &parsed("theirs"), theirs);
    workspace = workspace.edited(named("theirs"));
    workspace.refused(ProblemCode::NotOurs, "role.shop").await;
    workspace.options.adopt = true;
    workspace.apply().await;
}

#[tokio::test(start_paused = true)]
async fn a_vanished_event_stream_comes_back_as_protected_as_the_manifest_says() {
    let mut workspace = workspace().edited(desired().app("shop", |app| app.kinesis("clicks").protect()));
    workspace.cloud.outside().delete_event_stream(&shop_app());
    workspace.apply().await;
    assert!(workspace.recorded.resources[&parsed("event_stream.shop")].protect);
}

#[tokio::test(start_paused = true)]
async fn a_vanished_role_is_made_for_the_event_stream_that_names_it() {
    let mut workspace = workspace();
    workspace.cloud.outside().delete_role(&shop_role());
    let plan = workspace.apply().await;
    assert_eq!(fate(&plan, "role.shop"), (Action::Create, Reason::Missing));
    let snapshot = workspace.cloud.snapshot();
    assert_eq!(snapshot.event_streams[&shop_app()].role_arn, shop_role().to_string());
}

#[tokio::test(start_paused = true)]
async fn a_grant_is_not_taken_off_while_its_user_cannot_be_read() {
    let workspace = workspace();
    let guest = workspace.guest();
    workspace.cloud.outside().put_trust_policy(&shop_role(), &admitting(&guest, &shop_app()));
    let event_stream = When::operation("GetEventStream").about(guest.id.as_str());
    workspace.cloud.fail(event_stream, Fault::Refuse(FailureKind::Denied));
    workspace.refused(ProblemCode::Unreadable, "role.shop").await;
}

#[tokio::test(start_paused = true)]
async fn a_role_open_to_everyone_is_not_closed_while_an_app_of_another_region_uses_it() {
    let mut workspace = workspace();
    let guest = AppArn { id: app_id("guest"), region: parsed("eu-west-1"), ..shop_app() };
    workspace.cloud.add_app_as(&guest, "Guest");
    workspace.cloud.outside().put_trust_policy(&shop_role(), OPEN);
    let stream = "arn:aws:kinesis:eu-west-1:123456789012:stream/clicks";
    workspace.cloud.outside().put_event_stream(&guest, stream, shop_role());
    workspace.refused(ProblemCode::RoleInUse, "role.shop").await;
    workspace.cloud.outside().delete_event_stream(&guest);
    workspace.cloud.fail(When::operation("GetApps").about("ap-south-1"), Fault::Refuse(FailureKind::Denied));
    let plan = workspace.apply().await;
    let warned = plan.warnings.iter().any(|warning| {
        matches!(&warning.fact, Fact::MayStopStreaming { region, .. } if *region == parsed("ap-south-1"))
    });
    assert!(warned, "{:#?}", plan.warnings);
}

#[tokio::test(start_paused = true)]
async fn a_role_for_a_region_asks_no_event_stream_of_the_other_apps_there() {
    let manifest = desired()
        .shared_role("all", |role| role.trust(TrustScope::Region))
        .app("shop", |app| app.kinesis("clicks").role("all"))
        .build();
    let workspace = Workspace::applied(manifest);
    for key in ["one", "two", "three"] {
        workspace.cloud.add_app_as(&AppArn { id: app_id(key), ..shop_app() }, key);
    }
    workspace.cloud.clear_log();
    workspace.settled().await;
    assert_eq!(workspace.cloud.count("GetEventStream"), 1);
}

#[tokio::test(start_paused = true)]
async fn a_grant_of_a_role_for_a_region_is_not_taken_off_while_another_app_there_uses_it() {
    let to = |stream: &str| {
        let all = desired().shared_role("all", |role| role.trust(TrustScope::Region));
        all.app("shop", |app| app.kinesis(stream).role("all")).build()
    };
    let workspace = Workspace::applied(to("clicks")).edited(to("other"));
    let theirs = AppArn { id: app_id("theirs"), ..shop_app() };
    workspace.cloud.add_app_as(&theirs, "Theirs");
    let ours = workspace.cloud.event_streams_now().into_values().next().unwrap();
    workspace.cloud.outside().put_event_stream(&theirs, &ours.destination, &ours.role_arn);
    let problem = workspace.refused(ProblemCode::RoleInUse, "role.all").await;
    assert!(problem.message.contains("stream/clicks"), "{problem:?}");
}
