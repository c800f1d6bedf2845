//! AWS Account Management: ListRegions.
use crate::json_call::{JsonError, page};
use crate::wire::{Reply, Request};
use crate::world::World;
use pinpoint_streams_model::region::ENABLED_BY_DEFAULT;
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// The maximum page size. Source: Account Management API reference, ListRegions (MaxResults 1 to 50).
const MAX_RESULTS: usize = 50;

pub(crate) fn answer(world: &mut World, request: &Request, request_id: &str) -> Reply {
    if request.operation.name != "ListRegions" {
        return Reply::rest_json_error(404, "ResourceNotFoundException", "Not Found", request_id);
    }
    // A region with a stack has been enabled.
    let roles = world.account(&request.account).roles.values();
    let with_stacks = roles.filter_map(|role| Some(role.stack.as_ref()?.region.clone()));
    let enabled: BTreeSet<String> = with_stacks.chain(ENABLED_BY_DEFAULT.map(str::to_owned)).collect();
    let body = request.json().unwrap_or_default();
    let most = body.get("MaxResults").and_then(Value::as_u64).and_then(|most| usize::try_from(most).ok());
    let most = most.unwrap_or(MAX_RESULTS).clamp(1, MAX_RESULTS);
    let listed = enabled.iter().map(|name| {
        let status = if ENABLED_BY_DEFAULT.contains(&name.as_str()) { "ENABLED_BY_DEFAULT" } else { "ENABLED" };
        json!({ "RegionName": name, "RegionOptStatus": status })
    });
    match page("Regions", listed.collect(), most, &body, "ValidationException") {
        Ok(page) => Reply::rest_json(200, page.to_string(), request_id),
        Err(JsonError { code, message }) => Reply::rest_json_error(400, code, &message, request_id),
    }
}
