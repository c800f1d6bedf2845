//! How results look. Every function here takes values and gives text, styled; nothing is printed here.
pub(crate) mod diff;
mod field;
pub(crate) mod outcome;
pub(crate) mod plan;
pub(crate) mod problems;
pub(crate) mod report;
pub(crate) mod state;
pub(crate) mod sweep;
mod unknown;

use super::escape::escape;
use pinpoint_streams_model::event::StepFailure;
use serde::Serialize;

/// A value as JSON for people and programs: indented, one newline at the end.
pub(crate) fn json(value: &impl Serialize) -> String {
    // Our own types to memory: this cannot fail.
    let mut text = serde_json::to_string_pretty(value).unwrap_or_default();
    text.push('\n');
    crate::ui::escape::escape_json(&text).into_owned()
}

/// Why a step failed: code, message and request id. The code is not said twice where the message names it.
pub(crate) fn failure(failure: &StepFailure) -> String {
    let StepFailure { code, message, request_id, hints: _ } = failure;
    let code = if message.contains(code.as_str()) { String::new() } else { format!("{}: ", escape(code)) };
    let request = request_id.as_ref().map(|id| format!(" (request id {})", escape(id))).unwrap_or_default();
    format!("{code}{}{request}", escape(message))
}

/// A number of things: `1 role`, `2 roles`.
pub(crate) fn count(number: usize, what: &str) -> String {
    if number == 1 { format!("1 {what}") } else { format!("{number} {what}s") }
}

#[cfg(test)]
mod hostile;
#[cfg(test)]
mod tests;
