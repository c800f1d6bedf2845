//! Events on a terminal: one bar for all steps, a line for each running step, and one for all that wait.
use super::tracker::{Tracker, fit};
use indicatif::{MultiProgress, ProgressBar, ProgressDrawTarget, ProgressState, ProgressStyle};
use pinpoint_streams_model::event::{Event, EventKind};
use std::fmt::Write;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

/// At most so many running steps are named.
const NAMED: usize = 6;
/// Those, how many more run, and what waits.
const LINES: usize = NAMED + 2;
const TICK: Duration = Duration::from_millis(100);
/// Where the width of the terminal is unknown.
const DEFAULT_COLUMNS: usize = 80;

#[derive(Debug)]
pub(crate) struct Bars {
    all: MultiProgress,
    total: ProgressBar,
    /// As many as there are lines to show.
    lines: Vec<ProgressBar>,
    shown: Arc<Mutex<Shown>>,
}

/// What the lines are drawn from, at each redraw: ages go on, and the terminal may have been resized.
#[derive(Debug, Default)]
struct Shown {
    tracker: Tracker,
    /// The elapsed time of the last event, and when it came.
    last: Option<(u64, Instant)>,
}

impl Shown {
    fn lines(&self) -> Vec<String> {
        let now_ms = self.last.map_or(0, |(elapsed_ms, at)| {
            elapsed_ms.saturating_add(u64::try_from(at.elapsed().as_millis()).unwrap_or(u64::MAX))
        });
        let mut lines = self.tracker.running(now_ms, NAMED);
        lines.extend(self.tracker.waiting());
        lines
    }
}

impl Bars {
    pub(crate) fn new() -> Bars {
        Bars::on(ProgressDrawTarget::stderr())
    }

    fn on(target: ProgressDrawTarget) -> Bars {
        let all = MultiProgress::with_draw_target(target);
        let total = all.add(ProgressBar::no_length());
        total.set_style(style("{bar:30} {pos}/{len} steps, {elapsed}, {rate}").with_key(
            "rate",
            |state: &ProgressState, out: &mut dyn Write| {
                // Writing to the template buffer cannot fail in a way that matters: it is redrawn.
                let _ = write!(out, "{:.1}/s", state.per_sec());
            },
        ));
        Bars { all, total, lines: Vec::new(), shown: Arc::default() }
    }

    pub(super) fn multi_progress(&self) -> MultiProgress {
        self.all.clone()
    }

    pub(crate) fn show(&mut self, event: &Event) {
        let (ended, total, wanted) = {
            let mut shown = self.shown.lock().unwrap_or_else(PoisonError::into_inner);
            shown.tracker.follow(event);
            shown.last = Some((event.elapsed_ms, Instant::now()));
            (shown.tracker.ended, shown.tracker.total, shown.lines().len().min(LINES))
        };
        match &event.what {
            EventKind::Plan { .. } => {
                self.total.set_length(total as u64);
                // The elapsed time excludes the prompt.
                self.total.reset_elapsed();
                self.total.enable_steady_tick(TICK);
            }
            EventKind::Summary { .. } => {
                self.set_lines(0);
                self.total.finish_and_clear();
                return;
            }
            // Before the plan, and while a person is asked, there is no bar.
            _ if total == 0 => {}
            _ => self.total.set_position(ended as u64),
        }
        self.set_lines(wanted);
    }

    fn set_lines(&mut self, wanted: usize) {
        while self.lines.len() > wanted {
            if let Some(line) = self.lines.pop() {
                line.finish_and_clear();
                self.all.remove(&line);
            }
        }
        while self.lines.len() < wanted {
            let (at, shown) = (self.lines.len(), Arc::clone(&self.shown));
            let line = self.all.add(ProgressBar::new_spinner());
            line.set_style(style("  {line}").with_key("line", move |_: &ProgressState, out: &mut dyn Write| {
                let lines = shown.lock().unwrap_or_else(PoisonError::into_inner).lines();
                let text = lines.get(at).map(String::as_str).unwrap_or_default();
                let _ = out.write_str(&fit(text, columns().saturating_sub(2)));
            }));
            line.enable_steady_tick(TICK);
            self.lines.push(line);
        }
    }
}

impl Default for Bars {
    fn default() -> Bars {
        Bars::new()
    }
}

fn style(template: &str) -> ProgressStyle {
    ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar())
}

/// The width of the terminal as it is now.
fn columns() -> usize {
    #[cfg(unix)]
    if let Ok(size) = rustix::termios::tcgetwinsize(std::io::stderr())
        && size.ws_col > 0
    {
        return size.ws_col.into();
    }
    DEFAULT_COLUMNS
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
        assert_eq!(bars.shown.lock().unwrap().lines(), ["1 step waits: the role is not ready"]);
        assert_eq!(bars.lines.len(), 1);
        events[waits..done].iter().for_each(|event| bars.show(event));
        assert!(bars.lines.is_empty());
        assert_eq!(bars.total.position(), 1);
        events[done..].iter().for_each(|event| bars.show(event));
        assert!(bars.total.is_finished());
    }
}
