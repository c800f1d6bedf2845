//! The manifest with what a run deleted, so that what is restored is recorded under its former address, also if the
//! manifest of today does not declare it.
use super::PastRun;
use super::reversed::deletes;
use pinpoint_streams_model::archive::{Archived, EventStream, Object};
use pinpoint_streams_model::desired::KeyedText;
use pinpoint_streams_model::role_kind::StreamTarget;
use pinpoint_streams_model::{
    Address, AppIdentity, Desired, DesiredApp, DesiredEventStream, DesiredRole, LiveRole, Op, PolicyName,
    RecordOp, RoleKind, RoleOp, RoleRef, TrustScope,
};

pub(super) fn with(desired: &Desired, archives: &[Archived], past: &PastRun) -> Desired {
    let mut former = desired.clone();
    for archived in archives {
        debug_assert!(past.done.iter().any(|done| deletes(&done.op, &archived.entry.object)));
        let address = &archived.entry.address;
        let address = set_aside_from(address, past).unwrap_or(address);
        match (address, &archived.entry.object) {
            (Address::Role(key), Object::Role(role)) => {
                if let Some(declared) = declared_role(role, past, desired.roles.get(key)) {
                    former.roles.insert(key.clone(), declared);
                }
            }
            (Address::EventStream(key), Object::EventStream(stream)) => {
                let protect = desired.apps.get(key).is_some_and(|app| app.protect);
                if let Some(app) = declared_app(stream, protect) {
                    former.apps.insert(key.clone(), app);
                }
            }
            _ => {}
        }
    }
    former
}

/// The address of a role that the run set aside to replace it.
fn set_aside_from<'a>(address: &Address, past: &'a PastRun) -> Option<&'a Address> {
    past.done.iter().find_map(|done| match (&done.address, &done.op) {
        (Address::Undeclared(_), Op::Record(RecordOp::Move { from })) if done.address == *address => Some(from),
        _ => None,
    })
}

/// As a manifest would name it. Its documents are those of the archive, whatever the kind.
fn declared_role(role: &LiveRole, past: &PastRun, today: Option<&DesiredRole>) -> Option<DesiredRole> {
    Some(DesiredRole {
        kind: RoleKind::for_event_streams(),
        account: role.arn.account.clone(),
        partition: role.arn.partition,
        path: KeyedText::literal(role.arn.path.as_str()),
        name: KeyedText::literal(role.arn.name.as_str()),
        policy_name: policy_name(role, past)?,
        description: role.description.clone(),
        max_session_duration: role.max_session_duration,
        permissions_boundary: role.permissions_boundary.clone(),
        tags: role.tags.clone(),
        trust: TrustScope::Apps,
        apps: Default::default(),
        targets: Default::default(),
        protect: today.is_some_and(|today| today.protect),
        adopt: false,
    })
}

/// The inline policy that the run took off first is that of the workspace: others go only with --allow-detach.
fn policy_name(role: &LiveRole, past: &PastRun) -> Option<PolicyName> {
    let taken_off = past.done.iter().find_map(|done| match &done.op {
        Op::Role(RoleOp::DeletePolicy { role: of, policy_name }) if *of == role.arn => Some(policy_name.clone()),
        _ => None,
    });
    taken_off.or_else(|| role.inline_policies.keys().next().cloned())
}

fn declared_app(stream: &EventStream, protect: bool) -> Option<DesiredApp> {
    let EventStream { account, region, app_id, event_stream } = stream;
    let target = StreamTarget { arn: event_stream.destination.parse().ok()?, kms_key: None };
    Some(DesiredApp {
        account: account.clone(),
        region: region.clone(),
        identity: AppIdentity::Existing(app_id.clone()),
        event_stream: Some(DesiredEventStream {
            target,
            role: RoleRef::Elsewhere(event_stream.role_arn.parse().ok()?),
        }),
        protect,
        adopt: false,
    })
}
