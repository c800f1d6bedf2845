//! Amazon SES, API version 2: identities with their policies, and configuration sets with their event destinations.
use crate::json_call::{JsonError, Outcome, page, size};
use crate::wire::{Reply, Request};
use crate::world::World;
use crate::world::others::{OtherKind, OtherResource};
use serde_json::{Value, json};

const INVALID: &str = "BadRequestException";
/// The largest page, and that of a request without a size.
/// Source: SES API v2 reference, ListEmailIdentities.
const PAGE: usize = 1000;

pub(crate) fn answer(world: &mut World, request: &Request, request_id: &str) -> Reply {
    let outcome = match request.operation.name.as_ref() {
        "ListEmailIdentities" => {
            let identities = others(world, request).filter_map(|one| match &one.resource {
                OtherKind::EmailIdentity { .. } => Some(json!({
                    "IdentityType": if one.name.contains('@') { "EMAIL_ADDRESS" } else { "DOMAIN" },
                    "IdentityName": one.name,
                    "SendingEnabled": true,
                    "VerificationStatus": "SUCCESS",
                })),
                _ => None,
            });
            listed(request, "EmailIdentities", identities.collect())
        }
        "GetEmailIdentityPolicies" => {
            let name = request.segment(3);
            let found = others(world, request).find_map(|one| match &one.resource {
                OtherKind::EmailIdentity { policies } if one.name == name => Some(json!({ "Policies": policies })),
                _ => None,
            });
            found.ok_or_else(|| not_found("Email identity", &name))
        }
        "ListConfigurationSets" => {
            let sets = others(world, request).filter_map(|one| match &one.resource {
                OtherKind::ConfigurationSet { .. } => Some(Value::from(one.name.as_str())),
                _ => None,
            });
            listed(request, "ConfigurationSets", sets.collect())
        }
        "GetConfigurationSetEventDestinations" => {
            let name = request.segment(3);
            let found = others(world, request).find_map(|one| match &one.resource {
                OtherKind::ConfigurationSet { to_pinpoint, to_topics } if one.name == name => {
                    let to_pinpoint = to_pinpoint.iter().map(|(name, app)| {
                        destination(name, "PinpointDestination", json!({ "ApplicationArn": app }))
                    });
                    let to_topics = to_topics
                        .iter()
                        .map(|(name, topic)| destination(name, "SnsDestination", json!({ "TopicArn": topic })));
                    let destinations: Vec<Value> = to_pinpoint.chain(to_topics).collect();
                    Some(json!({ "EventDestinations": destinations }))
                }
                _ => None,
            });
            found.ok_or_else(|| not_found("Configuration set", &name))
        }
        other => Err(JsonError::new("NotFoundException", other)),
    };
    match outcome {
        Ok(body) => Reply::rest_json(200, body.to_string(), request_id),
        Err(JsonError { code, message }) => {
            let status = if code == "NotFoundException" { 404 } else { 400 };
            Reply::rest_json_error(status, code, &message, request_id)
        }
    }
}

fn others<'a>(world: &'a mut World, request: &'a Request) -> impl Iterator<Item = &'a OtherResource> {
    world.account(&request.account).others_in(&request.region)
}

fn listed(request: &Request, name: &str, all: Vec<Value>) -> Outcome {
    let body = request.json().unwrap_or_default();
    let size = size(&body, "PageSize", PAGE, PAGE, INVALID)?;
    page(name, all, size, &body, INVALID)
}

fn destination(name: &str, kind: &str, to: Value) -> Value {
    json!({ "Name": name, "Enabled": true, "MatchingEventTypes": ["SEND"], kind: to })
}

fn not_found(what: &str, name: &str) -> JsonError {
    JsonError::new("NotFoundException", format!("{what} <{name}> does not exist."))
}
