//! Restores the policies and instance profiles of a role whose deletion failed. Each restore is a write in the journal
//! and a hint of the failure.
use super::step::StepContext;
use super::step_error::StepError;
use crate::clock::Clock;
use crate::cloud::Cloud;
use pinpoint_streams_model::address::Address;
use pinpoint_streams_model::arn::RoleArn;
use pinpoint_streams_model::live::LiveRole;
use pinpoint_streams_model::op::{Op, Resolved, RoleOp};
use pinpoint_streams_store::archive::ArchiveStore;

/// Restores what was removed, from the archived role; adds a hint for each.
pub(super) async fn put_back<C: Cloud, A: ArchiveStore, K: Clock>(
    context: &mut StepContext<'_, C, A, K>,
    taken: Vec<Op<Resolved>>,
    live: &LiveRole,
    archive: &str,
    mut error: StepError,
) -> StepError {
    // A signal must not leave the role without its policies.
    context.slot().must_finish();
    let role = &live.arn;
    // In reverse order: the policy that denies everything to a quarantined role comes first.
    for taken in taken.into_iter().rev() {
        let Some((what, back)) = opposite(&taken, live) else { continue };
        let said = match put(context, role, &back).await {
            Ok(()) => format!("restored: {what} of {role}"),
            Err(why) => format!(
                "not restored: {what} was taken off {role} and could not be put back: {why}; the commands that do \
                 it stand in the restore.sh beside {archive}"
            ),
        };
        error = error.hint(said);
    }
    error
}

fn opposite(taken: &Op<Resolved>, live: &LiveRole) -> Option<(String, Op<Resolved>)> {
    match taken {
        Op::Role(RoleOp::DeletePolicy { role, policy_name }) => {
            let document = live.inline_policies.get(policy_name)?.clone();
            let put = RoleOp::PutPolicy { role: role.clone(), policy_name: policy_name.clone(), document };
            Some((format!("inline policy {policy_name}"), Op::Role(put)))
        }
        Op::Role(RoleOp::DetachPolicy { role, policy }) => {
            let attach = RoleOp::AttachPolicy { role: role.clone(), policy: policy.clone() };
            Some((format!("managed policy {policy}"), Op::Role(attach)))
        }
        Op::Role(RoleOp::RemoveFromProfile { role, instance_profile }) => {
            let (role, instance_profile) = (role.clone(), instance_profile.clone());
            let what = format!("its place in instance profile {instance_profile}");
            let add = RoleOp::AddToProfile { role, instance_profile };
            Some((what, Op::Role(add)))
        }
        _ => None,
    }
}

/// One write with its journal records. What is not recorded as ours is journaled under the role's undeclared address.
async fn put<C: Cloud, A: ArchiveStore, K: Clock>(
    context: &mut StepContext<'_, C, A, K>,
    role: &RoleArn,
    op: &Op<Resolved>,
) -> Result<(), String> {
    let is_ours = match op {
        Op::Role(RoleOp::PutPolicy { policy_name, .. }) => context.shared.teardowns.is_ours(role, policy_name),
        _ => false,
    };
    let address = match is_ours {
        true => context.step().address.clone(),
        false => Address::Undeclared(role.in_account()),
    };
    let begin = context.begin_at(address, op).await.map_err(|lost| lost.to_string())?;
    let result = context.write(op).await;
    // If the end cannot be recorded, the write stays pending, which is correct.
    let _ = context.end(begin, &result).await;
    result.map(drop).map_err(|error| error.failure().message)
}
