//! An event as one line of JSON.
use crate::ui::escape::escape_json;
use pinpoint_streams_model::event::Event;

/// The line, with its end.
pub(crate) fn record(event: &Event) -> String {
    // Our own types to memory: this cannot fail.
    let mut line = serde_json::to_string(event).unwrap_or_default();
    line.push('\n');
    escape_json(&line).into_owned()
}
