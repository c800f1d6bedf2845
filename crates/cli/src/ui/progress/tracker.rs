//! What a run does at a moment, followed through its events: which steps run, which wait, and why.
use super::{name, seconds};
use crate::ui::escape::escape;
use crate::ui::text::count;
use pinpoint_streams_model::event::{Event, EventKind, StepRef};
use pinpoint_streams_model::ids::StepId;
use std::collections::BTreeMap;

#[derive(Debug, Default)]
pub(crate) struct Tracker {
    running: BTreeMap<StepId, Running>,
    pub(super) ended: usize,
    pub(super) failed: usize,
    pub(super) total: usize,
}

#[derive(Debug)]
struct Running {
    name: String,
    /// By the clock of the events.
    since_ms: u64,
    /// Why it waits, if it does.
    waits: Option<String>,
}

impl Tracker {
    pub(crate) fn follow(&mut self, event: &Event) {
        match &event.what {
            EventKind::Version { .. } | EventKind::Problems { .. } | EventKind::Summary { .. } => {}
            EventKind::Plan { plan } => self.total = plan.steps.len(),
            EventKind::StepStarted { step } => {
                let running = Running { name: name(step), since_ms: event.elapsed_ms, waits: None };
                self.running.insert(step.step, running);
            }
            EventKind::StepWaiting { step, reason, waited_ms: _ } => self.waits(step, Some(reason)),
            EventKind::StepRetried { step, attempt: _, reason: _ } => self.waits(step, None),
            EventKind::StepDone { step } | EventKind::StepUnfinished { step, failure: _ } => self.ends(step),
            EventKind::StepFailed { step, failure: _ } | EventKind::StepSkipped { step, because_of: _ } => {
                self.ends(step);
                self.failed += 1;
            }
            EventKind::Heartbeat { done: _, total, running: _ } => self.total = *total,
        }
    }

    fn waits(&mut self, step: &StepRef, reason: Option<&String>) {
        if let Some(running) = self.running.get_mut(&step.step) {
            running.waits = reason.cloned();
        }
    }

    fn ends(&mut self, step: &StepRef) {
        self.running.remove(&step.step);
        self.ended += 1;
    }

    /// The steps that run, oldest first, each with its age at this time; at most so many.
    pub(crate) fn running(&self, now_ms: u64, at_most: usize) -> Vec<String> {
        let mut running: Vec<&Running> = self.running.values().filter(|step| step.waits.is_none()).collect();
        running.sort_by_key(|step| step.since_ms);
        let more = running.len().saturating_sub(at_most);
        let line = |step: &&Running| format!("{} {}", step.name, seconds(now_ms.saturating_sub(step.since_ms)));
        let mut lines: Vec<String> = running.iter().take(at_most).map(line).collect();
        lines.extend((more > 0).then(|| format!("and {more} more")));
        lines
    }

    /// One line for all steps that wait: `38 steps wait: the role was just changed and is not ready yet`
    pub(crate) fn waiting(&self) -> Option<String> {
        let mut reasons: BTreeMap<&str, usize> = BTreeMap::new();
        for reason in self.running.values().filter_map(|step| step.waits.as_deref()) {
            *reasons.entry(reason).or_default() += 1;
        }
        let total: usize = reasons.values().sum();
        let mut by_count: Vec<(&str, usize)> = reasons.into_iter().collect();
        by_count.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
        let words = match by_count.as_slice() {
            [] => return None,
            [(reason, _)] => escape(reason).into_owned(),
            several => {
                let each = several.iter().map(|(reason, count)| format!("{} ({count})", escape(reason)));
                each.collect::<Vec<_>>().join("; ")
            }
        };
        let verb = if total == 1 { "waits" } else { "wait" };
        Some(format!("{} {verb}: {words}", count(total, "step")))
    }
}

/// The text in so many columns; what does not fit is an ellipsis.
pub(crate) fn fit(text: &str, columns: usize) -> String {
    if text.chars().count() <= columns {
        return text.to_owned();
    }
    let mut fitted: String = text.chars().take(columns.saturating_sub(1)).collect();
    fitted.push('…');
    fitted
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::Timestamp;

    fn event(elapsed_ms: u64, what: EventKind) -> Event {
        Event { what, seq: 0, time: Timestamp::UNIX_EPOCH, elapsed_ms }
    }

    fn step(id: u32) -> StepRef {
        StepRef { step: StepId(id), address: format!("role.r{id}").parse().unwrap(), op: "create_role" }
    }

    #[test]
    fn all_that_wait_share_one_line_and_those_that_run_have_one_each() {
        let mut tracker = Tracker::default();
        for id in 1..=40 {
            tracker.follow(&event(u64::from(id) * 100, EventKind::StepStarted { step: step(id) }));
        }
        for id in 1..=30 {
            let reason = if id == 1 { "throttled by AWS" } else { "the role is not ready" }.to_owned();
            let waiting = EventKind::StepWaiting { step: step(id), reason, waited_ms: 0 };
            tracker.follow(&event(5_000, waiting));
        }
        assert_eq!(tracker.waiting().unwrap(), "30 steps wait: the role is not ready (29); throttled by AWS (1)");
        let running = tracker.running(10_000, 2);
        assert_eq!(running, ["role.r31 create_role 6.9s", "role.r32 create_role 6.8s", "and 8 more"]);
        tracker.follow(&event(6_000, EventKind::StepDone { step: step(1) }));
        assert_eq!(tracker.waiting().unwrap(), "29 steps wait: the role is not ready");
        assert_eq!(tracker.ended, 1);
    }

    #[test]
    fn what_is_too_wide_ends_with_an_ellipsis() {
        assert_eq!(fit("role.shop create_role", 10), "role.shop…");
        assert_eq!(fit("role.shop", 9), "role.shop");
    }
}
