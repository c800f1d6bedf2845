//! From a draft to the plan, or to everything that stands in its way.
use crate::context::Context;
use crate::draft::Draft;
use pinpoint_streams_model::digest;
use pinpoint_streams_model::plan::{Basis, FORMAT_VERSION, Plan, Step};
use pinpoint_streams_model::problem::Problems;

/// The plan of this draft, with its digest.
pub(crate) fn finish(context: &Context<'_>, mut draft: Draft, steps: Vec<Step>) -> Result<Plan, Problems> {
    if !draft.problems.is_empty() {
        return Err(sorted(draft.problems));
    }
    draft.warnings.sort();
    draft.warnings.dedup();
    let summary = draft.summary();
    let (changes, warnings) = draft.into_changes_and_warnings();
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
    Ok(plan)
}

/// Problems in their order, each once.
pub(crate) fn sorted(mut problems: Problems) -> Problems {
    problems.sort();
    problems.dedup();
    problems
}
