//! What a run says of its steps against what the cloud knows.
use super::Trial;
use super::record::wrong;
use crate::cloud::{Call, Snapshot};
use pinpoint_streams_executor::execute::{NotWritten, Outcome, StepResult};
use pinpoint_streams_model::arn::AppArn;
use pinpoint_streams_model::event::Ending;
use pinpoint_streams_model::ids::Lineage;
use pinpoint_streams_model::op::{AppOp, EventStreamOp, Op, Outputs, Resolved, RoleOp};
use pinpoint_streams_model::ownership::{self, Tags};
use pinpoint_streams_model::plan::Plan;
use pinpoint_streams_model::recorded::{Output, Recorded};
use std::collections::BTreeMap;

impl Trial {
    /// Every row of the run's table says what the cloud knows, and what is kept is what the run says it kept.
    pub(super) async fn table_is_true(&self, plan: &Plan, outcome: &Outcome) {
        let (snapshot, sent, said) = (self.world.cloud.snapshot(), self.world.cloud.writes(), &outcome.recorded);
        let has_journal = self.world.memory.journal.bytes().is_some();
        let is_kept = match &outcome.state_written {
            Ok(_) => !has_journal && self.world.recorded().await == *said,
            Err(NotWritten::NothingBegun { .. }) => sent.iter().all(|call| !call.carried_out),
            Err(_) => has_journal,
        };
        assert!(is_kept, "what is kept is not what the run says: {:?}", outcome.state_written);
        let wrong = wrong(&self.world, &self.outside, said);
        assert!(wrong.is_empty(), "the run says: {wrong:#?}");
        let Some(lineage) = said.lineage.clone() else {
            assert!(sent.is_empty() && outcome.steps.is_empty(), "written without a lineage");
            return;
        };
        let outputs = self.apps_by_address(&snapshot, &lineage);
        let app_of = |address: &str| Some(Output::App(outputs.get(address)?.id.clone()));
        let known: Outputs =
            plan.steps.iter().filter_map(|step| Some((step.id, app_of(&step.address.to_string())?))).collect();
        for step in &plan.steps {
            let result = &outcome.steps[&step.id].result;
            let Ok(op) = step.op.clone().resolve(&known, &lineage) else {
                let is_left = matches!(result, StepResult::Skipped { .. } | StepResult::NotStarted { .. });
                assert!(is_left || matches!(result, StepResult::Failed(_)), "{}: {result:?}", step.address);
                continue;
            };
            row(&op, result, &sent, said, &snapshot, outcome.ending == Ending::Stopped);
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

fn row(
    op: &Op<Resolved>,
    result: &StepResult,
    sent: &[Call],
    kept: &Recorded,
    snapshot: &Snapshot,
    is_stopped: bool,
) {
    let mine: Vec<&Call> = sent.iter().filter(|sent| sent.op.as_ref() == Some(op)).collect();
    let was_carried_out = mine.iter().any(|sent| sent.carried_out);
    let is_pending = kept.pending.iter().any(|pending| pending.op == *op);
    let name = op.name();
    match result {
        StepResult::Done { .. } if op.is_record_only() => {}
        StepResult::Done { .. } => {
            assert!(was_carried_out || is_gone(op, snapshot), "{name} is said to be done and is not");
            assert!(!is_pending, "{name} is done and pending");
        }
        // A run that is told to end leaves a step that waits to be tried again as it is.
        StepResult::Failed(_) if is_pending && is_stopped => {}
        StepResult::Failed(failure) if is_pending => {
            assert!(mine.iter().any(|sent| sent.leaves_doubt()), "{name} is pending without doubt: {failure:?}");
        }
        StepResult::Failed(failure) => {
            let is_put_back = failure.hints.iter().any(|hint| hint.contains("restored"));
            assert!(!was_carried_out || is_put_back, "{name} is said to have failed and was done: {failure:?}");
        }
        StepResult::Skipped { .. } | StepResult::NotStarted { .. } => {
            let is_open = mine.iter().any(|sent| sent.carried_out || sent.leaves_doubt());
            assert!(!is_open, "{name} is said not to have been begun and was");
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
