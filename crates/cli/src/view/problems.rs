//! What stands in the way, as text and as JSON.
use super::escape::escape;
use super::style::{ERROR, HELP, QUIET, WARNING, paint};
use pinpoint_streams_model::plan::Warning;
use pinpoint_streams_model::problem::{Problem, ProblemCode};
use serde::Serialize;
use std::fmt::Write as _;

/// The format of problems in JSON.
const FORMAT_VERSION: u32 = 1;

/// One paragraph a problem: where, what and its code; then what to do. Several in a row for which the same is
/// to be done are one paragraph.
pub fn text(problems: &[Problem]) -> String {
    let mut text = String::new();
    for (number, Problem { code, address, message, hint }) in problems.iter().enumerate() {
        let same = |other: Option<&Problem>| hint.is_some() && other.is_some_and(|other| other.hint == *hint);
        if number > 0 && !same(problems.get(number - 1)) {
            text.push('\n');
        }
        let address = address.as_ref().map(|address| format!("{address}: ")).unwrap_or_default();
        let code = paint(QUIET, format!("[{}]", name(*code)));
        let _ = writeln!(text, "{} {address}{} {code}", paint(ERROR, "error:"), escape(message));
        if let Some(hint) = hint.as_ref().filter(|_| !same(problems.get(number + 1))) {
            let _ = writeln!(text, "{} {}", paint(HELP, "help:"), escape(hint));
        }
    }
    let _ = match problems.len() {
        1 => writeln!(text, "\n1 problem; nothing was done."),
        several => writeln!(text, "\n{several} problems; nothing was done."),
    };
    text
}

/// `{"format_version": 1, "problems": […]}`.
pub fn json(problems: &[Problem]) -> String {
    #[derive(Serialize)]
    struct Document<'a> {
        format_version: u32,
        problems: &'a [Problem],
    }
    super::json(&Document { format_version: FORMAT_VERSION, problems })
}

/// One line a warning.
pub fn warnings(warnings: &[Warning]) -> String {
    let mut text = String::new();
    for Warning { address, message } in warnings {
        let address = address.as_ref().map(|address| format!("{address}: ")).unwrap_or_default();
        let _ = writeln!(text, "{} {address}{}", paint(WARNING, "warning:"), escape(message));
    }
    text
}

/// The code as JSON names it.
pub fn name(code: ProblemCode) -> String {
    match serde_json::to_value(code) {
        Ok(serde_json::Value::String(name)) => name,
        _ => format!("{code:?}"),
    }
}
