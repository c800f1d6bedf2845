//! An event as one line: plain, for logs, or JSON, for programs.
use crate::ui::escape::{escape, escape_json};
use crate::ui::views::failure as failure_words;
use pinpoint_streams_model::event::{Event, StepRef, What};

/// The event in words, with the end of the line; none for what is shown otherwise, the plan and the final table.
pub(crate) fn line(event: &Event) -> Option<String> {
    let Event { what, seq: _, time: _, elapsed_ms } = event;
    let words = match what {
        What::Version { .. } | What::Plan { .. } | What::Problems { .. } | What::Summary { .. } => return None,
        What::StepStarted { step } => format!("{} ...", name(step)),
        What::StepWaiting { step, reason, waited_ms } => {
            format!("{} waits ({}): {}", name(step), seconds(*waited_ms), escape(reason))
        }
        What::StepRetried { step, attempt, reason } => {
            format!("{} again, attempt {attempt}: {}", name(step), escape(reason))
        }
        What::StepDone { step } => format!("{} done", name(step)),
        What::StepFailed { step, failure } => format!("{} failed: {}", name(step), failure_words(failure)),
        What::StepSkipped { step, because_of } => {
            format!("{} skipped: step {because_of} failed", name(step))
        }
        What::Heartbeat { done, total, running } => format!("{done} of {total} done, {running} running"),
    };
    Some(format!("{:>7} {words}\n", seconds(*elapsed_ms)))
}

/// The event as JSON, with the end of the line.
pub(crate) fn record(event: &Event) -> String {
    // Our own types to memory: this cannot fail.
    let mut line = serde_json::to_string(event).unwrap_or_default();
    line.push('\n');
    escape_json(&line).into_owned()
}

/// A step in words: `event_stream.shop put_event_stream`.
pub(super) fn name(step: &StepRef) -> String {
    let StepRef { step: _, address, op } = step;
    format!("{address} {op}")
}

fn seconds(ms: u64) -> String {
    format!("{}.{}s", ms / 1000, ms % 1000 / 100)
}
