//! A request that policies allow or refuse.
use std::collections::BTreeMap;

/// A request to be allowed or not.
#[derive(Debug, Clone, Copy)]
pub struct Request<'a> {
    /// The service that asks, `pinpoint.amazonaws.com`; none where the policies are the caller's own.
    pub principal: Option<&'a str>,
    pub action: &'a str,
    /// The resource's ARN; none in a trust policy, which is about its own role.
    pub resource: Option<&'a str>,
    /// The values of condition keys. Letter case does not matter in keys.
    pub context: &'a BTreeMap<String, String>,
}

/// What it means that a request's context does not have a condition key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unstated {
    /// The request does not have it: the context is complete.
    Absent,
    /// It may have it, with any value.
    Unknown,
}
