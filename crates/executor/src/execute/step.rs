//! The life of one step: on disk that it begins, carried out, on disk what became of it.
use super::attempt;
use super::crew::{Hand, NOT_STARTED, Setback};
use super::retry::THROTTLED;
use super::{create, quarantine, removal, teardown};
use crate::clock::Clock;
use crate::cloud::{Cloud, Written};
use crate::pace::InLine;
use pinpoint_streams_model::event::{StepFailure, What};
use pinpoint_streams_model::ids::StepId;
use pinpoint_streams_model::op::{AppOp, EventStreamOp, Op, Resolved, RoleOp};
use pinpoint_streams_model::recorded::Output;
use pinpoint_streams_store::archive::ArchiveStore;
use std::pin::pin;

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
    /// It could not be written down, or the run was stopped before AWS took its call.
    NotStarted {
        reason: String,
    },
}

/// Carries a step out.
pub(super) async fn carry_out<C: Cloud, A: ArchiveStore, K: Clock>(
    mut hand: Hand<'_, C, A, K>,
    op: Op<Resolved>,
) -> Finished {
    let step = hand.step().step;
    let begin = match hand.begin(&op).await {
        Ok(begin) => begin,
        Err(lost) => return Finished { step, end: End::NotStarted { reason: lost.to_string() } },
    };
    hand.say(What::StepStarted { step: hand.step().clone() });
    let result = seated(&mut hand, &op).await;
    hand.seat().rest();
    // If the end cannot be written, nothing new begins after it; what was done stays done.
    let _ = hand.end(begin, &result).await;
    let end = match result {
        Ok(Written { output, request_id }) => End::Done { output, request_id },
        Err(Setback::NotStarted { .. }) => End::NotStarted { reason: NOT_STARTED.to_owned() },
        Err(setback) => End::Failed(setback.failure()),
    };
    Finished { step, end }
}

/// Performs the step, and tells of it while it stands in line; lets go of it where it goes home.
async fn seated<C: Cloud, A: ArchiveStore, K: Clock>(
    hand: &mut Hand<'_, C, A, K>,
    op: &Op<Resolved>,
) -> Result<Written, Setback> {
    let (crew, step, seat) = (hand.crew, hand.step().clone(), hand.seat().clone());
    let mut performed = pin!(seat.during(perform(hand, op)));
    loop {
        tokio::select! {
            biased;
            said = seat.in_line() => match said {
                InLine::For(waited) => {
                    let waited_ms = u64::try_from(waited.as_millis()).unwrap_or(u64::MAX);
                    crew.say(What::StepWaiting { step: step.clone(), reason: THROTTLED.to_owned(), waited_ms });
                }
                InLine::GoesHome => return Err(Setback::NotStarted { was_asked: seat.was_asked() }),
            },
            result = &mut performed => return result,
        }
    }
}

async fn perform<C: Cloud, A: ArchiveStore, K: Clock>(
    hand: &mut Hand<'_, C, A, K>,
    op: &Op<Resolved>,
) -> Result<Written, Setback> {
    match op {
        Op::App(AppOp::Create(create)) => create::app(hand, create).await,
        Op::App(AppOp::Delete(delete)) => removal::app(hand, delete).await,
        Op::EventStream(EventStreamOp::Delete(delete)) => removal::event_stream(hand, delete).await,
        Op::App(AppOp::Tag { .. } | AppOp::Untag { .. }) | Op::EventStream(EventStreamOp::Put(_)) => {
            attempt::write(hand, op).await
        }
        Op::Role(change) => match change {
            RoleOp::Create(create) => create::role(hand, create).await,
            RoleOp::Delete { .. } => teardown::role(hand, op).await,
            RoleOp::DeletePolicy { .. } | RoleOp::DetachPolicy { .. } | RoleOp::RemoveFromProfile { .. } => {
                teardown::take_off(hand, op).await
            }
            RoleOp::UpdateTrustPolicy { .. }
            | RoleOp::PutPolicy { .. }
            | RoleOp::AttachPolicy { .. }
            | RoleOp::AddToProfile { .. }
            | RoleOp::Update { .. }
            | RoleOp::PutBoundary { .. }
            | RoleOp::DeleteBoundary { .. }
            | RoleOp::Tag { .. }
            | RoleOp::Untag { .. } => quarantine::write(hand, op).await,
        },
        Op::Record(_) => Ok(teardown::done()),
    }
}
