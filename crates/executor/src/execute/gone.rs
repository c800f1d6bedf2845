//! Confirms by reading that what AWS calls non-existent does not exist: a proxy may have written that answer, or it may be
//! about something else.
use super::step::{StepContext, done};
use super::step_error::StepError;
use crate::clock::Clock;
use crate::cloud::{Cloud, CloudError, Written};
use pinpoint_streams_model::{
    AppArn, AppOp, EventStreamOp, FailureKind, LiveApp, LiveEventStream, LiveRole, Op, Question, Resolved, RoleOp,
    Unreadable,
};
use pinpoint_streams_store::archive::ArchiveStore;
use std::time::Duration;
use tokio::time::sleep;

/// The waits before the reads: what was deleted a moment ago may still be seen.
const READS_AFTER: [Duration; 4] =
    [Duration::ZERO, Duration::from_secs(2), Duration::from_secs(5), Duration::from_secs(10)];

impl<C: Cloud, A: ArchiveStore, K: Clock> StepContext<'_, C, A, K> {
    /// The outcome of a removal that AWS answered with `not_found`: done, unless it is still there or cannot be read.
    pub(super) async fn confirm_gone(
        &self,
        op: &Op<Resolved>,
        not_found: CloudError,
    ) -> Result<Written, StepError> {
        for wait in READS_AFTER {
            sleep(wait).await;
            match self.is_there(op).await {
                Ok(false) => return Ok(Written { request_id: not_found.request_id, ..done() }),
                Ok(true) => {}
                Err(why) => {
                    return Err(CloudError { definitely_refused: false, ..CloudError::unread(why) }.into());
                }
            }
        }
        let message = format!("AWS answered that it does not exist, but it does: {}", not_found.message);
        let kind = FailureKind::Unintelligible;
        Err(CloudError { kind, message, definitely_refused: false, ..not_found }.into())
    }

    /// Whether what the operation removes is there.
    async fn is_there(&self, op: &Op<Resolved>) -> Result<bool, Unreadable> {
        let cloud = self.shared.cloud;
        match op {
            Op::App(AppOp::Delete(delete)) => {
                let app = AppArn::of(&delete.account, &delete.region, &delete.app_id);
                let live: Option<LiveApp> = cloud.read_as(&Question::App(app)).await.known()?;
                Ok(live.is_some())
            }
            Op::EventStream(EventStreamOp::Delete(delete)) => {
                let app = AppArn::of(&delete.account, &delete.region, &delete.app_id);
                let live: Option<LiveEventStream> = cloud.read_as(&Question::EventStream(app)).await.known()?;
                Ok(live.is_some())
            }
            Op::Role(of_role) => {
                let Some(role) = op.role() else { return Ok(false) };
                Ok(self.role(role).await?.is_some_and(|role| has(&role, of_role)))
            }
            Op::App(_) | Op::EventStream(_) | Op::Record(_) => Ok(false),
        }
    }
}

/// Whether a role has what the operation removes.
fn has(role: &LiveRole, op: &RoleOp<Resolved>) -> bool {
    match op {
        RoleOp::Delete { role_id, .. } => role.id == *role_id,
        RoleOp::DeletePolicy { policy_name, .. } => role.inline_policies.contains_key(policy_name),
        RoleOp::DetachPolicy { policy, .. } => role.attached_policies.contains(policy),
        RoleOp::RemoveFromProfile { instance_profile, .. } => role.instance_profiles.contains(instance_profile),
        RoleOp::DeleteBoundary { .. } => role.permissions_boundary.is_some(),
        RoleOp::Untag { tag_keys, .. } => tag_keys.iter().any(|key| role.tags.contains_key(key)),
        RoleOp::Create(_)
        | RoleOp::UpdateTrustPolicy { .. }
        | RoleOp::PutPolicy { .. }
        | RoleOp::Update { .. }
        | RoleOp::PutBoundary { .. }
        | RoleOp::Tag { .. }
        | RoleOp::AttachPolicy { .. }
        | RoleOp::AddToProfile { .. } => false,
    }
}
