//! Every call of the adapter, by the service that answers.
use crate::script::ACCOUNT;
use pinpoint_streams_model::ids::AccountRole;
use pinpoint_streams_model::live::Question;
use pinpoint_streams_model::op::{Op, Resolved};
use serde_json::{Value, json};
use std::fmt::Debug;
use std::str::FromStr;

const REGION: &str = "eu-west-1";
const APP: &str = "abc123";
const ROLE: &str = "arn:aws:iam::123456789012:role/Shop";
const STREAMS: [&str; 2] = [
    "arn:aws:kinesis:eu-west-1:123456789012:stream/clicks",
    "arn:aws:firehose:eu-west-1:123456789012:deliverystream/clicks",
];

/// A service whose answers are parsed, and one target.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Group {
    Iam,
    Pinpoint,
    Streams,
    CloudFormation,
    Config,
    CloudTrail,
    AccessAnalyzer,
    Ses,
    Lambda,
    CloudWatch,
    Organizations,
}

#[derive(Debug, Clone)]
pub(crate) enum Call {
    Read(Question),
    Write(Op<Resolved>),
    OrganizationAccounts,
}

pub(crate) fn parsed<T: FromStr<Err: Debug>>(text: &str) -> T {
    text.parse().expect("a valid text")
}

/// The calls of a group. The first byte of an input selects one: `A` the first, `B` the second…
pub(crate) fn calls(group: Group) -> Vec<Call> {
    match group {
        Group::Iam => iam(),
        Group::Pinpoint => pinpoint(),
        Group::Streams => {
            let of = |stream: &str| [json!({ "stream": stream }), json!({ "stream_capacity": stream })];
            reads(STREAMS.into_iter().flat_map(of))
        }
        Group::CloudFormation => reads([json!({ "stack": { "place": place(), "name": "Shop" } })]),
        Group::Config => reads([
            json!({ "config_recorder": place() }),
            json!({ "config_event_streams": place() }),
            json!({ "config_aggregators": place() }),
            json!({ "aggregated_event_streams": named("all") }),
            json!({ "config_history": app() }),
        ]),
        Group::CloudTrail => reads([
            json!({ "role_uses": { "role": ROLE, "region": REGION } }),
            json!({ "event_stream_changes": place() }),
        ]),
        Group::AccessAnalyzer => reads([json!({ "unused_roles": place() })]),
        Group::Ses => reads([
            json!({ "email_identities": place() }),
            json!({ "identity_policies": named("example.com") }),
            json!({ "configuration_sets": place() }),
            json!({ "pinpoint_destinations": named("main") }),
        ]),
        Group::Lambda => reads([json!({ "functions": place() }), json!({ "function_policy": named("hook") })]),
        Group::CloudWatch => {
            let of = |stream: &str| {
                let (from, to) = ("2026-10-29T00:00:00Z", "2026-11-28T00:00:00Z");
                json!({ "incoming_records": { "stream": stream, "from": from, "to": to } })
            };
            reads(STREAMS.map(of))
        }
        Group::Organizations => {
            let mut calls = reads([json!({ "enabled_regions": ACCOUNT })]);
            calls.push(Call::OrganizationAccounts);
            calls
        }
    }
}

