//! Amazon CloudWatch: GetMetricData of the sum of a stream's metric `IncomingRecords`.
use crate::json_call::{JsonError, Outcome, respond, slice};
use crate::wire::{Reply, Request};
use crate::world::World;
use crate::world::others::OtherKind;
use jiff::Timestamp;
use pinpoint_streams_model::arn::{StreamArn, StreamService};
use serde_json::{Map, Value, json};

const INVALID: &str = "InvalidParameterValue";
/// Of data points.
const PAGE: usize = 100_800;

pub(crate) fn answer(world: &mut World, request: &Request, request_id: &str) -> Reply {
    let outcome = match request.operation.name.as_ref() {
        "GetMetricData" => data(world, request, &request.json().unwrap_or_default()),
        other => Err(JsonError::new("UnknownOperationException", other)),
    };
    respond(outcome, request_id)
}

fn data(world: &mut World, request: &Request, body: &Map<String, Value>) -> Outcome {
    let time = |name: &str| {
        let seconds = body.get(name).and_then(Value::as_i64).and_then(|at| Timestamp::from_second(at).ok());
        seconds.ok_or_else(|| JsonError::new("MissingParameter", format!("The parameter {name} is required.")))
    };
    let (from, to) = (time("StartTime")?, time("EndTime")?);
    if from >= to {
        return Err(JsonError::new(INVALID, "The parameter StartTime must be less than EndTime."));
    }
    let queries = body.get("MetricDataQueries").and_then(Value::as_array);
    let [query] = queries.map(Vec::as_slice).unwrap_or_default() else {
        return Err(JsonError::new(INVALID, "The sandbox takes one query."));
    };
    let Some((id, is_of)) = records_of(query) else {
        return Err(JsonError::new(INVALID, "The sandbox has sums of IncomingRecords only."));
    };
    let written = world.account(&request.account).others_in(&request.region);
    let points = written.filter_map(|one| match &one.resource {
        OtherKind::Records { stream, at, count } if is_of(stream) && (from..to).contains(at) => {
            Some(json!([at.as_second(), count]))
        }
        _ => None,
    });
    let token = body.get("NextToken").and_then(Value::as_str);
    let (points, next) = slice(points.collect(), PAGE, token, "InvalidNextToken")?;
    let column = |index: usize| points.iter().map(|point| point[index].clone()).collect::<Vec<_>>();
    let status = if next.is_some() { "PartialData" } else { "Complete" };
    let result = json!({
        "Id": id,
        "Label": "IncomingRecords",
        "Timestamps": column(0),
        "Values": column(1),
        "StatusCode": status,
    });
    Ok(json!({ "MetricDataResults": [result], "Messages": [], "NextToken": next }))
}

/// The id of a query, and whether a stream is the one that it is about.
fn records_of(query: &Value) -> Option<(&str, impl Fn(&StreamArn) -> bool)> {
    let (stat, id) = (query.get("MetricStat")?, query.get("Id")?.as_str()?);
    let metric = stat.get("Metric")?;
    let service = match metric.get("Namespace")?.as_str()? {
        "AWS/Kinesis" => StreamService::Kinesis,
        "AWS/Firehose" => StreamService::Firehose,
        _ => return None,
    };
    let [dimension] = metric.get("Dimensions")?.as_array()?.as_slice() else { return None };
    let expected = match service {
        StreamService::Kinesis => "StreamName",
        StreamService::Firehose => "DeliveryStreamName",
    };
    let name = dimension.get("Value")?.as_str()?.to_owned();
    let is_sum = metric.get("MetricName")? == "IncomingRecords" && stat.get("Stat")? == "Sum";
    let is_hourly = stat.get("Period")?.as_u64()?.is_multiple_of(300);
    let fits = is_sum && is_hourly && dimension.get("Name")? == expected;
    fits.then_some((id, move |stream: &StreamArn| stream.service() == service && stream.name() == name))
}
