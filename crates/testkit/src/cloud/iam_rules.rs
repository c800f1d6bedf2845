//! What IAM accepts. Source: IAM API reference (CreateRole, PutRolePolicy, Tag) and user guide (quotas).
use super::account::{Account, Accounts};
use super::refusal::Refusal;
use pinpoint_streams_model::arn::{PolicyArn, RoleArn};
use pinpoint_streams_model::live::FailureKind;
use pinpoint_streams_model::ownership::Tags;
use pinpoint_streams_model::policy::{Document, Principal, PrincipalClause};

/// How many managed policies a role may have. Source: IAM user guide, "IAM and AWS STS quotas" (default).
pub(crate) const ATTACHED_POLICIES: usize = 10;

/// A document's size as IAM counts it: characters, white space left out.
pub(crate) fn size(text: &str) -> usize {
    text.chars().filter(|c| !c.is_whitespace()).count()
}

/// Whether it is one of AWS's own.
pub(crate) fn is_aws_managed(policy: &PolicyArn) -> bool {
    policy.as_str().split(':').nth(4) == Some("aws")
}

pub(crate) fn trust_policy(all: &Accounts, account: &Account, document: &Document) -> Result<(), Refusal> {
    if document.statements.is_empty() {
        return Err(malformed("The policy must have a statement"));
    }
    if document.statements.iter().any(|statement| statement.principal.is_none()) {
        return Err(malformed("Missing required field Principal"));
    }
    if document.statements.iter().any(|statement| statement.resource.is_some()) {
        return Err(malformed("Has prohibited field Resource"));
    }
    let clauses = document.statements.iter().filter_map(|statement| statement.principal.as_ref());
    let unknown = clauses
        .flat_map(|clause| match clause {
            PrincipalClause::Principal(set) | PrincipalClause::NotPrincipal(set) => set,
        })
        .find(|principal| !is_known(all, principal));
    if let Some(principal) = unknown {
        let message = format!("Invalid principal in policy: \"AWS\":\"{principal}\"");
        return Err(Refusal::new(FailureKind::InvalidPrincipal, message));
    }
    let most = account.limits.trust_policy_size;
    if document.size() > most {
        return Err(Refusal::limit_exceeded(format!("Cannot exceed quota for ACLSizePerRole: {most}")));
    }
    Ok(())
}

/// Only roles of accounts in the fake cloud can be looked up; all else is taken to be there.
fn is_known(all: &Accounts, principal: &Principal) -> bool {
    let Principal::Aws(text) = principal else { return true };
    let Ok(arn) = text.parse::<RoleArn>() else { return true };
    !all.accounts.contains_key(&arn.account) || all.role(&arn).is_some()
}

pub(crate) fn permissions_policy(document: &Document) -> Result<(), Refusal> {
    if document.id.is_some() {
        return Err(malformed("Policy document should not specify an id"));
    }
    if document.statements.iter().any(|statement| statement.principal.is_some()) {
        return Err(malformed("Policy document should not specify a principal."));
    }
    if document.statements.iter().any(|statement| statement.resource.is_none()) {
        return Err(malformed("Policy statement must contain resources."));
    }
    Ok(())
}

fn malformed(message: &str) -> Refusal {
    let code = Some("MalformedPolicyDocument".to_owned());
    Refusal { kind: FailureKind::Invalid, code, message: message.to_owned() }
}

pub(crate) fn description_and_session(description: &str, seconds: u32) -> Result<(), Refusal> {
    let allowed = |c: char| matches!(c, '\t' | '\n' | '\r' | ' '..='~' | '\u{a1}'..='\u{ff}');
    if description.chars().count() > 1000 || !description.chars().all(allowed) {
        return Err(Refusal::invalid("Value at 'description' failed to satisfy constraint"));
    }
    if !(3600..=43200).contains(&seconds) {
        return Err(Refusal::invalid("Value at 'maxSessionDuration' failed to satisfy constraint"));
    }
    Ok(())
}

pub(crate) fn tags(tags: &Tags) -> Result<(), Refusal> {
    if tags.len() > 50 {
        return Err(Refusal::limit_exceeded("Cannot exceed quota for TagsPerResource: 50"));
    }
    let allowed = |c: char| c.is_alphanumeric() || " _.:/=+-@".contains(c);
    for (key, value) in tags {
        let is_reserved = key.to_ascii_lowercase().starts_with("aws:");
        if key.is_empty() || key.chars().count() > 128 || is_reserved || !key.chars().all(allowed) {
            return Err(Refusal::invalid(format!("tag key `{key}` failed to satisfy constraint")));
        }
        if value.chars().count() > 256 || !value.chars().all(allowed) {
            return Err(Refusal::invalid(format!("the value of tag `{key}` failed to satisfy constraint")));
        }
    }
    Ok(())
}
