//! The texts that a manifest is made of, and the port through which further ones are read.
use std::ops::Range;

/// No file of a manifest may be longer than this, in bytes. Readers can stop there.
pub const MAX_BYTES: usize = 16 * 1024 * 1024;

/// All files of a manifest together may not be longer than this, in bytes.
pub const MAX_TOTAL_BYTES: usize = 64 * 1024 * 1024;

/// A manifest may not include more files than this.
pub const MAX_FILES: usize = 10_000;

/// One file of a manifest, as it was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Source {
    /// What it is called in messages: the path that was given, or for an included file the one
    /// relative to the manifest's directory.
    pub name: String,
    pub text: String,
    /// Whether its lines may be shown. They may be from a `.toml` file that holds nothing but known
    /// tables: whatever else a path leads to is named in messages, but not printed.
    pub show_snippet: bool,
}

impl Source {
    /// The line and column of a byte, both from 1, columns in characters.
    pub fn line_column(&self, offset: usize) -> (usize, usize) {
        let before = self.text.get(..offset).unwrap_or(&self.text);
        let line = before.matches('\n').count() + 1;
        let column = before.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
        (line, column)
    }
}

/// Where included files come from. Paths and patterns are relative to the manifest's directory, with `/`
/// between their parts; that they are neither absolute nor hold `..` is checked before they get here.
pub trait Sources {
    /// The text of one file that [`Sources::glob`] named.
    fn read(&self, relative: &str) -> Result<String, SourceError>;

    /// The files that match a pattern, in any order, relative to the manifest's directory and without `.` for
    /// a part, so that a file has one name whatever pattern matches it. Must fail with [`SourceError::LeadsOut`] where a
    /// symbolic link leads out of the manifest's directory.
    fn glob(&self, pattern: &str) -> Result<Vec<String>, SourceError>;
}

/// Why an included file, or a pattern for some, cannot be followed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SourceError {
    /// A symbolic link leads out of the manifest's directory.
    #[error("it leads out of the manifest's directory")]
    LeadsOut,
    /// It is not UTF-8, so it cannot be TOML.
    #[error("it is not UTF-8 text")]
    NotText,
    /// It cannot be read, and this is why.
    #[error("{0}")]
    Unreadable(String),
}

/// No files but the manifest itself: every pattern matches nothing.
#[derive(Debug, Clone, Copy, Default)]
pub struct OneFile;

impl Sources for OneFile {
    fn read(&self, _relative: &str) -> Result<String, SourceError> {
        Err(SourceError::Unreadable("there are no further files".to_owned()))
    }

    fn glob(&self, _pattern: &str) -> Result<Vec<String>, SourceError> {
        Ok(Vec::new())
    }
}

/// A stretch of one source.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Place {
    /// Which source, by its number.
    pub(super) source: usize,
    pub(super) start: usize,
    /// The byte after the last.
    pub(super) end: usize,
}

impl Place {
    pub(super) fn new(source: usize, span: Range<usize>) -> Place {
        Place { source, start: span.start, end: span.end }
    }

    /// The place of some bytes of the string that stands here, or all of it where `verbatim` says that
    /// its bytes are not those of the source.
    pub(super) fn within(self, span: &Range<usize>, verbatim: bool) -> Place {
        let quote = 1;
        let start = self.start + quote;
        if verbatim { Place { start: start + span.start, end: start + span.end, ..self } } else { self }
    }
}

/// A value and where it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Placed<T> {
    pub(super) value: T,
    pub(super) place: Place,
}

impl<T> Placed<T> {
    pub(super) fn new(value: T, place: Place) -> Placed<T> {
        Placed { value, place }
    }

    pub(super) fn with<U>(&self, value: U) -> Placed<U> {
        Placed { value, place: self.place }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_count_characters_from_one() {
        let source = Source { name: "a.toml".into(), text: "a = 1\nü = 2\n".into(), show_snippet: true };
        assert_eq!(source.line_column(0), (1, 1));
        assert_eq!(source.line_column("a = 1\nü = ".len()), (2, 5));
        assert_eq!(source.line_column(1000), (3, 1));
    }
}
