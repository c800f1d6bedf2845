//! AWS Account Management: ListRegions.

use crate::wire::{Reply, Request};
use crate::world::World;
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// The regions that are enabled in every account. Source: Account Management reference guide, "Enable or disable AWS
/// Regions in your account".
const DEFAULT: [&str; 17] = [
    "ap-northeast-1",
    "ap-northeast-2",
    "ap-northeast-3",
    "ap-south-1",
    "ap-southeast-1",
    "ap-southeast-2",
    "ca-central-1",
    "eu-central-1",
    "eu-north-1",
    "eu-west-1",
    "eu-west-2",
    "eu-west-3",
    "sa-east-1",
    "us-east-1",
    "us-east-2",
    "us-west-1",
    "us-west-2",
];

/// The maximum page size. Source: Account Management API reference, ListRegions (MaxResults 1 to 50).
const MAX_RESULTS: usize = 50;

pub(crate) fn answer(world: &mut World, request: &Request, request_id: &str) -> Reply {
    if request.operation.name != "ListRegions" {
        return Reply::rest_json_error(404, "ResourceNotFoundException", "Not Found", request_id);
    }
    // A region with a stack has been enabled.
    let roles = world.account(&request.account).roles.values();
    let with_stacks = roles.filter_map(|role| Some(role.stack.as_ref()?.region.clone()));
    let enabled: BTreeSet<String> = with_stacks.chain(DEFAULT.map(str::to_owned)).collect();
    let body = request.json().unwrap_or_default();
    let most = body.get("MaxResults").and_then(Value::as_u64).and_then(|most| usize::try_from(most).ok());
    let most = most.unwrap_or(MAX_RESULTS).clamp(1, MAX_RESULTS);
    let start = body.get("NextToken").and_then(Value::as_str).map_or(Some(0), |token| token.parse::<usize>().ok());
    let Some(start) = start else {
        return Reply::rest_json_error(400, "ValidationException", "Invalid NextToken", request_id);
    };
    let page: Vec<Value> = enabled
        .iter()
        .skip(start)
        .take(most)
        .map(|name| {
            let status = if DEFAULT.contains(&name.as_str()) { "ENABLED_BY_DEFAULT" } else { "ENABLED" };
            json!({ "RegionName": name, "RegionOptStatus": status })
        })
        .collect();
    let end = start + page.len();
    let mut reply = json!({ "Regions": page });
    if end < enabled.len() {
        reply["NextToken"] = Value::from(end.to_string());
    }
    Reply::rest_json(200, reply.to_string(), request_id)
}
