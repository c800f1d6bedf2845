//! Changes of apps and event streams, one API call each.
use super::ended;
use super::read::must_be;
use crate::account::Regional;
use crate::calling::{once, sent};
use crate::classify::{ApiOperation, Service, classify, misread, missing};
use aws_sdk_pinpoint::operation::delete_app::DeleteAppOutput;
use aws_sdk_pinpoint::operation::delete_event_stream::DeleteEventStreamOutput;
use aws_sdk_pinpoint::operation::put_event_stream::PutEventStreamOutput;
use aws_sdk_pinpoint::types::{CreateApplicationRequest, TagsModel, WriteEventStream};
use aws_types::request_id::RequestId;
use pinpoint_streams_executor::cloud::{CloudError, Written};
use pinpoint_streams_model::arn::AppArn;
use pinpoint_streams_model::ids::AppId;
use pinpoint_streams_model::op::{
    AppOp, CreateApp, EventStreamOp, Output, PutEventStream, Resolved, with_ownership,
};

pub(crate) async fn app(regional: &Regional, op: &AppOp<Resolved>) -> Result<Written, CloudError> {
    let (api, arn) =
        (op.call().api, |id| AppArn { region: op.region().clone(), account: op.account().clone(), id });
    match op {
        AppOp::Create(create) => create_app(regional, ApiOperation::new(Service::Pinpoint, api), create).await,
        AppOp::Tag { app_id, tags, owner, .. } => {
            let tags = with_ownership(tags, owner.as_ref()).into_iter().collect();
            let tags = TagsModel::builder().set_tags(Some(tags)).build();
            let request = regional.pinpoint().tag_resource().resource_arn(arn(app_id.clone()).to_string());
            let operation = ApiOperation::new(Service::Pinpoint, api);
            done(operation, sent!(operation, request.tags_model(tags)), regional).await
        }
        AppOp::Untag { app_id, tag_keys, .. } => {
            let keys = tag_keys.iter().cloned().collect();
            let request = regional.pinpoint().untag_resource().resource_arn(arn(app_id.clone()).to_string());
            let operation = ApiOperation::new(Service::Pinpoint, api);
            done(operation, sent!(operation, request.set_tag_keys(Some(keys))), regional).await
        }
        AppOp::Delete(delete) => {
            let request = regional.pinpoint().delete_app().application_id(delete.app_id.as_str());
            let operation = ApiOperation::new(Service::Pinpoint, api);
            let id = |answer: &DeleteAppOutput| answer.application_response()?.id().map(str::to_owned);
            done_to(&delete.app_id, id, operation, sent!(operation, request), regional).await
        }
    }
}

/// Never retried by the SDK: app names are not unique, so after a lost response only the app's tags show whether the call
/// succeeded.
async fn create_app(
    regional: &Regional,
    operation: ApiOperation,
    op: &CreateApp<Resolved>,
) -> Result<Written, CloudError> {
    let app =
        CreateApplicationRequest::builder().name(&op.name).set_tags(Some(op.all_tags().into_iter().collect()));
    let request = regional.pinpoint().create_app().create_application_request(app.build()).customize();
    let request = request.config_override(aws_sdk_pinpoint::config::Builder::new().retry_config(once()));
    let answer = request.send().await.map_err(|error| classify(operation, error));
    let answer = ended::unless_gone(answer, regional).await?;
    let app = answer.application_response().ok_or_else(|| missing(operation, "ApplicationResponse"))?;
    let name = app.name().ok_or_else(|| missing(operation, "Name"))?;
    if name != op.name {
        return Err(misread(operation, format!("the answer is about an app named {name}")));
    }
    let id = app.id().ok_or_else(|| missing(operation, "Id"))?;
    let id = id.parse().map_err(|error| misread(operation, error))?;
    Ok(Written { output: Output::App(id), request_id: answer.request_id().map(str::to_owned) })
}

pub(crate) async fn event_stream(
    regional: &Regional,
    op: &EventStreamOp<Resolved>,
) -> Result<Written, CloudError> {
    let api = op.call().api;
    match op {
        // AWS assumes the role and checks the stream before it responds.
        EventStreamOp::Put(PutEventStream { app_id, destination, role_arn, .. }) => {
            let stream = WriteEventStream::builder()
                .destination_stream_arn(destination.to_string())
                .role_arn(role_arn.to_string())
                .build();
            let request = regional.pinpoint().put_event_stream().application_id(app_id.as_str());
            let operation = ApiOperation::new(Service::Pinpoint, api);
            let id = |answer: &PutEventStreamOutput| answer.event_stream()?.application_id().map(str::to_owned);
            let answer = sent!(operation, request.write_event_stream(stream));
            // The answer to an earlier call for the same app names that app too.
            let is_asked = |answer: &PutEventStreamOutput| {
                let stream = answer.event_stream();
                let (to, role) = (destination.to_string(), role_arn.to_string());
                stream.is_some_and(|stream| {
                    stream.destination_stream_arn() == Some(&to) && stream.role_arn() == Some(&role)
                })
            };
            let answer = match answer {
                Ok(answer) if !is_asked(&answer) => {
                    Err(misread(operation, "the answer is about another stream or role"))
                }
                answer => answer,
            };
            done_to(app_id, id, operation, answer, regional).await
        }
        EventStreamOp::Delete(delete) => {
            let request = regional.pinpoint().delete_event_stream().application_id(delete.app_id.as_str());
            let operation = ApiOperation::new(Service::Pinpoint, api);
            let id = |answer: &DeleteEventStreamOutput| answer.event_stream()?.application_id().map(str::to_owned);
            done_to(&delete.app_id, id, operation, sent!(operation, request), regional).await
        }
    }
}

/// The write is done if the answer has a request ID.
async fn done(
    operation: ApiOperation,
    answer: Result<impl RequestId, CloudError>,
    regional: &Regional,
) -> Result<Written, CloudError> {
    let answer = ended::unless_gone(answer, regional).await?;
    let id = answer.request_id().filter(|id| !id.is_empty()).ok_or_else(|| missing(operation, "request ID"))?;
    Ok(Written { output: Output::Done, request_id: Some(id.to_owned()) })
}

/// The same of an operation that returns the ID of the app: it must be the one that was asked for.
async fn done_to<T: RequestId>(
    app: &AppId,
    answered: impl Fn(&T) -> Option<String>,
    operation: ApiOperation,
    answer: Result<T, CloudError>,
    regional: &Regional,
) -> Result<Written, CloudError> {
    let answer = ended::unless_gone(answer, regional).await?;
    must_be(operation, app, &answered(&answer).ok_or_else(|| missing(operation, "ApplicationId"))?)?;
    done(operation, Ok(answer), regional).await
}
