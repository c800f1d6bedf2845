//! Line diffs of policies in canonical form, so that only differences in meaning show.
use crate::ui::escape::escape;
use crate::ui::style::{ADDED, QUIET, REMOVED, paint};
use similar::{ChangeTag, TextDiff};
use std::fmt::Write as _;

/// How many equal lines are shown around a change.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Context {
    /// Two lines.
    Near,
    Whole,
}

const NEAR_LINES: usize = 2;

/// A line diff with `+`, `-` or a space before each line.
pub(crate) fn lines(before: &[String], after: &[String], context: Context, indent: &str) -> String {
    let (old, new): (Vec<&str>, Vec<&str>) =
        (before.iter().map(String::as_str).collect(), after.iter().map(String::as_str).collect());
    let diff = TextDiff::from_slices(&old, &new);
    let groups = match context {
        Context::Near => diff.grouped_ops(NEAR_LINES),
        Context::Whole => vec![diff.ops().to_vec()],
    };
    let mut text = String::new();
    for (number, group) in groups.iter().enumerate() {
        if number > 0 {
            let _ = writeln!(text, "{indent}  {}", paint(QUIET, "…"));
        }
        for change in group.iter().flat_map(|op| diff.iter_changes(op)) {
            let line = escape(change.value());
            let _ = match change.tag() {
                ChangeTag::Insert => writeln!(text, "{indent}{}", paint(ADDED, format_args!("+ {line}"))),
                ChangeTag::Delete => writeln!(text, "{indent}{}", paint(REMOVED, format_args!("- {line}"))),
                ChangeTag::Equal => writeln!(text, "{indent}  {line}"),
            };
        }
    }
    text
}

/// The whole diff without color, each line escaped.
pub(crate) fn plain_lines(before: &[String], after: &[String]) -> String {
    anstream::adapter::strip_str(&lines(before, after, Context::Whole, "")).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(text: &str) -> Vec<String> {
        text.split(' ').map(str::to_owned).collect()
    }

    #[test]
    fn two_equal_lines_stand_around_a_change_and_the_rest_is_left_out() {
        let (before, after) = (of("a b c d e f g h"), of("a b c X e f g h"));
        let text = anstream::adapter::strip_str(&lines(&before, &after, Context::Near, "  ")).to_string();
        assert_eq!(text, "    b\n    c\n  - d\n  + X\n    e\n    f\n");
        let text = anstream::adapter::strip_str(&lines(&before, &after, Context::Whole, "")).to_string();
        assert_eq!(text.lines().count(), 9);
    }

    #[test]
    fn far_apart_changes_are_parted_by_dots() {
        let (before, after) = (of("a b c d e f g h"), of("X b c d e f g Y"));
        let text = anstream::adapter::strip_str(&lines(&before, &after, Context::Near, "")).to_string();
        assert_eq!(text, "- a\n+ X\n  b\n  c\n  …\n  f\n  g\n- h\n+ Y\n");
    }
}
