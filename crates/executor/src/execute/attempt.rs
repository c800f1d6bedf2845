//! One call, made again while its refusals may pass.
use super::crew::{Hand, Setback};
use super::diagnose::diagnose;
use super::retry::{Next, Patience};
use crate::clock::Clock;
use crate::cloud::{Cloud, Written};
use pinpoint_streams_model::live::FailureKind;
use pinpoint_streams_model::op::{EventStreamOp, Op, Resolved, RoleOp};
use pinpoint_streams_model::recorded::Output;
use pinpoint_streams_store::archive::ArchiveStore;

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
        if error.kind == FailureKind::NotFound && op.call().is_some_and(|call| call.takes_away) {
            return Ok(Written { output: Output::Done, request_id: error.request_id });
        }
        // Put in by an attempt whose answer was lost: a profile that holds the role refuses it too.
        if error.kind == FailureKind::LimitExceeded
            && let Op::Role(RoleOp::AddToProfile { role, instance_profile }) = op
            && let Ok(Some(role)) = hand.role(role).await
            && role.instance_profiles.contains(instance_profile)
        {
            return Ok(Written { output: Output::Done, request_id: error.request_id });
        }
        let refused_role = match op {
            Op::EventStream(EventStreamOp::Put(put)) if error.kind == FailureKind::RoleNotReady => Some(put),
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
