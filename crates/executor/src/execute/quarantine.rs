//! Quarantining only what was planned, and only once it is archived: a role that is to be denied everything is
//! kept whole before the first thing is written to it. No archive, no quarantine.
use super::attempt;
use super::crew::{Hand, Setback};
use crate::clock::Clock;
use crate::cloud::{Cloud, Written};
use pinpoint_streams_model::arn::RoleArn;
use pinpoint_streams_model::op::{Op, Resolved, RoleOp};
use pinpoint_streams_model::plan::Step;
use pinpoint_streams_model::sweep::{QUARANTINE_POLICY, QUARANTINED_ID};
use pinpoint_streams_store::archive::{self, ArchiveStore};
use std::collections::BTreeMap;
use tokio::sync::Mutex;

/// The roles that the plan quarantines.
#[derive(Debug, Default)]
pub(super) struct Quarantines(BTreeMap<RoleArn, Quarantine>);

/// One role that the plan quarantines.
#[derive(Debug, Default)]
struct Quarantine {
    /// The identity that it had when this was planned, as the quarantine's tag will say.
    id: Option<String>,
    is_archived: Mutex<bool>,
}

impl Quarantines {
    pub(super) fn of(steps: &[Step]) -> Quarantines {
        let mut roles: BTreeMap<RoleArn, Quarantine> = BTreeMap::new();
        for step in steps {
            match &step.op {
                Op::Role(RoleOp::PutPolicy { role, policy_name, .. })
                    if policy_name.as_str() == QUARANTINE_POLICY =>
                {
                    roles.entry(role.clone()).or_default();
                }
                // The tags alone complete a quarantine that was cut short.
                Op::Role(RoleOp::Tag { role, tags, .. }) => {
                    if let Some(id) = tags.get(QUARANTINED_ID) {
                        roles.entry(role.clone()).or_default().id = Some(id.clone());
                    }
                }
                _ => {}
            }
        }
        Quarantines(roles)
    }
}

/// Writes to a role; one that the plan quarantines is looked at and archived first.
pub(super) async fn write<C: Cloud, A: ArchiveStore, K: Clock>(
    hand: &mut Hand<'_, C, A, K>,
    op: &Op<Resolved>,
) -> Result<Written, Setback> {
    if let Some(role) = op.role()
        && let Some(quarantine) = hand.crew.quarantines.0.get(role)
    {
        let mut is_archived = quarantine.is_archived.lock().await;
        if !*is_archived {
            let live = hand.role(role).await.map_err(Setback::unread)?;
            let Some(live) = live else {
                let message = format!("the role is gone: there is no {role} any more");
                return Err(Setback::refused("RoleChanged", message).hint("plan again to see it".to_owned()));
            };
            if let Some(id) = quarantine.id.as_ref().filter(|id| **id != live.id.to_string()) {
                let message = format!("the role of this name is another one now: its id is {}, not {id}", live.id);
                return Err(Setback::refused("RoleChanged", message).hint("plan again to see it".to_owned()));
            }
            hand.archive(archive::Object::Role(Box::new(live))).await?;
            *is_archived = true;
        }
    }
    attempt::write(hand, op).await
}
