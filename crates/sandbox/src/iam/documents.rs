//! Validation and encoding of policy documents.
use crate::query::QueryError;
use crate::world::World;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use pinpoint_streams_model::policy::{
    Actions, Document, PolicyError, Principal, PrincipalClause, Resources, Statement,
};

/// All but the unreserved characters of RFC 3986: IAM URL-encodes documents in responses.
const ENCODED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~');

pub(super) fn encoded(document: &str) -> String {
    utf8_percent_encode(document, ENCODED).to_string()
}

/// The size that counts towards a quota. Source: IAM user guide, quotas: "IAM does not count white space".
pub(super) fn size(document: &str) -> usize {
    document.chars().filter(|c| !c.is_whitespace()).count()
}

fn parse(text: &str) -> Result<Document, QueryError> {
    Document::from_json(text).map_err(|error| match error {
        PolicyError::Json(_) | PolicyError::Encoding => QueryError::malformed("This policy contains invalid Json"),
        PolicyError::Shape { .. } => QueryError::malformed(format!("Syntax errors in policy. ({error})")),
    })
}

pub(super) fn check_trust(world: &World, account: &str, text: &str) -> Result<(), QueryError> {
    for statement in parse(text)?.statements.iter() {
        if statement.resource.is_some() {
            return Err(QueryError::malformed("Has prohibited field Resource"));
        }
        let Some(PrincipalClause::Principal(who) | PrincipalClause::NotPrincipal(who)) = &statement.principal
        else {
            return Err(QueryError::malformed("Missing required field Principal"));
        };
        if let Some(wrong) = who.iter().find(|who| !may_exist(world, account, who)) {
            let (kind, name) = (wrong.kind().to_ascii_uppercase(), wrong.as_str());
            return Err(QueryError::malformed(format!("Invalid principal in policy: \"{kind}\":\"{name}\"")));
        }
        if actions(statement).any(|action| !is_sts(action)) {
            return Err(QueryError::malformed("AssumeRole policy may only specify STS AssumeRole actions."));
        }
    }
    Ok(())
}

pub(super) fn check_permissions(text: &str) -> Result<(), QueryError> {
    for statement in parse(text)?.statements.iter() {
        if statement.principal.is_some() {
            return Err(QueryError::malformed("Policy document should not specify a principal."));
        }
        if actions(statement).any(|action| action != "*" && !action.contains(':')) {
            return Err(QueryError::malformed(
                "Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc.",
            ));
        }
        let Some(Resources::Resource(resources) | Resources::NotResource(resources)) = &statement.resource else {
            return Err(QueryError::malformed("Policy statement must contain resources."));
        };
        if let Some(wrong) = resources.iter().find(|name| !is_resource(name)) {
            return Err(QueryError::malformed(format!("Resource {wrong} must be in ARN format or \"*\".")));
        }
    }
    Ok(())
}

fn actions(statement: &Statement) -> impl Iterator<Item = &str> {
    let (Actions::Action(names) | Actions::NotAction(names)) = &statement.action;
    names.iter().map(|name| name.as_str())
}

fn is_sts(action: &str) -> bool {
    let service = action.split(':').next();
    service.is_some_and(|service| service.eq_ignore_ascii_case("sts"))
}

fn is_resource(name: &str) -> bool {
    name == "*" || name.starts_with("${") || (name.starts_with("arn:") && name.split(':').count() >= 6)
}

/// Whether IAM accepts a principal: a service, or a user or role that exists. Users and other accounts are not
/// modelled here and are accepted.
fn may_exist(world: &World, account: &str, principal: &Principal) -> bool {
    match principal {
        Principal::Service(name) => name.ends_with(".amazonaws.com") && name.len() > ".amazonaws.com".len(),
        Principal::Aws(arn) => {
            let own_role = arn.split_once(&format!(":iam::{account}:role/"));
            let name = own_role.map(|(_, path)| path.rsplit('/').next().unwrap_or(path));
            let known = |name| {
                let account = world.known_account(account);
                account.is_some_and(|account| account.role(name).is_some())
            };
            arn.starts_with("arn:") && name.is_none_or(known)
        }
        _ => true,
    }
}
