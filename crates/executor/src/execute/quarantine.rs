//! Archives a role before the first write of its quarantine, and checks that it is the planned one.
use super::step::StepContext;
use super::step_error::StepError;
use crate::clock::Clock;
use crate::cloud::{Cloud, Written};
use pinpoint_streams_model::op::{Op, Resolved};
use pinpoint_streams_store::archive::{self, ArchiveStore};

/// Writes to a role. One that the plan quarantines is checked and archived first.
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
                let message = format!("the role {role} no longer exists");
                return Err(StepError::refused("RoleChanged", message).hint("plan again".to_owned()));
            };
            if let Some(id) = quarantine.id.as_ref().filter(|id| **id != live.id.to_string()) {
                let message = format!("the role was replaced: its id is {}, not {id}", live.id);
                return Err(StepError::refused("RoleChanged", message).hint("plan again".to_owned()));
            }
            context.archive(archive::Object::Role(Box::new(live))).await?;
            *is_archived = true;
        }
    }
    context.write(op).await
}
