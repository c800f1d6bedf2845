//! The life of one step: on disk that it begins, carried out, on disk what became of it.
use super::attempt;
use super::crew::{Hand, JournalLost, Setback};
use super::{create, quarantine, removal, teardown};
use crate::archive::ArchiveStore;
use crate::clock::Clock;
use crate::cloud::{Cloud, Written};
use pinpoint_streams_model::event::{StepFailure, What};
use pinpoint_streams_model::ids::StepId;
use pinpoint_streams_model::op::{Op, Resolved};
use pinpoint_streams_model::recorded::Output;

/// A step that a worker has laid down.
#[derive(Debug)]
pub(super) struct Finished {
    pub(super) step: StepId,
    pub(super) end: End,
}

/// What became of it.
#[derive(Debug)]
pub(super) enum End {
    Done {
        output: Output,
        request_id: Option<String>,
    },
    Failed(StepFailure),
    /// It could not be written down, so it was not begun.
    NotBegun(JournalLost),
}

/// Carries a step out.
pub(super) async fn carry_out<C: Cloud, A: ArchiveStore, K: Clock>(
    mut hand: Hand<'_, C, A, K>,
    op: Op<Resolved>,
) -> Finished {
    let step = hand.step().step;
    let begin = match hand.begin(&op).await {
        Ok(begin) => begin,
        Err(lost) => return Finished { step, end: End::NotBegun(lost) },
    };
    hand.say(What::StepStarted { step: hand.step().clone() });
    let result = perform(&mut hand, &op).await;
    hand.rest();
    // If the end cannot be written, nothing new begins after it; what was done stays done.
    let _ = hand.end(begin, &result).await;
    let end = match result {
        Ok(Written { output, request_id }) => End::Done { output, request_id },
        Err(setback) => End::Failed(setback.failure()),
    };
    Finished { step, end }
}

async fn perform<C: Cloud, A: ArchiveStore, K: Clock>(
    hand: &mut Hand<'_, C, A, K>,
    op: &Op<Resolved>,
) -> Result<Written, Setback> {
    match op {
        Op::CreateApp(create) => create::app(hand, create).await,
        Op::CreateRole(create) => create::role(hand, create).await,
        Op::DeleteApp(delete) => removal::app(hand, delete).await,
        Op::DeleteEventStream(delete) => removal::event_stream(hand, delete).await,
        Op::DeleteRole(_) => teardown::role(hand, op).await,
        Op::DeleteRolePolicy(_) | Op::DetachRolePolicy(_) | Op::RemoveRoleFromInstanceProfile(_) => {
            teardown::take_off(hand, op).await
        }
        Op::WriteRecord(_) | Op::MoveRecord(_) | Op::ForgetRecord(_) | Op::SetProtect(_) => Ok(teardown::done()),
        Op::UpdateTrustPolicy(_)
        | Op::PutRolePolicy(_)
        | Op::AttachRolePolicy(_)
        | Op::AddRoleToInstanceProfile(_)
        | Op::UpdateRole(_)
        | Op::PutPermissionsBoundary(_)
        | Op::DeletePermissionsBoundary(_)
        | Op::TagRole(_)
        | Op::UntagRole(_) => quarantine::write(hand, op).await,
        Op::TagApp(_) | Op::UntagApp(_) | Op::PutEventStream(_) => attempt::write(hand, op).await,
    }
}
