//! What a change shows of what it does: every field of what is created, and who loses something.
use crate::workspace::*;
use pinpoint_streams_model::plan::FieldValue;
use pinpoint_streams_model::{Evidence, ownership};
use serde_json::json;
use std::collections::BTreeSet;

fn everything() -> DesiredBuilder {
    let role = |role: RoleBuilder| {
        let role =
            role.permissions_boundary("arn:aws:iam::123456789012:policy/Limits").description("Writes events");
        role.max_session_duration(7200).tag("team", "growth")
    };
    desired().app("blog", |app| app.created("Blog").tag("site", "blog").kinesis("clicks").own_role(role).protect())
}

#[tokio::test(start_paused = true)]
async fn every_field_of_what_is_created_is_shown() {
    let mut workspace = Workspace::new(everything());
    let plan = workspace.apply().await;
    assert_eq!(paths(&plan, "app.blog"), ["name", "tags.site", "protect"]);
    assert_eq!(
        paths(&plan, "role.blog"),
        [
            "name",
            "path",
            "trust_policy",
            "description",
            "max_session_duration",
            "permissions_boundary",
            "tags.site",
            "tags.team",
            "protect",
            "inline_policies.PinpointEventStreamPermissionsPolicy",
        ]
    );
    assert_eq!(paths(&plan, "event_stream.blog"), ["app_id", "destination", "role_arn", "protect"]);
    let app = &change(&plan, "event_stream.blog").fields[0].after;
    assert_eq!(*app, Some(FieldValue::of(&json!({"after_step": 1}))));
}

#[tokio::test(start_paused = true)]
async fn what_stands_beside_a_problem_has_the_steps_that_its_values_wait_for() {
    let shop = |name: &'static str| desired().app("shop", move |app| app.created(name).kinesis("clicks"));
    let both = shop("Store").app("blog", |app| app.created("Blog").kinesis("clicks"));
    let workspace = Workspace::applied(shop("Shop")).edited(both);
    let standing = workspace.standing().await.unwrap();
    let addresses: BTreeSet<String> = standing.steps.iter().map(|step| step.address.to_string()).collect();
    assert_eq!(addresses.into_iter().collect::<Vec<_>>(), ["app.blog", "event_stream.blog", "role.blog"]);
    let created = standing.steps.iter().find(|step| step.address == parsed("app.blog")).unwrap();
    let app = &change(&standing, "event_stream.blog").fields[0].after;
    assert_eq!(*app, Some(FieldValue::of(&json!({"after_step": created.id}))));
}

#[tokio::test(start_paused = true)]
async fn a_plan_that_leaves_a_field_out_of_what_it_creates_is_misleading() {
    let plan = Workspace::new(everything()).plan().await;
    assert_eq!(plan.check_view(), Ok(()));
    for (at, change) in plan.changes.iter().enumerate() {
        for field in 0..change.fields.len() {
            let mut less = plan.clone();
            let left_out = less.changes[at].fields.remove(field);
            assert!(less.check_view().is_err(), "{} {}", change.address, left_out.path);
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_deleted_event_stream_says_that_the_events_of_its_app_stop() {
    let mut workspace = Workspace::applied(shop()).edited(desired());
    let plan = workspace.apply().await;
    let notes = &change(&plan, "event_stream.shop").notes;
    assert_eq!(*notes, [Evidence::from(Fact::EventsStop { app: app_id("shop") })]);
    assert_eq!(paths(&plan, "event_stream.shop"), ["app_id", "destination", "role_arn"]);
}

#[tokio::test(start_paused = true)]
async fn what_is_forgotten_or_missing_is_still_named() {
    let mut workspace =
        Workspace::applied(shop()).edited(desired().forget("event_stream.shop").forget("role.shop"));
    let plan = workspace.apply().await;
    assert_eq!(paths(&plan, "role.shop"), ["name"]);
    assert_eq!(paths(&plan, "event_stream.shop"), ["app_id", "destination", "role_arn"]);
}

/// A role of the wanted name that another tool made, which trusts this account too.
fn made_elsewhere() -> Workspace {
    let workspace = Workspace::applied(desired().app("shop", |app| app.kinesis("clicks").adopt()));
    lose_ownership_tags(&workspace.cloud, &shop_role());
    let trust = admitting(&shop_app(), &shop_app()).replace(
        r#""Statement":["#,
        r#""Statement":[{"Effect":"Allow","Principal":{"AWS":"210987654321"},"Action":"sts:AssumeRole"},"#,
    );
    workspace.cloud.outside().put_trust_policy(&shop_role(), &trust);
    Workspace { recorded: Recorded::default(), ..workspace }
}

#[tokio::test(start_paused = true)]
async fn a_foreign_role_whose_trust_policy_is_rewritten_is_updated_and_says_who_loses_access() {
    let mut workspace = made_elsewhere();
    let plan = workspace.apply().await;
    assert_eq!(fate(&plan, "role.shop"), (Action::Update, Reason::AdoptionAsked));
    assert_eq!((plan.summary.update, plan.summary.adopt), (1, 1));
    let lost = Fact::LosesAccess { principals: ["210987654321".to_owned()].into() };
    assert_eq!(change(&plan, "role.shop").notes, [Evidence::from(lost)]);
    assert_eq!(workspace.recorded_at("role.shop").origin, Origin::Adopted);
    let tags = &workspace.cloud.snapshot().role("PinpointEventStream-shop").tags.clone();
    assert_eq!(tags.get(ownership::ORIGIN).map(String::as_str), Some("adopted"));
}
