//! Tags of apps. Source: Pinpoint developer guide, "Tag restrictions": 50 a resource, key 1 to 128, value to 256
//! characters, `aws:` reserved.

use super::{Refusal, app_of};
use crate::wire::Request;
use crate::world::World;
use serde_json::{Map, Value};
use std::collections::HashMap;

const MOST: usize = 50;

/// The `tags` of a request's body.
pub(super) fn of(body: &Map<String, Value>) -> Result<HashMap<String, String>, Refusal> {
    let Some(tags) = body.get("tags") else {
        return Ok(HashMap::new());
    };
    serde_json::from_value(tags.clone()).map_err(|_| Refusal::bad_request("tags must be a map of strings"))
}

/// Checks what a TagResource would add.
pub(super) fn check(world: &mut World, request: &Request) -> Result<(), Refusal> {
    let Some(body) = request.json() else {
        return Err(Refusal::bad_request("Invalid JSON"));
    };
    let regional = &world.account(&request.account).regional;
    let held = regional.apps(&request.region).remove(&app_of(request));
    check_all(held.unwrap_or_default().tags, &of(&body)?)
}

/// Checks tags that are added to those held.
pub(super) fn check_all(
    mut held: HashMap<String, String>,
    added: &HashMap<String, String>,
) -> Result<(), Refusal> {
    for (key, value) in added {
        if !(1..=128).contains(&key.chars().count()) || value.chars().count() > 256 {
            return Err(Refusal::bad_request(format!(
                "Tag {key}: keys have 1 to 128 characters, values 256 at most"
            )));
        }
        if key.to_ascii_lowercase().starts_with("aws:") {
            return Err(Refusal::bad_request("Tag keys must not start with aws:"));
        }
        held.insert(key.clone(), value.clone());
    }
    if held.len() > MOST {
        let over = format!("A resource can have {MOST} tags at most");
        return Err(Refusal::bad_request(over));
    }
    Ok(())
}
