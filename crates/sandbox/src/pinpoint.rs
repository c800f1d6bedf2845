//! Pinpoint. What needs the sandbox's ids, clock, pagination or validation is handled here, the rest by winterbaume.
mod apps;
mod event_stream;
mod residue;

use crate::wire::{Reply, Request};
use crate::world::World;
use crate::world::regional::Kind;
use crate::world::sources::TrailEvent;
use http::{HeaderMap, HeaderValue, header};
use jiff::Timestamp;
use winterbaume_core::{MockRequest, MockResponse};

struct PinpointError {
    status: u16,
    code: &'static str,
    message: String,
}

impl PinpointError {
    fn bad_request(message: impl Into<String>) -> PinpointError {
        PinpointError { status: 400, code: "BadRequestException", message: message.into() }
    }

    fn not_found(message: impl Into<String>) -> PinpointError {
        PinpointError { status: 404, code: "NotFoundException", message: message.into() }
    }
}

pub(crate) fn answer(world: &mut World, request: &Request, request_id: &str) -> Reply {
    let outcome = match request.operation.name.as_ref() {
        "CreateApp" => apps::create(world, request),
        "GetApps" => apps::list(world, request),
        "GetChannels" => apps::channels(world, request),
        "GetEmailChannel" => residue::email_channel(world, request).unwrap_or_else(|| forward(world, request)),
        "GetImportJobs" => residue::import_jobs(world, request),
        "GetExportJobs" => residue::export_jobs(world, request),
        "GetRecommenderConfigurations" => residue::recommenders(world, request),
        "ListTemplates" => residue::templates(world, request),
        "PutEventStream" => event_stream::put(world, request),
        "TagResource" => apps::check_tag_resource(world, request).and_then(|()| forward(world, request)),
        "Unknown" => Err(PinpointError::not_found("Not found")),
        _ => forward(world, request),
    };
    note(world, request, &outcome);
    match outcome {
        Ok((status, body)) => Reply::rest_json(status, body, request_id),
        Err(PinpointError { status, code, message }) => Reply::rest_json_error(status, code, &message, request_id),
    }
}

/// What CloudTrail and AWS Config keep of a write. Parameters are spelled as in the examples of the Pinpoint developer
/// guide, "CloudTrail log entry examples".
fn note(world: &mut World, request: &Request, outcome: &Outcome) {
    if request.operation.is_read() {
        return;
    }
    let (app, now) = (app_of(request), world.now());
    let mut parameters = request.json().unwrap_or_default();
    if !app.is_empty() {
        parameters.insert("application-id".to_owned(), app.clone().into());
    }
    let event = TrailEvent {
        at: now,
        region: request.region.clone(),
        source: "mobiletargeting.amazonaws.com".to_owned(),
        name: request.operation.name.clone().into_owned(),
        parameters: parameters.into(),
        error: outcome.as_ref().err().map(|error| error.code.to_owned()),
    };
    world.put_event(&request.account, event);
    let created = outcome.as_ref().ok().and_then(|(_, body)| {
        let body: serde_json::Value = serde_json::from_str(body).ok()?;
        Some(body.get("Id")?.as_str()?.to_owned())
    });
    let app = if app.is_empty() { created.unwrap_or_default() } else { app };
    if outcome.is_ok() {
        world.record_app(&request.account, &request.region, &app, now);
    }
}

/// Status and body.
type Outcome = Result<(u16, String), PinpointError>;

fn forward(world: &mut World, request: &Request) -> Outcome {
    let (account, region) = (&request.account, &request.region);
    let message = MockRequest {
        method: request.method.clone(),
        uri: format!("https://pinpoint.{region}.amazonaws.com{}", request.path_and_query()),
        headers: HeaderMap::from_iter([(header::CONTENT_TYPE, HeaderValue::from_static("application/json"))]),
        body: request.body.clone().into(),
    };
    let response = if request.operation.is_read() {
        world.account(account).regional.query(Kind::Pinpoint, message)
    } else {
        let app = app_of(request);
        world.change_region(account, region, Kind::Pinpoint, Some(&app), |regional| {
            regional.execute(Kind::Pinpoint, region, message)
        })
    };
    match response {
        Some(response) => outcome(response),
        None => Err(PinpointError::not_found("Not found")),
    }
}

fn outcome(response: MockResponse) -> Outcome {
    let body = String::from_utf8_lossy(&response.body).into_owned();
    if response.status < 400 {
        return Ok((response.status, body));
    }
    let error: serde_json::Value = serde_json::from_str(&body).unwrap_or_default();
    let message = error.get("Message").and_then(|message| message.as_str());
    let message = message.unwrap_or(&body).to_owned();
    Err(match response.status {
        404 => PinpointError::not_found(message),
        _ => PinpointError::bad_request(message),
    })
}

/// A timestamp as Pinpoint formats it, with milliseconds.
fn time(at: Timestamp) -> String {
    format!("{at:.3}")
}

/// The app ID in the path of a request, by itself or in an ARN.
fn app_of(request: &Request) -> String {
    let segment = request.segment(2);
    let (_, id) = segment.rsplit_once("apps/").unwrap_or(("", &segment));
    // If the slash of the ARN is not encoded, the ARN is two segments.
    match request.segment(3) {
        id if request.segment(1) == "tags" && !id.is_empty() => id,
        _ => id.to_owned(),
    }
}
