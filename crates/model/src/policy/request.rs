//! A request to evaluate.
use std::collections::BTreeMap;

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
