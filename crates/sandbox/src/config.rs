//! AWS Config: recorders, aggregators, and the items of apps and event streams.
use crate::json_call::{JsonError, Outcome, page, respond, size, text};
use crate::wire::{Reply, Request};
use crate::world::sources::{EVENT_STREAM, Item, Recorder};
use crate::world::{Account, Member, World};
use serde_json::{Map, Value, json};

/// The only condition that queries here understand.
const CONDITION: &str = "resourceType = 'AWS::Pinpoint::EventStream'";

pub(crate) fn answer(world: &mut World, request: &Request, request_id: &str) -> Reply {
    let body = request.json().unwrap_or_default();
    let (id, region) = (&request.account, request.region.as_str());
    let outcome = match request.operation.name.as_ref() {
        "DescribeConfigurationRecorders" => {
            let recorders = world.account(id).sources.recorders.get(region).map(recorder);
            Ok(json!({ "ConfigurationRecorders": Vec::from_iter(recorders) }))
        }
        "DescribeConfigurationRecorderStatus" => {
            let recorders = world.account(id).sources.recorders.get(region).map(status);
            Ok(json!({ "ConfigurationRecordersStatus": Vec::from_iter(recorders) }))
        }
        "DescribeConfigurationAggregators" => {
            let here = world.account(id).sources.aggregators.values().filter(|one| one.region == region);
            let names = here.map(|one| json!({ "ConfigurationAggregatorName": one.name }));
            listed(names.collect(), "ConfigurationAggregators", &body)
        }
        "SelectResourceConfig" => {
            let items = world.account(id).sources.items.values().filter(|item| item.region == region);
            let results = items.filter_map(|item| result(id, item)).collect();
            selected(results, &body)
        }
        "SelectAggregateResourceConfig" => aggregated(world, request, &body),
        "GetResourceConfigHistory" => history(world, request, &body),
        other => Err(JsonError::new("UnknownOperationException", other)),
    };
    respond(outcome, request_id)
}

fn recorder(recorder: &Recorder) -> Value {
    let Recorder { region: _, types, since: _, stopped: _ } = recorder;
    let use_only = if types.is_none() { "ALL_SUPPORTED_RESOURCE_TYPES" } else { "INCLUSION_BY_RESOURCE_TYPES" };
    json!({
        "name": "default",
        "recordingGroup": {
            "allSupported": types.is_none(),
            "includeGlobalResourceTypes": false,
            "resourceTypes": types.clone().unwrap_or_default(),
            "recordingStrategy": { "useOnly": use_only },
        },
        "recordingMode": { "recordingFrequency": "CONTINUOUS" },
        "recordingScope": "PAID",
    })
}

fn status(recorder: &Recorder) -> Value {
    let last = if recorder.stopped { "PENDING" } else { "SUCCESS" };
    let since = recorder.since.as_second();
    json!({ "name": "default", "recording": !recorder.stopped, "lastStartTime": since, "lastStatus": last })
}

/// A row of a query: JSON in a text. None for what was deleted.
fn result(account: &str, item: &Item) -> Option<Value> {
    let (role, destination) = item.stream.as_ref().filter(|_| item.kind == EVENT_STREAM && !item.deleted)?;
    let row = json!({
        "accountId": account,
        "awsRegion": item.region,
        "resourceId": item.app,
        "configurationItemCaptureTime": format!("{:.3}", item.captured),
        "configuration": {
            "Id": item.app,
            "ApplicationId": item.app,
            "RoleArn": role,
            "DestinationStreamArn": destination,
        },
    });
    Some(Value::from(row.to_string()))
}

fn selected(results: Vec<Value>, body: &Map<String, Value>) -> Outcome {
    let expression = text(body, "Expression")?;
    if !expression.starts_with("SELECT ") || !expression.contains(CONDITION) {
        return Err(JsonError::new("InvalidExpressionException", "The syntax of the query is incorrect."));
    }
    let mut listed = listed(results, "Results", body)?;
    listed["QueryInfo"] = json!({ "SelectFields": [] });
    Ok(listed)
}

/// Source: AWS Config API reference (Limit 0 to 100; 0 for the default of 25).
fn listed(all: Vec<Value>, name: &str, body: &Map<String, Value>) -> Outcome {
    let size = size(body, "Limit", 25, 100, "InvalidLimitException")?;
    page(name, all, size, body, "InvalidNextTokenException")
}

fn aggregated(world: &mut World, request: &Request, body: &Map<String, Value>) -> Outcome {
    let name = text(body, "ConfigurationAggregatorName")?;
    let Account { sources, members, .. } = world.account(&request.account);
    if !sources.aggregators.contains_key(&format!("{}/{name}", request.region)) {
        let message = "The configuration aggregator does not exist.";
        return Err(JsonError::new("NoSuchConfigurationAggregatorException", message));
    }
    let members = members.iter().filter(|member| member.is_active()).map(|Member { id, .. }| id.clone());
    let mut accounts: Vec<String> = members.collect();
    if accounts.is_empty() {
        accounts.push(request.account.clone());
    }
    let mut results = Vec::new();
    for id in accounts {
        let account = world.known_account(&id).into_iter();
        results.extend(
            account.flat_map(|account| account.sources.items.values()).filter_map(|item| result(&id, item)),
        );
    }
    selected(results, body)
}

fn history(world: &mut World, request: &Request, body: &Map<String, Value>) -> Outcome {
    let (kind, app) = (text(body, "resourceType")?, text(body, "resourceId")?);
    let account = world.account(&request.account);
    if !account.sources.recorders.contains_key(&request.region) {
        let message = "There are no customer managed configuration recorders available to record your resources.";
        return Err(JsonError::new("NoAvailableConfigurationRecorderException", message));
    }
    let item = account.item(&request.region, kind, app).ok_or_else(|| {
        let message = format!("Resource {app} of resourceType:{kind} is unknown or has not been discovered");
        JsonError::new("ResourceNotDiscoveredException", message)
    })?;
    let status = if item.deleted { "ResourceDeleted" } else { "OK" };
    Ok(json!({ "configurationItems": [{
        "accountId": request.account,
        "awsRegion": item.region,
        "resourceType": kind,
        "resourceId": app,
        "configurationItemStatus": status,
        "configurationItemCaptureTime": item.captured.as_second(),
    }] }))
}
