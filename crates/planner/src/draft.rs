//! A plan under construction: changes, steps with their dependencies, problems and warnings.
use crate::context::Context;
use pinpoint_streams_model::plan::{Basis, FORMAT_VERSION, Summary};
use pinpoint_streams_model::{
    Action, Address, Change, Fact, Op, Plan, Planned, Problem, Problems, Reason, Step, StepId, Warning, digest,
};
use std::collections::{BTreeMap, BTreeSet};

/// A step that others may wait for and refer to. Only [`Draft::step`] makes one, so a step waits for earlier steps
/// alone: steps are numbered as they are added, and no circle can come about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Handle(StepId);

impl Handle {
    pub(crate) fn id(self) -> StepId {
        self.0
    }
}

#[derive(Debug, Default)]
pub(crate) struct Draft {
    pub(crate) changes: BTreeMap<Address, Change>,
    pub(crate) problems: Vec<Problem>,
    pub(crate) warnings: Vec<Warning>,
    pub(crate) keep: usize,
    steps: Vec<Step>,
    first: BTreeMap<Address, Handle>,
}

impl Draft {
    /// Lets everything else that is done to an address wait for this step.
    pub(crate) fn goes_first(&mut self, address: &Address, step: Handle) {
        self.first.insert(address.clone(), step);
    }

    /// The step that everything else done to an address waits for, if there is one.
    pub(crate) fn first(&self, address: &Address) -> Option<Handle> {
        self.first.get(address).copied()
    }

    /// Adds a step that waits for others.
    pub(crate) fn step(
        &mut self,
        address: &Address,
        after: impl IntoIterator<Item = Handle>,
        op: impl Into<Op<Planned>>,
    ) -> Handle {
        let after: BTreeSet<StepId> = after.into_iter().chain(self.first(address)).map(Handle::id).collect();
        let id = StepId(u32::try_from(self.steps.len() + 1).unwrap_or(u32::MAX));
        let after = after.into_iter().collect();
        self.steps.push(Step { id, address: address.clone(), after, op: op.into() });
        Handle(id)
    }

    /// Notes a change. One address has one change: a further one adds its fields and notes to it. What is forgotten and
    /// then made is shown as what is made.
    pub(crate) fn change(&mut self, change: Change) {
        match self.changes.get_mut(&change.address) {
            None => {
                self.changes.insert(change.address.clone(), change);
            }
            Some(known) => {
                if known.action == Action::Forget {
                    known.fields.clear();
                }
                known.action = change.action;
                known.reason = change.reason;
                known.fields.extend(change.fields);
                known.notes.extend(change.notes);
            }
        }
    }

    pub(crate) fn problem(&mut self, problem: Problem) {
        self.problems.push(problem);
    }

    pub(crate) fn warn(&mut self, address: &Address, fact: impl Into<Fact>) {
        self.warnings.push(Warning { address: Some(address.clone()), fact: fact.into() });
    }

    /// The steps, in the order of their numbers.
    pub(crate) fn take_steps(&mut self) -> Vec<Step> {
        let mut steps = std::mem::take(&mut self.steps);
        // A run holds them to its end.
        steps.shrink_to_fit();
        steps
    }

    /// How many of what is owned would be lost or made anew.
    pub(crate) fn losses(&self) -> usize {
        let is_lost = |change: &&Change| {
            matches!(change.action, Action::Delete | Action::Replace) || change.reason == Reason::Missing
        };
        self.changes.values().filter(is_lost).count()
    }
}

/// The plan of this draft, with its digest.
pub(crate) fn finish(context: &Context<'_>, draft: Draft, steps: Vec<Step>) -> Result<Plan, Problems> {
    if !draft.problems.is_empty() {
        return Err(sorted(draft.problems));
    }
    let plan = assemble(context, draft, steps);
    debug_assert_eq!(plan.check_view(), Ok(()), "{plan:#?}");
    Ok(plan)
}

/// The same, whatever its problems.
pub(crate) fn assemble(context: &Context<'_>, mut draft: Draft, steps: Vec<Step>) -> Plan {
    draft.warnings.sort();
    draft.warnings.dedup();
    let mut summary = Summary { keep: draft.keep, ..Summary::default() };
    draft.changes.values().for_each(|change| summary.count(change.action));
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
        changes: draft.changes.into_values().collect(),
        steps,
        summary,
        warnings: draft.warnings,
        access: None,
    };
    plan.plan_digest = plan.digest();
    plan
}

/// Problems in their order, each once.
pub(crate) fn sorted(mut problems: Problems) -> Problems {
    problems.sort();
    problems.dedup();
    problems
}

#[cfg(test)]
mod tests {
    use super::*;
    use pinpoint_streams_model::op::RecordOp;

    #[test]
    fn a_step_has_its_number_at_once_and_waits_for_smaller_ones_alone() {
        let (shop, blog): (Address, Address) = ("app.shop".parse().unwrap(), "app.blog".parse().unwrap());
        let mut draft = Draft::default();
        let first = draft.step(&blog, [], RecordOp::Forget {});
        draft.goes_first(&shop, first);
        let second = draft.step(&blog, [first], RecordOp::Forget {});
        let third = draft.step(&shop, [second, second], RecordOp::Forget {});
        let steps = draft.take_steps();
        assert_eq!([first, second, third].map(Handle::id), [1, 2, 3].map(StepId));
        assert_eq!(steps.iter().map(|step| step.id).collect::<Vec<_>>(), [1, 2, 3].map(StepId));
        assert_eq!(steps[2].after, [1, 2].map(StepId));
        assert!(steps.iter().all(|step| step.after.iter().all(|after| *after < step.id)));
    }
}
