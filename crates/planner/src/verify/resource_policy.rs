//! What the policies of streams and keys say of a role. IAM's simulator leaves them out for roles, so they are read and
//! evaluated here.
use pinpoint_streams_model::policy::{Principal, PrincipalClause, Request, Statement, Unstated, explain};
use pinpoint_streams_model::{Decision, Document, LiveRole, StreamArn};
use std::collections::BTreeMap;

/// A role, and what a request of its session contains.
pub(super) struct Caller<'a> {
    pub(super) role: &'a LiveRole,
    /// Through which the key is used.
    pub(super) stream: &'a StreamArn,
}

/// What a principal names, as far as the role is concerned.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Names {
    /// Neither the role nor its account.
    Other,
    /// The account of the role, whose identity-based policies decide.
    Account,
    /// The role itself, or everyone.
    Role,
}

impl Caller<'_> {
    /// The decision of the policy on the role and its account.
    pub(super) fn decision(&self, policy: &Document, action: &str, resource: &str) -> Decision {
        self.evaluate(policy, action, resource, Names::Account)
    }

    /// Whether the policy allows the role itself, so that its own policies need not. A role and a resource of two accounts
    /// need both.
    /// Source: IAM user guide, "Policy evaluation logic".
    pub(super) fn is_granted(&self, policy: &Document, action: &str, resource: &str) -> bool {
        let is_same_account = resource.split(':').nth(4) == Some(self.role.arn.account.as_str());
        is_same_account && self.evaluate(policy, action, resource, Names::Role) == Decision::Allowed
    }

    fn evaluate(&self, policy: &Document, action: &str, resource: &str, least: Names) -> Decision {
        let is_about = |statement: &&Statement| match &statement.principal {
            Some(PrincipalClause::Principal(set)) => set.iter().any(|principal| self.names(principal) >= least),
            Some(PrincipalClause::NotPrincipal(set)) => {
                set.iter().all(|principal| self.names(principal) == Names::Other)
            }
            None => false,
        };
        let about = policy.statements.iter().filter(is_about);
        // Without the principals it reads like a policy of the role.
        let statements = about.map(|statement| Statement { principal: None, ..statement.clone() });
        let document = Document { version: policy.version, ..Document::new(statements.collect()) };
        let context = self.context();
        let request = Request { principal: None, action, resource: Some(resource), context: &context };
        explain([&document], &request, Unstated::Unknown).decision
    }

    fn names(&self, principal: &Principal) -> Names {
        match principal {
            Principal::Anyone => Names::Role,
            Principal::Aws(text) if *text == self.role.arn.to_string() || *text == self.role.id.as_str() => {
                Names::Role
            }
            Principal::Account(account) if *account == self.role.arn.account.as_str() => Names::Account,
            Principal::Account(_)
            | Principal::Aws(_)
            | Principal::Service(_)
            | Principal::Federated(_)
            | Principal::CanonicalUser(_) => Names::Other,
        }
    }

    /// Source: IAM user guide, "AWS global condition context keys"; KMS developer guide, "AWS KMS condition keys".
    fn context(&self) -> BTreeMap<String, String> {
        let arn = &self.role.arn;
        let service = format!("{}.{}.amazonaws.com", self.stream.service(), self.stream.region());
        BTreeMap::from([
            ("aws:PrincipalArn".to_owned(), arn.to_string()),
            ("aws:PrincipalAccount".to_owned(), arn.account.to_string()),
            ("kms:CallerAccount".to_owned(), arn.account.to_string()),
            ("kms:ViaService".to_owned(), service),
        ])
    }
}
