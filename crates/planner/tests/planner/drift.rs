//! Changes by another hand, and changes that are none.
use crate::workspace::{Workspace, change, fate, paths};
use pinpoint_streams_model::arn::{AppArn, RoleArn};
use pinpoint_streams_model::plan::{Action, Mode, Reason};
use pinpoint_streams_model::policy::Direction;
use pinpoint_streams_testkit::{app_id, desired, parsed};

fn role() -> RoleArn {
    parsed("arn:aws:iam::123456789012:role/pinpoint-streams/PinpointEventStream-shop")
}

fn app() -> AppArn {
    AppArn { region: parsed("us-east-1"), account: parsed("123456789012"), id: app_id("shop") }
}

fn workspace() -> Workspace {
    Workspace::applied(desired().app("shop", |app| app.kinesis("clicks")).build())
}

const POLICY: &str = "PinpointEventStreamPermissionsPolicy";

#[tokio::test(start_paused = true)]
async fn an_action_less_in_the_inline_policy_is_named_and_mended() {
    let mut workspace = workspace();
    workspace.cloud.another_hand().put_inline_policy(
        &role(),
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
    workspace.cloud.another_hand().put_trust_policy(
        &role(),
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
    workspace.cloud.another_hand().put_event_stream(&app(), elsewhere, role());
    let plan = workspace.apply().await;
    assert_eq!(fate(&plan, "event_stream.shop"), (Action::Update, Reason::Drifted));
    assert_eq!(paths(&plan, "event_stream.shop"), ["destination"]);
}

#[tokio::test(start_paused = true)]
async fn a_tag_of_ours_gone_is_put_back_and_foreign_tags_stay() {
    let mut workspace = workspace();
    workspace.cloud.another_hand().untag_role(&role(), "pinpoint-streams:address");
    workspace.cloud.another_hand().tag_role(&role(), "cost-centre", "42");
    let plan = workspace.apply().await;
    assert_eq!(fate(&plan, "role.shop"), (Action::Update, Reason::Drifted));
    assert_eq!(paths(&plan, "role.shop"), ["tags.pinpoint-streams:address"]);
    let tags = &workspace.cloud.snapshot().roles[&role()].tags;
    assert_eq!(tags.get("cost-centre").map(String::as_str), Some("42"));
}

#[tokio::test(start_paused = true)]
async fn boundary_description_and_session_are_compared() {
    let mut workspace = workspace();
    let boundary = parsed("arn:aws:iam::123456789012:policy/b");
    workspace.cloud.add_policy(&boundary, r#"{"Version":"2012-10-17","Statement":[]}"#);
    workspace.cloud.another_hand().set_boundary(&role(), Some(&boundary));
    workspace.cloud.another_hand().update_role(&role(), "mine now", 7200);
    let plan = workspace.apply().await;
    assert_eq!(paths(&plan, "role.shop"), ["description", "max_session_duration", "permissions_boundary"]);
}

#[tokio::test(start_paused = true)]
async fn another_spelling_of_the_same_policies_is_no_change() {
    let workspace = workspace();
    workspace.cloud.another_hand().respell_policies(&role());
    let plan = workspace.plan().await;
    assert!(plan.is_empty(), "{:#?}", plan.changes);
}

#[tokio::test(start_paused = true)]
async fn a_change_of_the_manifest_and_by_another_hand_is_called_both() {
    let mut workspace = workspace();
    workspace.cloud.another_hand().update_role(&role(), "mine now", 3600);
    let build = |role: pinpoint_streams_testkit::desired::RoleBuilder| role.description("new");
    workspace = workspace.edited(desired().app("shop", |app| app.kinesis("clicks").own_role(build)).build());
    let plan = workspace.apply().await;
    assert_eq!(fate(&plan, "role.shop"), (Action::Update, Reason::ManifestChangedAndDrifted));
}

#[tokio::test(start_paused = true)]
async fn a_change_of_the_manifest_alone_is_called_that() {
    let build =
        |role: pinpoint_streams_testkit::desired::RoleBuilder| role.description("new").tag("team", "growth");
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
    workspace.cloud.another_hand().update_role(&role(), "mine now", 3600);
    workspace.cloud.another_hand().delete_event_stream(&app());
    let plan = Workspace::demand(workspace.try_plan(Mode::Drift).await);
    assert_eq!(fate(&plan, "role.shop"), (Action::Update, Reason::Drifted));
    assert_eq!(change(&plan, "role.shop").fields[0].after, Some("mine now".into()));
    assert_eq!(fate(&plan, "event_stream.shop"), (Action::Delete, Reason::Vanished));
    assert!(plan.steps.is_empty());
}
