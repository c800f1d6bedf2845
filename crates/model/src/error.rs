//! The error of texts that are not of the expected form, and any error in one line.
use std::borrow::Cow;
use std::error::Error;

/// A text that is not a valid name, identifier or ARN.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{text}` is not a valid {kind}: {rule}")]
pub struct InvalidText {
    /// What was expected: "account id".
    pub kind: &'static str,
    pub text: String,
    /// The rule that it breaks.
    pub rule: Cow<'static, str>,
}

impl InvalidText {
    pub(crate) fn new(kind: &'static str, text: &str, rule: impl Into<Cow<'static, str>>) -> InvalidText {
        InvalidText { kind, text: text.to_owned(), rule: rule.into() }
    }
}

/// An error and its sources in one line, without a source whose text the line already ends with.
pub fn one_line(error: &(dyn Error + 'static)) -> String {
    let (mut text, mut next) = (error.to_string(), error.source());
    while let Some(source) = next {
        let more = source.to_string();
        if !text.ends_with(&more) {
            text = format!("{text}: {more}");
        }
        next = source.source();
    }
    text
}