fn iam() -> Vec<Call> {
    let account = parsed(ACCOUNT);
    let role = AccountRole::of(&account, &parsed("Shop"));
    let policy = "arn:aws:iam::123456789012:policy/Write";
    let mut calls: Vec<Call> = [
        Question::Roles(account.clone()),
        Question::role_directly(&account, &role.name),
        Question::RoleInPart(role),
        Question::RoleList(account.clone()),
        Question::LastAccessed(parsed(ROLE)),
        Question::Quotas(account),
    ]
    .map(Call::Read)
    .into();
    calls.extend(reads([json!({ "policy_document": { "account": ACCOUNT, "arn": policy } })]));
    let document = json!({ "Version": "2012-10-17", "Statement": [{
        "Effect": "Allow",
        "Principal": { "Service": "pinpoint.amazonaws.com" },
        "Action": "sts:AssumeRole",
    }] });
    calls.extend(writes([
        json!({ "create_role": {
            "arn": ROLE,
            "trust_policy": document,
            "description": "",
            "max_session_duration": 3600,
            "permissions_boundary": policy,
            "tags": { "team": "growth" },
            "owner": null,
            "protect": false,
        } }),
        json!({ "update_trust_policy": { "role": ROLE, "trust_policy": document } }),
        json!({ "put_role_policy": { "role": ROLE, "policy_name": "Write", "document": document } }),
        json!({ "delete_role_policy": { "role": ROLE, "policy_name": "Write" } }),
        json!({ "update_role": { "role": ROLE, "description": "", "max_session_duration": 3600 } }),
        json!({ "put_permissions_boundary": { "role": ROLE, "permissions_boundary": policy } }),
        json!({ "delete_permissions_boundary": { "role": ROLE } }),
        json!({ "tag_role": { "role": ROLE, "tags": { "team": "growth" }, "owner": null } }),
        json!({ "untag_role": { "role": ROLE, "tag_keys": ["team"] } }),
        json!({ "attach_role_policy": { "role": ROLE, "policy": policy } }),
        json!({ "detach_role_policy": { "role": ROLE, "policy": policy } }),
        json!({ "add_role_to_instance_profile": { "role": ROLE, "instance_profile": "web" } }),
        json!({ "remove_role_from_instance_profile": { "role": ROLE, "instance_profile": "web" } }),
        json!({ "delete_role": { "role": ROLE, "role_id": "AROAEXAMPLEEXAMPLE01" } }),
    ]));
    calls
}

fn pinpoint() -> Vec<Call> {
    let mut calls = reads([
        json!({ "apps": place() }),
        json!({ "app": app() }),
        json!({ "app_tags": app() }),
        json!({ "channels": app() }),
        json!({ "event_stream": app() }),
        json!({ "import_jobs": app() }),
        json!({ "export_jobs": app() }),
        json!({ "recommenders": place() }),
        json!({ "email_channel": app() }),
        json!({ "message_templates": place() }),
    ]);
    let of_app = |mut rest: Value| {
        for (key, value) in [("account", ACCOUNT), ("region", REGION), ("app_id", APP)] {
            rest[key] = json!(value);
        }
        rest
    };
    let owner = json!({ "workspace": "growth", "lineage": "3f2a", "address": "app.shop", "origin": "created" });
    calls.extend(writes([
        json!({ "create_app": {
            "account": ACCOUNT, "region": REGION, "name": "Shop", "tags": {}, "owner": owner, "protect": false,
        } }),
        json!({ "tag_app": of_app(json!({ "tags": { "team": "growth" }, "owner": null })) }),
        json!({ "untag_app": of_app(json!({ "tag_keys": ["team"] })) }),
        json!({ "delete_app": of_app(json!({ "name": "Shop" })) }),
        json!({ "put_event_stream":
            of_app(json!({ "destination": STREAMS[0], "role_arn": ROLE, "protect": false })) }),
        json!({ "delete_event_stream": of_app(json!({ "destination": STREAMS[0], "role_arn": ROLE })) }),
    ]));
    calls
}

fn place() -> String {
    format!("{ACCOUNT}/{REGION}")
}

fn named(name: &str) -> Value {
    json!({ "place": place(), "name": name })
}

fn app() -> String {
    format!("arn:aws:mobiletargeting:{REGION}:{ACCOUNT}:apps/{APP}")
}

/// Questions in their serialized form.
fn reads(questions: impl IntoIterator<Item = Value>) -> Vec<Call> {
    let read = |question| Call::Read(serde_json::from_value(question).expect("a question"));
    questions.into_iter().map(read).collect()
}

/// Operations in their serialized form.
fn writes(ops: impl IntoIterator<Item = Value>) -> Vec<Call> {
    let write = |op| Call::Write(serde_json::from_value(op).expect("an operation"));
    ops.into_iter().map(write).collect()
}
