//! What is wrong with a text as TOML.
use super::diagnostic::{Diagnostic, Diagnostics, Label, quoted};
use super::source::Place;
use crate::error_code::manifest as codes;
use std::collections::BTreeSet;

/// Where a text is not TOML.
#[derive(Debug, Default)]
pub(super) struct Syntax {
    /// The first bytes of the lines that could not be parsed.
    broken_lines: BTreeSet<usize>,
}

impl Syntax {
    /// The most errors shown of a file, which may be something else altogether.
    const MOST: usize = 100;

    /// Reports what a parser found.
    pub(super) fn report(
        source: usize,
        text: &str,
        errors: &[toml::de::Error],
        found: &mut Diagnostics,
    ) -> Syntax {
        let mut broken_lines = BTreeSet::new();
        let mut last_header = None;
        for (count, error) in errors.iter().enumerate() {
            let place = Place::new(source, error.span().unwrap_or(0..0));
            let is_twice = error.message() == DECLARED_TWICE;
            if !is_twice {
                broken_lines.insert(line_start(text, place.start));
            }
            if count >= Syntax::MOST {
                continue;
            }
            if !is_twice {
                let invalid = Diagnostic::new(&codes::NOT_TOML, format!("this is not TOML: {}", error.message()));
                found.error(invalid.at(place, ""));
                continue;
            }
            let section = section_start(text, place.start);
            let is_header = section == line_start(text, place.start);
            if is_header {
                last_header = Some(section);
            } else if last_header == Some(section) {
                // The keys of a table that is declared twice are too.
                continue;
            }
            found.error(declared_twice(place, text, is_header, section));
        }
        Syntax { broken_lines }
    }

    /// Whether some of the text could not be parsed.
    pub(super) fn has_gaps(&self) -> bool {
        !self.broken_lines.is_empty()
    }

    /// Whether a label is on a line that is not TOML, or under a header that is not: its error is a consequence.
    pub(super) fn breaks_line_of(&self, label: &Label, text: &str) -> bool {
        let is_broken = |start: usize| self.broken_lines.contains(&start);
        let at = label.span.start;
        let under_broken_header = || {
            let header = section_start(text, at);
            text[header..].starts_with('[') && is_broken(header)
        };
        self.has_gaps() && (is_broken(line_start(text, at)) || under_broken_header())
    }
}

/// The parser's message for a key that is declared twice in one file.
const DECLARED_TWICE: &str = "duplicate key";

/// The parser gives only the second place. The first is searched for in the lines above: those of the same section,
/// or all for a table's header.
fn declared_twice(again: Place, text: &str, is_header: bool, section: usize) -> Diagnostic {
    let key = text.get(again.start..again.end).unwrap_or_default();
    let error = Diagnostic::new(&codes::DECLARED_TWICE, format!("{} is declared twice", quoted(key)))
        .at(again, "again here");
    let line = line_start(text, again.start);
    let written = match text.get(line..again.end) {
        Some(written) => written.trim_start(),
        None => return error,
    };
    let mut at = if is_header { 0 } else { section };
    for above in text.get(at..line).unwrap_or_default().split_inclusive('\n') {
        let start = at + above.len() - above.trim_start().len();
        let ends = |rest: &str| rest.starts_with([']', '=', ' ', '\t', '.']);
        if above.trim_start().strip_prefix(written).is_some_and(ends) {
            let end = start + written.len();
            return error.and(Place { start: end - key.len(), end, ..again }, "first here");
        }
        at += above.len();
    }
    error
}

/// The first byte of the line that a byte is on.
fn line_start(text: &str, at: usize) -> usize {
    let before = text.get(..at).unwrap_or(text);
    before.rfind('\n').map_or(0, |newline| newline + 1)
}

/// The first byte of the table's header that a byte is under, or is part of.
fn section_start(text: &str, at: usize) -> usize {
    let line = line_start(text, at);
    if text[line..].starts_with('[') {
        return line;
    }
    text[..line].rfind("\n[").map_or(0, |newline| newline + 1)
}
