//! IAM policy evaluation: who may assume a role, and what the role may do.
use crate::world::World;
use crate::world::iam::Role;
use pinpoint_streams_model::policy::{Decision, Document, Request, evaluate};
use std::collections::BTreeMap;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Verdict {
    Allowed,
    ImplicitlyDenied,
    ExplicitlyDenied,
}

/// Whether a role's trust policy lets a service assume it on behalf of a resource.
pub(crate) fn trusts(role: &Role, service: &str, source_arn: &str, source_account: &str) -> bool {
    let context = BTreeMap::from([
        ("aws:SourceArn".to_owned(), source_arn.to_owned()),
        ("aws:SourceAccount".to_owned(), source_account.to_owned()),
    ]);
    let request =
        Request { principal: Some(service), action: "sts:AssumeRole", resource: None, context: &context };
    evaluate_all([role.trust.as_str()], &request) == Verdict::Allowed
}

/// Evaluates a role's inline and managed policies and its permissions boundary.
pub(crate) fn permits(world: &World, account: &str, role: &Role, action: &str, resource: &str) -> Verdict {
    let context = BTreeMap::new();
    let request = Request { principal: None, action, resource: Some(resource), context: &context };
    let attached = role.attached.iter();
    let attached = attached.filter_map(|arn| world.managed_document(account, arn));
    let own = evaluate_all(role.inline.values().map(String::as_str).chain(attached), &request);
    let Some(boundary) = &role.boundary else { return own };
    // A boundary that no longer exists allows nothing.
    match (own, evaluate_all(world.managed_document(account, boundary), &request)) {
        (Verdict::Allowed, within) => within,
        (Verdict::ImplicitlyDenied, Verdict::ExplicitlyDenied) => Verdict::ExplicitlyDenied,
        (denied, _) => denied,
    }
}

/// An explicit deny overrides any allow. An undecidable statement does not allow.
fn evaluate_all<'a>(documents: impl IntoIterator<Item = &'a str>, request: &Request<'_>) -> Verdict {
    let mut verdict = Verdict::ImplicitlyDenied;
    for document in documents {
        // Documents are validated when they are stored.
        let Ok(document) = Document::from_json(document) else {
            continue;
        };
        match evaluate(&document, request) {
            Decision::ExplicitlyDenied => return Verdict::ExplicitlyDenied,
            Decision::Allowed => verdict = Verdict::Allowed,
            Decision::NotAllowed | Decision::Undecidable(_) => {}
        }
    }
    verdict
}
