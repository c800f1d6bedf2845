//! What is wrong with a manifest, as data that points into its sources; a view renders it.
use super::source::{Place, Source};
use crate::error_code::ErrorCode;
use std::collections::BTreeSet;
use std::fmt;
use std::ops::Range;

/// Everything that is wrong with a manifest, at once, in the order of the sources.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ManifestErrors {
    /// The files, which labels name by their place in this list.
    pub sources: Vec<Source>,
    pub errors: Vec<Diagnostic>,
}

/// One thing that is wrong, or in a warning one thing to look at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Diagnostic {
    pub code: &'static ErrorCode,
    pub fault: Fault,
    /// A lowercase fragment: "apps.shop.stream is not a declared stream".
    pub message: String,
    /// Where, the primary label first. Empty where no line of any file is to blame.
    pub labels: Vec<Label>,
    /// What a person can do: "did you mean `clickstream`?".
    pub help: Option<String>,
}

/// A stretch of a source and what there is to say about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Label {
    /// The index in `sources`.
    pub source: usize,
    pub span: Range<usize>,
    /// "not among [streams.*]"; may be empty.
    pub text: String,
    /// Whether this is the place to blame; the others help to understand.
    pub primary: bool,
}

/// What kind of fault a diagnostic reports. Exit codes depend on it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// A file that cannot be read or is too large.
    File,
    /// An argument, not the manifest.
    Usage,
    Content,
}

impl ManifestErrors {
    /// Whether only the manifest's content is wrong: all of its files could be read.
    pub fn only_content(&self) -> bool {
        self.errors.iter().all(|error| error.fault == Fault::Content)
    }
}

impl fmt::Display for ManifestErrors {
    /// One line an error, `file:line:column: message`, for where no source can be shown.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (number, error) in self.errors.iter().enumerate() {
            if number > 0 {
                f.write_str("\n")?;
            }
            if let Some((label, source)) =
                error.labels.first().and_then(|l| Some((l, self.sources.get(l.source)?)))
            {
                let (line, column) = source.line_column(label.span.start);
                write!(f, "{}:{line}:{column}: ", source.name)?;
            }
            f.write_str(&error.message)?;
        }
        Ok(())
    }
}

impl std::error::Error for ManifestErrors {}

impl Diagnostic {
    pub(super) fn new(code: &'static ErrorCode, message: impl Into<String>) -> Diagnostic {
        Diagnostic { code, fault: Fault::Content, message: message.into(), labels: Vec::new(), help: None }
    }

    /// The place to blame.
    pub(super) fn at(self, place: Place, text: impl Into<String>) -> Diagnostic {
        self.label(place, text.into(), true)
    }

    /// Another place that helps to understand.
    pub(super) fn and(self, place: Place, text: impl Into<String>) -> Diagnostic {
        self.label(place, text.into(), false)
    }

    fn label(mut self, place: Place, text: String, primary: bool) -> Diagnostic {
        let Place { source, start, end } = place;
        self.labels.push(Label { source, span: start..end, text, primary });
        self
    }

    pub(super) fn help(mut self, help: impl Into<String>) -> Diagnostic {
        self.help = Some(help.into());
        self
    }

    pub(super) fn fault(mut self, fault: Fault) -> Diagnostic {
        self.fault = fault;
        self
    }

    /// What orders diagnostics: those without a place first, then as the files go.
    fn position(&self) -> Option<(usize, usize)> {
        self.labels.first().map(|label| (label.source, label.span.start))
    }
}

/// Collects what is found, so that decoding goes on after the first error.
#[derive(Debug, Default)]
pub(super) struct Diagnostics {
    errors: Vec<Diagnostic>,
    warnings: Vec<Diagnostic>,
}

impl Diagnostics {
    pub(super) fn error(&mut self, error: Diagnostic) {
        self.errors.push(error);
    }

    pub(super) fn warning(&mut self, warning: Diagnostic) {
        self.warnings.push(warning);
    }

    pub(super) fn append(&mut self, other: Diagnostics) {
        let Diagnostics { errors, warnings } = other;
        self.errors.extend(errors);
        self.warnings.extend(warnings);
    }

