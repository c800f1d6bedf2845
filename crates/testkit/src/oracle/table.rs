//! What a run reports of its steps, against the cloud's log.
use super::Trial;
use super::record::wrong;
use crate::cloud::{Call, Snapshot};
use pinpoint_streams_executor::execute::{NotWritten, Outcome, StepResult};
use pinpoint_streams_model::arn::AppArn;
use pinpoint_streams_model::ids::Lineage;
use pinpoint_streams_model::live::FailureKind;
use pinpoint_streams_model::op::{AppOp, EventStreamOp, Op, Outputs, Resolved, RoleOp};
use pinpoint_streams_model::ownership::{self, Tags};
use pinpoint_streams_model::plan::Plan;
use pinpoint_streams_model::recorded::{Output, Pending, Recorded};
use std::collections::BTreeMap;

impl Trial {
    /// Every row of the run's table agrees with the cloud's log, an outcome is pending only where it is in doubt, and
    /// what is kept is what the run reports. `open` was pending before the run.
    pub(super) async fn table_is_true(&self, plan: &Plan, outcome: &Outcome, open: &[Pending]) {
        let (snapshot, sent, recorded) =
            (self.world.cloud.snapshot(), self.world.cloud.writes(), &outcome.recorded);
        let has_journal = self.world.memory.journal.bytes().is_some();
        let is_kept = match &outcome.state_written {
            Ok(_) => !has_journal && self.world.recorded().await == *recorded,
            Err(NotWritten::NothingBegun { .. }) => sent.iter().all(|call| !call.carried_out),
            Err(_) => has_journal,
        };
        assert!(is_kept, "what is kept is not what the run reports: {:?}", outcome.state_written);
        let wrong = wrong(&self.world, &self.outside, recorded);
        assert!(wrong.is_empty(), "the run reports: {wrong:#?}");
        let Some(lineage) = recorded.lineage.clone() else {
            let not_started = |result: &StepResult| matches!(result, StepResult::NotStarted { .. });
            let is_untouched = sent.is_empty() && outcome.steps.values().all(|step| not_started(&step.result));
            assert!(is_untouched, "written without a lineage: {:#?}", outcome.steps);
            return;
        };
        let outputs = self.apps_by_address(&snapshot, &lineage);
        let app_of = |address: &str| Some(Output::App(outputs.get(address)?.id.clone()));
        let known: Outputs =
            plan.steps.iter().filter_map(|step| Some((step.id, app_of(&step.address.to_string())?))).collect();
        let mut results = Vec::new();
        for step in &plan.steps {
            let result = &outcome.steps[&step.id].result;
            let Ok(op) = step.op.clone().resolve(&known, &lineage) else {
                let is_left = matches!(result, StepResult::Skipped { .. } | StepResult::NotStarted { .. });
                assert!(is_left || matches!(result, StepResult::Failed(_)), "{}: {result:?}", step.address);
                continue;
            };
            row(&op, result, &sent, recorded, &snapshot);
            results.push((op, result));
        }
        let is_unanswered = self.world.cloud.calls().iter().any(|call| call.answer.is_none());
        for Pending { op, .. } in recorded.pending.iter().filter(|pending| !open.contains(pending)) {
            let mut mine = sent.iter().filter(|call| call.op.as_ref() == Some(op));
            let is_in_doubt = match results.iter().find(|(of, _)| of == op) {
                // The program knows only that the SDK sent it, not how often.
                Some((_, StepResult::NotStarted { .. })) => mine.next().is_some(),
                // Its worker was dropped before it could record an outcome.
                Some((_, StepResult::Unfinished(failure))) if failure.code == "Interrupted" => is_unanswered,
                _ => mine.any(|call| call.leaves_doubt() || is_taken(call)),
            };
            let has_left = matches!(outcome.state_written, Err(NotWritten::ExitedNow));
            assert!(is_in_doubt || has_left, "{} is pending without doubt: {results:#?}\n{sent:#?}", op.name());
        }
    }

