//! STS: GetCallerIdentity and AssumeRole.
use crate::account::{access_key_for, is_account_id};
use crate::query::{self, Form, Outcome, QueryError};
use crate::wire::{Reply, Request};
use crate::world::World;
use crate::xml::Xml;

const NAMESPACE: &str = "https://sts.amazonaws.com/doc/2011-06-15/";

pub(crate) fn answer(world: &mut World, request: &Request, request_id: &str) -> Reply {
    let outcome = match request.operation.name.as_ref() {
        "GetCallerIdentity" => Ok(Some(caller_identity(world, &request.account))),
        "AssumeRole" => assume_role(world, &Form::parse(&request.body)),
        other => Err(QueryError::invalid_action(other, "2011-06-15")),
    };
    query::respond(request, NAMESPACE, request_id, outcome)
}

fn caller_identity(world: &mut World, account: &str) -> Xml {
    let partition = &world.account(account).partition;
    let mut xml = Xml::default();
    xml.text("Arn", &format!("arn:{partition}:iam::{account}:user/sandbox"));
    xml.text("UserId", "AIDASANDBOXSANDBOXSAN");
    xml.text("Account", account);
    xml
}

/// Credentials for the role's account. The trust policy is not evaluated: every caller of a sandbox is the same person.
fn assume_role(world: &mut World, form: &Form) -> Outcome {
    let arn = form.get("RoleArn").unwrap_or_default();
    let session = form.get("RoleSessionName").unwrap_or_default();
    let parts: Vec<&str> = arn.splitn(6, ':').collect();
    let denied = || {
        QueryError::access_denied(format!("User is not authorized to perform: sts:AssumeRole on resource: {arn}"))
    };
    let ["arn", partition, "iam", "", account, resource] = parts.as_slice() else {
        return Err(denied());
    };
    let name = resource.rsplit('/').next().unwrap_or_default();
    let known = world.known_account(account).and_then(|account| account.role(name));
    let role = known.filter(|role| is_account_id(account) && role.arn == arn);
    let id = role.ok_or_else(denied)?.id.clone();
    if world.membership(account).is_some_and(|member| !member.is_active()) {
        return Err(denied());
    }
    let mut xml = Xml::default();
    xml.element("AssumedRoleUser", |xml| {
        xml.text("AssumedRoleId", &format!("{id}:{session}"));
        xml.text("Arn", &format!("arn:{partition}:sts::{account}:assumed-role/{name}/{session}"));
    });
    xml.element("Credentials", |xml| {
        xml.text("AccessKeyId", &access_key_for(account));
        xml.text("SecretAccessKey", "sandbox");
        xml.text("SessionToken", "sandbox");
        xml.time("Expiration", world.now() + jiff::SignedDuration::from_hours(1));
    });
    Ok(Some(xml))
}
