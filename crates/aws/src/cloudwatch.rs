//! Amazon CloudWatch: how many records were written to a stream.
//! Source: botocore 1.44.5, `cloudwatch/2010-08-01/service-2.json`, protocol `json` of version 1.0.
use crate::classify::{ApiOperation, CloudError, Service, missing, unintelligible};
use crate::pages::{self, Page};
use crate::service::JsonClient;
use crate::service::json::Request;
use pinpoint_streams_model::arn::StreamArn;
use pinpoint_streams_model::live::residue::{IncomingRecords, StreamPeriod};
use serde::Deserialize;
use serde_json::{Value, json};

pub(crate) const DATA: ApiOperation = ApiOperation::new(Service::CloudWatch, "GetMetricData");
const TARGET: &str = "GraniteServiceVersion20100801";
const QUERY: &str = "records";
/// In seconds. Data points of an hour are kept longest, 455 days.
/// Source: CloudWatch user guide, "Metrics retention".
const PERIOD: u32 = 3600;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Data {
    metric_data_results: Vec<Points>,
    #[serde(default)]
    messages: Vec<Message>,
    next_token: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Points {
    id: String,
    values: Vec<f64>,
    /// `PartialData` where more follows on the next page.
    status_code: String,
    #[serde(default)]
    messages: Vec<Message>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Message {
    code: Option<String>,
    value: Option<String>,
}

/// Both services publish the metric while records come in: no data points are no records.
pub(crate) async fn incoming_records(
    cloudwatch: &JsonClient,
    StreamPeriod { stream, from, to }: &StreamPeriod,
) -> Result<IncomingRecords, CloudError> {
    let pages = pages::all(DATA, |token| async move {
        let body = json!({
            "MetricDataQueries": [{
                "Id": QUERY,
                "MetricStat": { "Metric": metric(stream), "Period": PERIOD, "Stat": "Sum" },
            }],
            "StartTime": from.as_second(),
            "EndTime": to.as_second(),
            "NextToken": token,
        });
        let data: Data = cloudwatch.call(DATA, Request::target_1_0(TARGET, DATA, body)).await?;
        let next = data.next_token.clone();
        Ok(Page { items: vec![data], next })
    });
    let pages = pages.await?;
    let mut records = 0.0;
    let mut status = None;
    for data in pages {
        if let Some(Message { code, value }) = data.messages.into_iter().next() {
            return Err(incomplete(&code.unwrap_or_default(), value));
        }
        for points in data.metric_data_results {
            if points.id != QUERY {
                return Err(incomplete(&points.id, Some("is not the query that was asked".to_owned())));
            }
            records += points.values.iter().sum::<f64>();
            status = Some((points.status_code, points.messages.into_iter().find_map(|message| message.value)));
        }
    }
    match status {
        None => Err(missing(DATA, "MetricDataResults")),
        Some((status, _)) if status == "Complete" => Ok(IncomingRecords(whole(records)?)),
        Some((status, message)) => Err(incomplete(&status, message)),
    }
}

fn metric(stream: &StreamArn) -> Value {
    let (namespace, dimension) = match stream {
        StreamArn::Kinesis(_) => ("AWS/Kinesis", "StreamName"),
        StreamArn::Firehose(_) => ("AWS/Firehose", "DeliveryStreamName"),
    };
    json!({
        "Namespace": namespace,
        "MetricName": "IncomingRecords",
        "Dimensions": [{ "Name": dimension, "Value": stream.name() }],
    })
}

/// Rounded up, so that no record is lost.
fn whole(records: f64) -> Result<u64, CloudError> {
    let is_count = records.is_finite() && (0.0..9e15).contains(&records);
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "in range")]
    is_count.then(|| records.ceil() as u64).ok_or_else(|| incomplete(&records.to_string(), None))
}

fn incomplete(status: &str, message: Option<String>) -> CloudError {
    let message = message.map(|message| format!(": {message}")).unwrap_or_default();
    unintelligible(DATA, "DataIncomplete", format!("{status}{message}"))
}
