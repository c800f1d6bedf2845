//! AWS Config: the recorder of a region, and what it knows of event streams and apps.
use crate::calling::patiently;
use crate::classify::{ApiOperation, CloudError, Service, misread, missing, unintelligible, unless_absent};
use crate::pages::{self, Page};
use crate::service::JsonClient;
use crate::service::json::{Request, inner, seconds};
use jiff::Timestamp;
use pinpoint_streams_model::arn::AppArn;
use pinpoint_streams_model::ids::{AccountId, AppId};
use pinpoint_streams_model::live::history::{
    AggregatedEventStreams, ConfigAggregators, ConfigEventStream, ConfigEventStreams, ConfigHistory, ConfigItem,
    ConfigRecorder,
};
use pinpoint_streams_model::region::{AccountRegion, Region};
use serde::Deserialize;
use serde_json::{Map, Value, json};
use std::collections::btree_map::Entry;

pub(crate) const RECORDERS: ApiOperation = ApiOperation::new(Service::Config, "DescribeConfigurationRecorders");
const RECORDER_STATUS: ApiOperation = ApiOperation::new(Service::Config, "DescribeConfigurationRecorderStatus");
pub(crate) const SELECT: ApiOperation = ApiOperation::new(Service::Config, "SelectResourceConfig");
pub(crate) const AGGREGATORS: ApiOperation =
    ApiOperation::new(Service::Config, "DescribeConfigurationAggregators");
pub(crate) const SELECT_AGGREGATE: ApiOperation =
    ApiOperation::new(Service::Config, "SelectAggregateResourceConfig");
pub(crate) const HISTORY: ApiOperation = ApiOperation::new(Service::Config, "GetResourceConfigHistory");
const TARGET: &str = "StarlingDoveService";
const EVENT_STREAM: &str = "AWS::Pinpoint::EventStream";
const APP: &str = "AWS::Pinpoint::App";
/// `configuration` is asked for as a whole: how its members are spelled is not documented for every type.
const EVENT_STREAMS: &str = "SELECT accountId, awsRegion, resourceId, configurationItemCaptureTime, configuration \
     WHERE resourceType = 'AWS::Pinpoint::EventStream'";
