//! Text and JSON that errors, progress and views share.
use crate::ui::escape::{escape, escape_json};
use crate::ui::wrap::columns;
use pinpoint_streams_aws::s3::S3Error;
use pinpoint_streams_model::event::StepFailure;
use serde::Serialize;
use std::error::Error;

/// Indented JSON with a newline at the end.
pub(crate) fn json(value: &impl Serialize) -> String {
    // Serializing our own types to memory cannot fail.
    let mut text = serde_json::to_string_pretty(value).unwrap_or_default();
    text.push('\n');
    escape_json(&text).into_owned()
}

/// Code, message and request ID of a failed step. The code is omitted if the message contains it.
pub(crate) fn failure(failure: &StepFailure) -> String {
    let StepFailure { code, message, request_id, details: _, hints: _ } = failure;
    let code = if message.contains(code.as_str()) { String::new() } else { format!("{}: ", escape(code)) };
    let request = request_id.as_ref().map(|id| format!(" (request id {})", escape(id))).unwrap_or_default();
    format!("{code}{}{request}", escape(message))
}

/// A number with its noun: `1 role`, `2 roles`.
pub(crate) fn count(number: usize, noun: &str) -> String {
    if number == 1 { format!("1 {noun}") } else { format!("{number} {noun}s") }
}

/// The rows of a table as lines, with two spaces between columns. Cells may be styled.
pub(crate) fn aligned<const N: usize>(rows: &[[String; N]]) -> Vec<String> {
    let columns = Columns::of(rows);
    let line = |(row, widths)| {
        let mut line = String::new();
        columns.append(row, widths, &mut line);
        line
    };
    rows.iter().zip(&columns.widths).map(line).collect()
}

/// The same as one text, for tables of many thousands of rows.
pub(crate) fn aligned_text<C: AsRef<str>, const N: usize>(rows: &[[C; N]]) -> String {
    let columns = Columns::of(rows);
    let cells: usize = rows.iter().flatten().map(|cell| cell.as_ref().len()).sum();
    let mut text = String::with_capacity(cells + rows.len() * columns.widest.iter().sum::<usize>());
    for (row, widths) in rows.iter().zip(&columns.widths) {
        columns.append(row, widths, &mut text);
        text.push('\n');
    }
    text
}

struct Columns<const N: usize> {
    /// Of each cell.
    widths: Vec<[usize; N]>,
    /// Of each column.
    widest: [usize; N],
}

impl<const N: usize> Columns<N> {
    fn of<C: AsRef<str>>(rows: &[[C; N]]) -> Columns<N> {
        let widths: Vec<[usize; N]> =
            rows.iter().map(|row| row.each_ref().map(|cell| columns(cell.as_ref()))).collect();
        let widest = |column| widths.iter().map(|row: &[usize; N]| row[column]).max().unwrap_or_default();
        Columns { widest: std::array::from_fn(widest), widths }
    }

    /// Appends a row without the spaces at its end.
    fn append<C: AsRef<str>>(&self, row: &[C; N], widths: &[usize; N], text: &mut String) {
        let start = text.len();
        for ((cell, width), widest) in row.iter().zip(widths).zip(&self.widest) {
            text.push_str(cell.as_ref());
            text.extend(std::iter::repeat_n(' ', widest - width + 2));
        }
        let end = start + text[start..].trim_end().len();
        text.truncate(end);
    }
}

/// The text, cut to this many characters with an ellipsis.
pub(crate) fn shortened(text: &str, width: usize) -> String {
    if text.chars().count() <= width {
        return text.to_owned();
    }
    let mut short: String = text.chars().take(width.saturating_sub(1)).collect();
    short.push('…');
    short
}

/// The causes of an error, outermost first. An S3 error ends the chain: its source is the SDK error with the same
/// content.
pub(crate) fn causes<'a>(error: &'a (dyn Error + 'static)) -> impl Iterator<Item = &'a (dyn Error + 'static)> {
    std::iter::successors(cause(error), |error| cause(*error))
}

fn cause<'a>(error: &'a (dyn Error + 'static)) -> Option<&'a (dyn Error + 'static)> {
    let is_s3_error = S3Error::find(error).is_some_and(|s3| s3.to_string() == error.to_string());
    if is_s3_error { None } else { error.source() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_long_table_is_laid_out_like_a_short_one(
            rows in proptest::collection::vec(["[a-z日→ ]{0,6}", "[a-z日→ ]{0,6}", "[a-z ]{0,6}"], 0..5)
        ) {
            let text: String = aligned(&rows).iter().map(|line| format!("{line}\n")).collect();
            prop_assert_eq!(aligned_text(&rows), text);
        }
    }
}
