//! What IAM demands of a policy's text, and how it gives it back.

use super::error::IamError;
use crate::world::World;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use pinpoint_streams_model::policy::{Actions, PrincipalClause, Resources, Statement};
use pinpoint_streams_model::policy::{Document, PolicyError, Principal};

/// All but the unreserved characters of RFC 3986, which is how GetRole and its kin encode documents.
const ENCODED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~');

/// A document as IAM gives it back.
pub(super) fn encoded(document: &str) -> String {
    utf8_percent_encode(document, ENCODED).to_string()
}

/// The size that counts towards a quota. Source: IAM user guide, quotas: "IAM does not count white space".
pub(super) fn size(document: &str) -> usize {
    document.chars().filter(|c| !c.is_whitespace()).count()
}

fn parse(text: &str) -> Result<Document, IamError> {
    Document::from_json(text).map_err(|error| match error {
        PolicyError::Json(_) | PolicyError::Encoding => IamError::malformed("This policy contains invalid Json"),
        PolicyError::Shape { .. } => IamError::malformed(format!("Syntax errors in policy. ({error})")),
    })
}

/// Checks a trust policy.
pub(super) fn check_trust(world: &World, account: &str, text: &str) -> Result<(), IamError> {
    for statement in parse(text)?.statements {
        if statement.resource.is_some() {
            return Err(IamError::malformed("Has prohibited field Resource"));
        }
        let Some(PrincipalClause::Principal(who) | PrincipalClause::NotPrincipal(who)) = &statement.principal
        else {
            return Err(IamError::malformed("Missing required field Principal"));
        };
        if let Some(wrong) = who.iter().find(|who| !may_exist(world, account, who)) {
            let (kind, name) = (wrong.kind().to_ascii_uppercase(), wrong.as_str());
            return Err(IamError::malformed(format!("Invalid principal in policy: \"{kind}\":\"{name}\"")));
        }
        if actions(&statement).any(|action| !is_sts(action)) {
            return Err(IamError::malformed("AssumeRole policy may only specify STS AssumeRole actions."));
        }
    }
    Ok(())
}

/// Checks the policy of an identity: an inline or a managed one.
pub(super) fn check_permissions(text: &str) -> Result<(), IamError> {
    for statement in parse(text)?.statements {
        if statement.principal.is_some() {
            return Err(IamError::malformed("Policy document should not specify a principal."));
        }
        if actions(&statement).any(|action| action != "*" && !action.contains(':')) {
            return Err(IamError::malformed(
                "Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc.",
            ));
        }
        let Some(Resources::Resource(resources) | Resources::NotResource(resources)) = &statement.resource else {
            return Err(IamError::malformed("Policy statement must contain resources."));
        };
        if let Some(wrong) = resources.iter().find(|name| !is_resource(name)) {
            return Err(IamError::malformed(format!("Resource {wrong} must be in ARN format or \"*\".")));
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

/// Whether IAM would accept a principal. It knows its services and every user and role by name; a name that
/// does not exist, or not yet, is refused. Users and other accounts cannot be looked up here and pass.
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

/// Some of AWS's own managed policies, by name, with what matters of their documents.
const AWS_MANAGED: [(&str, &str); 4] = [
    (
        "AdministratorAccess",
        r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}"#,
    ),
    (
        "AmazonKinesisFirehoseFullAccess",
        r#"{"Version":"2012-10-17","Statement":[{"Action":["firehose:*"],"Effect":"Allow","Resource":"*"}]}"#,
    ),
    (
        "AmazonKinesisFullAccess",
        r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"kinesis:*","Resource":"*"}]}"#,
    ),
    (
        "AmazonS3ReadOnlyAccess",
        r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["s3:Get*","s3:List*","s3:Describe*","s3-object-lambda:Get*","s3-object-lambda:List*"],"Resource":"*"}]}"#,
    ),
];

/// The document of a managed policy, the account's own or one of AWS's; none where there is no such policy.
pub(crate) fn managed_document<'a>(world: &'a World, account: &str, arn: &str) -> Option<&'a str> {
    let account = world.known_account(account);
    let own = account.and_then(|account| account.policies.get(arn));
    let aws = || {
        let (_, name) = arn.split_once(":iam::aws:policy/")?;
        let found = AWS_MANAGED.iter().find(|(known, _)| *known == name);
        found.map(|(_, document)| *document)
    };
    own.map(|policy| policy.document.as_str()).or_else(aws)
}
