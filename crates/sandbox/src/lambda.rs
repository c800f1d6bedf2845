//! AWS Lambda: functions and their resource policies.
use crate::json_call::{JsonError, Outcome, slice};
use crate::wire::{Reply, Request};
use crate::world::World;
use crate::world::others::OtherKind;
use serde_json::{Value, json};

const INVALID: &str = "InvalidParameterValueException";
/// Source: Lambda API reference, ListFunctions: at most 50 in a page, whatever is asked for.
const PAGE: usize = 50;

pub(crate) fn answer(world: &mut World, request: &Request, request_id: &str) -> Reply {
    let outcome = match request.operation.name.as_ref() {
        "ListFunctions" => list(world, request),
        "GetPolicy" => {
            let name = request.segment(2);
            let mut others = world.account(&request.account).others_in(&request.region);
            let policy = others.find_map(|one| match &one.resource {
                OtherKind::Function { policy } if one.name == name => policy.as_ref(),
                _ => None,
            });
            let policy = policy.map(|policy| json!({ "Policy": policy, "RevisionId": "1" }));
            let missing = "The resource you requested does not exist.";
            policy.ok_or_else(|| JsonError::new("ResourceNotFoundException", missing))
        }
        other => Err(JsonError::new("ResourceNotFoundException", other)),
    };
    match outcome {
        Ok(body) => Reply::rest_json(200, body.to_string(), request_id),
        Err(JsonError { code, message }) => {
            let status = if code == INVALID { 400 } else { 404 };
            Reply::rest_json_error(status, code, &message, request_id)
        }
    }
}

fn list(world: &mut World, request: &Request) -> Outcome {
    let size = match request.parameter("MaxItems").map(|size| size.parse()) {
        None => PAGE,
        Some(Ok(size @ 1..=10_000)) => PAGE.min(size),
        Some(_) => return Err(JsonError::new(INVALID, "MaxItems must be from 1 to 10000.")),
    };
    let account = world.account(&request.account);
    let functions = account.others_in(&request.region).filter_map(|one| match &one.resource {
        OtherKind::Function { .. } => Some(json!({ "FunctionName": one.name, "Version": "$LATEST" })),
        _ => None,
    });
    let (items, next) = slice(functions.collect(), size, request.parameter("Marker").as_deref(), INVALID)?;
    Ok(json!({ "Functions": items, "NextMarker": next.map(Value::from) }))
}
