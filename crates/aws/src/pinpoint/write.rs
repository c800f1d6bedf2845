//! Changes of apps and event streams, one API call each.
use super::ended;
use crate::account::Regional;
use crate::calling::{once, sent};
use crate::classify::{Asked, classify, missing};
use aws_sdk_pinpoint::types::{CreateApplicationRequest, TagsModel, WriteEventStream};
use aws_types::request_id::RequestId;
use pinpoint_streams_executor::cloud::{CloudError, Written};
use pinpoint_streams_model::arn::AppArn;
use pinpoint_streams_model::op;
use pinpoint_streams_model::op::Resolved;
use pinpoint_streams_model::recorded::Output;

const CREATE_APP: Asked = Asked::pinpoint_with_content("CreateApp");
const TAG: Asked = Asked::pinpoint_with_content("TagResource");
const UNTAG: Asked = Asked::pinpoint_with_content("UntagResource");
const DELETE_APP: Asked = Asked::pinpoint("DeleteApp");
const PUT_EVENT_STREAM: Asked = Asked::pinpoint_with_content("PutEventStream");
const DELETE_EVENT_STREAM: Asked = Asked::pinpoint("DeleteEventStream");

/// Makes an app. Sent once and never repeated by the SDK: Pinpoint takes any number of apps of one name, so
/// only the app's tags tell whether a lost answer was a yes.
pub(crate) async fn create_app(regional: &Regional, op: &op::CreateApp<Resolved>) -> Result<Written, CloudError> {
    let app =
        CreateApplicationRequest::builder().name(&op.name).set_tags(Some(op.all_tags().into_iter().collect()));
    let request = regional.pinpoint.create_app().create_application_request(app.build()).customize();
    let request = request.config_override(aws_sdk_pinpoint::config::Builder::new().retry_config(once()));
    let answer = request.send().await.map_err(|error| classify(CREATE_APP, error));
    let answer = ended::unless_gone(answer, regional).await?;
    let app = answer.application_response().ok_or_else(|| missing(CREATE_APP, "ApplicationResponse"))?;
    let id = app.id().ok_or_else(|| missing(CREATE_APP, "Id"))?;
    let id = id.parse().map_err(|error| crate::classify::misread(CREATE_APP, error))?;
    Ok(Written { output: Output::App(id), request_id: answer.request_id().map(str::to_owned) })
}

/// Writes tags of an app, leaving its others.
pub(crate) async fn tag_app(regional: &Regional, op: &op::TagApp<Resolved>) -> Result<Written, CloudError> {
    let tags = TagsModel::builder().set_tags(Some(op.all_tags().into_iter().collect())).build();
    let app = AppArn { region: op.region.clone(), account: op.account.clone(), id: op.app_id.clone() };
    let request = regional.pinpoint.tag_resource().resource_arn(app.to_string()).tags_model(tags);
    done(sent!(TAG, request), regional).await
}

/// Takes tags off an app.
pub(crate) async fn untag_app(regional: &Regional, op: &op::UntagApp) -> Result<Written, CloudError> {
    let app = AppArn { region: op.region.clone(), account: op.account.clone(), id: op.app_id.clone() };
    let keys = op.tag_keys.iter().cloned().collect();
    let request = regional.pinpoint.untag_resource().resource_arn(app.to_string()).set_tag_keys(Some(keys));
    done(sent!(UNTAG, request), regional).await
}

/// Deletes an app and all its data.
pub(crate) async fn delete_app(regional: &Regional, op: &op::DeleteApp) -> Result<Written, CloudError> {
    let request = regional.pinpoint.delete_app().application_id(op.app_id.as_str());
    done(sent!(DELETE_APP, request), regional).await
}

/// Sets an app's event stream, whatever it was. AWS assumes the role and looks at the stream before it answers.
pub(crate) async fn put_event_stream(
    regional: &Regional,
    op: &op::PutEventStream<Resolved>,
) -> Result<Written, CloudError> {
    let stream = WriteEventStream::builder()
        .destination_stream_arn(op.destination.to_string())
        .role_arn(op.role_arn.to_string())
        .build();
    let request =
        regional.pinpoint.put_event_stream().application_id(op.app_id.as_str()).write_event_stream(stream);
    done(sent!(PUT_EVENT_STREAM, request), regional).await
}

/// Takes an app's event stream away.
pub(crate) async fn delete_event_stream(
    regional: &Regional,
    op: &op::DeleteEventStream,
) -> Result<Written, CloudError> {
    let request = regional.pinpoint.delete_event_stream().application_id(op.app_id.as_str());
    done(sent!(DELETE_EVENT_STREAM, request), regional).await
}

async fn done(answer: Result<impl RequestId, CloudError>, regional: &Regional) -> Result<Written, CloudError> {
    let answer = ended::unless_gone(answer, regional).await?;
    Ok(Written { output: Output::Done, request_id: answer.request_id().map(str::to_owned) })
}
