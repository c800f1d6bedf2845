//! Which roles changed so recently that Pinpoint may not see the change yet. The wall clock is read once, for the
//! changes
//! of earlier runs; later clock jumps do not matter.
use super::retry::RETRY_FOR;
use jiff::Timestamp;
use pinpoint_streams_model::arn::RoleArn;
use pinpoint_streams_model::op::{Op, RecordOp, Resolved};
use pinpoint_streams_model::plan::Step;
use pinpoint_streams_model::recorded::{Object, Recorded};
use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::time::Instant;

/// Until when each role whose policies changed counts as fresh.
#[derive(Debug)]
pub(super) struct RoleChanges {
    fresh_until: Mutex<BTreeMap<RoleArn, Instant>>,
}

impl RoleChanges {
    /// The changes of earlier runs, and of roles that the plan records. A change dated in the future counts as just
    /// made:
    /// the clock was set back.
    pub(super) fn of(recorded: &Recorded, steps: &[Step], now: Timestamp) -> RoleChanges {
        let found = steps.iter().filter_map(|step| match &step.op {
            Op::Record(RecordOp::Write { resource }) => Some(&**resource),
            _ => None,
        });
        let fresh_until = recorded.resources.values().chain(found).filter_map(|resource| match &resource.object {
            Object::Role(role) => {
                let age = Duration::try_from(now.duration_since(resource.changed_at)).unwrap_or(Duration::ZERO);
                Some((role.arn.clone(), Instant::now() + RETRY_FOR.checked_sub(age)?))
            }
            Object::App(_) | Object::EventStream(_) => None,
        });
        RoleChanges { fresh_until: Mutex::new(fresh_until.collect()) }
    }

    /// Records that this was carried out just now.
    pub(super) fn note(&self, op: &Op<Resolved>) {
        if let Op::Role(op) = op
            && op.must_propagate()
        {
            self.fresh_until().insert(op.role().clone(), Instant::now() + RETRY_FOR);
        }
    }

    /// Whether this role changed so recently that Pinpoint may not see the change yet.
    pub(super) fn is_fresh(&self, role: &RoleArn) -> bool {
        self.fresh_until().get(role).is_some_and(|until| Instant::now() < *until)
    }

    fn fresh_until(&self) -> MutexGuard<'_, BTreeMap<RoleArn, Instant>> {
        self.fresh_until.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
