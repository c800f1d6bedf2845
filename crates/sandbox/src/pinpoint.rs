//! Pinpoint: what needs our ids, clock, paging or strictness is answered here, the rest by winterbaume.

mod apps;
mod event_stream;

use crate::wire::{Reply, Request};
use crate::world::World;
use crate::world::regional::Kind;
use http::{HeaderMap, HeaderValue, header};
use jiff::Timestamp;
use winterbaume_core::{MockRequest, MockResponse};

/// The regions that have Pinpoint. Source: botocore 1.44.5 `endpoints.json`.
pub(crate) const REGIONS: [&str; 13] = [
    "us-east-1",
    "us-east-2",
    "us-west-2",
    "ca-central-1",
    "eu-central-1",
    "eu-west-1",
    "eu-west-2",
    "ap-south-1",
    "ap-northeast-1",
    "ap-northeast-2",
    "ap-southeast-1",
    "ap-southeast-2",
    "us-gov-west-1",
];

/// A refusal in Pinpoint's words.
struct Refusal {
    status: u16,
    code: &'static str,
    message: String,
}

impl Refusal {
    fn bad_request(message: impl Into<String>) -> Refusal {
        Refusal { status: 400, code: "BadRequestException", message: message.into() }
    }

    fn not_found(message: impl Into<String>) -> Refusal {
        Refusal { status: 404, code: "NotFoundException", message: message.into() }
    }
}

/// Answers a request to Pinpoint.
pub(crate) fn answer(world: &mut World, request: &Request, request_id: &str) -> Reply {
    let answered = match request.operation.name.as_ref() {
        "CreateApp" => apps::create(world, request),
        "GetApps" => apps::list(world, request),
        "GetChannels" => apps::channels(world, request),
        "PutEventStream" => event_stream::put(world, request),
        "TagResource" => apps::check_tag_resource(world, request).and_then(|()| pass_on(world, request)),
        "Unknown" => Err(Refusal::not_found("Not found")),
        _ => pass_on(world, request),
    };
    match answered {
        Ok((status, body)) => Reply::rest_json(status, body, request_id),
        Err(refusal) => Reply::rest_json_error(refusal.status, refusal.code, &refusal.message, request_id),
    }
}

/// Status and body.
type Answered = Result<(u16, String), Refusal>;

/// Has winterbaume answer.
fn pass_on(world: &mut World, request: &Request) -> Answered {
    let (account, region) = (&request.account, &request.region);
    let message = MockRequest {
        method: request.method.clone(),
        uri: format!("https://pinpoint.{region}.amazonaws.com{}", request.path_and_query()),
        headers: HeaderMap::from_iter([(header::CONTENT_TYPE, HeaderValue::from_static("application/json"))]),
        body: request.body.clone().into(),
    };
    let response = if request.operation.is_read() {
        world.account(account).regional.look(Kind::Pinpoint, message)
    } else {
        let app = app_of(request);
        world.change_region(account, region, Kind::Pinpoint, Some(&app), |regional| {
            regional.ask(Kind::Pinpoint, region, message)
        })
    };
    match response {
        Some(response) => read(response),
        None => Err(Refusal::not_found("Not found")),
    }
}

fn read(response: MockResponse) -> Answered {
    let body = String::from_utf8_lossy(&response.body).into_owned();
    if response.status < 400 {
        return Ok((response.status, body));
    }
    let said: serde_json::Value = serde_json::from_str(&body).unwrap_or_default();
    let message = said.get("Message").and_then(|message| message.as_str());
    let message = message.unwrap_or(&body).to_owned();
    Err(match response.status {
        404 => Refusal::not_found(message),
        _ => Refusal::bad_request(message),
    })
}

/// A time as Pinpoint writes it: a text, with milliseconds.
fn time(at: Timestamp) -> String {
    format!("{at:.3}")
}

/// The id of the app that a request is about: in its path, or at the end of the ARN in its path.
fn app_of(request: &Request) -> String {
    let segment = request.segment(2);
    let (_, id) = segment.rsplit_once("apps/").unwrap_or(("", &segment));
    // An ARN whose slash came unencoded is two segments.
    match request.segment(3) {
        id if request.segment(1) == "tags" && !id.is_empty() => id,
        _ => id.to_owned(),
    }
}
