//! KMS: GetKeyPolicy. Every key of the account exists, with the policy that a new key has.
use crate::json_call::{JsonError, Outcome, respond, text};
use crate::wire::{Reply, Request};
use crate::world::World;
use serde_json::{Map, Value, json};

pub(crate) fn answer(world: &mut World, request: &Request, request_id: &str) -> Reply {
    let outcome = match request.operation.name.as_ref() {
        "GetKeyPolicy" => key_policy(world, request, &request.json().unwrap_or_default()),
        other => Err(JsonError::new("UnknownOperationException", other)),
    };
    respond(outcome, request_id)
}

/// Source: KMS developer guide, "Default key policy" of a key that is created with the API.
fn key_policy(world: &mut World, request: &Request, body: &Map<String, Value>) -> Outcome {
    let (account, region) = (&request.account, &request.region);
    let partition = world.account(account).partition.to_string();
    let key = text(body, "KeyId")?;
    if !key.starts_with(&format!("arn:{partition}:kms:{region}:{account}:key/")) {
        return Err(JsonError::new("NotFoundException", format!("Key '{key}' does not exist")));
    }
    let policy = json!({
        "Version": "2012-10-17",
        "Statement": [{
            "Sid": "Enable IAM User Permissions",
            "Effect": "Allow",
            "Principal": { "AWS": format!("arn:{partition}:iam::{account}:root") },
            "Action": "kms:*",
            "Resource": "*",
        }],
    });
    Ok(json!({ "Policy": policy.to_string(), "PolicyName": "default" }))
}
