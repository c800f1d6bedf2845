//! Which principals a trust policy admits.
use super::{ASSUME_ROLE, RoleKind, SOURCE_ACCOUNT, SOURCE_ARN};
use crate::Region;
use crate::ids::AccountId;
use crate::policy::{
    Clause, Decision, Document, Effect, Explanation, Principal, PrincipalClause, Request, Statement, Unstated,
    explain,
};
use std::collections::{BTreeMap, BTreeSet};

impl RoleKind {
    /// Whether the trust policy lets the service assume the role for this source of this account.
    pub fn admits(self, trust: &Document, source_arn: &str, account: &str) -> Decision {
        self.explain_admission(trust, source_arn, account).decision
    }

    /// The same with reasons. A condition on a key that the service may or may not send, such as `sts:ExternalId`,
    /// makes the answer undecidable.
    pub fn explain_admission(self, trust: &Document, source_arn: &str, account: &str) -> Explanation {
        let context = BTreeMap::from([
            (SOURCE_ARN.to_owned(), source_arn.to_owned()),
            (SOURCE_ACCOUNT.to_owned(), account.to_owned()),
        ]);
        let asked_as = |principal: &str| {
            let request =
                Request { principal: Some(principal), action: ASSUME_ROLE, resource: None, context: &context };
            explain([trust], &request, Unstated::Unknown)
        };
        let region = source_arn.split(':').nth(3).unwrap_or_default();
        // An Allow under any name decides, and a Deny more so; among equals, the usual name comes first.
        let weight = |explanation: &Explanation| match explanation.decision {
            Decision::NotAllowed => 0,
            Decision::Undecidable(_) => 1,
            Decision::Allowed => 2,
            Decision::ExplicitlyDenied => 3,
        };
        let others = self.principals_in(region).skip(1);
        others.fold(asked_as(self.service_principal()), |heaviest, principal| {
            let explanation = asked_as(&principal);
            if weight(&explanation) > weight(&heaviest) { explanation } else { heaviest }
        })
    }

    /// Whether an Allow names the service. An Allow for everyone does not count.
    pub fn is_trusted(self, trust: &Document) -> bool {
        trust.statements.iter().any(|statement| self.is_trusted_in(statement))
    }

    /// The names of the service in the Allows of a policy.
    pub fn allowed_principals(self, policy: &Document) -> BTreeSet<String> {
        policy
            .statements
            .iter()
            .flat_map(|statement| self.allowed_in(statement))
            .map(ToString::to_string)
            .collect()
    }

    /// The regions by whose name of the service an Allow trusts it.
    pub fn principal_regions(self, trust: &Document) -> BTreeSet<Region> {
        let principals = trust.statements.iter().flat_map(|statement| self.allowed_in(statement));
        let region = |principal: &Principal| match principal {
            Principal::Service(service) => self.region_of(&service.to_ascii_lowercase()),
            _ => None,
        };
        principals.filter_map(region).collect()
    }

    fn is_trusted_in(self, statement: &Statement) -> bool {
        self.allowed_in(statement).next().is_some()
    }

    fn allowed_in(self, statement: &Statement) -> impl Iterator<Item = &Principal> {
        let named = match &statement.principal {
            Some(PrincipalClause::Principal(set)) if statement.effect == Effect::Allow => Some(set),
            _ => None,
        };
        named.into_iter().flatten().filter(move |principal| self.is_principal(principal))
    }

    /// Whether any statement names the service, even a Deny.
    pub fn is_named(self, trust: &Document) -> bool {
        trust.statements.iter().any(|statement| match &statement.principal {
            Some(PrincipalClause::Principal(set) | PrincipalClause::NotPrincipal(set)) => {
                set.iter().any(|principal| self.is_principal(principal))
            }
            None => false,
        })
    }

    /// Whether the Allows name this service and no other principal.
    pub fn is_the_only_trusted(self, trust: &Document) -> bool {
        let mut allows = trust.statements.iter().filter(|statement| statement.effect == Effect::Allow).peekable();
        allows.peek().is_some()
            && allows.all(|statement| match &statement.principal {
                Some(PrincipalClause::Principal(set)) => set.iter().all(|principal| self.is_principal(principal)),
                Some(PrincipalClause::NotPrincipal(_)) | None => false,
            })
    }

    /// The accounts in the `aws:SourceAccount` conditions of the service.
    pub fn source_accounts(self, trust: &Document) -> BTreeSet<AccountId> {
        let trusting = trust.statements.iter().filter(|statement| self.is_trusted_in(statement));
        let is_account = |clause: &&Clause| {
            clause.key.as_str().eq_ignore_ascii_case(SOURCE_ACCOUNT) && !clause.operator.negated
        };
        let clauses = trusting.flat_map(|statement| &statement.condition).filter(is_account);
        clauses.flat_map(|clause| &clause.values).filter_map(|value| value.parse().ok()).collect()
    }
}
