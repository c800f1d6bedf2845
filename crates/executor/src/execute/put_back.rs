//! A role whose deletion failed for good gets back what was taken off it: inline policies, managed policies,
//! its places in instance profiles. Each is a write of its own in the journal, and each is said in the failure.
use super::step::StepContext;
use super::step_error::StepError;
use crate::clock::Clock;
use crate::cloud::Cloud;
use pinpoint_streams_model::address::Address;
use pinpoint_streams_model::arn::RoleArn;
use pinpoint_streams_model::live::LiveRole;
use pinpoint_streams_model::op::{Op, Resolved, RoleOp};
use pinpoint_streams_store::archive::ArchiveStore;

/// Puts back what was taken, as the role was archived, and says of each what became of it.
pub(super) async fn put_back<C: Cloud, A: ArchiveStore, K: Clock>(
    context: &mut StepContext<'_, C, A, K>,
    taken: Vec<Op<Resolved>>,
    live: &LiveRole,
    archive: &str,
    mut error: StepError,
) -> StepError {
    // A role without what it needs is not what a signal should leave behind.
    context.slot().must_finish();
    let role = &live.arn;
    // What went last comes first: the policy that denies a quarantined role everything.
    for taken in taken.into_iter().rev() {
        let Some((what, back)) = opposite(&taken, live) else { continue };
        let said = match put(context, role, &back).await {
            Ok(()) => format!("restored: {what} was put back on {role}"),
            Err(why) => format!(
                "not restored: {what} was taken off {role} and could not be put back: {why}; the commands that do \
                 it stand in the restore.sh beside {archive}"
            ),
        };
        error = error.hint(said);
    }
    error
}

/// What undoes this, and what it is about.
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

/// One write, with its begin and its end in the journal. What is not ours by the record goes by the role's
/// name in its account, so that it does not become ours.
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
    // That the end could not be written leaves it pending, which is the truth.
    let _ = context.end(begin, &result).await;
    result.map(drop).map_err(|error| error.failure().message)
}
