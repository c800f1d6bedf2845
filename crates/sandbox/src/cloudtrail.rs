//! CloudTrail: LookupEvents over the last 90 days. Writes of Pinpoint are recorded; that a role was assumed is derived
//! from its last use.
use crate::json_call::{JsonError, Outcome, page, respond, size};
use crate::wire::{Reply, Request};
use crate::world::World;
use crate::world::iam::{Role, RoleUse};
use crate::world::sources::TrailEvent;
use jiff::SignedDuration;
use serde_json::{Map, Value, json};

/// Source: CloudTrail API reference, LookupEvents.
const KEPT: SignedDuration = SignedDuration::from_hours(90 * 24);
const PAGE: usize = 50;

pub(crate) fn answer(world: &mut World, request: &Request, request_id: &str) -> Reply {
    let outcome = match request.operation.name.as_ref() {
        "LookupEvents" => look_up(world, request, &request.json().unwrap_or_default()),
        other => Err(JsonError::new("UnknownOperationException", other)),
    };
    respond(outcome, request_id)
}

fn look_up(world: &mut World, request: &Request, body: &Map<String, Value>) -> Outcome {
    let attributes = body.get("LookupAttributes").and_then(Value::as_array).cloned().unwrap_or_default();
    let attribute = |name: &str| attributes.first().and_then(|one| one.get(name)?.as_str()).unwrap_or_default();
    let (key, value) = (attribute("AttributeKey"), attribute("AttributeValue"));
    if attributes.len() > 1 || !["", "EventName", "ResourceName"].contains(&key) {
        let message = "The lookup attribute is not supported.";
        return Err(JsonError::new("InvalidLookupAttributesException", message));
    }
    let oldest = world.now() - KEPT;
    let account = world.account(&request.account);
    // What an event names as its resources: of the recorded ones, nothing.
    let recorded = account.sources.events.values().map(|event| (event.clone(), None, None));
    let assumed = account.roles.values().filter_map(|role| {
        let RoleUse { at, region } = role.last_used.clone()?;
        let event = TrailEvent {
            at,
            region,
            source: "sts.amazonaws.com".to_owned(),
            name: "AssumeRole".to_owned(),
            parameters: json!({ "roleArn": role.arn, "roleSessionName": "sandbox" }),
            error: None,
        };
        Some((event, Some(role.arn.clone()), invoked_by(role)))
    });
    let mut found: Vec<(TrailEvent, Option<String>, Option<&str>)> = recorded
        .chain(assumed)
        .filter(|(event, resource, _)| {
            event.region == request.region
                && event.at >= oldest
                && match key {
                    "EventName" => event.name == value,
                    "ResourceName" => resource.as_deref() == Some(value),
                    _ => true,
                }
        })
        .collect();
    found.sort_by_key(|(event, ..)| std::cmp::Reverse(event.at));
    let events =
        found.iter().map(|(event, resource, by)| listed(&request.account, event, resource.as_deref(), *by));
    let size = size(body, "MaxResults", PAGE, PAGE, "InvalidMaxResultsException")?;
    page("Events", events.collect(), size, body, "InvalidNextTokenException")
}

fn invoked_by(role: &Role) -> Option<&'static str> {
    role.trust.contains("pinpoint.amazonaws.com").then_some("pinpoint.amazonaws.com")
}

fn listed(account: &str, event: &TrailEvent, resource: Option<&str>, invoked_by: Option<&str>) -> Value {
    let TrailEvent { at, region, source, name, parameters, error } = event;
    let identity = match invoked_by {
        Some(service) => json!({ "type": "AWSService", "invokedBy": service }),
        None => json!({ "type": "AssumedRole", "accountId": account }),
    };
    let mut text = json!({
        "eventVersion": "1.09",
        "userIdentity": identity,
        "eventTime": format!("{at:.0}"),
        "eventSource": source,
        "eventName": name,
        "awsRegion": region,
        "requestParameters": parameters,
        "recipientAccountId": account,
    });
    if let Some(error) = error {
        text["errorCode"] = Value::from(error.as_str());
    }
    let resources: Vec<Value> =
        resource.map(|arn| json!({ "ResourceType": "AWS::IAM::Role", "ResourceName": arn })).into_iter().collect();
    json!({
        "EventName": name,
        "EventSource": source,
        "EventTime": at.as_second(),
        "Resources": resources,
        "CloudTrailEvent": text.to_string(),
    })
}
