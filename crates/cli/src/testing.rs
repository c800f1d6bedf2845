//! Hand-made plans for the unit tests of this crate.
use pinpoint_streams_model::fact::Fact;
use pinpoint_streams_model::plan::{Change, FORMAT_VERSION, Mode, Options, Plan, Summary, Warning};
use serde_json::{Value, json};

/// A plan of these changes (as JSON) with steps that make `app.blog`, and only that, by step 1.
pub(crate) fn plan(changes: &[Value]) -> Plan {
    let changes: Vec<Change> =
        changes.iter().cloned().map(|change| serde_json::from_value(change).unwrap()).collect();
    let mut summary = Summary { keep: 40, ..Summary::default() };
    changes.iter().for_each(|change| summary.count(change.action));
    let steps = if changes.is_empty() { json!([]) } else { json!([create_blog()]) };
    let mut plan = Plan {
        format_version: FORMAT_VERSION,
        tool_version: "0.1.0".to_owned(),
        workspace: "growth".parse().unwrap(),
        mode: Mode::Converge,
        plan_digest: "sha256:0".to_owned().into(),
        options: Options::default(),
        basis: serde_json::from_value(json!({
            "manifest_digest": "sha256:1", "lineage": "3f2a", "serial": 7, "accounts": {"main": "123456789012"}
        }))
        .unwrap(),
        changes,
        steps: serde_json::from_value(steps).unwrap(),
        summary,
        warnings: vec![Warning {
            address: None,
            fact: Fact::Text { text: "a bucket without versioning".to_owned() },
        }],
        access: None,
    };
    plan.plan_digest = plan.digest();
    plan
}

fn create_blog() -> Value {
    json!({"id": 1, "address": "app.blog", "after": [], "op": {"create_app": {
        "account": "123456789012", "region": "eu-west-1", "name": "Blog", "tags": {}, "protect": false,
        "owner": {"workspace": "growth", "lineage": null, "address": "app.blog", "origin": "created"},
    }}})
}

/// What [`create_blog`] does.
pub(crate) fn new_blog() -> Value {
    change("app.blog", "create", "new", json!([{"path": "name", "before": null, "after": "Blog"}]))
}

/// A change of this address; its kind, account and region follow from it.
pub(crate) fn change(address: &str, action: &str, reason: &str, fields: Value) -> Value {
    let kind = match address.split('.').next().unwrap() {
        "iam" => "role",
        kind => kind,
    };
    let region = if kind == "role" { Value::Null } else { json!("eu-west-1") };
    json!({"address": address, "kind": kind, "account": "123456789012", "region": region,
        "action": action, "reason": reason, "fields": fields})
}

/// A trust policy that admits apps of these ARNs.
pub(crate) fn trust(sources: &[Value]) -> Value {
    json!({"Version": "2012-10-17", "Statement": [{
        "Effect": "Allow", "Principal": {"Service": "pinpoint.amazonaws.com"}, "Action": "sts:AssumeRole",
        "Condition": {
            "ArnLike": {"aws:SourceArn": sources},
            "StringEquals": {"aws:SourceAccount": "123456789012"},
        },
    }]})
}

pub(crate) fn app_arn(id: &str) -> Value {
    json!(format!("arn:aws:mobiletargeting:eu-west-1:123456789012:apps/{id}"))
}

/// The ARN of the app that step 1 makes.
pub(crate) fn new_app_arn() -> Value {
    json!({"after_step": 1, "format": app_arn("{}")})
}

pub(crate) fn plain(text: &str) -> String {
    anstream::adapter::strip_str(text).to_string()
}
