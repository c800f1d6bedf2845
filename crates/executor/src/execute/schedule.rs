//! In which order steps may start: each as soon as those it needs are done. Of several, the one with the longest
//! chain of steps behind it goes first, so that no long chain is left for the end; then the lowest number.
use pinpoint_streams_model::ids::StepId;
use pinpoint_streams_model::plan::Step;
use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

/// The steps that are not started yet, and what they wait for.
#[derive(Debug)]
pub(super) struct Schedule {
    /// How many steps each one still needs.
    needs: BTreeMap<StepId, usize>,
    dependants: BTreeMap<StepId, Vec<StepId>>,
    /// How many steps at most follow each one, one after another.
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

    /// The next step that may start; it is started.
    pub(super) fn start(&mut self) -> Option<StepId> {
        let (_, step) = self.ready.pop_first()?;
        self.needs.remove(&step);
        Some(step)
    }

    /// Whether some step may start.
    pub(super) fn is_any_ready(&self) -> bool {
        !self.ready.is_empty()
    }

    /// A step is done: those that needed only it may start.
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

    /// A step failed: these, which need it directly or by way of others, will not start.
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

    /// The steps that were neither started nor skipped.
    pub(super) fn rest(&self) -> impl Iterator<Item = StepId> {
        self.needs.keys().copied()
    }
}

/// The longest chain behind each step. What a step needs has a smaller number, so the last come first.
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
