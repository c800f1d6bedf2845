//! Whether the table and the record agree with the cloud.
use super::job::Ran;
use super::weather::{Sent, Weather};
use pinpoint_streams_executor::execute::StepResult;
use pinpoint_streams_model::address::Address;
use pinpoint_streams_model::arn::AppArn;
use pinpoint_streams_model::ids::Lineage;
use pinpoint_streams_model::live::LiveRole;
use pinpoint_streams_model::op::{AppOp, EventStreamOp, Op, Outputs, Resolved, RoleOp};
use pinpoint_streams_model::ownership::{self, Tags};
use pinpoint_streams_model::policy::same_meaning;
use pinpoint_streams_model::recorded::{EventStreamRecord, Object, Output, Recorded, Resource, RoleRecord};
use pinpoint_streams_testkit::FakeCloud;
use pinpoint_streams_testkit::cloud::Snapshot;
use std::collections::BTreeMap;

/// Every row of the run's table says what the cloud knows, the record is what is there, nothing is there twice, and
/// what is kept is what the run says it kept.
pub(crate) fn must_be_true(ran: &Ran, weather: &Weather, cloud: &FakeCloud, of: &str) {
    let Ran { plan, outcome, kept } = ran;
    let (snapshot, sent) = (cloud.snapshot(), weather.sent());
    assert_eq!(*kept, outcome.recorded, "{of}: what is kept is not what the run says");
    let Some(lineage) = outcome.recorded.lineage.clone() else {
        assert!(sent.is_empty() && outcome.steps.is_empty(), "{of}: written without a lineage");
        return;
    };
    let outputs = new_apps(&snapshot, &lineage, of);
    let known: Outputs = plan
        .steps
        .iter()
        .filter_map(|step| Some((step.id, Output::App(outputs.get(&step.address.to_string())?.id.clone()))))
        .collect();
    for step in &plan.steps {
        let Ok(op) = step.op.clone().resolve(&known, &lineage) else {
            let result = &outcome.steps[&step.id].result;
            assert!(
                matches!(result, StepResult::Skipped { .. } | StepResult::NotStarted { .. }),
                "{of}: {result:?}"
            );
            continue;
        };
        row(&op, &outcome.steps[&step.id].result, &sent, kept, &snapshot, &format!("{of}: {}", step.address));
    }
    record(kept, &snapshot, &lineage, of);
}

fn row(op: &Op<Resolved>, result: &StepResult, sent: &[Sent], kept: &Recorded, snapshot: &Snapshot, of: &str) {
    let mine: Vec<&Sent> = sent.iter().filter(|sent| sent.op == *op).collect();
    let was_carried_out = mine.iter().any(|sent| sent.was_carried_out);
    let is_pending = kept.pending.iter().any(|pending| pending.op == *op);
    let name = op.name();
    match result {
        StepResult::Done { .. } if op.is_record_only() => {}
        StepResult::Done { .. } => {
            assert!(was_carried_out || is_gone(op, snapshot), "{of} {name} is said to be done and is not");
            assert!(!is_pending, "{of} {name} is done and pending");
        }
        StepResult::Failed(failure) if is_pending => {
            assert!(mine.iter().any(|sent| sent.is_in_doubt), "{of} {name} is pending without doubt: {failure:?}");
        }
        StepResult::Failed(failure) => {
            let is_put_back = failure.hints.iter().any(|hint| hint.contains("restored"));
            assert!(
                !was_carried_out || is_put_back,
                "{of} {name} is said to have failed and was done: {failure:?}"
            );
        }
        StepResult::Skipped { .. } | StepResult::NotStarted { .. } => {
            assert!(mine.is_empty(), "{of} {name} is said not to have been begun and was");
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

/// The created apps by their addresses, each there once.
fn new_apps(snapshot: &Snapshot, lineage: &Lineage, of: &str) -> BTreeMap<String, AppArn> {
    let mut apps = BTreeMap::new();
    for (arn, app) in &snapshot.apps {
        let Some(address) = app.tags.as_ref().and_then(|tags| ours(tags, lineage)) else { continue };
        let twice = apps.insert(address.clone(), arn.clone());
        assert!(twice.is_none(), "{of}: {address} was made twice");
    }
    apps
}

/// The address of what this workspace owns.
fn ours(tags: &Tags, lineage: &Lineage) -> Option<String> {
    (tags.get(ownership::LINEAGE)? == lineage.as_str()).then(|| tags.get(ownership::ADDRESS).cloned())?
}

fn record(kept: &Recorded, snapshot: &Snapshot, lineage: &Lineage, of: &str) {
    let is_in_doubt = |resource: &Resource| {
        kept.pending.iter().any(|pending| match &resource.object {
            Object::Role(role) => pending.op.role() == Some(&role.arn),
            Object::App(app) => matches!(&pending.op, Op::App(AppOp::Delete(op)) if op.app_id == app.id),
            Object::EventStream(stream) => {
                matches!(pending.op, Op::EventStream(_) | Op::App(AppOp::Delete(_)))
                    && pending.op.app().is_some_and(|app| app.id == stream.app_id)
            }
        })
    };
    for (address, resource) in kept.resources.iter().filter(|(_, resource)| !is_in_doubt(resource)) {
        let is_true = match &resource.object {
            Object::Role(role) => snapshot.roles.get(&role.arn).is_some_and(|live| is_as_recorded(live, role)),
            Object::App(app) => snapshot.apps.keys().any(|arn| arn.id == app.id),
            Object::EventStream(EventStreamRecord { app_id, destination, role_arn, .. }) => {
                snapshot.event_streams.iter().any(|(arn, live)| {
                    arn.id == *app_id
                        && live.destination == destination.to_string()
                        && live.role_arn == role_arn.to_string()
                })
            }
        };
        assert!(is_true, "{of}: the record of {address} is not true: {resource:#?}");
    }
    let is_made_or_taken = |address: &str| {
        let here = |known: &Address| known.to_string() == address;
        kept.pending.iter().any(|pending| here(&pending.address))
    };
    for (arn, role) in &snapshot.roles {
        let Some(address) = ours(&role.tags, lineage) else { continue };
        let is_known = kept.resources.values().any(|known| match &known.object {
            Object::Role(known) => known.arn == *arn && known.id == role.id,
            Object::App(_) | Object::EventStream(_) => false,
        });
        assert!(is_known || is_made_or_taken(&address), "{of}: {arn} is ours and not recorded");
    }
    for (arn, app) in &snapshot.apps {
        let Some(address) = app.tags.as_ref().and_then(|tags| ours(tags, lineage)) else { continue };
        let is_known = kept.resources.values().any(|known| match &known.object {
            Object::App(known) => known.id == arn.id,
            Object::Role(_) | Object::EventStream(_) => false,
        });
        assert!(is_known || is_made_or_taken(&address), "{of}: {arn} is ours and not recorded");
    }
}

fn is_as_recorded(live: &LiveRole, role: &RoleRecord) -> bool {
    let inline = role
        .inline_policies
        .iter()
        .all(|(name, document)| live.inline_policies.get(name).is_some_and(|live| same_meaning(live, document)));
    live.id == role.id
        && inline
        && same_meaning(&live.trust_policy, &role.trust_policy)
        && live.description == role.description
        && live.max_session_duration == role.max_session_duration
        && live.permissions_boundary == role.permissions_boundary
}
