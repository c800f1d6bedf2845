//! One call, made again while its refusals may pass.
use super::crew::{Hand, Setback};
use super::diagnose::diagnose;
use super::retry::{Next, Patience};
use crate::archive::ArchiveStore;
use crate::clock::Clock;
use crate::cloud::{Cloud, Written};
use pinpoint_streams_model::live::FailureKind;
use pinpoint_streams_model::op::{Op, Resolved};
use pinpoint_streams_model::recorded::Output;

/// Makes a call that may be made again without harm: any but those that create what has no name of its own.
pub(super) async fn write<C: Cloud, A: ArchiveStore, K: Clock>(
    hand: &mut Hand<'_, C, A, K>,
    op: &Op<Resolved>,
) -> Result<Written, Setback> {
    let mut patience = Patience::new();
    loop {
        let error = match hand.call(op).await {
            Ok(written) => return Ok(written),
            Err(error) => patience.heard(error),
        };
        if error.kind == FailureKind::NotFound && takes_away(op) {
            return Ok(Written { output: Output::Done, request_id: error.request_id });
        }
        // Put in by an attempt whose answer was lost: a profile that holds the role refuses it too.
        if error.kind == FailureKind::LimitExceeded
            && let Op::AddRoleToInstanceProfile(add) = op
            && let Ok(Some(role)) = hand.crew.cloud.role(&add.role.account, &add.role.name).await
            && role.instance_profiles.contains(&add.instance_profile)
        {
            return Ok(Written { output: Output::Done, request_id: error.request_id });
        }
        let refused_role = match op {
            Op::PutEventStream(put) if error.kind == FailureKind::RoleNotReady => Some(put),
            _ => None,
        };
        if let Some(put) = refused_role {
            patience.role_is_fresh |= hand.crew.roles.is_fresh(&put.role_arn);
        }
        match (patience.next(&error, hand.jitter()), refused_role) {
            (Next::GiveUp, Some(put)) => {
                let findings = diagnose(hand.crew.cloud, put).await;
                return Err(Setback::Cloud(Box::new(error), findings));
            }
            (next, _) => hand.heed(next, error).await?,
        }
    }
}

/// Whether the operation takes something away, so that it not being there is as good.
fn takes_away(op: &Op<Resolved>) -> bool {
    match op {
        Op::UntagApp(_)
        | Op::DeleteApp(_)
        | Op::DeleteRolePolicy(_)
        | Op::DeletePermissionsBoundary(_)
        | Op::UntagRole(_)
        | Op::DetachRolePolicy(_)
        | Op::RemoveRoleFromInstanceProfile(_)
        | Op::DeleteRole(_)
        | Op::DeleteEventStream(_) => true,
        Op::CreateApp(_)
        | Op::TagApp(_)
        | Op::CreateRole(_)
        | Op::UpdateTrustPolicy(_)
        | Op::PutRolePolicy(_)
        | Op::AttachRolePolicy(_)
        | Op::AddRoleToInstanceProfile(_)
        | Op::UpdateRole(_)
        | Op::PutPermissionsBoundary(_)
        | Op::TagRole(_)
        | Op::PutEventStream(_)
        | Op::WriteRecord(_)
        | Op::MoveRecord(_)
        | Op::ForgetRecord(_)
        | Op::SetProtect(_) => false,
    }
}
