//! A plan under construction: changes, steps with their dependencies, problems and warnings.
use pinpoint_streams_model::address::Address;
use pinpoint_streams_model::ids::StepId;
use pinpoint_streams_model::op::{Op, Planned};
use pinpoint_streams_model::plan::{Action, Change, Step, Summary, Warning};
use pinpoint_streams_model::problem::{Problem, ProblemCode};
use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet, BinaryHeap};

/// A step under construction.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Handle(usize);

impl Handle {
    /// The number that the step will have. Sure only for a step whose dependencies were all made before
    /// it, and so for every CreateApp, the only steps that others refer to.
    pub(crate) fn id(self) -> StepId {
        StepId(u32::try_from(self.0 + 1).unwrap_or(u32::MAX))
    }
}

#[derive(Debug)]
struct DraftStep {
    address: Address,
    op: Op<Planned>,
    after: BTreeSet<Handle>,
}

/// A plan under construction.
#[derive(Debug, Default)]
pub(crate) struct Draft {
    pub(crate) changes: BTreeMap<Address, Change>,
    pub(crate) problems: Vec<Problem>,
    pub(crate) warnings: Vec<Warning>,
    pub(crate) keep: usize,
    steps: Vec<DraftStep>,
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
        let after = after.into_iter().chain(self.first(address)).collect();
        self.steps.push(DraftStep { address: address.clone(), op: op.into(), after });
        Handle(self.steps.len() - 1)
    }

    /// Notes a change. One address has one change: a further one adds its fields and notes to it.
    pub(crate) fn change(&mut self, change: Change) {
        match self.changes.get_mut(&change.address) {
            None => {
                self.changes.insert(change.address.clone(), change);
            }
            Some(known) => {
                known.action = change.action;
                known.reason = change.reason;
                known.fields.extend(change.fields);
                known.notes.extend(change.notes);
            }
        }
    }

    /// Notes a problem.
    pub(crate) fn problem(&mut self, problem: Problem) {
        self.problems.push(problem);
    }

    /// Notes a warning about an address.
    pub(crate) fn warn(&mut self, address: &Address, message: impl Into<String>) {
        self.warnings.push(Warning { address: Some(address.clone()), message: message.into() });
    }

    /// What is shown to people.
    pub(crate) fn into_changes_and_warnings(self) -> (BTreeMap<Address, Change>, Vec<Warning>) {
        let Draft { changes, problems: _, warnings, keep: _, steps: _, first: _ } = self;
        (changes, warnings)
    }

    /// How many of each action.
    pub(crate) fn summary(&self) -> Summary {
        let mut summary = Summary { keep: self.keep, ..Summary::default() };
        for change in self.changes.values() {
            summary.count(change.action);
        }
        summary
    }

    /// The steps in an order in which each comes after those that it waits for, numbered from 1; of the
    /// possible orders, the one nearest to that in which they were added. Steps that wait for each other in a circle
    /// are a problem, and then there are none.
    pub(crate) fn ordered_steps(&mut self) -> Vec<Step> {
        let mut waiting_for: Vec<usize> = self.steps.iter().map(|step| step.after.len()).collect();
        let mut waited_for_by: Vec<Vec<usize>> = vec![Vec::new(); self.steps.len()];
        for (index, step) in self.steps.iter().enumerate() {
            for after in &step.after {
                waited_for_by[after.0].push(index);
            }
        }
        let mut ready: BinaryHeap<Reverse<usize>> =
            (0..self.steps.len()).filter(|&index| waiting_for[index] == 0).map(Reverse).collect();
        let mut order = Vec::with_capacity(self.steps.len());
        while let Some(Reverse(index)) = ready.pop() {
            order.push(index);
            for &next in &waited_for_by[index] {
                waiting_for[next] -= 1;
                if waiting_for[next] == 0 {
                    ready.push(Reverse(next));
                }
            }
        }
        if let Some(stuck) = (0..self.steps.len()).find(|&index| waiting_for[index] > 0) {
            self.problem(Problem {
                code: ProblemCode::TrustPolicyTooLarge,
                address: Some(self.steps[stuck].address.clone()),
                message: "its changes wait for each other in a circle, so no order keeps every stream running"
                    .to_owned(),
                hint: Some("give one of the apps a role of its own, apply, and then make the rest".to_owned()),
            });
            return Vec::new();
        }
        let mut number = vec![StepId(0); self.steps.len()];
        for (position, &index) in order.iter().enumerate() {
            number[index] = Handle(position).id();
        }
        order
            .into_iter()
            .map(|index| {
                let DraftStep { address, op, after } = &self.steps[index];
                let mut after: Vec<StepId> = after.iter().map(|handle| number[handle.0]).collect();
                after.sort_unstable();
                Step { id: number[index], address: address.clone(), after, op: op.clone() }
            })
            .collect()
    }

    /// How many of what is owned would be lost or made anew.
    pub(crate) fn losses(&self) -> usize {
        use pinpoint_streams_model::plan::Reason;
        self.changes
            .values()
            .filter(|change| {
                matches!(change.action, Action::Delete | Action::Replace) || change.reason == Reason::Vanished
            })
            .count()
    }
}
