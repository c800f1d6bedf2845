//! Problems and warnings, as text and JSON.
use crate::ui::escape::escape;
use crate::ui::facts::Words;
use crate::ui::style::{ERROR, HELP, QUIET, WARNING, paint};
use pinpoint_streams_model::fact::Fact;
use pinpoint_streams_model::plan::Warning;
use pinpoint_streams_model::problem::{Problem, ProblemCode};
use std::collections::BTreeMap;
use std::fmt::Write as _;

/// Up to this many problems with the same hint are shown in full; of more, the first and the addresses of the rest.
const MAX_IN_FULL: usize = 4;
/// How many of those addresses are named.
const MAX_ADDRESSES: usize = 8;

/// One paragraph per problem: address, message, code and hint. Adjacent problems with the same code and hint share one;
/// JSON lists them all.
pub(crate) fn text(problems: &[Problem]) -> String {
    let same =
        |one: &Problem, other: &Problem| one.hint.is_some() && one.hint == other.hint && one.code == other.code;
    let paragraphs: Vec<String> = problems.chunk_by(same).map(paragraph).collect();
    let mut text = paragraphs.join("\n");
    let _ = match problems.len() {
        1 => writeln!(text, "\n1 problem; nothing was done."),
        several => writeln!(text, "\n{several} problems; nothing was done."),
    };
    text
}

fn paragraph(problems: &[Problem]) -> String {
    let shown = if problems.len() > MAX_IN_FULL { 1 } else { problems.len() };
    let (shown, rest) = problems.split_at(shown);
    let mut text = String::new();
    for Problem { code, address, message, hint: _ } in shown {
        let address = address.as_ref().map(|address| format!("{address}: ")).unwrap_or_default();
        let error = paint(ERROR, format!("error[{}]:", code.error_code()));
        let code = paint(QUIET, format!("[{}]", name(*code)));
        let _ = writeln!(text, "{error} {address}{} {code}", escape(message));
    }
    if !rest.is_empty() {
        let mut named: Vec<String> =
            rest.iter().filter_map(|one| one.address.as_ref()).map(ToString::to_string).collect();
        if named.len() > MAX_ADDRESSES {
            named.truncate(MAX_ADDRESSES);
            named.push("…".to_owned());
        }
        let _ = writeln!(text, "       and {} more: {}", rest.len(), named.join(", "));
    }
    if let Some(hint) = problems.first().and_then(|first| first.hint.as_ref()) {
        let _ = writeln!(text, "{} {}", paint(HELP, "help:"), escape(hint));
    }
    text
}

/// A warning, and what to do about it.
pub(crate) fn warning(message: &str, hint: &str) -> String {
    let (warning, help) = (paint(WARNING, "warning:"), paint(HELP, "help:"));
    format!("{warning} {}\n{help} {}\n", escape(message), escape(hint))
}

/// One line per warning. A warning about several resources names the first of them.
pub(crate) fn warnings(warnings: &[Warning]) -> String {
    let mut order: Vec<&Fact> = Vec::new();
    let mut addresses: BTreeMap<&Fact, Vec<String>> = BTreeMap::new();
    for Warning { address, fact } in warnings {
        let of_fact = addresses.entry(fact).or_insert_with(|| {
            order.push(fact);
            Vec::new()
        });
        of_fact.extend(address.as_ref().map(ToString::to_string));
    }
    let line = |fact: &Fact| {
        let of_fact = addresses.get(fact).map(Vec::as_slice).unwrap_or_default();
        let about = match of_fact {
            [] => String::new(),
            [_] | [_, _] => format!("{}: ", of_fact.join(" and ")),
            [first, rest @ ..] => format!("{first} and {} more: ", rest.len()),
        };
        format!("{} {about}{}\n", paint(WARNING, "warning:"), escape(&Words(fact).to_string()))
    };
    order.into_iter().map(line).collect()
}

/// The code as in JSON.
pub(crate) fn name(code: ProblemCode) -> String {
    match serde_json::to_value(code) {
        Ok(serde_json::Value::String(name)) => name,
        // Every code is a string.
        _ => String::new(),
    }
}
