//! Reads of Pinpoint. Only Pinpoint's own 404 means absence; every other unexpected response is an error.
use super::ended;
use crate::account::Regional;
use crate::classify::{ApiOperation, CloudError, Service, classify, misread, missing, unless_absent};
use crate::pages::{self, Page};
use aws_sdk_pinpoint::types::ApplicationResponse;
use pinpoint_streams_model::arn::AppArn;
use pinpoint_streams_model::ids::AppId;
use pinpoint_streams_model::live::{FailureKind, LiveApp, LiveEventStream};
use pinpoint_streams_model::ownership::Tags;
use std::collections::{BTreeMap, BTreeSet};

pub(crate) const GET_APPS: ApiOperation = ApiOperation::new(Service::Pinpoint, "GetApps");
pub(crate) const GET_APP: ApiOperation = ApiOperation::new(Service::Pinpoint, "GetApp");
pub(crate) const LIST_TAGS: ApiOperation = ApiOperation::new(Service::Pinpoint, "ListTagsForResource");
pub(crate) const GET_CHANNELS: ApiOperation = ApiOperation::new(Service::Pinpoint, "GetChannels");
pub(crate) const GET_EVENT_STREAM: ApiOperation = ApiOperation::new(Service::Pinpoint, "GetEventStream");
/// The page size of GetApps, a string in Pinpoint's model: as many apps as a region can have.
const PAGE: &str = "100";

pub(crate) async fn apps(regional: &Regional) -> Result<BTreeMap<AppId, LiveApp>, CloudError> {
    let pages = pages::all(GET_APPS, |token| async move {
        let request = regional.pinpoint().get_apps().page_size(PAGE).set_token(token);
        let answer = request.send().await.map_err(|error| classify(GET_APPS, error))?;
        let apps = answer.applications_response.ok_or_else(|| missing(GET_APPS, "ApplicationsResponse"))?;
        // A region without apps has an empty list.
        let items = apps.item.ok_or_else(|| missing(GET_APPS, "Item"))?;
        Ok(Page { items, next: apps.next_token })
    });
    let apps = ended::unless_gone(pages.await, regional).await.map_err(not_a_list)?;
    apps.into_iter().map(|app| live(GET_APPS, app).map(|app| (app.id.clone(), app))).collect()
}

/// A list can be empty but never "not found": without it, the region no longer has Pinpoint.
pub(super) fn not_a_list(error: CloudError) -> CloudError {
    match error.kind {
        FailureKind::NotFound => CloudError { kind: FailureKind::ServiceEnded, ..error },
        _ => error,
    }
}

pub(crate) async fn app(regional: &Regional, id: &AppId) -> Result<Option<LiveApp>, CloudError> {
    let answer = regional.pinpoint().get_app().application_id(id.as_str()).send().await;
    let answer = answer.map_err(|error| classify(GET_APP, error));
    let Some(answer) = unless_absent(ended::unless_gone(answer, regional).await)? else { return Ok(None) };
    let app = answer.application_response.ok_or_else(|| missing(GET_APP, "ApplicationResponse"))?;
    let app = live(GET_APP, app)?;
    must_be(GET_APP, id, app.id.as_str())?;
    Ok(Some(app))
}

pub(crate) async fn tags(regional: &Regional, app: &AppArn) -> Result<Tags, CloudError> {
    let answer = regional.pinpoint().list_tags_for_resource().resource_arn(app.to_string()).send().await;
    let answer = ended::unless_gone(answer.map_err(|error| classify(LIST_TAGS, error)), regional).await?;
    // A resource without tags has an empty object.
    let tags = answer.tags_model.and_then(|model| model.tags).ok_or_else(|| missing(LIST_TAGS, "tags"))?;
    Ok(tags.into_iter().collect())
}

/// The names of an app's enabled channels: `APNS`, `EMAIL`, `GCM`, `SMS`…
pub(crate) async fn channels(regional: &Regional, id: &AppId) -> Result<BTreeSet<String>, CloudError> {
    let answer = regional.pinpoint().get_channels().application_id(id.as_str()).send().await;
    let answer = ended::unless_gone(answer.map_err(|error| classify(GET_CHANNELS, error)), regional).await?;
    let channels = answer.channels_response.and_then(|response| response.channels);
    let channels = channels.ok_or_else(|| missing(GET_CHANNELS, "Channels"))?;
    // A channel without the flag counts as enabled.
    let enabled = channels.into_iter().filter(|(_, channel)| channel.enabled() != Some(false));
    Ok(enabled.map(|(name, _)| name).collect())
}

pub(crate) async fn event_stream(regional: &Regional, id: &AppId) -> Result<Option<LiveEventStream>, CloudError> {
    let answer = regional.pinpoint().get_event_stream().application_id(id.as_str()).send().await;
    let answer = answer.map_err(|error| classify(GET_EVENT_STREAM, error));
    let Some(answer) = unless_absent(ended::unless_gone(answer, regional).await)? else { return Ok(None) };
    let stream = answer.event_stream.ok_or_else(|| missing(GET_EVENT_STREAM, "EventStream"))?;
    let required = |field: Option<String>, name| {
        let given = field.filter(|text| !text.is_empty());
        given.ok_or_else(|| missing(GET_EVENT_STREAM, name))
    };
    must_be(GET_EVENT_STREAM, id, &required(stream.application_id, "ApplicationId")?)?;
    Ok(Some(LiveEventStream {
        destination: required(stream.destination_stream_arn, "DestinationStreamArn")?,
        role_arn: required(stream.role_arn, "RoleArn")?,
    }))
}

/// The answer must be about the app that was asked for.
pub(super) fn must_be(operation: ApiOperation, asked: &AppId, answered: &str) -> Result<(), CloudError> {
    if answered == asked.as_str() {
        return Ok(());
    }
    Err(misread(operation, format!("it is about app {answered}, not {asked}")))
}

/// No tags means unknown: some responses omit them. The SDK replaces missing required members with empty texts.
fn live(operation: ApiOperation, app: ApplicationResponse) -> Result<LiveApp, CloudError> {
    let id = app.id.filter(|id| !id.is_empty()).ok_or_else(|| missing(operation, "Id"))?;
    Ok(LiveApp {
        id: id.parse().map_err(|error| misread(operation, error))?,
        name: app.name.ok_or_else(|| missing(operation, "Name"))?,
        tags: app.tags.filter(|tags| !tags.is_empty()).map(|tags| tags.into_iter().collect()),
    })
}