/// The largest page of a query.
const PAGE: usize = 100;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Recorders {
    configuration_recorders: Vec<Recorder>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Recorder {
    name: String,
    recording_group: RecordingGroup,
    /// None: continuous.
    recording_mode: Option<RecordingMode>,
    /// `INTERNAL` records for the linked service alone.
    recording_scope: Option<String>,
    /// Of a service-linked recorder.
    service_principal: Option<String>,
    /// Of a recorder for another cloud provider.
    connector_arn: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct RecordingGroup {
    all_supported: Option<bool>,
    resource_types: Option<Vec<String>>,
    exclusion_by_resource_types: Option<Exclusion>,
    recording_strategy: Option<Strategy>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Exclusion {
    resource_types: Vec<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Strategy {
    use_only: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct RecordingMode {
    recording_frequency: String,
    #[serde(default)]
    recording_mode_overrides: Vec<ModeOverride>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ModeOverride {
    resource_types: Vec<String>,
    recording_frequency: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Statuses {
    configuration_recorders_status: Vec<Status>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Status {
    name: String,
    recording: bool,
    #[serde(default, deserialize_with = "seconds")]
    last_start_time: Option<Timestamp>,
    last_status: Option<String>,
}

/// None if no recorder of the region records for the account.
pub(crate) async fn recorder(config: &JsonClient) -> Result<Option<ConfigRecorder>, CloudError> {
    let request = || Request::target(TARGET, RECORDERS, json!({}));
    let Some(answer) = unless_absent(config.call::<Recorders>(RECORDERS, request()).await)? else {
        return Ok(None);
    };
    let mut recorders = Vec::new();
    for recorder in answer.configuration_recorders {
        let covers = recorder.covers(EVENT_STREAM)?;
        if covers || (recorder.service_principal.is_none() && recorder.connector_arn.is_none()) {
            recorders.push((recorder.name, covers));
        }
    }
    if recorders.is_empty() {
        return Ok(None);
    }
    let request = || Request::target(TARGET, RECORDER_STATUS, json!({}));
    let statuses: Statuses = patiently(RECORDER_STATUS, || config.call(RECORDER_STATUS, request())).await?;
    let recorders = recorders.into_iter().map(|(name, covers_event_streams)| {
        let status = statuses.configuration_recorders_status.iter().find(|status| status.name == name);
        let status = status.ok_or_else(|| missing(RECORDER_STATUS, &format!("status of the recorder {name}")))?;
        Ok(ConfigRecorder { covers_event_streams, recording_since: status.recording_since()? })
    });
    let recorders: Vec<ConfigRecorder> = recorders.collect::<Result<_, CloudError>>()?;
    // One that covers the type before one that does not, one that runs before one that is stopped, the oldest first.
    Ok(recorders.into_iter().min_by_key(|recorder| {
        (!recorder.covers_event_streams, recorder.recording_since.is_none(), recorder.recording_since)
    }))
}

impl Recorder {
    /// Whether it records each change of resources of that type as it happens.
    /// Source: AWS Config API reference, RecordingGroup, RecordingStrategy and RecordingMode.
    fn covers(&self, kind: &str) -> Result<bool, CloudError> {
        let Recorder {
            name: _,
            recording_group,
            recording_mode,
            recording_scope,
            service_principal,
            connector_arn,
        } = self;
        let RecordingGroup { all_supported, resource_types, exclusion_by_resource_types, recording_strategy } =
            recording_group;
        let is_internal = service_principal.is_some() && recording_scope.as_deref() != Some("PAID");
        let is_continuous = recording_mode.as_ref().is_none_or(|mode| mode.frequency(kind) == "CONTINUOUS");
        if is_internal || connector_arn.is_some() || !is_continuous {
            return Ok(false);
        }
        let included = || {
            let types = resource_types.as_ref().ok_or_else(|| missing(RECORDERS, "resourceTypes"))?;
            Ok(types.iter().any(|covered| covered == kind))
        };
        let strategy = recording_strategy.as_ref().map(|strategy| strategy.use_only.as_str());
        match (strategy, all_supported) {
            (Some("ALL_SUPPORTED_RESOURCE_TYPES"), _) | (None, Some(true)) => Ok(true),
            (Some("INCLUSION_BY_RESOURCE_TYPES"), _) | (None, Some(false)) => included(),
            (Some("EXCLUSION_BY_RESOURCE_TYPES"), _) => {
                let excluded = exclusion_by_resource_types.as_ref();
                let excluded = excluded.ok_or_else(|| missing(RECORDERS, "exclusionByResourceTypes"))?;
                Ok(!excluded.resource_types.iter().any(|excluded| excluded == kind))
            }
            (Some(other), _) => Err(misread(RECORDERS, format!("recording strategy {other} is not known"))),
            (None, None) => Err(missing(RECORDERS, "allSupported")),
        }
    }
}

impl RecordingMode {
    fn frequency(&self, kind: &str) -> &str {
        let RecordingMode { recording_frequency, recording_mode_overrides } = self;
        let own = recording_mode_overrides.iter().find(|own| own.resource_types.iter().any(|one| one == kind));
        own.map_or(recording_frequency, |own| &own.recording_frequency)
    }
}

impl Status {
    /// AWS answers `SUCCESS` where its model has `Success`.
    fn recording_since(&self) -> Result<Option<Timestamp>, CloudError> {
        let Status { name: _, recording, last_start_time, last_status } = self;
        if !recording {
            return Ok(None);
        }
        let status = last_status.as_deref().ok_or_else(|| missing(RECORDER_STATUS, "lastStatus"))?;
        match status.to_ascii_lowercase().as_str() {
            "failure" => Ok(None),
            "success" | "pending" | "notapplicable" => {
                let since = last_start_time.ok_or_else(|| missing(RECORDER_STATUS, "lastStartTime"))?;
                Ok(Some(since))
            }
            other => Err(misread(RECORDER_STATUS, format!("status {other} is not known"))),
        }
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Selected {
    results: Vec<String>,
    next_token: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Resource {
    account_id: AccountId,
    aws_region: Region,
    configuration_item_capture_time: Timestamp,
    configuration: Map<String, Value>,
}

pub(crate) async fn event_streams(
    config: &JsonClient,
    place: &AccountRegion,
) -> Result<ConfigEventStreams, CloudError> {
    let results = pages::all(SELECT, |token| async move {
        let body = json!({ "Expression": EVENT_STREAMS, "Limit": PAGE, "NextToken": token });
        selected(config, SELECT, body).await
    });
    let found = by_app(SELECT, results.await?)?;
    match found.keys().find(|app| app.place() != *place) {
        Some(app) => Err(misread(SELECT, format!("{app} is not in {place}"))),
        None => Ok(found),
    }
}

/// None if the aggregator does not exist.
pub(crate) async fn aggregated(
    config: &JsonClient,
    aggregator: &str,
) -> Result<Option<AggregatedEventStreams>, CloudError> {
    let results = pages::all(SELECT_AGGREGATE, |token| async move {
        let body = json!({
            "Expression": EVENT_STREAMS,
            "ConfigurationAggregatorName": aggregator,
            "Limit": PAGE,
            "NextToken": token,
        });
        selected(config, SELECT_AGGREGATE, body).await
    });
    let Some(results) = unless_absent(results.await)? else { return Ok(None) };
    by_app(SELECT_AGGREGATE, results).map(AggregatedEventStreams).map(Some)
}

async fn selected(config: &JsonClient, operation: ApiOperation, body: Value) -> Result<Page<String>, CloudError> {
    let Selected { results, next_token } =
        config.call(operation, Request::target(TARGET, operation, body)).await?;
    Ok(Page { items: results, next: next_token })
}

fn by_app(operation: ApiOperation, results: Vec<String>) -> Result<ConfigEventStreams, CloudError> {
    let mut found = ConfigEventStreams::new();
    for text in results {
        let Resource { account_id, aws_region, configuration_item_capture_time, configuration } =
            inner(operation, &text)?;
        let app: AppId = member(operation, &configuration, ["ApplicationId", "applicationId"])?
            .parse()
            .map_err(|error| misread(operation, error))?;
        let stream = ConfigEventStream {
            destination: member(operation, &configuration, ["DestinationStreamArn", "destinationStreamArn"])?
                .to_owned(),
            role_arn: member(operation, &configuration, ["RoleArn", "roleArn"])?.to_owned(),
            captured: configuration_item_capture_time,
        };
        match found.entry(AppArn::of(&account_id, &aws_region, &app)) {
            // A page may repeat an item that moved while pages were read.
            Entry::Occupied(known) if *known.get() != stream => {
                let message = format!("{} has two event streams", known.key());
                return Err(unintelligible(operation, "EventStreamNotUnique", message));
            }
            Entry::Occupied(_) => {}
            Entry::Vacant(place) => drop(place.insert(stream)),
        }
    }
    Ok(found)
}

fn member<'a>(
    operation: ApiOperation,
    configuration: &'a Map<String, Value>,
    names: [&str; 2],
) -> Result<&'a str, CloudError> {
    let found = names.iter().find_map(|name| configuration.get(*name)?.as_str());
    found.ok_or_else(|| missing(operation, names[0]))
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Aggregators {
    configuration_aggregators: Vec<Aggregator>,
    next_token: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Aggregator {
    configuration_aggregator_name: String,
}

pub(crate) async fn aggregators(config: &JsonClient) -> Result<ConfigAggregators, CloudError> {
    let pages = pages::all(AGGREGATORS, |token| async move {
        let request = Request::target(TARGET, AGGREGATORS, json!({ "NextToken": token }));
        let Aggregators { configuration_aggregators, next_token } = config.call(AGGREGATORS, request).await?;
        Ok(Page { items: configuration_aggregators, next: next_token })
    });
    let names = pages.await?.into_iter().map(|aggregator| aggregator.configuration_aggregator_name);
    Ok(ConfigAggregators(names.collect()))
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct History {
    configuration_items: Vec<Item>,
    next_token: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Item {
    account_id: AccountId,
    aws_region: Region,
    resource_type: String,
    resource_id: String,
    configuration_item_status: String,
    #[serde(default, deserialize_with = "seconds")]
    configuration_item_capture_time: Option<Timestamp>,
}

pub(crate) async fn history(config: &JsonClient, app: &AppArn) -> Result<ConfigHistory, CloudError> {
    let event_stream = latest(config, EVENT_STREAM, app).await?;
    Ok(ConfigHistory { event_stream, app: patiently(HISTORY, || latest(config, APP, app)).await? })
}

/// The latest item of a resource. A page spans seven days and may be empty although older items follow.
/// Source: AWS Config API reference, GetResourceConfigHistory.
async fn latest(config: &JsonClient, kind: &str, app: &AppArn) -> Result<Option<ConfigItem>, CloudError> {
    let ask = |token: Option<String>| async move {
        let body = json!({
            "resourceType": kind,
            "resourceId": app.id.as_str(),
            "chronologicalOrder": "Reverse",
            "limit": 1,
            "nextToken": token,
        });
        let answer: Option<History> =
            unless_absent(config.call(HISTORY, Request::target(TARGET, HISTORY, body)).await)?;
        let History { configuration_items, next_token } =
            answer.unwrap_or(History { configuration_items: Vec::new(), next_token: None });
        // The first item is the latest: no further page is needed.
        let next = next_token.filter(|_| configuration_items.is_empty());
        Ok(Page { items: configuration_items, next })
    };
    let Some(item) = pages::all(HISTORY, ask).await?.into_iter().next() else { return Ok(None) };
    let fits = item.resource_type == kind
        && item.resource_id == app.id.as_str()
        && (&item.account_id, &item.aws_region) == (&app.account, &app.region);
    if !fits {
        return Err(misread(HISTORY, format!("{} {} is not {app}", item.resource_type, item.resource_id)));
    }
    let is_deleted = match item.configuration_item_status.as_str() {
        "ResourceDeleted" | "ResourceDeletedNotRecorded" => true,
        "OK" | "ResourceDiscovered" | "ResourceNotRecorded" => false,
        other => return Err(misread(HISTORY, format!("status {other} is not known"))),
    };
    let captured = item.configuration_item_capture_time;
    let captured = captured.ok_or_else(|| missing(HISTORY, "configurationItemCaptureTime"))?;
    Ok(Some(ConfigItem { is_deleted, captured }))
}
