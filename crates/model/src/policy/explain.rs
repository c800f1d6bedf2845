//! The reasons of a decision: for each statement, what does not match the request.
use super::document::Effect;
use super::pattern::Match;
use std::fmt;

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Decision {
    Allowed,
    /// A Deny statement matches.
    ExplicitlyDenied,
    /// No statement matches.
    NotAllowed,
    /// It depends on the named thing, which is not known here.
    Undecidable(String),
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Explanation {
    pub decision: Decision,
    /// One for each statement, in the order of the documents.
    pub findings: Vec<Finding>,
}

/// The result for one statement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    pub effect: Effect,
    pub fit: Fit,
}

/// Whether a request matches a statement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fit {
    Fits,
    /// The parts that do not match.
    Differs(Vec<Mismatch>),
    /// No part is known to differ, but one may. Names what it depends on.
    Unsure(String),
}

/// The result for one part of a statement.
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

/// A part of a statement that does not match: the value in the request, and those in the statement.
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
        /// Whether the operator is negated, so that the values are excluded.
        negated: bool,
        key: String,
        asked: Option<String>,
        found: Vec<String>,
    },
}

impl Explanation {
    /// The mismatches of the Allow statement that is closest to allowing the request. Empty if there is no Allow
    /// statement or one matches.
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
