//! Operations that take more than one call. A role is archived before the first write of its quarantine.
use super::step::{StepContext, done};
use super::step_error::StepError;
use crate::clock::Clock;
use crate::cloud::{Cloud, Written};
use pinpoint_streams_model::{AppOp, EventStreamOp, Op, Resolved, RoleOp};
use pinpoint_streams_store::archive::{self, ArchiveStore};

impl<C: Cloud, A: ArchiveStore, K: Clock> StepContext<'_, C, A, K> {
    // Thousands of steps may wait at once. Boxing keeps the future of a step as small as the operation that it performs; rare
    // paths are boxed as well.
    pub(super) async fn perform(&mut self, op: &Op<Resolved>) -> Result<Written, StepError> {
        match op {
            Op::App(AppOp::Create(create)) => Box::pin(self.create_app(create)).await,
            Op::App(AppOp::Delete(delete)) => Box::pin(self.delete_app(delete)).await,
            Op::EventStream(EventStreamOp::Delete(delete)) => Box::pin(self.delete_event_stream(delete)).await,
            Op::App(AppOp::Tag { .. } | AppOp::Untag { .. }) | Op::EventStream(EventStreamOp::Put(_)) => {
                Box::pin(self.write(op)).await
            }
            Op::Role(change) => match change {
                RoleOp::Create(create) => Box::pin(self.create_role(create)).await,
                RoleOp::Delete { .. } => Box::pin(self.delete_role(op)).await,
                RoleOp::DeletePolicy { .. } | RoleOp::DetachPolicy { .. } | RoleOp::RemoveFromProfile { .. } => {
                    Box::pin(self.remove_from_role(op)).await
                }
                RoleOp::UpdateTrustPolicy { .. }
                | RoleOp::PutPolicy { .. }
                | RoleOp::AttachPolicy { .. }
                | RoleOp::AddToProfile { .. }
                | RoleOp::Update { .. }
                | RoleOp::PutBoundary { .. }
                | RoleOp::DeleteBoundary { .. }
                | RoleOp::Tag { .. }
                | RoleOp::Untag { .. } => Box::pin(self.write_to_role(op)).await,
            },
            Op::Record(_) => Ok(done()),
        }
    }

    /// Writes to a role. One that the plan quarantines is checked and archived first.
    async fn write_to_role(&mut self, op: &Op<Resolved>) -> Result<Written, StepError> {
        if let Some(role) = op.role()
            && let Some(quarantine) = self.shared.quarantines.0.get(role)
        {
            let mut is_archived = quarantine.is_archived.lock().await;
            if !*is_archived {
                let Some(live) = Box::pin(self.role(role)).await.map_err(StepError::unread)? else {
                    let message = format!("the role {role} no longer exists");
                    return Err(StepError::changed("RoleChanged", message));
                };
                if let Some(id) = quarantine.id.as_ref().filter(|id| **id != live.id.to_string()) {
                    return Err(StepError::role_replaced(&live, id));
                }
                Box::pin(self.look_again(&live)).await?;
                Box::pin(self.archive(archive::Object::Role(live))).await?;
                *is_archived = true;
            }
        }
        self.write(op).await
    }
}
