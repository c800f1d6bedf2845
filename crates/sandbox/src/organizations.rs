//! Organizations: ListAccounts.
use crate::json_call::{JsonError, Outcome, page, respond};
use crate::wire::{Reply, Request};
use crate::world::{Account, Member, World};
use serde_json::{Map, Value, json};

/// The maximum page size. Source: Organizations API reference, ListAccounts (MaxResults 1 to 20).
const MAX_RESULTS: usize = 20;

pub(crate) fn answer(world: &mut World, request: &Request, request_id: &str) -> Reply {
    let outcome = match request.operation.name.as_ref() {
        "ListAccounts" => list_accounts(world, request, &request.json().unwrap_or_default()),
        _ => Err(JsonError::new("UnknownOperationException", "")),
    };
    respond(outcome, request_id)
}

fn list_accounts(world: &mut World, request: &Request, body: &Map<String, Value>) -> Outcome {
    let Account { members, partition, .. } = world.account(&request.account);
    let listed: Vec<Value> = members.iter().map(|member| account(member, partition, &request.account)).collect();
    if listed.is_empty() {
        let (code, message) = match world.membership(&request.account) {
            Some(_) => ("AccessDeniedException", "You don't have permissions to access this resource."),
            None => ("AWSOrganizationsNotInUseException", "Your account is not a member of an organization."),
        };
        return Err(JsonError::new(code, message));
    }
    let most = body.get("MaxResults").and_then(Value::as_u64).and_then(|most| usize::try_from(most).ok());
    let most = most.unwrap_or(MAX_RESULTS);
    if !(1..=MAX_RESULTS).contains(&most) {
        return Err(JsonError::new("InvalidInputException", "MaxResults must be between 1 and 20."));
    }
    page("Accounts", listed, most, body, "InvalidInputException")
}

fn account(member: &Member, partition: &str, management: &str) -> Value {
    let Member { id, name, state } = member;
    json!({
        "Id": id,
        "Arn": format!("arn:{partition}:organizations::{management}:account/o-sandbox000/{id}"),
        "Email": format!("{id}@example.com"),
        "Name": name,
        "State": state,
        "JoinedMethod": "CREATED",
    })
}
