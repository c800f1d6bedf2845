//! The order of steps: a step is ready once its dependencies are done. The step with the longest chain of dependants
//! starts first, then the one with the lowest number.
use pinpoint_streams_model::{Step, StepId};
use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

/// The steps that are not started, and what they wait for.
#[derive(Debug)]
pub(super) struct Schedule {
    /// How many unfinished steps each step depends on.
    needs: BTreeMap<StepId, usize>,
    dependants: BTreeMap<StepId, Vec<StepId>>,
    /// The length of the longest chain of steps after each step.
    behind: BTreeMap<StepId, usize>,
    ready: BTreeSet<(Reverse<usize>, StepId)>,
}

impl Schedule {
    pub(super) fn of(steps: &[Step]) -> Schedule {
        let (mut needs, mut dependants) = (BTreeMap::new(), BTreeMap::<StepId, Vec<StepId>>::new());
        for Step { id, address: _, after, op: _ } in steps {
            let after: BTreeSet<StepId> = after.iter().copied().collect();
            needs.insert(*id, after.len());
            for needed in after {
                dependants.entry(needed).or_default().push(*id);
            }
        }
        let mut schedule =
            Schedule { behind: chains(&needs, &dependants), needs, dependants, ready: BTreeSet::new() };
        let free: Vec<StepId> =
            schedule.needs.iter().filter(|(_, needs)| **needs == 0).map(|(id, _)| *id).collect();
        free.into_iter().for_each(|step| schedule.make_ready(step));
        schedule
    }

    fn make_ready(&mut self, step: StepId) {
        let behind = self.behind.get(&step).copied().unwrap_or_default();
        self.ready.insert((Reverse(behind), step));
    }

    pub(super) fn start(&mut self) -> Option<StepId> {
        let (_, step) = self.ready.pop_first()?;
        self.needs.remove(&step);
        Some(step)
    }

    pub(super) fn is_any_ready(&self) -> bool {
        !self.ready.is_empty()
    }

    /// Starts these steps before all others, once they are ready.
    pub(super) fn prefer(&mut self, steps: &BTreeSet<StepId>) {
        self.behind.extend(steps.iter().map(|step| (*step, usize::MAX)));
    }

    /// Starts one of these steps.
    pub(super) fn start_one_of(&mut self, steps: &BTreeSet<StepId>) -> Option<StepId> {
        let ready = self.ready.iter().copied().find(|(_, step)| steps.contains(step))?;
        self.ready.remove(&ready);
        self.needs.remove(&ready.1);
        Some(ready.1)
    }

    pub(super) fn is_one_ready(&self, steps: &BTreeSet<StepId>) -> bool {
        self.ready.iter().any(|(_, step)| steps.contains(step))
    }

    /// Marks a step done: steps that waited only for it become ready.
    pub(super) fn done(&mut self, step: StepId) {
        for dependant in self.dependants.remove(&step).unwrap_or_default() {
            if let Some(needs) = self.needs.get_mut(&dependant) {
                *needs -= 1;
                if *needs == 0 {
                    self.make_ready(dependant);
                }
            }
        }
    }

    /// Marks a step failed. Returns the steps that depend on it, directly or not: they will not start.
    pub(super) fn failed(&mut self, step: StepId) -> BTreeSet<StepId> {
        let (mut skipped, mut failed) = (BTreeSet::new(), vec![step]);
        while let Some(step) = failed.pop() {
            for dependant in self.dependants.remove(&step).unwrap_or_default() {
                if self.needs.remove(&dependant).is_some() {
                    skipped.insert(dependant);
                    failed.push(dependant);
                }
            }
        }
        skipped
    }

    /// The steps that are neither started nor skipped.
    pub(super) fn rest(&self) -> impl Iterator<Item = StepId> {
        self.needs.keys().copied()
    }
}

/// The longest chain after each step. Dependencies have smaller numbers, so this goes from the last step.
fn chains(steps: &BTreeMap<StepId, usize>, dependants: &BTreeMap<StepId, Vec<StepId>>) -> BTreeMap<StepId, usize> {
    let mut behind = BTreeMap::new();
    for step in steps.keys().rev() {
        let longest =
            dependants.get(step).into_iter().flatten().map(|after| 1 + behind.get(after).unwrap_or(&0)).max();
        behind.insert(*step, longest.unwrap_or(0));
    }
    behind
}

#[cfg(test)]
mod tests {
    use super::*;
    use pinpoint_streams_model::op::{Op, RecordOp};

    fn schedule(needs: &[(u32, &[u32])]) -> Schedule {
        let step = |(id, after): &(u32, &[u32])| Step {
            id: StepId(*id),
            address: "role.shop".parse().unwrap(),
            after: after.iter().copied().map(StepId).collect(),
            op: Op::Record(RecordOp::Forget {}),
        };
        Schedule::of(&needs.iter().map(step).collect::<Vec<_>>())
    }

    fn startable(schedule: &mut Schedule) -> Vec<u32> {
        std::iter::from_fn(|| schedule.start()).map(|step| step.0).collect()
    }

    #[test]
    fn a_step_may_start_once_all_that_it_needs_is_done() {
        let mut schedule = schedule(&[(1, &[]), (2, &[]), (3, &[1, 2, 1]), (4, &[1])]);
        assert_eq!(startable(&mut schedule), [1, 2]);
        schedule.done(StepId(1));
        assert_eq!(startable(&mut schedule), [4]);
        schedule.done(StepId(2));
        assert_eq!(startable(&mut schedule), [3]);
        assert_eq!(schedule.rest().count(), 0);
    }

    #[test]
    fn a_failure_stops_what_needs_it_and_nothing_else() {
        let mut schedule = schedule(&[(1, &[]), (2, &[1]), (3, &[2]), (4, &[]), (5, &[4])]);
        assert_eq!(startable(&mut schedule), [1, 4]);
        assert_eq!(schedule.failed(StepId(1)), BTreeSet::from([StepId(2), StepId(3)]));
        schedule.done(StepId(4));
        assert_eq!(startable(&mut schedule), [5]);
    }

    #[test]
    fn the_longest_chain_goes_first() {
        let mut schedule = schedule(&[(1, &[]), (2, &[1]), (3, &[]), (4, &[3]), (5, &[4]), (6, &[])]);
        assert_eq!(startable(&mut schedule), [3, 1, 6]);
    }

    #[test]
    fn a_step_that_needs_what_is_not_there_never_starts() {
        let mut schedule = schedule(&[(1, &[7])]);
        assert_eq!(startable(&mut schedule), [0; 0]);
        assert_eq!(schedule.rest().collect::<Vec<_>>(), [StepId(1)]);
    }
}
