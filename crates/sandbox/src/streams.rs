//! Kinesis and Firehose. winterbaume answers, except where it differs from AWS in what event streams need: type and
//! encryption of delivery streams.
use crate::wire::{Reply, Request};
use crate::world::World;
use crate::world::regional::{Kind, Regional};
use http::{HeaderMap, HeaderName, HeaderValue};
use pinpoint_streams_model::live::question::Service;
use serde_json::{Value, json};
use winterbaume_core::MockRequest;

pub(crate) fn answer(world: &mut World, request: &Request, request_id: &str) -> Reply {
    let (kind, host) = match request.operation.service {
        Some(Service::Firehose) => (Kind::Firehose, "firehose"),
        _ => (Kind::Kinesis, "kinesis"),
    };
    if kind == Kind::Firehose && request.operation.name == "DescribeDeliveryStream" {
        return describe(world, request, request_id);
    }
    let (account, region) = (&request.account, &request.region);
    let mut headers = HeaderMap::new();
    if let Ok(target) = HeaderValue::from_str(&request.target) {
        headers.insert(HeaderName::from_static("x-amz-target"), target);
    }
    let message = MockRequest {
        method: request.method.clone(),
        uri: format!("https://{host}.{region}.amazonaws.com/"),
        headers,
        body: request.body.clone().into(),
    };
    let response = if request.operation.is_read() {
        world.account(account).regional.query(kind, message)
    } else {
        let execute = |regional: &mut Regional| regional.execute(kind, region, message);
        world.change_region(account, region, kind, None, execute)
    };
    match response {
        Some(response) => {
            if kind == Kind::Firehose && response.status < 400 {
                update_key(world, request);
            }
            let body = String::from_utf8_lossy(&response.body).into_owned();
            Reply::json11(response.status, body, request_id)
        }
        None => Reply::json11_error(400, "UnknownOperationException", "", request_id),
    }
}

/// Types of delivery streams with a source; all others are `DirectPut`.
/// Source: DeliveryStreamType of the Firehose model.
const WITH_SOURCE: [&str; 3] = ["KinesisStreamAsSource", "MSKAsSource", "DatabaseAsSource"];

/// Stores or removes the customer managed key after a successful request.
fn update_key(world: &mut World, request: &Request) {
    let key = match request.operation.name.as_ref() {
        "CreateDeliveryStream" | "StartDeliveryStreamEncryption" => kms_key(request),
        "StopDeliveryStreamEncryption" | "DeleteDeliveryStream" => None,
        _ => return,
    };
    let (account, region, name) = (&request.account, &request.region, delivery_stream_name(request));
    world.change_region(account, region, Kind::DeliveryStreamKeys, None, |regional| {
        regional.set_delivery_stream_key(region, &name, key.as_deref());
    });
}

fn delivery_stream_name(request: &Request) -> String {
    let body = request.json().unwrap_or_default();
    let name = body.get("DeliveryStreamName").and_then(Value::as_str);
    name.unwrap_or_default().to_owned()
}

fn kms_key(request: &Request) -> Option<String> {
    let body = request.json()?;
    let input = body.get("DeliveryStreamEncryptionConfigurationInput")?;
    input.get("KeyARN")?.as_str().map(str::to_owned)
}

fn describe(world: &mut World, request: &Request, request_id: &str) -> Reply {
    let name = delivery_stream_name(request);
    let (account, region) = (&request.account, &request.region);
    let regional = &world.account(account).regional;
    let Some(stream) = regional.delivery_streams(region).remove(&name) else {
        let message = format!("Firehose {name} under account {account} not found.");
        return Reply::json11_error(400, "ResourceNotFoundException", &message, request_id);
    };
    let has_source = WITH_SOURCE.contains(&stream.destination_type.as_str());
    let created: Option<jiff::Timestamp> = stream.created_timestamp.as_deref().and_then(|at| at.parse().ok());
    let encryption = match regional.delivery_stream_key(region, &name) {
        Some(key) => json!({ "Status": "ENABLED", "KeyType": "CUSTOMER_MANAGED_CMK", "KeyARN": key }),
        None if stream.encryption_status == "ENABLED" => {
            json!({ "Status": "ENABLED", "KeyType": "AWS_OWNED_CMK" })
        }
        None => json!({ "Status": "DISABLED" }),
    };
    let description = json!({
        "DeliveryStreamName": stream.name,
        "DeliveryStreamARN": stream.arn,
        "DeliveryStreamStatus": stream.status,
        "DeliveryStreamType": if has_source { stream.destination_type.as_str() } else { "DirectPut" },
        "DeliveryStreamEncryptionConfiguration": encryption,
        "CreateTimestamp": created.map(|at| at.as_second()),
        "VersionId": stream.version_id,
        "Destinations": [{ "DestinationId": stream.destination_id }],
        "HasMoreDestinations": false,
    });
    let body = json!({ "DeliveryStreamDescription": description });
    Reply::json11(200, body.to_string(), request_id)
}
