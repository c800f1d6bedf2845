//! The wording of facts and the advice that follows from them. The text is not escaped.
//!
//! | module | purpose |
//! | --- | --- |
//! | `words` | each fact in words |
//! | `short` | facts without the names of accounts, regions and resources |
//! | `assertions` | what a person can assert where something is unknown |
//! | `advice` | what to do about a role, and how to find out what is unknown |
mod advice;
mod assertions;
mod short;
mod words;

pub(crate) use advice::{advice, gaps, other_hints};
pub(crate) use assertions::{Assertions, patterns};
pub(crate) use short::{in_short, of_many};

use pinpoint_streams_model::fact::{Evidence, Fact};
use std::fmt;
use words::parts;

/// A fact as a lowercase fragment.
pub(crate) struct Words<'a>(pub(crate) &'a Fact);

impl fmt::Display for Words<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match parts(self.0) {
            (kind, Some(which)) => write!(f, "{kind}: {which}"),
            (kind, None) => f.write_str(&kind),
        }
    }
}

/// The words without the names: the same for equal facts about different things.
pub(crate) struct WordsWithoutNames<'a>(pub(crate) &'a Fact);

impl fmt::Display for WordsWithoutNames<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&parts(self.0).0)
    }
}

/// The words, and the API call that the fact comes from.
pub(crate) fn evidence(evidence: &Evidence) -> String {
    let words = Words(&evidence.fact);
    match &evidence.call {
        Some(call) => format!("{words} ({call})"),
        None => words.to_string(),
    }
}
