//! Puts the decisions together, in the order in which they rest on each other.
use crate::app;
use crate::context::Context;
use crate::draft::{Draft, Handle};
use crate::event_stream;
use crate::lost;
use crate::moves::prelude;
use crate::role;
use crate::selection::select;
use crate::usage::Usage;
use crate::{drift, guard, preflight};
use pinpoint_streams_model::address::Address;
use pinpoint_streams_model::desired::{Desired, RoleRef};
use pinpoint_streams_model::digest;
use pinpoint_streams_model::ids::AppKey;
use pinpoint_streams_model::live::Live;
use pinpoint_streams_model::plan::{Basis, FORMAT_VERSION, Mode, Options, Plan, Step, Summary, Warning};
use pinpoint_streams_model::problem::{Problem, ProblemCode, Problems};
use pinpoint_streams_model::recorded::Recorded;
use std::collections::BTreeMap;

/// Compares what is desired, recorded and live, and returns what is to be done, or everything that
/// stands in the way.
pub fn plan(
    mode: Mode,
    desired: &Desired,
    recorded: &Recorded,
    live: &Live,
    options: &Options,
) -> Result<Plan, Problems> {
    let (selection, problems) = select(mode, desired, recorded, options);
    let context = Context { mode, desired, recorded, live, options, selection: &selection };
    let mut draft = Draft::default();
    draft.problems.extend(problems);
    draft.problems.extend(guard::accounts(&context));
    if !draft.problems.is_empty() {
        return Err(sorted(draft.problems));
    }
    draft.problems.extend(guard::pending(&context));
    let steps = match mode {
        Mode::Drift => {
            drift::decide(&context, &mut draft);
            Vec::new()
        }
        Mode::Converge | Mode::Destroy => decide(&context, &mut draft),
        // These have doors of their own.
        Mode::Sweep | Mode::Restore => Vec::new(),
    };
    draft.problems.extend(guard::mass_delete(&context, &draft));
    if !draft.problems.is_empty() {
        return Err(sorted(draft.problems));
    }
    draft.warnings.extend(preflight::partial_warning(&context));
    draft.warnings.sort();
    draft.warnings.dedup();
    Ok(finish(&context, draft, steps))
}

pub(crate) fn sorted(mut problems: Problems) -> Problems {
    problems.sort();
    problems.dedup();
    problems
}

/// Decides on everything, and orders the steps.
fn decide(context: &Context<'_>, draft: &mut Draft) -> Vec<Step> {
    let (before, prelude) = (context.recorded, prelude(context, draft));
    let context = &Context { recorded: &prelude.recorded, ..*context };
    check_replace(context, draft);
    let apps = app::decide(context, draft);
    let arns = role::arns(context, draft);
    let mut usage = Usage::live(context);
    let streams = event_stream::decide(context, draft, &apps, &arns, &mut usage);
    let still_named: Vec<_> = prelude.forgotten.iter().chain(&streams.forgotten).cloned().collect();
    let roles = role::decide(context, draft, &apps, &arns, &usage, &still_named);
    event_stream::put_steps(draft, &streams, &roles.ready, &mut usage);
    role::late_steps(draft, roles.late, &usage);
    let mut gone: BTreeMap<Address, Handle> = BTreeMap::new();
    for (address, live, mut after) in roles.to_delete {
        after.extend(usage.leaving_steps(&live.arn));
        gone.insert(address.clone(), role::delete_steps(draft, &address, &live, &after));
    }
    let hangs_on = |key: &AppKey| {
        let role = role::recorded_role_of(context, key);
        streams
            .deletes
            .get(key)
            .into_iter()
            .flatten()
            .chain(role.and_then(|role| gone.get(role)))
            .copied()
            .collect()
    };
    app::delete_steps(context, draft, &apps.to_delete, &usage, hangs_on);
    let steps = match draft.ordered_steps() {
        Ok(steps) => steps,
        Err(problem) => {
            draft.problem(problem);
            Vec::new()
        }
    };
    preflight::check(context, draft, &apps, &arns, &steps);
    lost::warn(context, draft, before, &arns);
    steps
}

/// `--replace` is about what is recorded and stays.
fn check_replace(context: &Context<'_>, draft: &mut Draft) {
    for address in &context.options.replace {
        let replaceable = match address {
            Address::Role(key) => context.wanted_role(key).is_some(),
            Address::EventStream(key) => context.wanted_event_stream(key).is_some(),
            Address::App(_) | Address::Undeclared(..) => false,
        };
        if replaceable && !context.selection.covers(address) {
            draft.problem(Problem {
                code: ProblemCode::Selector,
                address: Some(address.clone()),
                message: "it is to be replaced, and the plan does not cover it".to_owned(),
                hint: Some(format!("add --target {address}, or leave out the --exclude")),
            });
        } else if !replaceable || context.resource(address).is_none() {
            draft.problem(Problem {
                code: ProblemCode::Selector,
                address: Some(address.clone()),
                message: "it cannot be replaced: only roles and event streams that are declared and recorded can"
                    .to_owned(),
                hint: Some("`state list` shows what is recorded".to_owned()),
            });
        }
    }
}

/// The plan of this draft, with its digest.
pub(crate) fn finish(context: &Context<'_>, draft: Draft, steps: Vec<Step>) -> Plan {
    let summary: Summary = draft.summary();
    let (changes, mut warnings) = draft.into_changes_and_warnings();
    warnings.extend(unused_accounts(context));
    let mut plan = Plan {
        format_version: FORMAT_VERSION,
        tool_version: env!("CARGO_PKG_VERSION").to_owned(),
        workspace: context.desired.workspace.clone(),
        mode: context.mode,
        plan_digest: digest::of_bytes(b""),
        options: context.options.clone(),
        basis: Basis {
            manifest_digest: digest::of(context.desired),
            lineage: context.recorded.lineage.clone(),
            serial: context.recorded.serial,
            accounts: context.desired.accounts.clone(),
        },
        changes: changes.into_values().collect(),
        steps,
        summary,
        warnings,
    };
    plan.plan_digest = plan.digest();
    plan
}

/// Roles managed elsewhere in accounts that are not declared cannot be looked at.
fn unused_accounts(context: &Context<'_>) -> Vec<Warning> {
    let known = |arn: &pinpoint_streams_model::arn::RoleArn| {
        context.desired.accounts.values().any(|account| *account == arn.account)
    };
    context
        .desired
        .apps
        .iter()
        .filter_map(|(key, app)| match &app.event_stream.as_ref()?.role {
            RoleRef::Elsewhere(arn) if !known(arn) => Some(Warning {
                address: Some(Address::EventStream(key.clone())),
                message: format!("role {arn} is in an account that is not declared, so it was not read"),
            }),
            RoleRef::Elsewhere(_) | RoleRef::Managed(_) => None,
        })
        .collect()
}
