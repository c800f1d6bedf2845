//! Whether a document allows a request.
use super::document::Document;
use std::collections::BTreeMap;

/// A request.
#[derive(Debug, Clone, Copy)]
pub struct Request<'a> {
    /// The calling service; none where the policies are the caller's own.
    pub principal: Option<&'a str>,
    /// The action, `sts:AssumeRole`.
    pub action: &'a str,
    /// The resource's ARN; none in a trust policy.
    pub resource: Option<&'a str>,
    /// Condition keys, in any letter case.
    pub context: &'a BTreeMap<String, String>,
}

/// The answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Decision {
    /// Allowed.
    Allowed,
    /// Refused by a Deny.
    ExplicitlyDenied,
    /// Nothing allows it.
    NotAllowed,
    /// It rests on what cannot be known here: why.
    Undecidable(String),
}

/// Evaluates.
pub fn evaluate(_document: &Document, _request: &Request<'_>) -> Decision {
    Decision::Undecidable("not evaluated".to_owned())
}
