//! What a role may do, of which its purpose follows.
use super::marks::is_quarantine;
use super::readings::Readings;
use pinpoint_streams_model::arn::{PolicyArn, StreamArn};
use pinpoint_streams_model::ids::{AccountId, PolicyName};
use pinpoint_streams_model::live::question::AccountPolicy;
use pinpoint_streams_model::live::{LiveRole, Read};
use pinpoint_streams_model::policy::{Document, Effect, Resources};
use pinpoint_streams_model::role_kind::Purpose;
use std::collections::BTreeSet;

/// What a role may do, and what of that could not be read.
pub(super) struct Permissions<'a> {
    documents: Vec<&'a Document>,
    /// Managed policies without a document, and why.
    pub(super) unread: Vec<(&'a PolicyArn, Option<&'a Read<Document>>)>,
    account: &'a AccountId,
}

impl<'a> Permissions<'a> {
    /// All that is granted to a role. Our own quarantine is put aside: it says nothing of what the role is for.
    pub(super) fn of(readings: &Readings<'a>, role: &'a LiveRole) -> Permissions<'a> {
        let account = &role.arn.account;
        let inline = role.inline_policies.iter().filter(|(name, _)| !is_quarantine(name));
        let mut documents: Vec<&Document> = inline.map(|(_, document)| document).collect();
        let mut unread = Vec::new();
        for policy in &role.attached_policies {
            match readings.live.policies.get(&AccountPolicy { account: account.clone(), arn: policy.clone() }) {
                // IAM takes no policy without a statement, so such an answer is not the policy.
                Some(Read::Present(document)) if !document.statements.is_empty() => documents.push(document),
                other => unread.push((policy, other)),
            }
        }
        Permissions { documents, unread, account }
    }

    /// What it was made for, as far as its permissions were read.
    pub(super) fn purpose(&self) -> Purpose {
        Purpose::of(&self.documents, self.account)
    }

    /// The streams that are named in what it may do.
    pub(super) fn streams(&self) -> BTreeSet<StreamArn> {
        let statements = self.documents.iter().flat_map(|document| &document.statements);
        let allowing = statements.filter(|one| one.effect == Effect::Allow);
        let named = allowing.filter_map(|statement| match &statement.resource {
            Some(Resources::Resource(arns)) => Some(arns),
            Some(Resources::NotResource(_)) | None => None,
        });
        named.flatten().filter_map(|arn| arn.parse().ok()).collect()
    }
}

/// The inline policies that are part of what the role is for, and nothing more: each allows only actions of
/// the purpose's own services, by name. Any other was put there for something that we do not know.
pub(super) fn own_policies(role: &LiveRole, purpose: Purpose) -> impl Iterator<Item = (&PolicyName, &Document)> {
    role.inline_policies.iter().filter(move |(name, document)| is_quarantine(name) || purpose.includes(document))
}
