//! What results look like, from plans made by hand.
use super::plan::{Detail, plan};
use super::problems;
use crate::testing::{self, app_arn, change, new_app_arn, plain, trust};
use insta::assert_snapshot;
use pinpoint_streams_model::plan::{Mode, Plan};
use pinpoint_streams_model::problem::{Problem, ProblemCode};
use serde_json::{Value, json};

fn shown(changes: &[Value]) -> String {
    plain(&plan(&testing::plan(changes), Detail::Changes))
}

fn every_action() -> Plan {
    testing::plan(&[
        change("app.blog", "create", "new", json!([{"path": "name", "before": null, "after": "Blog"}])),
        change("role.blog", "create", "new", json!([
            {"path": "trust_policy", "before": null, "after": trust(&[new_app_arn()])},
            {"path": "max_session_duration", "before": null, "after": 3600},
        ])),
        change("role.shop", "update", "drifted", json!([
            {"path": "trust_policy", "before": trust(&[app_arn("a1"), app_arn("b2")]),
             "after": trust(&[app_arn("a1"), new_app_arn()]), "effect": "both"},
            {"path": "description", "before": "by hand \u{202e}", "after": ""},
            {"path": "tags.team", "before": null, "after": "growth"},
            {"path": "permissions_boundary", "before": "arn:aws:iam::123456789012:policy/b", "after": null},
        ])),
        {
            let mut replace = change("role.mail", "replace", "replace_asked", json!([]));
            replace["notes"] = json!(["stops streaming until the role is ready"]);
            replace
        },
        change("event_stream.blog", "create", "depends_on", json!([
            {"path": "app_id", "before": null, "after": {"after_step": 1}}
        ])),
        change("event_stream.old", "delete", "removed_from_manifest", json!([
            {"path": "destination", "before": "arn:aws:kinesis:eu-west-1:123456789012:stream/c", "after": null}
        ])),
        change("role.found", "adopt", "adoption_asked", json!([
            {"path": "tags.pinpoint-streams:workspace", "before": null, "after": "growth"}
        ])),
        change("role.legacy", "forget", "forget_asked", json!([])),
    ])
}

#[test]
fn each_change_shows_its_sign_its_address_why_and_only_the_fields_that_change() {
    assert_snapshot!(plain(&plan(&every_action(), Detail::Changes)));
}

#[test]
fn with_every_detail_whole_policies_and_the_fields_of_creates_are_shown() {
    assert_snapshot!(plain(&plan(&every_action(), Detail::Everything)));
}

#[test]
fn every_reason_is_shown_in_words() {
    let reasons = [
        "new", "manifest_changed", "drifted", "manifest_changed_and_drifted", "vanished", "depends_on", "moved",
        "lost_record", "adoption_asked", "replace_asked", "removed_from_manifest", "destroy_asked", "forget_asked",
    ];
    let changes: Vec<Value> = reasons.iter().map(|reason| change("role.shop", "update", reason, json!([]))).collect();
    assert_snapshot!(shown(&changes));
}

#[test]
fn a_policy_that_only_widens_shows_the_line_that_it_gains() {
    let fields = json!([{"path": "inline_policies.P", "effect": "widens",
        "before": permissions(&["kinesis:PutRecords"]),
        "after": permissions(&["kinesis:DescribeStream", "kinesis:PutRecords"])}]);
    assert_snapshot!(shown(&[change("role.shop", "update", "manifest_changed", fields)]));
}

fn permissions(actions: &[&str]) -> Value {
    json!({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": actions,
        "Resource": "arn:aws:kinesis:eu-west-1:123456789012:stream/c"}]})
}

#[test]
fn a_value_that_is_no_policy_is_shown_as_it_is() {
    let fields = json!([{"path": "trust_policy", "before": "not a policy", "after": permissions(&["a:b"])}]);
    assert_snapshot!(shown(&[change("role.shop", "update", "drifted", fields)]));
}

#[test]
fn a_long_plan_is_grouped_by_account_and_region_with_counts() {
    let mut changes: Vec<Value> =
        (0..12).map(|n| change(&format!("event_stream.a{n}"), "create", "new", json!([]))).collect();
    changes.extend((0..9).map(|n| change(&format!("role.a{n}"), "update", "drifted", json!([]))));
    let mut elsewhere = change("event_stream.far", "delete", "removed_from_manifest", json!([]));
    elsewhere["account"] = json!("210987654321");
    elsewhere["region"] = json!("us-east-1");
    changes.push(elsewhere);
    assert_snapshot!(shown(&changes));
}

#[test]
fn a_plan_without_changes_says_so() {
    assert_snapshot!(shown(&[]));
}

#[test]
fn a_partial_plan_says_what_was_selected() {
    let mut partial = testing::plan(&[change("role.shop", "create", "new", json!([]))]);
    partial.options.targets = vec!["role.shop".to_owned(), "app.*".to_owned()];
    partial.options.excludes = vec!["event_stream.\u{1b}[2J".to_owned()];
    assert_snapshot!(plain(&plan(&partial, Detail::Changes)));
}

#[test]
fn drift_has_its_own_last_line() {
    let mut drift = testing::plan(&[
        change("role.shop", "update", "drifted", json!([{"path": "description", "before": "a", "after": "b"}])),
        change("event_stream.shop", "delete", "vanished", json!([])),
    ]);
    drift.mode = Mode::Drift;
    assert_snapshot!(plain(&plan(&drift, Detail::Changes)));
}

#[test]
fn without_colours_nothing_is_lost_and_with_them_nothing_is_said_otherwise() {
    let text = plan(&every_action(), Detail::Changes);
    assert!(text.contains("\u{1b}["));
    assert!(!plain(&text).contains('\u{1b}'));
}

#[test]
fn the_json_of_a_plan_is_a_contract() {
    let json = super::json(&every_action());
    assert_eq!(serde_json::from_str::<Plan>(&json).unwrap(), every_action());
    assert_snapshot!(json);
}

fn two_problems() -> Vec<Problem> {
    vec![
        Problem {
            code: ProblemCode::StreamNotFound,
            address: Some("event_stream.shop".parse().unwrap()),
            message: "there is no stream `clickstream` in us-east-1 \u{1b}[31m".to_owned(),
            hint: Some("create it, or name another under [streams.*]".to_owned()),
        },
        Problem {
            code: ProblemCode::MassDelete,
            address: None,
            message: "the plan deletes 30 of 40 resources, and [safety] max_delete is 12".to_owned(),
            hint: None,
        },
    ]
}

#[test]
fn problems_say_where_what_and_what_to_do() {
    assert_snapshot!(plain(&problems::text(&two_problems())));
}

#[test]
fn problems_in_json_are_a_contract() {
    assert_snapshot!(problems::json(&two_problems()));
}

#[test]
fn warnings_are_a_line_each() {
    assert_snapshot!(plain(&problems::warnings(&every_action().warnings)));
}
