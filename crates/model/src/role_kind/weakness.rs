//! What is weak, without effect or missing in the policies of a role, as data: for `policy lint` and for warnings of a
//! plan. No decision depends on it.
use super::{RoleKind, SOURCE_ACCOUNT, SOURCE_ARN, StreamTarget};
use crate::Document;
use crate::policy::{
    Actions, Decision, Effect, Name, Principal, PrincipalClause, Request, Resources, Statement, Unstated, explain,
};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

/// One finding about the policies of a role.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, serde::Serialize)]
#[serde(tag = "finding", rename_all = "snake_case")]
pub enum Weakness {
    /// The trust policy does not trust the service at all.
    NotTrusted { principal: &'static str },
    /// Everyone may assume the role.
    Anyone,
    /// `NotPrincipal` in an Allow.
    AllButNamed,
    /// Somebody else may assume the role, too.
    ForeignPrincipal { principal: String },
    /// A unique ID, which IAM shows in place of a principal that was deleted.
    DeadPrincipal { principal: String },
    /// A regional name of the service.
    RegionalPrincipal { principal: String, usual: &'static str },
    /// No condition on the source, so that it is trusted for every app: of the accounts of the condition on those, or of any
    /// where there is none.
    NoSourceArn {
        key: &'static str,
        #[serde(skip_serializing_if = "Vec::is_empty")]
        accounts: Vec<String>,
    },
    /// No condition on the source's account.
    NoSourceAccount { key: &'static str },
    /// A source wider than one app.
    WildcardSource { key: &'static str, source: String },
    /// A source that no app has, such as `…:/apps/*`.
    SourceAdmitsNothing { key: &'static str, source: String },
    /// A condition key that the service does not send: the statement admits nothing.
    NoLongerSent { key: &'static str, service: &'static str },
    /// `NotAction` in an Allow.
    AllActionsButNamed,
    /// An action with wildcards.
    WildcardAction { action: String },
    /// An action that the service does not need.
    UnneededAction { action: String },
    /// `NotResource` in an Allow.
    AllResourcesButNamed,
    /// A resource wider than one stream or key.
    WildcardResource { resource: String },
    /// An action that the service needs on a stream, and may not make.
    MissingAction { action: &'static str, resource: String },
    /// An action that the service needs on the customer managed key of a stream, and may not make.
    MissingKeyAction { action: &'static str, key: String, stream: String },
}

impl Weakness {
    /// What to do about it.
    pub fn cure(&self) -> &'static str {
        match self {
            Weakness::NotTrusted { .. } => "add an Allow of sts:AssumeRole for it, or lint another role",
            Weakness::Anyone | Weakness::AllButNamed => "name the service as the only principal",
            Weakness::ForeignPrincipal { .. } => "give the other principal a role of its own",
            Weakness::DeadPrincipal { .. } => {
                "remove it: what had this ID was deleted, and nothing can have it again"
            }
            Weakness::RegionalPrincipal { .. } => "use the name without a region, which is valid in all",
            Weakness::NoSourceArn { .. } => "add ArnLike with the ARNs of the apps that use the role",
            Weakness::NoSourceAccount { .. } => "add StringEquals with the account of the apps",
            Weakness::WildcardSource { .. } => "name each app",
            Weakness::SourceAdmitsNothing { .. } => {
                "write arn:PARTITION:SERVICE:REGION:ACCOUNT:apps/ID, without a slash before `apps`"
            }
            Weakness::NoLongerSent { .. } => "remove the condition",
            Weakness::AllActionsButNamed | Weakness::WildcardAction { .. } => "name the actions that are needed",
            Weakness::UnneededAction { .. } => "remove it",
            Weakness::AllResourcesButNamed | Weakness::WildcardResource { .. } => "name each stream or key",
            Weakness::MissingAction { .. } | Weakness::MissingKeyAction { .. } => {
                "allow it; for a role that the manifest declares, `pinpoint-streams apply` does so"
            }
        }
    }
}

impl fmt::Display for Weakness {
    /// A lowercase fragment.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Weakness::NotTrusted { principal } => write!(f, "it does not trust {principal}"),
            Weakness::Anyone => f.write_str("it trusts everyone (Principal: \"*\")"),
            Weakness::AllButNamed => f.write_str("it trusts everyone but those it names (NotPrincipal)"),
            Weakness::ForeignPrincipal { principal } => write!(f, "it trusts {principal}, too"),
            Weakness::DeadPrincipal { principal } => {
                write!(f, "it trusts {principal}, the ID of a user or role that was deleted")
            }
            Weakness::RegionalPrincipal { principal, usual } => {
                write!(
                    f,
                    "it names the service by a regional principal, {principal}, where {usual} is the usual one"
                )
            }
            Weakness::NoSourceArn { key, accounts } => f.write_str(&no_source(key, accounts)),
            Weakness::NoSourceAccount { key } => write!(f, "no {key}"),
            Weakness::WildcardSource { key, source } => write!(f, "its {key} is wider than one app: {source}"),
            Weakness::SourceAdmitsNothing { key, source } => write!(f, "its {key} is that of no app: {source}"),
            Weakness::NoLongerSent { key, service } => {
                write!(f, "it asks for {key}, which {service} no longer sends: it admits nothing")
            }
            Weakness::AllActionsButNamed => f.write_str("all actions but those it names (NotAction)"),
            Weakness::WildcardAction { action } => write!(f, "an action with a wildcard: {action}"),
            Weakness::UnneededAction { action } => write!(f, "an action that is not needed: {action}"),
            Weakness::AllResourcesButNamed => f.write_str("all resources but those it names (NotResource)"),
            Weakness::WildcardResource { resource } => write!(f, "a resource with a wildcard: {resource}"),
            Weakness::MissingAction { action, resource } => write!(f, "{action} on {resource} is not allowed"),
            Weakness::MissingKeyAction { action, key, stream } => {
                write!(f, "{action} on {key}, which encrypts {stream}, is not allowed")
            }
        }
    }
}

impl RoleKind {
    /// Looks for weaknesses of a trust policy.
    pub fn lint_trust(self, trust: &Document) -> BTreeSet<Weakness> {
        let mut found = BTreeSet::new();
        if !self.is_named(trust) {
            found.insert(Weakness::NotTrusted { principal: self.service_principal() });
        }
        let allows = trust.statements.iter().filter(|statement| statement.effect == Effect::Allow);
        for statement in allows {
            self.lint_trust_statement(statement, &mut found);
        }
        found
    }

    fn lint_trust_statement(self, statement: &Statement, found: &mut BTreeSet<Weakness>) {
        let principals = match &statement.principal {
            Some(PrincipalClause::Principal(principals)) => principals,
            Some(PrincipalClause::NotPrincipal(_)) => {
                found.insert(Weakness::AllButNamed);
                return;
            }
            None => return,
        };
        let (ours, others): (Vec<&Principal>, Vec<&Principal>) =
            principals.iter().partition(|principal| self.is_principal(principal));
        found.extend(others.into_iter().map(|other| match other {
            Principal::Anyone => Weakness::Anyone,
            Principal::Aws(id) if is_unique_id(id) => Weakness::DeadPrincipal { principal: id.clone() },
            other => Weakness::ForeignPrincipal { principal: other.as_str().to_owned() },
        }));
        if ours.is_empty() {
            return;
        }
        let usual = self.service_principal();
        for principal in ours.iter().map(|principal| principal.as_str()).filter(|name| *name != usual) {
            found.insert(Weakness::RegionalPrincipal { principal: principal.to_owned(), usual });
        }
        let values = |key: &str| {
            let of_key = |name: &Name| name.as_str().eq_ignore_ascii_case(key);
            let clauses = statement.condition.iter().filter(|clause| of_key(&clause.key));
            clauses.filter(|clause| !clause.operator.negated).flat_map(|clause| &clause.values).collect::<Vec<_>>()
        };
        let (sources, accounts) = (values(SOURCE_ARN), values(SOURCE_ACCOUNT));
        if sources.is_empty() {
            let accounts = accounts.iter().map(|account| (*account).clone()).collect();
            found.insert(Weakness::NoSourceArn { key: SOURCE_ARN, accounts });
        }
        for source in sources.into_iter().filter(|source| !(self.0.source.is_one)(source)) {
            found.insert(if self.may_be_a_source(source) {
                Weakness::WildcardSource { key: SOURCE_ARN, source: source.clone() }
            } else {
                Weakness::SourceAdmitsNothing { key: SOURCE_ARN, source: source.clone() }
            });
        }
        if accounts.is_empty() {
            found.insert(Weakness::NoSourceAccount { key: SOURCE_ACCOUNT });
        }
        for key in self.0.no_longer_sent.iter().filter(|key| !values(key).is_empty()) {
            found.insert(Weakness::NoLongerSent { key, service: self.0.service });
        }
    }

    /// Whether an ARN with wildcards can be that of a source: its fixed parts are those of one.
    fn may_be_a_source(self, pattern: &str) -> bool {
        let has_wildcard = |part: &str| part.contains(['*', '?']);
        let parts: Vec<&str> = pattern.splitn(6, ':').collect();
        let [arn, _, service, _, _, resource] = parts[..] else {
            // A wildcard may stand for colons, too.
            return parts.iter().any(|part| has_wildcard(part));
        };
        let fixed = resource.split(['*', '?']).next().unwrap_or_default();
        let is_service = has_wildcard(service) || service == self.0.source.service;
        let begins_alike = match fixed.strip_prefix(self.0.source.resource) {
            Some(id) => !id.contains('/'),
            None => has_wildcard(resource) && self.0.source.resource.starts_with(fixed),
        };
        (has_wildcard(arn) || arn == "arn") && is_service && begins_alike
    }

    /// Looks for weaknesses of the permissions of a role, taken together. `targets` are the streams that the role is
    /// for; without any, those that the policies name.
    pub fn lint_permissions(self, permissions: &[&Document], targets: &[StreamTarget]) -> BTreeSet<Weakness> {
        let mut found = BTreeSet::new();
        let statements = permissions.iter().flat_map(|document| document.statements.iter());
        let allows: Vec<&Statement> = statements.filter(|statement| statement.effect == Effect::Allow).collect();
        for statement in &allows {
            self.lint_permission(statement, &mut found);
        }
        let named = allows.iter().flat_map(|statement| match &statement.resource {
            Some(Resources::Resource(arns)) => arns.iter().filter_map(|arn| arn.parse().ok()).collect(),
            _ => Vec::new(),
        });
        let of_policies: BTreeSet<StreamTarget> = named.map(|arn| StreamTarget { arn, kms_key: None }).collect();
        let of_policies: Vec<StreamTarget> = of_policies.into_iter().collect();
        let targets = if targets.is_empty() { &of_policies[..] } else { targets };
        for StreamTarget { arn, kms_key } in targets {
            let stream = arn.to_string();
            for action in self.actions_on(&stream).iter().filter(|action| !may(permissions, action, &stream)) {
                found.insert(Weakness::MissingAction { action, resource: stream.clone() });
            }
            let Some(key) = kms_key.as_ref().map(ToString::to_string) else { continue };
            for action in self.key_actions_on(&stream).iter().filter(|action| !may(permissions, action, &key)) {
                found.insert(Weakness::MissingKeyAction { action, key: key.clone(), stream: stream.clone() });
            }
        }
        found
    }

    fn lint_permission(self, statement: &Statement, found: &mut BTreeSet<Weakness>) {
        match &statement.action {
            Actions::NotAction(_) => {
                found.insert(Weakness::AllActionsButNamed);
            }
            Actions::Action(names) => {
                let needed = |name: &Name| self.actions().any(|action| name.as_str().eq_ignore_ascii_case(action));
                found.extend(names.iter().filter(|name| !needed(name)).map(|name| {
                    let action = name.to_string();
                    if action.contains(['*', '?']) {
                        Weakness::WildcardAction { action }
                    } else {
                        Weakness::UnneededAction { action }
                    }
                }));
            }
        }
        match &statement.resource {
            Some(Resources::NotResource(_)) => {
                found.insert(Weakness::AllResourcesButNamed);
            }
            Some(Resources::Resource(arns)) => {
                let wide = arns.iter().filter(|arn| arn.contains(['*', '?']));
                found.extend(wide.map(|arn| Weakness::WildcardResource { resource: arn.clone() }));
            }
            None => {}
        }
    }
}

/// What a trust policy without a condition on the source admits, given the accounts of its condition on those.
pub(super) fn no_source(key: &str, accounts: &[String]) -> String {
    let of = match accounts {
        [] => "any account".to_owned(),
        [account] => format!("account {account}"),
        several => format!("accounts {}", several.join(", ")),
    };
    format!("no {key}, so it admits any app of {of}")
}

/// Whether the policies allow it, or may: what cannot be decided is not missing.
fn may(permissions: &[&Document], action: &str, resource: &str) -> bool {
    let context = BTreeMap::new();
    let request = Request { principal: None, action, resource: Some(resource), context: &context };
    match explain(permissions.iter().copied(), &request, Unstated::Unknown).decision {
        Decision::Allowed | Decision::Undecidable(_) => true,
        Decision::ExplicitlyDenied | Decision::NotAllowed => false,
    }
}

/// A unique ID in place of a principal, which IAM shows once it was deleted.
/// Source: IAM user guide, "IAM identifiers" (`AIDA` users, `AROA` roles, `AGPA` groups; `AKIA`, `ASIA` keys).
fn is_unique_id(principal: &str) -> bool {
    let has_prefix = ["AIDA", "AROA", "AGPA", "AKIA", "ASIA"].iter().any(|prefix| principal.starts_with(prefix));
    has_prefix && principal.len() >= 16 && principal.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    const KIND: RoleKind = RoleKind::for_event_streams();

    fn document(statements: &str) -> Document {
        Document::from_json(&format!(r#"{{"Version":"2012-10-17","Statement":[{statements}]}}"#)).unwrap()
    }

    fn trust(principal: &str, condition: &str) -> Vec<String> {
        let statement = format!(
            r#"{{"Effect":"Allow","Action":"sts:AssumeRole","Principal":{principal},"Condition":{{{condition}}}}}"#
        );
        KIND.lint_trust(&document(&statement)).iter().map(ToString::to_string).collect()
    }

    const OURS: &str = r#"{"Service":"pinpoint.amazonaws.com"}"#;
    const ACCOUNT: &str = r#""StringEquals":{"aws:SourceAccount":"123456789012"}"#;

    fn source(arn: &str) -> String {
        format!(r#"{ACCOUNT},"ArnLike":{{"aws:SourceArn":"{arn}"}}"#)
    }

    #[test]
    fn what_this_program_writes_has_no_findings() {
        let source = "arn:aws:mobiletargeting:us-east-1:123456789012:apps/a1".to_owned();
        let trust = KIND.trust_policy(&"123456789012".parse().unwrap(), [source]);
        assert!(KIND.lint_trust(&trust).is_empty());
        let target = |stream: &str, key: Option<&str>| StreamTarget {
            arn: stream.parse().unwrap(),
            kms_key: key.map(|key| key.parse().unwrap()),
        };
        let targets = vec![
            target("arn:aws:kinesis:us-east-1:123456789012:stream/clicks", None),
            target(
                "arn:aws:firehose:us-east-1:123456789012:deliverystream/lake",
                Some("arn:aws:kms:us-east-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab"),
            ),
        ];
        let permissions = KIND.permissions(&targets.clone().into());
        assert_eq!(KIND.lint_permissions(&[&permissions], &targets), BTreeSet::new());
        assert_eq!(KIND.lint_permissions(&[&permissions], &[]), BTreeSet::new());
    }

    #[test]
    fn missing_conditions_and_a_regional_principal() {
        assert_eq!(
            trust(r#"{"Service":"pinpoint.us-east-1.amazonaws.com"}"#, ""),
            [
                "it names the service by a regional principal, pinpoint.us-east-1.amazonaws.com, where \
                 pinpoint.amazonaws.com is the usual one",
                "no aws:SourceArn, so it admits any app of any account",
                "no aws:SourceAccount",
            ]
        );
    }

    #[test]
    fn an_account_limits_what_is_admitted_without_a_source() {
        assert_eq!(trust(OURS, ACCOUNT), ["no aws:SourceArn, so it admits any app of account 123456789012"]);
        let two = r#""StringEquals":{"aws:SourceAccount":["123456789012","210987654321"]}"#;
        assert_eq!(
            trust(OURS, two),
            ["no aws:SourceArn, so it admits any app of accounts 123456789012, 210987654321"]
        );
        let all_but = r#""StringNotEquals":{"aws:SourceAccount":"123456789012"}"#;
        assert_eq!(
            trust(OURS, all_but),
            ["no aws:SourceArn, so it admits any app of any account", "no aws:SourceAccount"]
        );
    }

    #[test]
    fn a_wildcard_admits_more_than_one_app_and_a_slash_in_the_wrong_place_none() {
        let arn = |resource: &str| format!("arn:aws:mobiletargeting:us-east-1:123456789012:{resource}");
        for wide in [
            arn("apps/*"),
            arn("*"),
            arn("app*"),
            arn("apps/a?"),
            "arn:aws:*:*:*:apps/*".to_owned(),
            "*".to_owned(),
        ] {
            assert_eq!(trust(OURS, &source(&wide)), [format!("its aws:SourceArn is wider than one app: {wide}")]);
        }
        for nothing in [
            arn("/apps/*"),
            arn("apps/a1/*"),
            arn("app/*"),
            arn("campaigns/*"),
            "arn:aws:pinpoint:us-east-1:123456789012:apps/*".to_owned(),
        ] {
            assert_eq!(
                trust(OURS, &source(&nothing)),
                [format!("its aws:SourceArn is that of no app: {nothing}")]
            );
        }
        assert!(trust(OURS, &source(&arn("apps/a1"))).is_empty());
    }

    #[test]
    fn other_principals_dead_ones_and_an_external_id() {
        let principals = r#"{"Service":["pinpoint.amazonaws.com","lambda.amazonaws.com"],
            "AWS":["AROAEXAMPLEEXAMPLEEX1","arn:aws:iam::210987654321:root"]}"#;
        let condition = format!(
            r#"{},"StringLike":{{"sts:ExternalId":"x"}}"#,
            source("arn:aws:mobiletargeting:us-east-1:123456789012:apps/a1")
        );
        assert_eq!(
            trust(principals, &condition),
            [
                "it trusts 210987654321, too",
                "it trusts lambda.amazonaws.com, too",
                "it trusts AROAEXAMPLEEXAMPLEEX1, the ID of a user or role that was deleted",
                "it asks for sts:ExternalId, which Pinpoint no longer sends: it admits nothing",
            ]
        );
        assert!(trust("\"*\"", "").contains(&"it trusts everyone (Principal: \"*\")".to_owned()));
        assert_eq!(
            trust(r#"{"Service":"lambda.amazonaws.com"}"#, ""),
            ["it does not trust pinpoint.amazonaws.com", "it trusts lambda.amazonaws.com, too"]
        );
    }

    #[test]
    fn permissions_that_are_too_wide_not_needed_or_missing() {
        let permissions = document(
            r#"{"Effect":"Allow","Action":["kinesis:PutRecords","kinesis:*","s3:GetObject"],"Resource":"*"},
               {"Effect":"Allow","Action":"firehose:PutRecordBatch",
                "Resource":"arn:aws:firehose:us-east-1:123456789012:deliverystream/lake"}"#,
        );
        let found: Vec<String> =
            KIND.lint_permissions(&[&permissions], &[]).iter().map(ToString::to_string).collect();
        assert_eq!(
            found,
            [
                "an action with a wildcard: kinesis:*",
                "an action that is not needed: s3:GetObject",
                "a resource with a wildcard: *",
                "firehose:DescribeDeliveryStream on arn:aws:firehose:us-east-1:123456789012:deliverystream/lake is not \
                 allowed",
            ]
        );
    }

    #[test]
    fn a_key_that_the_role_may_not_use() {
        let stream = "arn:aws:kinesis:us-east-1:123456789012:stream/clicks";
        let key = "arn:aws:kms:us-east-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab";
        let permissions = document(&format!(
            r#"{{"Effect":"Allow","Action":["kinesis:PutRecords","kinesis:DescribeStream"],"Resource":"{stream}"}}"#
        ));
        let target = StreamTarget { arn: stream.parse().unwrap(), kms_key: Some(key.parse().unwrap()) };
        let found: Vec<String> =
            KIND.lint_permissions(&[&permissions], &[target]).iter().map(ToString::to_string).collect();
        assert_eq!(found, [format!("kms:GenerateDataKey on {key}, which encrypts {stream}, is not allowed")]);
    }
}
