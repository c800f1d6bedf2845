//! Quarantining only what is archived: a role that is to be denied everything is kept whole before the first
//! thing is written to it. No archive, no quarantine.
use super::attempt;
use super::crew::{Hand, Setback};
use crate::archive::{self, ArchiveStore};
use crate::clock::Clock;
use crate::cloud::{Cloud, Written};
use pinpoint_streams_model::arn::RoleArn;
use pinpoint_streams_model::op::{Op, Resolved};
use pinpoint_streams_model::plan::Step;
use pinpoint_streams_model::sweep::QUARANTINE_POLICY;
use std::collections::BTreeMap;
use tokio::sync::Mutex;

/// The roles that the plan quarantines, and whether each is archived.
#[derive(Debug, Default)]
pub(super) struct Quarantines(BTreeMap<RoleArn, Mutex<bool>>);

impl Quarantines {
    pub(super) fn of(steps: &[Step]) -> Quarantines {
        let roles = steps.iter().filter_map(|step| match &step.op {
            Op::PutRolePolicy(put) if put.policy_name.as_str() == QUARANTINE_POLICY => Some(put.role.clone()),
            _ => None,
        });
        Quarantines(roles.map(|role| (role, Mutex::default())).collect())
    }
}

/// Writes to a role; one that the plan quarantines is archived first.
pub(super) async fn write<C: Cloud, A: ArchiveStore, K: Clock>(
    hand: &mut Hand<'_, C, A, K>,
    op: &Op<Resolved>,
) -> Result<Written, Setback> {
    if let Some(role) = op.role()
        && let Some(is_archived) = hand.crew.quarantines.0.get(role)
    {
        let mut is_archived = is_archived.lock().await;
        if !*is_archived {
            let Some(live) = hand.crew.cloud.role(&role.account, &role.name).await? else {
                let message = format!("the role is gone: there is no {role} any more");
                return Err(Setback::refused("RoleGone", message).hint("plan again to see it".to_owned()));
            };
            hand.archive(archive::Object::Role(Box::new(live))).await?;
            *is_archived = true;
        }
    }
    attempt::write(hand, op).await
}
