//! Kinesis and Firehose: answered by winterbaume, but for what it gets wrong and Pinpoint depends on.

mod delivery;

use crate::operation::Service;
use crate::wire::{Reply, Request};
use crate::world::World;
use crate::world::regional::{Kind, Regional};
use http::{HeaderMap, HeaderName, HeaderValue};
use winterbaume_core::MockRequest;

/// Answers a request to Kinesis or Firehose.
pub(crate) fn answer(world: &mut World, request: &Request, request_id: &str) -> Reply {
    let (kind, host) = match request.operation.service {
        Service::Firehose => (Kind::Firehose, "firehose"),
        _ => (Kind::Kinesis, "kinesis"),
    };
    if kind == Kind::Firehose && request.operation.name == "DescribeDeliveryStream" {
        return delivery::describe(world, request, request_id);
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
        world.account(account).regional.look(kind, message)
    } else {
        let ask = |regional: &mut Regional| regional.ask(kind, region, message);
        world.change_region(account, region, kind, None, ask)
    };
    match response {
        Some(response) => {
            if kind == Kind::Firehose && response.status < 400 {
                delivery::keep_key(world, request);
            }
            let body = String::from_utf8_lossy(&response.body).into_owned();
            Reply::json11(response.status, body, request_id)
        }
        None => Reply::json11_error(400, "UnknownOperationException", "", request_id),
    }
}
