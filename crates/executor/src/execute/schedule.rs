//! In which order steps may start: each as soon as those it needs are done, the lowest number first.
use pinpoint_streams_model::ids::StepId;
use pinpoint_streams_model::plan::Step;
use std::collections::{BTreeMap, BTreeSet};

/// The steps that are not started yet, and what they wait for.
#[derive(Debug)]
pub(super) struct Schedule {
    /// How many steps each one still needs.
    needs: BTreeMap<StepId, usize>,
    dependants: BTreeMap<StepId, Vec<StepId>>,
    ready: BTreeSet<StepId>,
}

impl Schedule {
    pub(super) fn of(steps: &[Step]) -> Schedule {
        let mut schedule = Schedule { needs: BTreeMap::new(), dependants: BTreeMap::new(), ready: BTreeSet::new() };
        for Step { id, address: _, after, op: _ } in steps {
            let after: BTreeSet<StepId> = after.iter().copied().collect();
            schedule.needs.insert(*id, after.len());
            for needed in &after {
                schedule.dependants.entry(*needed).or_default().push(*id);
            }
            if after.is_empty() {
                schedule.ready.insert(*id);
            }
        }
        schedule
    }

    /// The next step that may start; it is started.
    pub(super) fn start(&mut self) -> Option<StepId> {
        let step = self.ready.pop_first()?;
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
                    self.ready.insert(dependant);
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

#[cfg(test)]
mod tests {
    use super::*;
    use pinpoint_streams_model::op::{ForgetRecord, Op};

    fn schedule(needs: &[(u32, &[u32])]) -> Schedule {
        let step = |(id, after): &(u32, &[u32])| Step {
            id: StepId(*id),
            address: "role.shop".parse().unwrap(),
            after: after.iter().copied().map(StepId).collect(),
            op: Op::ForgetRecord(ForgetRecord {}),
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
    fn a_step_that_needs_what_is_not_there_never_starts() {
        let mut schedule = schedule(&[(1, &[7])]);
        assert_eq!(startable(&mut schedule), [0; 0]);
        assert_eq!(schedule.rest().collect::<Vec<_>>(), [StepId(1)]);
    }
}
