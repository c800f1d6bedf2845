//! Which roles changed so lately, in this run or an earlier one, that the service may not know it yet: what "not
//! ready yet" rests on. The wall clock is read once, for what earlier runs wrote down; from then on no jump of it counts.
use super::retry::PATIENCE;
use jiff::Timestamp;
use pinpoint_streams_model::arn::RoleArn;
use pinpoint_streams_model::op::{Op, RecordOp, Resolved};
use pinpoint_streams_model::plan::Step;
use pinpoint_streams_model::recorded::{Object, Recorded};
use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::time::Instant;

/// Until when each role that changed in who may assume it or what it may do counts as fresh.
#[derive(Debug)]
pub(super) struct RoleChanges {
    fresh_until: Mutex<BTreeMap<RoleArn, Instant>>,
}

impl RoleChanges {
    /// What earlier runs wrote down and what the plan found out about roles that it records, seen now. A change that is
    /// dated later than now was made just now, on a clock that was put back since.
    pub(super) fn of(recorded: &Recorded, steps: &[Step], now: Timestamp) -> RoleChanges {
        let found = steps.iter().filter_map(|step| match &step.op {
            Op::Record(RecordOp::Write { resource }) => Some(&**resource),
            _ => None,
        });
        let fresh_until = recorded.resources.values().chain(found).filter_map(|resource| match &resource.object {
            Object::Role(role) => {
                let age = Duration::try_from(now.duration_since(resource.changed_at)).unwrap_or(Duration::ZERO);
                Some((role.arn.clone(), Instant::now() + PATIENCE.checked_sub(age)?))
            }
            Object::App(_) | Object::EventStream(_) => None,
        });
        RoleChanges { fresh_until: Mutex::new(fresh_until.collect()) }
    }

    /// This was carried out just now.
    pub(super) fn note(&self, op: &Op<Resolved>) {
        if let Op::Role(op) = op
            && op.must_propagate()
        {
            self.fresh_until().insert(op.role().clone(), Instant::now() + PATIENCE);
        }
    }

    /// Whether this role changed so lately that the service may not know it yet.
    pub(super) fn is_fresh(&self, role: &RoleArn) -> bool {
        self.fresh_until().get(role).is_some_and(|until| Instant::now() < *until)
    }

    fn fresh_until(&self) -> MutexGuard<'_, BTreeMap<RoleArn, Instant>> {
        self.fresh_until.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
