//! The roles that a sweep judges: those that trust Pinpoint, each with what is known of it.
use super::marks::{QuarantineState, is_quarantine};
use super::readings::Readings;
use crate::usage::PossibleApps;
use pinpoint_streams_model::live::question::AccountPolicy;
use pinpoint_streams_model::policy::{Effect, PrincipalClause, Resources};
use pinpoint_streams_model::role_kind::Users;
use pinpoint_streams_model::{
    AccountId, AccountRegion, AccountRole, AdmittedApps, Document, ListedRole, LiveRole, PartialRole, PolicyArn,
    PolicyName, Purpose, Read, RoleArn, RoleId, RoleKind, RoleName, StreamArn, Unreadable,
};
use std::cell::OnceCell;
use std::collections::BTreeSet;
use std::sync::Arc;

/// A role that trusts Pinpoint, as far as it is known. What questions and verdict both rest on is derived once.
pub(super) struct Candidate<'a> {
    pub(super) kind: RoleKind,
    pub(super) arn: &'a RoleArn,
    pub(super) id: &'a RoleId,
    pub(super) trust: &'a Document,
    /// None where it was listed and not read yet.
    pub(super) details: Option<&'a Read<Arc<LiveRole>>>,
    /// The role without some of its inline policies, where these could not be read.
    pub(super) in_part: Option<&'a PartialRole>,
    pub(super) listed: Option<&'a ListedRole>,
    /// The role with its policies and tags, if it was read and is still the one that was listed. It lacks the inline
    /// policies that could not be read.
    pub(super) role: Option<&'a LiveRole>,
    /// None where the role was not read.
    pub(super) permissions: Option<Permissions<'a>>,
    pub(super) marks: Option<QuarantineState<'a>>,
    /// None where its trust policy admits no app.
    pub(super) possible_apps: Option<PossibleApps>,
}

/// Every role that trusts Pinpoint, by account and name.
pub(super) fn candidates<'a>(readings: &Readings<'a>) -> Vec<Candidate<'a>> {
    let lists = readings.role_lists();
    let of_list = lists.flat_map(|(account, list)| list.iter().map(move |(name, listed)| (account, name, listed)));
    of_list.filter_map(|(account, name, listed)| candidate(readings, account, name, listed.present())).collect()
}

/// The role, if it trusts Pinpoint by the list or by its own answer. What it says itself is newer.
fn candidate<'a>(
    readings: &Readings<'a>,
    account: &AccountId,
    name: &RoleName,
    listed: Option<&'a ListedRole>,
) -> Option<Candidate<'a>> {
    let at = AccountRole::of(account, name);
    let details = readings.live.roles.get(&at);
    let in_part = details.and_then(Read::failure).and_then(|_| readings.live.roles_in_part.get(&at)?.present());
    let own = details.and_then(Read::present).map(Arc::as_ref).or(in_part.map(|read| &read.role));
    let trusts = [listed.map(|listed| &listed.trust_policy), own.map(|own| &own.trust_policy)];
    let is_trusted = |kind: &RoleKind| trusts.into_iter().flatten().any(|trust| kind.is_trusted(trust));
    // Only of these can it be shown that nothing uses them.
    let kind = RoleKind::all().filter(|kind| kind.users() == Users::EventStreams).find(is_trusted)?;
    let (arn, id) = match (listed, own) {
        (Some(listed), _) => (&listed.arn, &listed.id),
        (None, Some(own)) => (&own.arn, &own.id),
        (None, None) => return None,
    };
    let trust = own.map(|own| &own.trust_policy).or(listed.map(|listed| &listed.trust_policy))?;
    let role = own.filter(|role| role.id == *id && role.arn == *arn);
    let permissions = role.map(|role| Permissions::of(readings, role, in_part));
    let marks = role.map(|role| QuarantineState::of(role, in_part.is_some_and(PartialRole::has_unread)));
    let possible_apps = possible_apps(readings, kind, kind.admitted_apps(trust), arn, trust);
    Some(Candidate { kind, arn, id, trust, details, in_part, listed, role, permissions, marks, possible_apps })
}

impl Candidate<'_> {
    /// Whether the role could not be read because of one of its inline policies.
    pub(super) fn lacks_policies(&self) -> bool {
        self.details.and_then(Read::failure).is_some_and(|why| why.operation == "GetRolePolicy")
    }
}

/// What a role may do, and what of that could not be read.
pub(super) struct Permissions<'a> {
    documents: Vec<&'a Document>,
    /// Managed policies without a document, and why.
    pub(super) unread: Vec<(&'a PolicyArn, Option<&'a Read<Document>>)>,
    /// The inline policies that could not be read.
    pub(super) unread_inline: Vec<(&'a PolicyName, &'a Unreadable)>,
    account: &'a AccountId,
    purpose: OnceCell<Purpose>,
}

impl<'a> Permissions<'a> {
    /// All that is granted to a role. Our own quarantine is put aside: it says nothing of what the role is for.
    pub(super) fn of(
        readings: &Readings<'a>,
        role: &'a LiveRole,
        in_part: Option<&'a PartialRole>,
    ) -> Permissions<'a> {
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
        let unread_inline = in_part.into_iter().flat_map(|read| &read.unread_policies).collect();
        Permissions { documents, unread, unread_inline, account, purpose: OnceCell::new() }
    }

    /// What it was made for; unclear unless all of its permissions were read.
    pub(super) fn purpose(&self) -> Purpose {
        if !self.unread.is_empty() || !self.unread_inline.is_empty() {
            return Purpose::Unclear;
        }
        *self.purpose.get_or_init(|| Purpose::of(&self.documents, self.account))
    }

    /// The streams that are named in what it may do.
    pub(super) fn streams(&self) -> BTreeSet<StreamArn> {
        let statements = self.documents.iter().flat_map(|document| document.statements.iter());
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

/// The principals of a trust policy other than Pinpoint. A deleted principal, which IAM shows as its id, counts.
pub(super) fn other_principals(kind: RoleKind, trust: &Document) -> BTreeSet<String> {
    let allows = trust.statements.iter().filter(|statement| statement.effect == Effect::Allow);
    allows
        .flat_map(|statement| match &statement.principal {
            Some(PrincipalClause::Principal(set)) => {
                let others = set.iter().filter(|principal| !kind.is_principal(principal));
                others.map(ToString::to_string).collect()
            }
            Some(PrincipalClause::NotPrincipal(_)) => vec!["all principals but some".to_owned()],
            None => vec!["no principal".to_owned()],
        })
        .collect()
}

/// The apps that may use a role, of which `elsewhere` are in accounts that are not swept. None if its trust policy
/// admits no app.
pub(super) fn possible_apps(
    readings: &Readings<'_>,
    kind: RoleKind,
    admitted: AdmittedApps,
    role: &RoleArn,
    trust: &Document,
) -> Option<PossibleApps> {
    let admits_all = admitted == AdmittedApps::Everything;
    let mut possible = PossibleApps::admitted(role, admitted)?;
    if admits_all {
        // Also those in which Pinpoint has no endpoint that we know.
        let place = |region| AccountRegion { account: role.account.clone(), region };
        possible.regions.extend(kind.principal_regions(trust).into_iter().map(place));
    }
    for account in kind.source_accounts(trust).into_iter().filter(|account| *account != role.account) {
        possible.add_all_regions(role, &account);
    }
    possible.add_recorded(&readings.recorded, role);
    let swept = readings.read_accounts();
    possible.keep_accounts(|account| swept.contains(account));
    Some(possible)
}
