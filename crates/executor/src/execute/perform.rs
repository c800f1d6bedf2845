//! Operations that take more than one call.
use super::step::{StepContext, done};
use super::step_error::StepError;
use super::{create, quarantine, removal, teardown};
use crate::clock::Clock;
use crate::cloud::{Cloud, Written};
use pinpoint_streams_model::op::{AppOp, EventStreamOp, Op, Resolved, RoleOp};
use pinpoint_streams_store::archive::ArchiveStore;

pub(super) async fn perform<C: Cloud, A: ArchiveStore, K: Clock>(
    context: &mut StepContext<'_, C, A, K>,
    op: &Op<Resolved>,
) -> Result<Written, StepError> {
    match op {
        Op::App(AppOp::Create(create)) => create::app(context, create).await,
        Op::App(AppOp::Delete(delete)) => removal::app(context, delete).await,
        Op::EventStream(EventStreamOp::Delete(delete)) => removal::event_stream(context, delete).await,
        Op::App(AppOp::Tag { .. } | AppOp::Untag { .. }) | Op::EventStream(EventStreamOp::Put(_)) => {
            context.write(op).await
        }
        Op::Role(change) => match change {
            RoleOp::Create(create) => create::role(context, create).await,
            RoleOp::Delete { .. } => teardown::role(context, op).await,
            RoleOp::DeletePolicy { .. } | RoleOp::DetachPolicy { .. } | RoleOp::RemoveFromProfile { .. } => {
                teardown::take_off(context, op).await
            }
            RoleOp::UpdateTrustPolicy { .. }
            | RoleOp::PutPolicy { .. }
            | RoleOp::AttachPolicy { .. }
            | RoleOp::AddToProfile { .. }
            | RoleOp::Update { .. }
            | RoleOp::PutBoundary { .. }
            | RoleOp::DeleteBoundary { .. }
            | RoleOp::Tag { .. }
            | RoleOp::Untag { .. } => quarantine::write(context, op).await,
        },
        Op::Record(_) => Ok(done()),
    }
}