    /// The apps of this workspace by their addresses, each there once.
    fn apps_by_address(&self, snapshot: &Snapshot, lineage: &Lineage) -> BTreeMap<String, AppArn> {
        let mut apps = BTreeMap::new();
        for (arn, app) in snapshot.apps.iter().filter(|(arn, _)| !self.outside.stray.contains(&arn.to_string())) {
            let Some(address) = app.tags.as_ref().and_then(|tags| ours(tags, lineage)) else { continue };
            let twice = apps.insert(address.clone(), arn.clone());
            assert!(twice.is_none(), "{address} was made twice");
        }
        apps
    }
}

/// The address of what this workspace owns.
fn ours(tags: &Tags, lineage: &Lineage) -> Option<String> {
    (tags.get(ownership::LINEAGE)? == lineage.as_str()).then(|| tags.get(ownership::ADDRESS).cloned())?
}

/// A role of this name exists: it may be ours, from an attempt that the SDK made before.
fn is_taken(call: &Call) -> bool {
    call.answer == Some(Err(FailureKind::AlreadyExists))
}

fn row(op: &Op<Resolved>, result: &StepResult, sent: &[Call], recorded: &Recorded, snapshot: &Snapshot) {
    let mut mine = sent.iter().filter(|call| call.op.as_ref() == Some(op));
    let was_carried_out = mine.clone().any(|call| call.carried_out);
    let is_pending = recorded.pending.iter().any(|pending| pending.op == *op);
    let name = op.name();
    match result {
        StepResult::Done { .. } if op.is_record_only() => {}
        StepResult::Done { .. } => {
            assert!(was_carried_out || is_gone(op, snapshot), "{name} is reported done and is not");
            assert!(!is_pending, "{name} is done and pending");
        }
        StepResult::Failed(_) | StepResult::Unfinished(_) if is_pending => {}
        StepResult::Failed(failure) | StepResult::Unfinished(failure) => {
            let is_put_back = failure.details.iter().any(|detail| detail.contains("restored"));
            assert!(!was_carried_out || is_put_back, "{name} is reported failed and was done: {failure:?}");
        }
        StepResult::Skipped { because_of } => {
            assert!(
                !is_pending && mine.next().is_none(),
                "{name} is reported skipped by {because_of} and was sent"
            );
        }
        // A call that AWS throttled did not reach what it was to change.
        StepResult::NotStarted { reason } => {
            let is_throttled = |call: &Call| !call.carried_out && call.answer == Some(Err(FailureKind::Throttled));
            assert!(mine.all(is_throttled), "{name} is reported not started ({reason}) and was sent");
        }
    }
}

/// Whether what an operation takes away is not there.
fn is_gone(op: &Op<Resolved>, snapshot: &Snapshot) -> bool {
    let app = |id| snapshot.apps.keys().find(|arn| arn.id == id);
    let role = op.role().and_then(|arn| snapshot.roles.get(arn));
    match op {
        Op::Role(RoleOp::Delete { role_id, .. }) => role.is_none_or(|role| role.id != *role_id),
        Op::Role(RoleOp::DeletePolicy { policy_name, .. }) => {
            role.is_none_or(|role| !role.inline_policies.contains_key(policy_name))
        }
        Op::Role(RoleOp::DetachPolicy { policy, .. }) => {
            role.is_none_or(|role| !role.attached_policies.contains(policy))
        }
        Op::Role(RoleOp::RemoveFromProfile { instance_profile, .. }) => {
            role.is_none_or(|role| !role.instance_profiles.contains(instance_profile))
        }
        Op::App(AppOp::Delete(delete)) => app(delete.app_id.clone()).is_none(),
        Op::EventStream(EventStreamOp::Delete(delete)) => {
            !snapshot.event_streams.keys().any(|arn| arn.id == delete.app_id)
        }
        _ => false,
    }
}
