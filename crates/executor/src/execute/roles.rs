//! When each role last changed, in this run or an earlier one: what "not ready yet" rests on.
use super::retry::PATIENCE;
use jiff::{SignedDuration, Timestamp};
use pinpoint_streams_model::arn::RoleArn;
use pinpoint_streams_model::op::{Op, Resolved};
use pinpoint_streams_model::recorded::{Object, Recorded};
use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// When roles last changed in who may assume them or what they may do.
#[derive(Debug)]
pub(super) struct RoleChanges {
    changed: Mutex<BTreeMap<RoleArn, Timestamp>>,
}

impl RoleChanges {
    /// What earlier runs wrote down.
    pub(super) fn of(recorded: &Recorded) -> RoleChanges {
        let changed = recorded.resources.values().filter_map(|resource| match &resource.object {
            Object::Role(role) => Some((role.arn.clone(), resource.changed_at)),
            Object::App(_) | Object::EventStream(_) => None,
        });
        RoleChanges { changed: Mutex::new(changed.collect()) }
    }

    /// This was carried out just now. Tags change nothing that matters here.
    pub(super) fn note(&self, op: &Op<Resolved>, now: Timestamp) {
        if let Some(role) = op.role()
            && !matches!(op, Op::TagRole(_) | Op::UntagRole(_))
        {
            self.changed().insert(role.clone(), now);
        }
    }

    /// Whether this role changed so lately that the service may not know it yet.
    pub(super) fn is_fresh(&self, role: &RoleArn, now: Timestamp) -> bool {
        let patience = SignedDuration::try_from(PATIENCE).unwrap_or(SignedDuration::MAX);
        self.changed().get(role).is_some_and(|changed| now.duration_since(*changed) < patience)
    }

    fn changed(&self) -> MutexGuard<'_, BTreeMap<RoleArn, Timestamp>> {
        self.changed.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
