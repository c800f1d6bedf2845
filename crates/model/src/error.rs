//! An error where there is one line for it.
use std::error::Error;

/// An error and its sources in one line, leaving out a source that repeats the end of what is above it.
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
