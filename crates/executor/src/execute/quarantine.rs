//! Quarantining only what was planned, and only once it is archived: before the first write to a role that is to be
//! quarantined, all of it is archived.
use super::step::StepContext;
use super::step_error::StepError;
use crate::clock::Clock;
use crate::cloud::{Cloud, Written};
use pinpoint_streams_model::op::{Op, Resolved};
use pinpoint_streams_store::archive::{self, ArchiveStore};

/// Writes to a role; one that the plan quarantines is looked at and archived first.
pub(super) async fn write<C: Cloud, A: ArchiveStore, K: Clock>(
    context: &mut StepContext<'_, C, A, K>,
    op: &Op<Resolved>,
) -> Result<Written, StepError> {
    if let Some(role) = op.role()
        && let Some(quarantine) = context.shared.quarantines.0.get(role)
    {
        let mut is_archived = quarantine.is_archived.lock().await;
        if !*is_archived {
            let live = context.role(role).await.map_err(StepError::unread)?;
            let Some(live) = live else {
                let message = format!("the role is gone: there is no {role} any more");
                return Err(StepError::refused("RoleChanged", message).hint("plan again to see it".to_owned()));
            };
            if let Some(id) = quarantine.id.as_ref().filter(|id| **id != live.id.to_string()) {
                let message = format!("the role of this name is another one now: its id is {}, not {id}", live.id);
                return Err(StepError::refused("RoleChanged", message).hint("plan again to see it".to_owned()));
            }
            context.archive(archive::Object::Role(Box::new(live))).await?;
            *is_archived = true;
        }
    }
    context.write(op).await
}
