//! A result as a page and as a comment: its verdict, counts, rows that unfold with their evidence, and what to do next. One
//! [`Page`] is rendered as HTML and as Markdown, and only there is its text escaped.
//!
//! | module | purpose |
//! | --- | --- |
//! | `html` | one self-contained file with filters |
//! | `markdown` | a comment of at most 65,000 characters |
//! | `budget` | what of a comment is shown where it does not fit |
//! | `markup` | escaping for Markdown |
//! | `notice` | what a reader should know before the rows |
mod budget;
mod html;
mod markdown;
mod markup;
mod notice;
#[cfg(test)]
mod tests;

pub(crate) use notice::Notice;

use crate::ui::escape::escape;
use std::collections::BTreeSet;
use std::fmt;

/// Text that may come from AWS, a file or the command line. It is shown without what a terminal or a browser would act on.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Untrusted(String);

impl fmt::Display for Untrusted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        escape(&self.0).fmt(f)
    }
}

impl<T: Into<String>> From<T> for Untrusted {
    fn from(text: T) -> Untrusted {
        Untrusted(text.into())
    }
}

impl Untrusted {
    fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The text in parts: what stands in backticks is code.
    fn parts(&self) -> Vec<TextPart> {
        let text = self.to_string();
        let mut rest = text.as_str();
        let mut parts = Vec::new();
        while let Some((before, code, after)) = first_code(rest) {
            parts.push(TextPart { is_code: false, text: before.to_owned() });
            parts.push(TextPart { is_code: true, text: code.to_owned() });
            rest = after;
        }
        parts.push(TextPart { is_code: false, text: rest.to_owned() });
        parts
    }
}

/// A part of a text.
struct TextPart {
    is_code: bool,
    text: String,
}

/// The text before the first code in backticks, the code, and the text after it.
fn first_code(text: &str) -> Option<(&str, &str, &str)> {
    let (before, rest) = text.split_once('`')?;
    let (code, after) = rest.split_once('`')?;
    (!code.is_empty()).then_some((before, code, after))
}

#[derive(Debug, Default)]
pub(crate) struct Page {
    /// The verdict.
    pub(crate) title: Untrusted,
    pub(crate) about: Vec<PageLine>,
    /// What a row is, such as `change`.
    pub(crate) noun: &'static str,
    /// What rows are filtered by, one lowercase word each. The first is the one that the marks count.
    pub(crate) facets: &'static [&'static str],
    /// The values of the first facet, the gravest first.
    pub(crate) marks: Vec<RowMark>,
    pub(crate) tables: Vec<PageTable>,
    pub(crate) notices: Vec<Notice>,
    /// The heading of the list of grave rows, which begins a comment.
    pub(crate) grave: &'static str,
    pub(crate) groups: Vec<PageGroup>,
    pub(crate) folded: Folded,
    pub(crate) next: Vec<NextStep>,
    pub(crate) closing: Vec<PageLine>,
    /// The command that shows what a comment has no room for.
    pub(crate) everything: String,
}

/// A line of text, with a label or without.
#[derive(Debug, Default)]
pub(crate) struct PageLine {
    pub(crate) label: Option<&'static str>,
    pub(crate) text: Untrusted,
}

impl PageLine {
    pub(crate) fn plain(text: impl Into<Untrusted>) -> PageLine {
        PageLine { label: None, text: text.into() }
    }

    pub(crate) fn of(label: &'static str, text: impl Into<Untrusted>) -> PageLine {
        PageLine { label: Some(label), text: text.into() }
    }
}

/// How a value of the first facet is marked: by its sign, and in color.
#[derive(Debug, Clone, Copy)]
pub(crate) struct RowMark {
    pub(crate) value: &'static str,
    pub(crate) sign: &'static str,
    pub(crate) tone: Tone,
    /// Follows the count: `to delete`.
    pub(crate) label: &'static str,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Tone {
    Bad,
    Warn,
    Good,
    Info,
    Quiet,
}

impl Tone {
    /// The class in the style sheet.
    fn class(self) -> &'static str {
        match self {
            Tone::Bad => "bad",
            Tone::Warn => "warn",
            Tone::Good => "good",
            Tone::Info => "info",
            Tone::Quiet => "quiet",
        }
    }
}

#[derive(Debug)]
pub(crate) struct PageTable {
    pub(crate) columns: Vec<Untrusted>,
    /// The first cell of each names what the others count.
    pub(crate) rows: Vec<Vec<Untrusted>>,
}

