//! What the live quotas of each account, and Pinpoint's of each region, leave no room for.
use super::problem;
use crate::context::Context;
use crate::draft::Draft;
use pinpoint_streams_model::{
    AccountId, AccountRegion, Address, AppOp, Document, Fact, Op, Planned, PolicyName, Problem, ProblemCode,
    Quotas, Read, RoleArn, RoleOp, Step, Warning,
};
use std::collections::{BTreeMap, BTreeSet};

/// Apps a region may hold. Source: Amazon Pinpoint developer guide, "Quotas" (not adjustable).
const APPS_PER_REGION: usize = 100;

/// Checks what the steps would write.
pub(crate) fn check(context: &Context<'_>, draft: &mut Draft, steps: &[Step]) {
    unread_quotas(context, draft, steps);
    policy_sizes(context, draft, steps);
    counts(context, draft, steps);
}

fn of_account<'a>(context: &'a Context<'_>, account: &AccountId) -> Option<&'a Quotas> {
    context.live.quotas.get(account).and_then(Read::present)
}

/// Where the quotas could not be read, AWS itself has to refuse what is too much.
fn unread_quotas(context: &Context<'_>, draft: &mut Draft, steps: &[Step]) {
    let grows = |op: &Op<Planned>| {
        matches!(op, Op::Role(RoleOp::Create(_) | RoleOp::UpdateTrustPolicy { .. } | RoleOp::PutPolicy { .. }))
    };
    let accounts: BTreeSet<&AccountId> =
        steps.iter().filter(|step| grows(&step.op)).filter_map(|step| step.op.account()).collect();
    for account in accounts {
        if let Some(Read::Unreadable(why)) = context.live.quotas.get(account) {
            let fact = Fact::QuotasNotRead { account: account.clone(), why: why.clone() };
            draft.warnings.push(Warning { address: None, fact });
        }
    }
}

/// Trust and inline policies within the account's live quotas.
fn policy_sizes(context: &Context<'_>, draft: &mut Draft, steps: &[Step]) {
    for Step { address, op, .. } in steps {
        let (role, trust) = match op {
            Op::Role(RoleOp::Create(create)) => (&create.arn, &create.trust_policy),
            Op::Role(RoleOp::UpdateTrustPolicy { role, trust_policy }) => (role, trust_policy),
            Op::Role(RoleOp::PutPolicy { role, policy_name, document }) => {
                inline_size(context, draft, address, role, policy_name, document);
                continue;
            }
            _ => continue,
        };
        let Some(quotas) = of_account(context, &role.account) else { continue };
        let size = crate::role::size(trust);
        if size > quotas.trust_policy_size {
            let message = format!(
                "its trust policy would have {size} characters, over the account's quota of {}",
                quotas.trust_policy_size
            );
            let hint = "split its apps over several roles, set trust = \"region\", or request a higher quota \
                        (role trust policy length)";
            problem(draft, ProblemCode::TrustPolicyTooLarge, address, message, hint);
        }
    }
}

fn inline_size(
    context: &Context<'_>,
    draft: &mut Draft,
    address: &Address,
    role: &RoleArn,
    policy_name: &PolicyName,
    document: &Document,
) {
    let Some(quotas) = of_account(context, &role.account) else { return };
    let live = context.live.roles.get(&role.in_account()).and_then(Read::present);
    let others = live.into_iter().flat_map(|role| &role.inline_policies).filter(|(name, _)| *name != policy_name);
    let size = document.size() + others.map(|(_, document)| document.size()).sum::<usize>();
    if size > quotas.inline_policies_size {
        let message = format!(
            "its inline policies would have {size} characters, over the quota of {}",
            quotas.inline_policies_size
        );
        let hint = "split its apps over several roles";
        problem(draft, ProblemCode::InlinePoliciesTooLarge, address, message, hint);
    }
}

/// Room for the new roles of each account, and for the new apps of each region.
fn counts(context: &Context<'_>, draft: &mut Draft, steps: &[Step]) {
    let mut roles: BTreeMap<&AccountId, usize> = BTreeMap::new();
    let mut apps: BTreeMap<AccountRegion, usize> = BTreeMap::new();
    let gone = steps.iter().filter_map(|step| match &step.op {
        Op::Role(RoleOp::Delete { role, role_id: _ }) => Some(role),
        _ => None,
    });
    let gone: BTreeSet<&RoleArn> = gone.collect();
    for Step { op, .. } in steps {
        match op {
            // One that takes the place of another of its name adds none.
            Op::Role(RoleOp::Create(create)) if !gone.contains(&create.arn) => {
                *roles.entry(&create.arn.account).or_default() += 1;
            }
            Op::App(AppOp::Create(create)) => {
                *apps.entry(AccountRegion::of(&create.account, &create.region)).or_default() += 1
            }
            _ => {}
        }
    }
    for (account, new) in roles {
        let Some(quotas) = of_account(context, account) else { continue };
        if quotas.roles + new > quotas.roles_quota {
            let Quotas { roles, roles_quota, .. } = quotas;
            let message = format!(
                "account {account} has {roles} of {roles_quota} allowed roles, and the plan would create {new} more"
            );
            let hint = "share roles between apps, or request a higher quota (roles per account)";
            draft.problem(Problem::new(ProblemCode::TooManyRoles, message, hint));
        }
    }
    for (place, new) in apps {
        let there = match context.live.apps.get(&place) {
            Some(Read::Present(apps)) => apps.len(),
            _ => continue,
        };
        if there + new > APPS_PER_REGION {
            let message = format!(
                "{place} has {there} apps and the plan would create {new} more, but Pinpoint allows {APPS_PER_REGION}"
            );
            let hint = "put some of the new apps into another region";
            draft.problem(Problem::new(ProblemCode::TooManyApps, message, hint));
        }
    }
}
