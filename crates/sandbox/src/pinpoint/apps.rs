//! Apps and their tags. Source of the limits: Pinpoint developer guide, "Tag restrictions": 50 a resource, key 1 to
//! 128, value to 256 characters, `aws:` reserved.
use super::{Outcome, PinpointError, app_of};
use crate::wire::Request;
use crate::world::World;
use crate::world::regional::Kind;
use serde_json::{Map, Value, json};
use std::collections::HashMap;
use winterbaume_pinpoint::views::PinpointAppView;

/// Not documented by AWS.
const DEFAULT_PAGE_SIZE: usize = 100;

/// CreateApp. Names need not be unique.
pub(super) fn create(world: &mut World, request: &Request) -> Outcome {
    let (account, region) = (&request.account, &request.region);
    let Some(body) = request.json() else {
        return Err(PinpointError::bad_request("Invalid JSON"));
    };
    let Some(name) = body.get("Name").and_then(Value::as_str) else {
        return Err(PinpointError::bad_request("Missing required field: Name"));
    };
    if !(1..=64).contains(&name.chars().count()) {
        return Err(PinpointError::bad_request("Name must have 1 to 64 characters"));
    }
    let added = tags_of(&body)?;
    check_tags(HashMap::new(), &added)?;
    let quota = world.settings.quotas.apps;
    if world.account(account).regional.apps(region).len() >= quota {
        return Err(PinpointError::bad_request(format!(
            "You have reached the limit of {quota} applications for your account in this region."
        )));
    }
    let id = world.ids.app();
    let app = PinpointAppView {
        arn: world.app_arn(account, region, &id),
        id: id.clone(),
        name: name.to_owned(),
        creation_date: super::time(world.now()),
        tags: added,
        ..PinpointAppView::default()
    };
    let made = response(&app);
    world.change_region(account, region, Kind::Pinpoint, Some(&id), |regional| {
        regional.put_app(region, app);
    });
    Ok((201, made.to_string()))
}

/// GetApps, ordered by ID. A token is the last ID of the page before.
pub(super) fn list(world: &mut World, request: &Request) -> Outcome {
    let size = match request.parameter("page-size") {
        None => DEFAULT_PAGE_SIZE,
        Some(text) => match text.parse() {
            Ok(size @ 1..) => size,
            _ => return Err(PinpointError::bad_request("page-size must be a positive number")),
        },
    };
    let token = request.parameter("token").unwrap_or_default();
    let apps = world.account(&request.account).regional.apps(&request.region);
    let mut apps: Vec<_> = apps.into_values().filter(|app| app.id > token).collect();
    apps.sort_by(|a, b| a.id.cmp(&b.id));
    let more = apps.len() > size;
    apps.truncate(size);
    let mut page = json!({ "Item": apps.iter().map(response).collect::<Vec<_>>() });
    if let (true, Some(last)) = (more, apps.last()) {
        page["NextToken"] = last.id.clone().into();
    }
    Ok((200, page.to_string()))
}

/// GetChannels. Only email channels are modelled.
pub(super) fn channels(world: &mut World, request: &Request) -> Outcome {
    let id = request.segment(2);
    let regional = &world.account(&request.account).regional;
    if !regional.apps(&request.region).contains_key(&id) {
        return Err(PinpointError::not_found("Application not found"));
    }
    let email = regional.email_channel(&request.region, &id);
    let channels = match email {
        Some(enabled) => json!({ "EMAIL": { "ApplicationId": id, "Enabled": enabled, "Id": "email" } }),
        None => json!({}),
    };
    Ok((200, json!({ "Channels": channels }).to_string()))
}

fn response(app: &PinpointAppView) -> Value {
    // winterbaume's views have an offset in place of the Z.
    let created = app.creation_date.parse().map_or_else(|_| app.creation_date.clone(), super::time);
    let mut response = json!({ "Arn": app.arn, "CreationDate": created, "Id": app.id, "Name": app.name });
    if !app.tags.is_empty() {
        response["tags"] = json!(app.tags);
    }
    response
}

const MAX_TAGS: usize = 50;

fn tags_of(body: &Map<String, Value>) -> Result<HashMap<String, String>, PinpointError> {
    let Some(tags) = body.get("tags") else { return Ok(HashMap::new()) };
    serde_json::from_value(tags.clone()).map_err(|_| PinpointError::bad_request("tags must be a map of strings"))
}

pub(super) fn check_tag_resource(world: &mut World, request: &Request) -> Result<(), PinpointError> {
    let Some(body) = request.json() else {
        return Err(PinpointError::bad_request("Invalid JSON"));
    };
    let regional = &world.account(&request.account).regional;
    let held = regional.apps(&request.region).remove(&app_of(request));
    check_tags(held.unwrap_or_default().tags, &tags_of(&body)?)
}

fn check_tags(mut held: HashMap<String, String>, added: &HashMap<String, String>) -> Result<(), PinpointError> {
    for (key, value) in added {
        if !(1..=128).contains(&key.chars().count()) || value.chars().count() > 256 {
            return Err(PinpointError::bad_request(format!(
                "Tag {key}: keys have 1 to 128 characters, values 256 at most"
            )));
        }
        if key.to_ascii_lowercase().starts_with("aws:") {
            return Err(PinpointError::bad_request("Tag keys must not start with aws:"));
        }
        held.insert(key.clone(), value.clone());
    }
    if held.len() > MAX_TAGS {
        let over = format!("A resource can have {MAX_TAGS} tags at most");
        return Err(PinpointError::bad_request(over));
    }
    Ok(())
}
