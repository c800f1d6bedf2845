//! Why a step failed, on one line.
use crate::ui::escape::escape;
use pinpoint_streams_model::event::StepFailure;

/// Code, message and request id. The code is not said twice where the message names it.
pub(crate) fn failure(failure: &StepFailure) -> String {
    let StepFailure { code, message, request_id, hints: _ } = failure;
    let code = if message.contains(code.as_str()) { String::new() } else { format!("{}: ", escape(code)) };
    let request = request_id.as_ref().map(|id| format!(" (request id {})", escape(id))).unwrap_or_default();
    format!("{code}{}{request}", escape(message))
}
