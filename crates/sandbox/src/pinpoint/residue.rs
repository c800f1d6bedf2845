//! Jobs, recommender models, message templates and the roles of email channels.
use super::{Outcome, PinpointError};
use crate::json_call::slice;
use crate::wire::Request;
use crate::world::World;
use crate::world::others::{OtherKind, OtherResource};
use serde_json::{Value, json};

const DEFAULT_PAGE_SIZE: usize = 100;
const CREATED: &str = "2024-01-01T00:00:00.000Z";

pub(super) fn import_jobs(world: &mut World, request: &Request) -> Outcome {
    of_app(world, request, |app, one| match &one.resource {
        OtherKind::ImportJob { app: of, role } if of == app => Some(job(
            app,
            one,
            "IMPORT",
            json!({ "Format": "CSV", "RoleArn": role, "S3Url": "s3://imports/a.csv" }),
        )),
        _ => None,
    })
}

pub(super) fn export_jobs(world: &mut World, request: &Request) -> Outcome {
    of_app(world, request, |app, one| match &one.resource {
        OtherKind::ExportJob { app: of, role } if of == app => {
            Some(job(app, one, "EXPORT", json!({ "RoleArn": role, "S3UrlPrefix": "s3://exports/" })))
        }
        _ => None,
    })
}

fn job(app: &str, one: &OtherResource, kind: &str, definition: Value) -> Value {
    json!({
        "ApplicationId": app,
        "CreationDate": CREATED,
        "Definition": definition,
        "Id": one.name,
        "JobStatus": "COMPLETED",
        "Type": kind,
    })
}

fn of_app(world: &mut World, request: &Request, item: impl Fn(&str, &OtherResource) -> Option<Value>) -> Outcome {
    let app = request.segment(2);
    if !world.account(&request.account).regional.apps(&request.region).contains_key(&app) {
        return Err(PinpointError::not_found("Application not found"));
    }
    listed(world, request, "token", |one| item(&app, one))
}

pub(super) fn recommenders(world: &mut World, request: &Request) -> Outcome {
    listed(world, request, "token", |one| match &one.resource {
        OtherKind::Recommender { role } => Some(json!({
            "CreationDate": CREATED,
            "Id": one.name,
            "LastModifiedDate": CREATED,
            "RecommendationProviderRoleArn": role,
            "RecommendationProviderUri": format!("arn:aws:personalize:{}:{}:campaign/a", request.region, request.account),
        })),
        _ => None,
    })
}

pub(super) fn templates(world: &mut World, request: &Request) -> Outcome {
    listed(world, request, "next-token", |one| match &one.resource {
        OtherKind::MessageTemplate { channel } => Some(json!({
            "CreationDate": CREATED,
            "LastModifiedDate": CREATED,
            "TemplateName": one.name,
            "TemplateType": channel,
        })),
        _ => None,
    })
}

/// None if the seed has no email channel for the app.
pub(super) fn email_channel(world: &mut World, request: &Request) -> Option<Outcome> {
    let app = request.segment(2);
    let channel = world.account(&request.account).others_in(&request.region).find_map(|one| match &one.resource {
        OtherKind::EmailChannel { role, sending_role } if one.name == app => Some(json!({
            "ApplicationId": app,
            "Enabled": true,
            "Platform": "EMAIL",
            "RoleArn": role,
            "OrchestrationSendingRoleArn": sending_role,
        })),
        _ => None,
    });
    channel.map(|channel| Ok((200, channel.to_string())))
}

fn listed(
    world: &mut World,
    request: &Request,
    token: &str,
    item: impl Fn(&OtherResource) -> Option<Value>,
) -> Outcome {
    let size = match request.parameter("page-size").map(|size| size.parse()) {
        None => DEFAULT_PAGE_SIZE,
        Some(Ok(size @ 1..)) => size,
        Some(_) => return Err(PinpointError::bad_request("page-size must be a positive number")),
    };
    let all = world.account(&request.account).others_in(&request.region).filter_map(item).collect();
    let page = slice(all, size, request.parameter(token).as_deref(), "BadRequestException");
    let (items, next) = page.map_err(|error| PinpointError::bad_request(error.message))?;
    Ok((200, json!({ "Item": items, "NextToken": next }).to_string()))
}