impl PageTable {
    /// Whether a column has only numbers, or `-` for none.
    fn is_number(&self, column: &usize) -> bool {
        let mut cells = self.rows.iter().filter_map(|row| row.get(*column));
        *column > 0 && cells.all(|cell| cell.0 == "-" || cell.0.parse::<u64>().is_ok())
    }
}

/// What a comment folds.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum Folded {
    /// Each row with its fields.
    #[default]
    Rows,
    /// Each group with a line a row: rows of one group are much alike.
    Groups,
}

#[derive(Debug, Default)]
pub(crate) struct PageGroup {
    pub(crate) heading: Untrusted,
    /// What it has, after the heading.
    pub(crate) counts: Untrusted,
    pub(crate) is_grave: bool,
    /// What its rows have in common.
    pub(crate) about: Vec<Untrusted>,
    pub(crate) table: Option<PageTable>,
    pub(crate) rows: Vec<PageRow>,
}

#[derive(Debug, Default)]
pub(crate) struct PageRow {
    /// One for each facet of the page.
    pub(crate) values: Vec<Untrusted>,
    pub(crate) name: Untrusted,
    pub(crate) text: Untrusted,
    /// Less important; shown in parentheses.
    pub(crate) aside: Option<Untrusted>,
    pub(crate) effects: BTreeSet<&'static str>,
    /// Shown even where the row is folded.
    pub(crate) notes: Vec<Untrusted>,
    pub(crate) fields: Vec<PageField>,
}

/// What a row unfolds to.
#[derive(Debug, Default)]
pub(crate) struct PageField {
    pub(crate) label: Untrusted,
    pub(crate) effect: Option<&'static str>,
    pub(crate) text: Option<Untrusted>,
    pub(crate) statements: Vec<SignedLine>,
    /// A request that is newly allowed.
    pub(crate) example: Option<Untrusted>,
    /// The lines of a diff, each with its sign.
    pub(crate) document: Vec<Untrusted>,
}

impl PageField {
    pub(crate) fn of(label: impl Into<Untrusted>, text: impl Into<Untrusted>) -> PageField {
        PageField { label: label.into(), text: Some(text.into()), ..PageField::default() }
    }
}

/// A statement of a policy, or a value in it.
#[derive(Debug)]
pub(crate) struct SignedLine {
    pub(crate) sign: Sign,
    pub(crate) text: Untrusted,
    /// Whether it is a value of the statement above it.
    pub(crate) is_value: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Sign {
    Added,
    Removed,
    Changed,
    Same,
}

impl Sign {
    fn of_line(line: &str) -> Sign {
        match line.chars().next() {
            Some('+') => Sign::Added,
            Some('-') => Sign::Removed,
            _ => Sign::Same,
        }
    }

    fn as_str(self) -> &'static str {
        match self {
            Sign::Added => "+",
            Sign::Removed => "-",
            Sign::Changed => "~",
            Sign::Same => " ",
        }
    }

    /// The class in the style sheet.
    fn class(self) -> &'static str {
        match self {
            Sign::Added => "added",
            Sign::Removed => "removed",
            Sign::Changed => "changed",
            Sign::Same => "same",
        }
    }

    fn verb(self) -> &'static str {
        match self {
            Sign::Added => "adds",
            Sign::Removed => "removes",
            Sign::Changed => "changes",
            Sign::Same => "keeps",
        }
    }
}

#[derive(Debug)]
pub(crate) struct NextStep {
    pub(crate) what: Untrusted,
    /// A command line, which may take several lines.
    pub(crate) command: Vec<Untrusted>,
}

impl NextStep {
    pub(crate) fn of(what: impl Into<Untrusted>, command: impl Into<Untrusted>) -> NextStep {
        NextStep { what: what.into(), command: vec![command.into()] }
    }
}

impl Page {
    fn rows(&self) -> impl Iterator<Item = &PageRow> {
        self.groups.iter().flat_map(|group| &group.rows)
    }

    /// The mark of a row's first value. Each value has one.
    fn mark(&self, row: &PageRow) -> RowMark {
        let value = row.values.first().map(|value| value.0.as_str()).unwrap_or_default();
        let mark = self.marks.iter().find(|mark| mark.value == value).copied();
        debug_assert!(mark.is_some(), "{value} has no mark");
        mark.unwrap_or(RowMark { value: "", sign: "", tone: Tone::Quiet, label: "" })
    }

    /// The rows of each mark that has some.
    fn counts(&self) -> Vec<(RowMark, usize)> {
        let number = |mark: &RowMark| self.rows().filter(|row| self.mark(row).value == mark.value).count();
        let counts = self.marks.iter().map(|mark| (*mark, number(mark)));
        counts.filter(|(_, number)| *number > 0).collect()
    }
}
