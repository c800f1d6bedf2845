//! Why a request was decided as it was: for each statement, what of it does not fit.
use super::document::Effect;
use super::pattern::Match;
use std::fmt;

/// What the policies say to a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Decision {
    Allowed,
    /// Refused by a Deny, whatever else allows it.
    ExplicitlyDenied,
    /// Nothing allows it.
    NotAllowed,
    /// It rests on what cannot be known here; in words, what that is.
    Undecidable(String),
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Explanation {
    pub decision: Decision,
    /// How each statement meets the request, in the order of the documents.
    pub findings: Vec<Finding>,
}

/// How one statement meets the request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// What the statement does with requests that fit.
    pub effect: Effect,
    pub fit: Fit,
}

/// Whether a request fits a statement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fit {
    Fits,
    /// These do not.
    Differs(Vec<Mismatch>),
    /// No part surely differs, but one may; what that rests on.
    Unsure(String),
}

/// How one part of a statement meets the request.
pub(super) enum Part {
    Fits,
    Differs(Mismatch),
    Unsure(String),
}

impl Part {
    pub(super) fn of(answer: Match, mismatch: impl FnOnce() -> Mismatch, unsure: impl FnOnce() -> String) -> Part {
        match answer {
            Match::Yes => Part::Fits,
            Match::No => Part::Differs(mismatch()),
            Match::Unsure => Part::Unsure(unsure()),
        }
    }
}

/// A part of a statement that a request does not fit: what was asked, and what the statement has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Mismatch {
    Principal {
        asked: Option<String>,
        found: Vec<String>,
    },
    Action {
        asked: String,
        found: Vec<String>,
    },
    Resource {
        asked: String,
        found: Vec<String>,
    },
    Condition {
        operator: String,
        /// Whether the values are those that must not be.
        negated: bool,
        key: String,
        asked: Option<String>,
        found: Vec<String>,
    },
}

impl Explanation {
    /// What is in the way of the request in the Allow statement that comes closest to allowing it.
    /// Empty where there is no Allow statement, or one fits.
    pub fn in_the_way(&self) -> &[Mismatch] {
        let differing = self.findings.iter().filter(|finding| finding.effect == Effect::Allow);
        let lists = differing.map(|finding| match &finding.fit {
            Fit::Differs(mismatches) => mismatches.as_slice(),
            Fit::Fits | Fit::Unsure(_) => &[],
        });
        lists.min_by_key(|mismatches| mismatches.len()).unwrap_or_default()
    }
}

impl fmt::Display for Mismatch {
    /// For example `aws:SourceArn admits arn:…, not arn:…`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let list = |found: &[String]| if found.is_empty() { "nothing".to_owned() } else { found.join(", ") };
        let text = |asked: &Option<String>| asked.clone().unwrap_or_else(|| "a request without one".to_owned());
        match self {
            Mismatch::Principal { asked, found } => {
                write!(f, "principal admits {}, not {}", list(found), text(asked))
            }
            Mismatch::Action { asked, found } => write!(f, "action admits {}, not {asked}", list(found)),
            Mismatch::Resource { asked, found } => write!(f, "resource admits {}, not {asked}", list(found)),
            Mismatch::Condition { operator, negated: true, key, asked, found } => {
                write!(f, "{key} excludes {} ({operator}), and is {}", list(found), text(asked))
            }
            Mismatch::Condition { operator: _, negated: false, key, asked, found } => {
                write!(f, "{key} admits {}, not {}", list(found), text(asked))
            }
        }
    }
}
