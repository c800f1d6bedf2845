//! Deletes event streams and apps that are still as planned, after archiving them.
use super::step::{StepContext, done};
use super::step_error::StepError;
use crate::clock::Clock;
use crate::cloud::{Cloud, CloudError, Written};
use pinpoint_streams_model::arn::AppArn;
use pinpoint_streams_model::live::{FailureKind, LiveApp, LiveEventStream, Question, Read};
use pinpoint_streams_model::op::{AppOp, DeleteApp, DeleteEventStream, EventStreamOp, Op};
use pinpoint_streams_store::archive::{self, ArchiveStore};
use std::collections::BTreeSet;

/// Deletes an event stream that still has its planned destination and role.
pub(super) async fn event_stream<C: Cloud, A: ArchiveStore, K: Clock>(
    context: &mut StepContext<'_, C, A, K>,
    delete: &DeleteEventStream,
) -> Result<Written, StepError> {
    let DeleteEventStream { account, region, app_id, destination, role_arn } = delete.clone();
    let question = Question::EventStream(AppArn::of(&account, &region, &app_id));
    let live: Option<LiveEventStream> =
        context.shared.cloud.read_as(&question).await.known().map_err(StepError::unread)?;
    let Some(live) = live else { return Ok(done()) };
    let planned = LiveEventStream { destination, role_arn };
    if live != planned {
        let LiveEventStream { destination, role_arn } = live;
        let message = format!("the event stream has changed: it now goes to {destination} with role {role_arn}");
        return Err(StepError::refused("EventStreamChanged", message).hint("plan again".to_owned()));
    }
    let stream = archive::EventStream { account, region, app_id, event_stream: live };
    context.archive(archive::Object::EventStream(stream)).await?;
    context.write(&Op::EventStream(EventStreamOp::Delete(delete.clone()))).await
}

/// Deletes an app that still has its planned name and has no event stream.
pub(super) async fn app<C: Cloud, A: ArchiveStore, K: Clock>(
    context: &mut StepContext<'_, C, A, K>,
    delete: &DeleteApp,
) -> Result<Written, StepError> {
    let (cloud, DeleteApp { account, region, app_id, name }) = (context.shared.cloud, delete.clone());
    let arn = AppArn::of(&account, &region, &app_id);
    let live = cloud.read_as(&Question::App(arn.clone())).await.known().map_err(StepError::unread)?;
    let Some(live): Option<LiveApp> = live else { return Ok(done()) };
    if live.name != name {
        let message = format!("the app was renamed to `{}` from `{name}`", live.name);
        return Err(StepError::refused("AppChanged", message).hint("plan again".to_owned()));
    }
    let mut unread = Vec::new();
    let event_stream = match cloud.read_as(&Question::EventStream(arn.clone())).await.known() {
        Ok(event_stream) => event_stream,
        // Where event streams are no longer supported, none can be lost; any other failure may hide one.
        Err(error) if error.kind == FailureKind::ServiceEnded => {
            unread.push(format!("event stream: {}", CloudError::unread(error)));
            None
        }
        Err(error) => return Err(StepError::unread(error)),
    };
    if let Some(event_stream) = event_stream.filter(|live| !context.shared.teardowns.deletes(&app_id, live)) {
        let LiveEventStream { destination, role_arn } = event_stream;
        let message = format!(
            "the app has an event stream that the plan does not delete: to {destination} with role {role_arn}"
        );
        return Err(StepError::refused("AppChanged", message).hint("plan again".to_owned()));
    }
    let tags = match live.tags {
        Some(tags) => Some(tags),
        None => read_or_name("tags", cloud.read_as(&Question::AppTags(arn.clone())).await, &mut unread),
    };
    let channels: Option<BTreeSet<String>> =
        read_or_name("channels", cloud.read_as(&Question::Channels(arn)).await, &mut unread);
    let app = archive::App { account, region, app_id, name, tags, channels, event_stream: None, unread };
    context.archive(archive::Object::App(app)).await?;
    context.write(&Op::App(AppOp::Delete(delete.clone()))).await
}

fn read_or_name<T>(what: &str, read: Read<T>, unread: &mut Vec<String>) -> Option<T> {
    match read {
        Read::Present(value) => Some(value),
        Read::Absent => None,
        Read::Unreadable(why) => {
            unread.push(format!("{what}: {}", CloudError::unread(why)));
            None
        }
    }
}
