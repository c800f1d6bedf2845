//! Apps: made and listed.

use super::{Answered, Refusal, tags};
use crate::wire::Request;
use crate::world::World;
use crate::world::regional::Kind;
use serde_json::{Value, json};
use std::collections::HashMap;
use winterbaume_pinpoint::views::PinpointAppView;

/// Apps on a page where none were asked for. Not documented by AWS.
const DEFAULT_PAGE: usize = 100;

/// Makes an app with an id of our own. Names need not be unique.
pub(super) fn create(world: &mut World, request: &Request) -> Answered {
    let (account, region) = (&request.account, &request.region);
    let Some(body) = request.json() else {
        return Err(Refusal::bad_request("Invalid JSON"));
    };
    let Some(name) = body.get("Name").and_then(Value::as_str) else {
        return Err(Refusal::bad_request("Missing required field: Name"));
    };
    if !(1..=64).contains(&name.chars().count()) {
        return Err(Refusal::bad_request("Name must have 1 to 64 characters"));
    }
    let added = tags::of(&body)?;
    tags::check_all(HashMap::new(), &added)?;
    let quota = world.settings.quotas.apps;
    if world.account(account).regional.apps(region).len() >= quota {
        return Err(Refusal::bad_request(format!(
            "You have reached the limit of {quota} applications for your account in this region."
        )));
    }
    let id = world.ids.app();
    let app = PinpointAppView {
        arn: arn(world, account, region, &id),
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

/// Lists apps in the order of their ids. A token holds the last id shown.
pub(super) fn list(world: &mut World, request: &Request) -> Answered {
    let size = match request.parameter("page-size") {
        None => DEFAULT_PAGE,
        Some(text) => match text.parse() {
            Ok(size @ 1..) => size,
            _ => return Err(Refusal::bad_request("page-size must be a positive number")),
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

/// The channels of an app: none but email can be set up here.
pub(super) fn channels(world: &mut World, request: &Request) -> Answered {
    let id = request.segment(2);
    let regional = &world.account(&request.account).regional;
    if !regional.apps(&request.region).contains_key(&id) {
        return Err(Refusal::not_found("Application not found"));
    }
    let email = regional.email_channel(&request.region, &id);
    let channels = match email {
        Some(enabled) => json!({ "EMAIL": { "ApplicationId": id, "Enabled": enabled, "Id": "email" } }),
        None => json!({}),
    };
    Ok((200, json!({ "Channels": channels }).to_string()))
}

pub(crate) fn arn(world: &mut World, account: &str, region: &str, id: &str) -> String {
    let partition = &world.account(account).partition;
    format!("arn:{partition}:mobiletargeting:{region}:{account}:apps/{id}")
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