    /// Drops the errors that this refuses.
    pub(super) fn retain_errors(&mut self, keep: impl Fn(&Diagnostic) -> bool) {
        self.errors.retain(keep);
    }

    pub(super) fn has_errors(&self) -> bool {
        !self.errors.is_empty()
    }

    /// Adds the errors of `other` that this keeps and that are not there already.
    pub(super) fn add_new(&mut self, other: Diagnostics, keep: impl Fn(&Diagnostic) -> bool) {
        let known: BTreeSet<_> =
            self.errors.iter().map(|error| (error.position(), error.message.clone())).collect();
        let is_new = |error: &Diagnostic| !known.contains(&(error.position(), error.message.clone()));
        self.errors.extend(other.errors.into_iter().filter(|error| keep(error) && is_new(error)));
    }

    /// Takes note of an error where there is one.
    pub(super) fn check<T>(&mut self, result: Result<T, Diagnostic>) -> Option<T> {
        result.map_err(|error| self.error(error)).ok()
    }

    /// The warnings where there is no error, else the errors, each in the order of the sources.
    pub(super) fn finish(self) -> Result<Vec<Diagnostic>, Vec<Diagnostic>> {
        let Diagnostics { mut errors, mut warnings } = self;
        for found in [&mut errors, &mut warnings] {
            found.sort_by(|a, b| (a.position(), &a.message).cmp(&(b.position(), &b.message)));
            found.dedup();
        }
        if errors.is_empty() { Ok(warnings) } else { Err(errors) }
    }
}

/// A text from a manifest as a message may hold it: on one line, without control characters, not too long.
pub(super) fn printable(text: &str) -> String {
    const MOST: usize = 160;
    let mut printable = String::new();
    for (count, c) in text.chars().enumerate() {
        if count == MOST {
            printable.push('…');
            break;
        }
        if c.is_control() { printable.extend(c.escape_debug()) } else { printable.push(c) }
    }
    printable
}

pub(super) fn quoted(text: &str) -> String {
    format!("`{}`", printable(text))
}

/// The known word that this one was probably meant to be.
pub(super) fn did_you_mean<'a>(word: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    if word.len() > 200 {
        return None;
    }
    let folded = word.to_lowercase();
    known
        .into_iter()
        .map(|candidate| (strsim::jaro_winkler(&folded, &candidate.to_lowercase()), candidate))
        .filter(|(similarity, _)| *similarity >= 0.8)
        .max_by(|(a, _), (b, _)| a.total_cmp(b))
        .map(|(_, candidate)| candidate)
}

/// The help that goes with an unknown word: the one that was meant, or all there are if they are few.
pub(super) fn suggestion<'a>(word: &str, known: impl Iterator<Item = &'a str> + Clone) -> Option<String> {
    if let Some(meant) = did_you_mean(word, known.clone()) {
        return Some(format!("did you mean `{meant}`?"));
    }
    let mut known: Vec<&str> = known.collect();
    known.sort_unstable();
    (1..=24).contains(&known.len()).then(|| format!("known: {}", known.join(", ")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error_code::manifest as codes;

    #[test]
    fn a_misspelt_word_finds_the_one_that_was_meant() {
        assert_eq!(did_you_mean("clickstraem", ["lake", "clickstream"]), Some("clickstream"));
        assert_eq!(did_you_mean("Region", ["region", "account"]), Some("region"));
        assert_eq!(did_you_mean("xyz", ["region", "account"]), None);
    }

    #[test]
    fn a_quoted_text_cannot_reach_the_terminal() {
        assert_eq!(quoted("a\u{1b}[2J\n"), "`a\\u{1b}[2J\\n`");
        assert!(quoted(&"x".repeat(1000)).len() < 200);
    }

    #[test]
    fn errors_come_in_the_order_of_the_files() {
        let mut found = Diagnostics::default();
        for (source, start) in [(1, 0), (0, 9), (0, 2)] {
            found.error(
                Diagnostic::new(&codes::INTERNAL, format!("{source}/{start}"))
                    .at(Place { source, start, end: start }, ""),
            );
        }
        let errors = found.finish().unwrap_err();
        let order: Vec<&str> = errors.iter().map(|error| error.message.as_str()).collect();
        assert_eq!(order, ["0/2", "0/9", "1/0"]);
    }
}
