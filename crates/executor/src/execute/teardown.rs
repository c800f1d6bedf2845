//! Deletes a role that is still the planned one, after archiving it. If the deletion fails halfway, what was removed
//! from
//! the role is restored.
use super::planned::{Progress, Teardown};
use super::put_back::put_back;
use super::step::{StepContext, done};
use super::step_error::StepError;
use crate::clock::Clock;
use crate::cloud::{Cloud, Written};
use pinpoint_streams_model::arn::RoleArn;
use pinpoint_streams_model::op::{Op, Resolved};
use pinpoint_streams_store::archive::{self, ArchiveStore};

/// Removes something from a role. If the role is to be deleted, it is checked and archived first.
pub(super) async fn take_off<C: Cloud, A: ArchiveStore, K: Clock>(
    context: &mut StepContext<'_, C, A, K>,
    op: &Op<Resolved>,
) -> Result<Written, StepError> {
    let Some(teardown) = context.shared.teardowns.begun_by(op) else { return context.write(op).await };
    let Some(role) = op.role() else { return context.write(op).await };
    if prepare(context, role, teardown).await? == Found::Gone {
        return Ok(done());
    }
    let result = context.write(op).await;
    let mut progress = teardown.progress.lock().await;
    match result {
        Ok(written) => {
            progress.taken.push(op.clone());
            if !progress.has_failed {
                return Ok(written);
            }
            let error =
                StepError::refused("TeardownFailed", "another part of this role could not be removed".to_owned());
            Err(undo(context, &mut progress, error).await)
        }
        Err(error) => Err(undo(context, &mut progress, error).await),
    }
}

/// Deletes a role that is still the planned one.
pub(super) async fn role<C: Cloud, A: ArchiveStore, K: Clock>(
    context: &mut StepContext<'_, C, A, K>,
    op: &Op<Resolved>,
) -> Result<Written, StepError> {
    let teardown = op.role().and_then(|role| Some((role, context.shared.teardowns.roles.get(role)?)));
    let Some((role, teardown)) = teardown else {
        return Err(StepError::refused("NotPlanned", "no deletion of this role was planned".to_owned()));
    };
    let found = match prepare(context, role, teardown).await {
        // An earlier step archived it: check again.
        Ok(Found::Archived) => check_again(context, role, teardown).await,
        other => other,
    };
    let result = match found {
        Ok(Found::Gone) => return Ok(done()),
        Ok(Found::Archived | Found::JustArchived) => context.write(op).await,
        Err(error) => Err(error),
    };
    match result {
        Ok(written) => Ok(written),
        Err(error) => Err(undo(context, &mut *teardown.progress.lock().await, error).await),
    }
}

/// The state of a role that is to be deleted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Found {
    Gone,
    Archived,
    JustArchived,
}

/// Reads, checks and archives a role before anything is removed from it.
async fn prepare<C: Cloud, A: ArchiveStore, K: Clock>(
    context: &StepContext<'_, C, A, K>,
    role: &RoleArn,
    teardown: &Teardown,
) -> Result<Found, StepError> {
    let mut progress = teardown.progress.lock().await;
    if progress.has_failed {
        let message = "another part of this role could not be removed".to_owned();
        return Err(StepError::refused("TeardownFailed", message));
    }
    if progress.is_gone {
        return Ok(Found::Gone);
    }
    if progress.archived.is_some() {
        return Ok(Found::Archived);
    }
    // If this fails, the role stays, so nothing else is removed from it.
    progress.has_failed = true;
    let live = context.role(role).await.map_err(StepError::unread)?;
    let found = match live {
        None => {
            progress.is_gone = true;
            Found::Gone
        }
        Some(live) => {
            teardown.check(&live)?;
            let live = Box::new(live);
            let path = context.archive(archive::Object::Role(live.clone())).await?;
            progress.archived = Some((live, path));
            Found::JustArchived
        }
    };
    progress.has_failed = false;
    Ok(found)
}

async fn check_again<C: Cloud, A: ArchiveStore, K: Clock>(
    context: &StepContext<'_, C, A, K>,
    role: &RoleArn,
    teardown: &Teardown,
) -> Result<Found, StepError> {
    match context.role(role).await.map_err(StepError::unread)? {
        None => Ok(Found::Gone),
        Some(live) => teardown.check(&live).map(|()| Found::Archived),
    }
}

/// Restores what was removed from a role that is not deleted after all; adds hints to the error.
async fn undo<C: Cloud, A: ArchiveStore, K: Clock>(
    context: &mut StepContext<'_, C, A, K>,
    progress: &mut Progress,
    error: StepError,
) -> StepError {
    progress.has_failed = true;
    // A role that may be gone is not written to, and an abandoned run writes nothing more.
    let is_over = error.is_in_doubt() || matches!(error, StepError::Stopped(_));
    let Some((live, archive)) = progress.archived.as_ref().filter(|_| !is_over) else { return error };
    put_back(context, std::mem::take(&mut progress.taken), live, archive, error).await
}
