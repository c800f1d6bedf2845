//! Weaknesses of a role that was created elsewhere: principals other than the apps that use it, and permissions other
//! than writing to their streams. For people only; no decision depends on it.
use super::weakness::no_source;
use super::{RoleKind, SOURCE_ACCOUNT, SOURCE_ARN};
use crate::policy::{Actions, Effect, Name, Principal, PrincipalClause, Resources, Statement};
use crate::{Document, KmsKeyArn};
use std::collections::BTreeSet;

impl RoleKind {
    /// Weaknesses of a trust policy, one lowercase fragment each.
    pub fn weak_trust(self, trust: &Document) -> BTreeSet<String> {
        let allows = trust.statements.iter().filter(|statement| statement.effect == Effect::Allow);
        allows.flat_map(|statement| self.weak_statement(statement)).collect()
    }

    fn weak_statement(self, statement: &Statement) -> Vec<String> {
        let mut found = Vec::new();
        let principals = match &statement.principal {
            Some(PrincipalClause::Principal(principals)) => principals,
            Some(PrincipalClause::NotPrincipal(_)) => {
                return vec!["it trusts everyone but those it names (NotPrincipal)".to_owned()];
            }
            None => return found,
        };
        let (ours, others): (Vec<&Principal>, Vec<&Principal>) =
            principals.iter().partition(|principal| self.is_principal(principal));
        for principal in others {
            found.push(match principal {
                Principal::Anyone => "it trusts everyone (Principal: \"*\")".to_owned(),
                other => format!("it trusts {} too", other.as_str()),
            });
        }
        if ours.is_empty() {
            return found;
        }
        for principal in ours.iter().filter(|principal| principal.as_str() != self.service_principal()) {
            found.push(format!(
                "it names the service by a regional principal, {}, where {} is the usual one",
                principal.as_str(),
                self.service_principal()
            ));
        }
        let values = |key: &str| {
            let of_key = move |name: &Name| name.as_str().eq_ignore_ascii_case(key);
            let clauses = statement.condition.iter().filter(move |clause| of_key(&clause.key));
            let clauses = clauses.filter(|clause| !clause.operator.negated);
            clauses.map(|clause| &clause.values).collect::<Vec<_>>()
        };
        let (sources, accounts) = (values(SOURCE_ARN), values(SOURCE_ACCOUNT));
        if sources.is_empty() {
            let accounts: Vec<String> = accounts.iter().flat_map(|accounts| accounts.iter().cloned()).collect();
            found.push(no_source(SOURCE_ARN, &accounts));
        }
        for source in sources.into_iter().flatten().filter(|source| !(self.0.source.is_one)(source)) {
            found.push(format!("its {SOURCE_ARN} is wider than one app: {source}"));
        }
        if accounts.is_empty() {
            found.push(format!("no {SOURCE_ACCOUNT}"));
        }
        for key in self.0.no_longer_sent.iter().filter(|key| !values(key).is_empty()) {
            found.push(format!("it asks for {key}, which {} no longer sends", self.0.service));
        }
        found
    }

    /// Permissions beyond writing to named streams, one lowercase fragment each.
    pub fn broad_permissions<'d>(self, permissions: impl Iterator<Item = &'d Document>) -> BTreeSet<String> {
        let statements = permissions.flat_map(|document| document.statements.iter());
        let allows = statements.filter(|statement| statement.effect == Effect::Allow);
        allows.flat_map(|statement| self.broad_statement(statement)).collect()
    }

    fn broad_statement(self, statement: &Statement) -> Vec<String> {
        let mut found = Vec::new();
        match &statement.action {
            Actions::NotAction(_) => found.push("all actions but those it names (NotAction)".to_owned()),
            Actions::Action(names) => {
                let broad = names.iter().filter(|name| {
                    let folded = name.folded();
                    let service = folded.split(':').next().unwrap_or_default();
                    folded.contains(['*', '?'])
                        || (service != "kms" && !self.0.grants.iter().any(|grant| grant.service == service))
                });
                found.extend(broad.map(|name| format!("the action {name}")));
            }
        }
        match &statement.resource {
            Some(Resources::NotResource(_)) => {
                found.push("all resources but those it names (NotResource)".to_owned())
            }
            Some(Resources::Resource(arns)) => {
                let is_one = |arn: &String| {
                    self.0.grants.iter().any(|grant| (grant.is_one)(arn)) || arn.parse::<KmsKeyArn>().is_ok()
                };
                let broad = arns.iter().filter(|arn| !is_one(arn));
                found.extend(broad.map(|arn| format!("the resource {arn}")));
            }
            None => {}
        }
        found
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const KIND: RoleKind = RoleKind::for_event_streams();

    fn trust(statement: &str) -> Vec<String> {
        let document = Document::from_json(&format!(r#"{{"Version":"2012-10-17","Statement":{statement}}}"#));
        KIND.weak_trust(&document.unwrap()).into_iter().collect()
    }

    #[test]
    fn what_this_program_writes_is_not_weak() {
        let source = "arn:aws:mobiletargeting:us-east-1:123456789012:apps/a1".to_owned();
        let document = KIND.trust_policy(&"123456789012".parse().unwrap(), [source]);
        assert!(KIND.weak_trust(&document).is_empty());
    }

    #[test]
    fn the_trust_of_the_examples_on_the_web_is_weak_in_three_ways() {
        let found = trust(
            r#"{"Effect":"Allow","Action":"sts:AssumeRole","Principal":{"Service":"pinpoint.us-east-1.amazonaws.com"}}"#,
        );
        assert_eq!(
            found,
            [
                "it names the service by a regional principal, pinpoint.us-east-1.amazonaws.com, where \
                 pinpoint.amazonaws.com is the usual one",
                "no aws:SourceAccount",
                "no aws:SourceArn, so it admits any app of any account",
            ]
        );
    }

    #[test]
    fn an_external_id_a_wildcard_and_a_second_principal_are_named() {
        let found = trust(
            r#"{"Effect":"Allow","Action":"sts:AssumeRole",
                "Principal":{"Service":["pinpoint.amazonaws.com","lambda.amazonaws.com"]},
                "Condition":{"StringEquals":{"AWS:SourceAccount":"123456789012","sts:ExternalId":"x"},
                             "ArnLike":{"AWS:SourceArn":"arn:aws:mobiletargeting:us-east-1:123456789012:apps/*"}}}"#,
        );
        assert_eq!(
            found,
            [
                "it asks for sts:ExternalId, which Pinpoint no longer sends",
                "it trusts lambda.amazonaws.com too",
                "its aws:SourceArn is wider than one app: \
                 arn:aws:mobiletargeting:us-east-1:123456789012:apps/*",
            ]
        );
    }

    #[test]
    fn wildcard_actions_and_streams_are_broad() {
        let document = Document::from_json(
            r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":["kinesis:PutRecords","kinesis:*","s3:GetObject"],
                "Resource":["arn:aws:kinesis:us-east-1:*:*/*","arn:aws:kinesis:us-east-1:123456789012:stream/a"]}}"#,
        )
        .unwrap();
        let found: Vec<_> = KIND.broad_permissions([&document].into_iter()).into_iter().collect();
        assert_eq!(
            found,
            ["the action kinesis:*", "the action s3:GetObject", "the resource arn:aws:kinesis:us-east-1:*:*/*"]
        );
    }
}
