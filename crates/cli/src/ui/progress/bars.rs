//! Events as progress bars: one for all steps, and a line for each running step.
use super::name;
use crate::ui::escape::escape;
use crate::ui::text;
use indicatif::{MultiProgress, ProgressBar, ProgressDrawTarget, ProgressState, ProgressStyle};
use pinpoint_streams_model::event::{Event, EventKind};
use pinpoint_streams_model::ids::StepId;
use std::collections::BTreeMap;
use std::fmt::Write;
use std::time::Duration;

#[derive(Debug)]
pub(crate) struct Bars {
    all: MultiProgress,
    total: ProgressBar,
    running: BTreeMap<StepId, ProgressBar>,
}

const TICK: Duration = Duration::from_millis(100);

impl Bars {
    pub(crate) fn new() -> Bars {
        Bars::on(ProgressDrawTarget::stderr())
    }

    fn on(target: ProgressDrawTarget) -> Bars {
        let all = MultiProgress::with_draw_target(target);
        let total = all.add(ProgressBar::no_length());
        total.set_style(style("{bar:30} {pos}/{len} steps, {elapsed}, {rate}"));
        Bars { all, total, running: BTreeMap::new() }
    }

    pub(super) fn multi_progress(&self) -> MultiProgress {
        self.all.clone()
    }

    pub(crate) fn show(&mut self, event: &Event) {
        match &event.what {
            EventKind::Version { .. } | EventKind::Problems { .. } => {}
            EventKind::Plan { plan } => {
                self.total.set_length(plan.steps.len() as u64);
                // The elapsed time excludes the prompt.
                self.total.reset_elapsed();
                self.total.enable_steady_tick(TICK);
            }
            EventKind::StepStarted { step } => {
                let bar = self.all.add(ProgressBar::new_spinner());
                bar.set_style(style("  {spinner} {prefix} {elapsed} {wide_msg}"));
                bar.set_prefix(name(step));
                bar.enable_steady_tick(TICK);
                self.running.insert(step.step, bar);
            }
            EventKind::StepWaiting { step, reason, waited_ms: _ } => {
                self.set_message(step.step, format!("waiting: {}", escape(reason)))
            }
            EventKind::StepRetried { step, attempt, reason } => {
                self.set_message(step.step, format!("attempt {attempt}: {}", escape(reason)));
            }
            EventKind::StepDone { step } => self.end(step.step, None),
            EventKind::StepFailed { step, failure } => {
                self.end(step.step, Some(format!("{} failed: {}", name(step), text::failure(failure))));
            }
            EventKind::StepSkipped { step, because_of: _ } => self.end(step.step, None),
            EventKind::Heartbeat { done: _, total, running: _ } => self.total.set_length(*total as u64),
            EventKind::Summary { .. } => {
                for (_, bar) in std::mem::take(&mut self.running) {
                    bar.finish_and_clear();
                }
                self.total.finish_and_clear();
            }
        }
    }

    fn set_message(&self, step: StepId, message: String) {
        if let Some(bar) = self.running.get(&step) {
            bar.set_message(message);
        }
    }

    fn end(&mut self, step: StepId, message: Option<String>) {
        if let Some(bar) = self.running.remove(&step) {
            bar.finish_and_clear();
        }
        self.total.inc(1);
        if let Some(message) = message {
            // A closed terminal does not stop the run.
            let _ = self.all.println(message);
        }
    }
}

impl Default for Bars {
    fn default() -> Bars {
        Bars::new()
    }
}

fn style(template: &str) -> ProgressStyle {
    let style = ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar());
    style.with_key("rate", |state: &ProgressState, out: &mut dyn Write| {
        // Writing to the template buffer cannot fail in a way that matters: it is redrawn.
        let _ = write!(out, "{:.1}/s", state.per_sec());
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ui::progress::tests::every_event;

    #[test]
    fn a_step_has_a_line_while_it_runs_and_the_whole_moves_on_when_it_ends() {
        let mut bars = Bars::on(ProgressDrawTarget::hidden());
        let events = every_event();
        let until =
            |wanted: fn(&EventKind) -> bool| events.iter().position(|event| wanted(&event.what)).unwrap() + 1;
        let (waits, done) = (
            until(|what| matches!(what, EventKind::StepWaiting { .. })),
            until(|what| matches!(what, EventKind::StepDone { .. })),
        );
        events[..waits].iter().for_each(|event| bars.show(event));
        let running: Vec<String> = bars.running.values().map(|bar| bar.message()).collect();
        assert_eq!(running, ["waiting: the role is not ready"]);
        events[waits..done].iter().for_each(|event| bars.show(event));
        assert!(bars.running.is_empty());
        assert_eq!(bars.total.position(), 1);
        events[done..].iter().for_each(|event| bars.show(event));
        assert!(bars.total.is_finished());
    }
}
