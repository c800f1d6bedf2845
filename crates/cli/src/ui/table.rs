//! Tables that fit the width of the terminal.
use crate::ui::text::aligned;
use crate::ui::wrap::{Overlong, columns, longest_word, shortened_middle, wrapped};

/// The indentation of a row's last cell where it has a line of its own.
const BELOW: usize = 4;

/// What becomes of a last cell that does not fit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum LastCell {
    /// It goes on below itself. Where less room than this is left, it begins on a line of its own.
    Wrap { least: usize },
    /// It loses its middle. Where less room than this is left, each row takes several lines. The cells must not be styled.
    Shorten { least: usize },
}

/// The rows within this width, with two spaces between columns; a row may take several lines.
pub(crate) fn table<const N: usize>(rows: &[[String; N]], last_cell: LastCell, width: usize) -> Vec<String> {
    let whole = aligned(rows);
    let widest = whole.iter().map(|line| columns(line)).max().unwrap_or(0);
    if widest <= width {
        return whole;
    }
    let last = rows.iter().filter_map(|row| row.last()).map(|cell| columns(cell)).max().unwrap_or(0);
    let offset = widest - last;
    let room = width.saturating_sub(offset);
    let row = |(row, whole): (&[String; N], String)| {
        let Some((cell, before)) = row.split_last() else { return whole };
        let start: String = whole.strip_suffix(cell.trim_end()).unwrap_or(&whole).to_owned();
        match last_cell {
            LastCell::Wrap { least } => beside(&start, cell, least, BELOW, width),
            LastCell::Shorten { least } if room >= least => format!("{start}{}", shortened_middle(cell, room)),
            LastCell::Shorten { .. } => stacked(before, cell, width),
        }
    };
    rows.iter().zip(whole).map(row).collect()
}

/// A cell to the right of its start, continued below itself. If less than the least room is left for it, or a word of it is
/// longer than what is left, it begins on a line of its own with this indentation.
pub(crate) fn beside(start: &str, cell: &str, least: usize, indent: usize, width: usize) -> String {
    let offset = columns(start);
    let room = width.saturating_sub(offset);
    if columns(cell) <= room {
        return format!("{start}{cell}");
    }
    let has_room = room >= least && longest_word(cell) <= room;
    let (start, indent) = match has_room {
        true => (start.to_owned(), " ".repeat(offset)),
        false => (format!("{}\n{:indent$}", start.trim_end(), ""), " ".repeat(indent)),
    };
    let room = width.saturating_sub(indent.len());
    start + &wrapped(cell, room, room, Overlong::Keep).join(&format!("\n{indent}"))
}

/// The first cell, the others but the last on a second line, and the last on a third.
fn stacked(before: &[String], cell: &str, width: usize) -> String {
    let (first, middle) = before.split_first().map_or(("", before), |(first, middle)| (first.as_str(), middle));
    let (indent, room) = (" ".repeat(BELOW), width.saturating_sub(BELOW));
    let middle = wrapped(&middle.join("  "), room, room, Overlong::Keep).join(&format!("\n{indent}"));
    format!("{first}\n{indent}{middle}\n{indent}{}", shortened_middle(cell, room))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows() -> [[String; 3]; 2] {
        [["a", "one", "what it says"], ["long-name", "two", "more words than fit"]]
            .map(|row| row.map(str::to_owned))
    }

    #[test]
    fn a_table_that_fits_is_one_line_a_row() {
        assert_eq!(
            table(&rows(), LastCell::Wrap { least: 8 }, 80),
            ["a          one  what it says", "long-name  two  more words than fit"]
        );
    }

    #[test]
    fn a_last_cell_goes_on_below_itself_or_begins_below_its_row() {
        assert_eq!(
            table(&rows(), LastCell::Wrap { least: 8 }, 28),
            ["a          one  what it says", "long-name  two  more words\n                than fit"]
        );
        assert_eq!(
            table(&rows(), LastCell::Wrap { least: 13 }, 28),
            ["a          one  what it says", "long-name  two\n    more words than fit"]
        );
    }

    #[test]
    fn a_last_cell_loses_its_middle_or_has_a_line_of_its_own() {
        assert_eq!(
            table(&rows(), LastCell::Shorten { least: 8 }, 28),
            ["a          one  what it says", "long-name  two  mor…than fit"]
        );
        assert_eq!(
            table(&rows(), LastCell::Shorten { least: 13 }, 28),
            ["a\n    one\n    what it says", "long-name\n    two\n    more words than fit"]
        );
    }
}
