//! Guard rails: the right accounts, and not too much at once.
use crate::context::{Context, unreadable_problem};
use crate::draft::Draft;
use crate::selection::all_addresses;
use crate::settle::unsettled;
use pinpoint_streams_model::ids::AccountId;
use pinpoint_streams_model::live::Read;
use pinpoint_streams_model::plan::Mode;
use pinpoint_streams_model::problem::{Problem, ProblemCode};
use std::collections::BTreeSet;

/// Whether the credentials lead to the accounts of the manifest and the state. Checked before anything else.
pub(crate) fn accounts(context: &Context<'_>) -> Vec<Problem> {
    let mut problems = Vec::new();
    let covered = all_addresses(context.desired, context.recorded);
    let recorded_in = context.recorded.resources.iter().map(|(address, known)| (address, &known.account));
    let used: BTreeSet<&AccountId> = covered
        .iter()
        .chain(recorded_in)
        .filter(|(address, _)| context.selection.covers(address))
        .map(|(_, account)| account)
        .collect();
    let mut moved: BTreeSet<&AccountId> = BTreeSet::new();
    for (alias, pinned) in &context.recorded.accounts {
        if let Some(declared) = context.desired.accounts.get(alias)
            && declared != pinned
        {
            moved.insert(pinned);
            problems.push(Problem::new(
                ProblemCode::WrongAccount,
                format!(
                    "account `{alias}` is {declared} in the manifest and {pinned} in the state, with {} there",
                    counted(resources_in(context, pinned))
                ),
                format!("declare {pinned} again, under this or another alias, or use another state"),
            ));
        }
    }
    let declared: BTreeSet<&AccountId> = context.desired.accounts.values().collect();
    let recorded: BTreeSet<&AccountId> = context.recorded.resources.values().map(|known| &known.account).collect();
    for account in recorded.difference(&declared) {
        if !used.contains(*account) || moved.contains(*account) {
            continue;
        }
        let declared: Vec<&str> = declared.iter().map(|account| account.as_str()).collect();
        problems.push(Problem::new(
            ProblemCode::WrongAccount,
            format!(
                "the state holds {} in account {account}, and the manifest declares only {}",
                counted(resources_in(context, account)),
                declared.join(", ")
            ),
            format!("declare account {account}, or use the state that belongs to this manifest"),
        ));
    }
    for account in used.intersection(&declared).copied() {
        match context.live.callers.get(account) {
            Some(Read::Present(caller)) if caller != account => problems.push(Problem::new(
                ProblemCode::WrongCaller,
                format!("the credentials for account {account} belong to account {caller}"),
                "check the profile or the role of that account in the manifest",
            )),
            Some(Read::Unreadable(why)) => {
                problems.push(unreadable_problem(None, &format!("the caller identity in account {account}"), why));
            }
            Some(Read::Present(_) | Read::Absent) | None => {}
        }
    }
    problems
}

fn resources_in(context: &Context<'_>, account: &AccountId) -> usize {
    context.recorded.resources.values().filter(|resource| resource.account == *account).count()
}

fn counted(count: usize) -> String {
    if count == 1 { "1 resource".to_owned() } else { format!("{count} resources") }
}

/// An operation of an earlier run whose outcome is unknown prevents a plan for its address.
pub(crate) fn pending(context: &Context<'_>) -> Vec<Problem> {
    unsettled(context.recorded)
        .filter(|(address, _)| context.selection.covers(address))
        .map(|(address, pending)| {
            Problem::new(
                ProblemCode::OutcomeUnknown,
                format!(
                    "run {} began {} and its outcome is unknown: what it changes could not be read",
                    pending.run,
                    pending.op.name()
                ),
                "allow the reads that failed, and plan again",
            )
            .at(address)
        })
        .collect()
}

/// Too many deletes and replaces at once are usually a mistake.
pub(crate) fn mass_delete(context: &Context<'_>, draft: &Draft) -> Option<Problem> {
    let owned = context.recorded.resources.len();
    let limit = context.desired.safety.max_delete.limit(owned);
    let losses = draft.losses();
    if context.mode != Mode::Converge || context.options.allow_mass_delete || losses <= limit {
        return None;
    }
    Some(Problem::new(
        ProblemCode::MassDelete,
        format!(
            "{losses} of {owned} resources would be deleted, replaced or recreated, over the limit of {limit}"
        ),
        "review the plan; --allow-mass-delete allows it, [safety] max_delete sets the limit",
    ))
}
