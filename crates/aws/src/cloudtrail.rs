//! CloudTrail's event history of the last 90 days: who assumed a role, and how event streams changed.
use crate::calling::patiently;
use crate::classify::{ApiOperation, CloudError, misread, missing};
use crate::pages::{self, Page};
use crate::service::JsonClient;
use crate::service::json::{Request, inner};
use jiff::Timestamp;
use pinpoint_streams_model::arn::RoleArn;
use pinpoint_streams_model::ids::{AccountId, AppId};
use pinpoint_streams_model::live::history::{EventStreamChange, EventStreamChangeKind, RoleUse};
use pinpoint_streams_model::live::question::{RegionalRoleArn, Service};
use pinpoint_streams_model::region::{AccountRegion, Region};
use serde::Deserialize;
use serde_json::{Map, Value, json};
use std::collections::BTreeSet;

pub(crate) const LOOKUP: ApiOperation = ApiOperation::new(Service::CloudTrail, "LookupEvents");
const TARGET: &str = "com.amazonaws.cloudtrail.v20131101.CloudTrail_20131101";
/// The largest page.
const PAGE: usize = 50;
const STS: &str = "sts.amazonaws.com";
/// The Pinpoint developer guide's examples have the first; the API's own namespace is the second.
/// Source: Pinpoint developer guide, "CloudTrail log entry examples".
const PINPOINT: [&str; 2] = ["pinpoint.amazonaws.com", "mobiletargeting.amazonaws.com"];
const CHANGES: [&str; 3] = ["PutEventStream", "DeleteEventStream", "DeleteApp"];

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Found {
    events: Vec<FoundEvent>,
    next_token: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct FoundEvent {
    /// JSON.
    cloud_trail_event: String,
}

/// Source: CloudTrail user guide, "CloudTrail record contents".
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Event {
    event_time: Timestamp,
    event_source: String,
    event_name: String,
    aws_region: Region,
    recipient_account_id: AccountId,
    user_identity: Option<Identity>,
    error_code: Option<String>,
    request_parameters: Option<Map<String, Value>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Identity {
    invoked_by: Option<String>,
}

impl Event {
    /// Pinpoint spells its parameters as in the API, path parameters in lower case with a hyphen.
    fn parameter(&self, names: &[&str]) -> Option<&str> {
        let parameters = self.request_parameters.as_ref()?;
        names.iter().find_map(|name| parameters.get(*name)?.as_str())
    }
}

/// All events with this attribute.
async fn events(
    cloudtrail: &JsonClient,
    place: &AccountRegion,
    key: &str,
    value: &str,
) -> Result<Vec<Event>, CloudError> {
    // Without a start time, the whole history.
    let texts = pages::all(LOOKUP, |token| async move {
        let attributes = json!([{ "AttributeKey": key, "AttributeValue": value }]);
        let body = json!({ "LookupAttributes": attributes, "MaxResults": PAGE, "NextToken": token });
        let Found { events, next_token } = cloudtrail.call(LOOKUP, Request::target(TARGET, LOOKUP, body)).await?;
        Ok(Page { items: events, next: next_token })
    });
    let events = texts.await?.into_iter().map(|event| {
        let event: Event = inner(LOOKUP, &event.cloud_trail_event)?;
        if (&event.recipient_account_id, &event.aws_region) != (&place.account, &place.region) {
            return Err(misread(LOOKUP, format!("an event of {} is not of {place}", event.aws_region)));
        }
        Ok(event)
    });
    events.collect()
}

pub(crate) async fn role_uses(
    cloudtrail: &JsonClient,
    RegionalRoleArn { role, region }: &RegionalRoleArn,
) -> Result<BTreeSet<RoleUse>, CloudError> {
    let place = AccountRegion::of(&role.account, region);
    let events = events(cloudtrail, &place, "ResourceName", &role.to_string()).await?;
    // A refused request may be recorded without its parameters.
    let assumes = |event: &Event| {
        let assumed = event.parameter(&["roleArn"]);
        event.event_source == STS && assumed.is_none_or(|arn| arn.parse::<RoleArn>().is_ok_and(|arn| arn == *role))
    };
    let uses = events.into_iter().filter(assumes).map(|event| RoleUse {
        at: event.event_time,
        event: event.event_name,
        invoked_by: event.user_identity.and_then(|identity| identity.invoked_by),
        error: event.error_code,
    });
    Ok(uses.collect())
}

pub(crate) async fn event_stream_changes(
    cloudtrail: &JsonClient,
    place: &AccountRegion,
) -> Result<BTreeSet<EventStreamChange>, CloudError> {
    let mut changes = BTreeSet::new();
    for (number, name) in CHANGES.into_iter().enumerate() {
        let events = || events(cloudtrail, place, "EventName", name);
        // The first call is the one that the executor paces.
        let events = if number == 0 { events().await? } else { patiently(LOOKUP, events).await? };
        let is_change = |event: &Event| {
            PINPOINT.contains(&event.event_source.as_str())
                && event.error_code.is_none()
                && event.event_name == name
        };
        for event in events.into_iter().filter(is_change) {
            changes.insert(change(&event)?);
        }
    }
    Ok(changes)
}

fn change(event: &Event) -> Result<EventStreamChange, CloudError> {
    let app = event.parameter(&["application-id", "applicationId", "ApplicationId"]);
    let app: AppId =
        app.ok_or_else(|| missing(LOOKUP, "application-id"))?.parse().map_err(|error| misread(LOOKUP, error))?;
    let change = match event.event_name.as_str() {
        "PutEventStream" => {
            let role = event.parameter(&["RoleArn", "roleArn"]).ok_or_else(|| missing(LOOKUP, "RoleArn"))?;
            EventStreamChangeKind::Put { role_arn: role.to_owned() }
        }
        "DeleteEventStream" => EventStreamChangeKind::Deleted,
        _ => EventStreamChangeKind::AppDeleted,
    };
    Ok(EventStreamChange { at: event.event_time, app, change })
}
