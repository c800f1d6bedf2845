//! Guard rails: the right accounts, and not too much at once.
use crate::context::{Context, unreadable_problem};
use crate::draft::Draft;
use crate::selection::covered_accounts;
use pinpoint_streams_model::{AccountId, Live, Mode, Pending, Problem, ProblemCode, Read};
use std::collections::BTreeSet;

/// Whether the credentials lead to the accounts of the manifest and the state. Checked before anything else.
pub(crate) fn accounts(context: &Context<'_>) -> Vec<Problem> {
    let mut problems = Vec::new();
    let used = covered_accounts(context.selection, context.desired, context.recorded);
    let mut moved: BTreeSet<&AccountId> = BTreeSet::new();
    for (alias, pinned) in &context.recorded.accounts {
        if let Some(declared) = context.desired.accounts.get(alias)
            && declared != pinned
        {
            moved.insert(pinned);
            let there = resources_in(context, pinned);
            let message = format!(
                "account `{alias}` is {declared} in the manifest and {pinned} in the state, with {there} there"
            );
            let hint = format!("declare {pinned} again, under this or another alias, or use another state");
            problems.push(Problem::new(ProblemCode::WrongAccount, message, hint));
        }
    }
    let declared: BTreeSet<&AccountId> = context.desired.accounts.values().collect();
    let recorded: BTreeSet<&AccountId> = context.recorded.resources.values().map(|known| &known.account).collect();
    for account in recorded.difference(&declared) {
        if !used.contains(*account) || moved.contains(*account) {
            continue;
        }
        let declared: Vec<&str> = declared.iter().map(|account| account.as_str()).collect();
        let (held, declared) = (resources_in(context, account), declared.join(", "));
        let message =
            format!("the state holds {held} in account {account}, and the manifest declares only {declared}");
        let hint = format!("declare account {account}, or use the state that belongs to this manifest");
        problems.push(Problem::new(ProblemCode::WrongAccount, message, hint));
    }
    let hint = "check the profile or the role of that account in the manifest";
    problems.extend(used.intersection(&declared).filter_map(|account| wrong_caller(context.live, account, hint)));
    problems
}

/// Whether the credentials belong to another account than the one they are meant for, or the account is unknown.
pub(crate) fn wrong_caller(live: &Live, account: &AccountId, hint: &str) -> Option<Problem> {
    match live.callers.get(account)? {
        Read::Present(caller) if caller != account => {
            let message = format!("the credentials for account {account} belong to account {caller}");
            Some(Problem::new(ProblemCode::WrongCaller, message, hint))
        }
        Read::Unreadable(why) => {
            Some(unreadable_problem(None, format_args!("the caller identity in account {account}"), why))
        }
        Read::Present(_) | Read::Absent => None,
    }
}

fn resources_in(context: &Context<'_>, account: &AccountId) -> String {
    match context.recorded.resources.values().filter(|resource| resource.account == *account).count() {
        1 => "1 resource".to_owned(),
        count => format!("{count} resources"),
    }
}

/// An operation of an earlier run whose outcome is unknown prevents a plan for its address.
pub(crate) fn pending(context: &Context<'_>) -> Vec<Problem> {
    let covered = context.recorded.pending.iter().filter(|pending| context.selection.covers(&pending.address));
    let problem = |pending: &Pending| {
        let (run, op) = (&pending.run, pending.op.name());
        let message =
            format!("run {run} began {op} and its outcome is unknown: what it changes could not be read");
        let hint = "allow the reads that failed, and plan again";
        Problem::new(ProblemCode::OutcomeUnknown, message, hint).at(&pending.address)
    };
    covered.map(problem).collect()
}

/// Too many deletes and replaces at once are usually a mistake.
pub(crate) fn mass_delete(context: &Context<'_>, draft: &Draft) -> Option<Problem> {
    let owned = context.recorded.resources.len();
    let limit = context.desired.safety.max_delete.limit(owned);
    let losses = draft.losses();
    if context.mode != Mode::Converge || context.options.allow_mass_delete || losses <= limit {
        return None;
    }
    let message = format!(
        "{losses} of {owned} resources would be deleted, replaced or recreated, over the limit of {limit}"
    );
    let hint = "review the plan; --allow-mass-delete allows it, [safety] max_delete sets the limit";
    Some(Problem::new(ProblemCode::MassDelete, message, hint))
}
