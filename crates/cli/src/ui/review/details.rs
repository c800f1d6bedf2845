//! All that is known of an item, wrapped to the terminal: nothing is cut off.
use super::Item;
use crate::ui::wrap::{Overlong, columns, wrapped};

/// Where the details of an item begin.
const INDENT: &str = "      ";
/// A line has room for this many columns, however narrow the terminal is.
const LEAST_ROOM: usize = 10;

/// What stands before the line of an item: whether it is folded, and its sign.
pub(super) fn start(fold: &str, item: &Item) -> String {
    format!("{fold} {:>3} ", item.sign)
}

/// The columns for the line of an item beside its sign.
fn line_room(item: &Item, width: usize) -> usize {
    width.saturating_sub(start("v", item).chars().count())
}

/// The line of the item, if it does not fit, and its details.
pub(super) fn whole(item: &Item, width: usize) -> Vec<String> {
    let is_cut = columns(&item.line) > line_room(item, width);
    let line = is_cut.then(|| format!("{INDENT}{}", item.line));
    line.iter().map(String::as_str).chain(item.details.lines()).flat_map(|line| in_lines(line, width)).collect()
}

/// One line in as many as it needs. Each has the same indent, and those after a sign two columns more.
fn in_lines(line: &str, width: usize) -> Vec<String> {
    if columns(line) <= width {
        return vec![line.to_owned()];
    }
    let text = line.trim_start_matches(' ');
    let indent = " ".repeat((line.len() - text.len()).min(width / 2));
    let has_sign = ["- ", "+ ", "~ ", "! "].iter().any(|sign| text.starts_with(sign));
    let below = if has_sign { format!("{indent}  ") } else { indent.clone() };
    let room = width.saturating_sub(below.len()).max(LEAST_ROOM);
    let lines = wrapped(text, room, room, Overlong::Keep);
    let lines = lines.iter().flat_map(|line| pieces(line, room));
    lines.enumerate().map(|(nth, line)| format!("{}{line}", if nth == 0 { &indent } else { &below })).collect()
}

/// A word that is longer than a line, such as an ARN, in pieces.
fn pieces(line: &str, room: usize) -> Vec<String> {
    let mut pieces = vec![String::new()];
    for letter in line.chars() {
        let Some(last) = pieces.last_mut() else { break };
        last.push(letter);
        if columns(last) > room {
            last.pop();
            pieces.push(letter.to_string());
        }
    }
    pieces
}
