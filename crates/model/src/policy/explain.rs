//! A request, the decision on it, and for each statement what does not match.
use super::document::Effect;
use super::pattern::Match;
use std::collections::BTreeMap;
use std::fmt;

#[derive(Debug, Clone, Copy)]
pub struct Request<'a> {
    /// The calling service, `pinpoint.amazonaws.com`; none for identity-based policies.
    pub principal: Option<&'a str>,
    pub action: &'a str,
    /// An ARN; none for a trust policy.
    pub resource: Option<&'a str>,
    /// Values by condition key. Keys are case-insensitive.
    pub context: &'a BTreeMap<String, String>,
}

/// What a condition key that is not in the context means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unstated {
    /// The request does not have it.
    Absent,
    /// The request may have it, with any value.
    Unknown,
}

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
    /// Each statement's effect and whether it matches, in the order of the documents.
    pub statements: Vec<(Effect, Fit)>,
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

/// A part of a statement that does not match: the value `asked` by the request, and those found in the statement. A
/// negated operator excludes its values.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Mismatch {
    Principal { asked: Option<String>, found: Vec<String> },
    Action { asked: String, found: Vec<String> },
    Resource { asked: String, found: Vec<String> },
    Condition { operator: String, negated: bool, key: String, asked: Option<String>, found: Vec<String> },
}

impl Explanation {
    /// The mismatches of the Allow statement that is closest to allowing the request. Empty if there is no Allow
    /// statement or one matches.
    pub fn mismatches(&self) -> &[Mismatch] {
        let allows = self.statements.iter().filter(|(effect, _)| *effect == Effect::Allow);
        let lists = allows.map(|(_, fit)| match fit {
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
