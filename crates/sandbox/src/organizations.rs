//! Organizations: ListAccounts.
use crate::wire::{Reply, Request};
use crate::world::{Member, World};
use serde_json::{Value, json};

/// The maximum page size. Source: Organizations API reference, ListAccounts (MaxResults 1 to 20).
const MAX_RESULTS: usize = 20;

pub(crate) fn answer(world: &mut World, request: &Request, request_id: &str) -> Reply {
    let refused = |code, message: &str| Reply::json11_error(400, code, message, request_id);
    if request.operation.name != "ListAccounts" {
        return refused("UnknownOperationException", "");
    }
    let members = world.account(&request.account).members.clone();
    if members.is_empty() {
        let managed_elsewhere = world.membership(&request.account).is_some();
        return if managed_elsewhere {
            refused("AccessDeniedException", "You don't have permissions to access this resource.")
        } else {
            refused("AWSOrganizationsNotInUseException", "Your account is not a member of an organization.")
        };
    }
    let body = request.json().unwrap_or_default();
    let most = body.get("MaxResults").and_then(Value::as_u64).and_then(|most| usize::try_from(most).ok());
    let most = most.unwrap_or(MAX_RESULTS);
    if !(1..=MAX_RESULTS).contains(&most) {
        return refused("InvalidInputException", "MaxResults must be between 1 and 20.");
    }
    let token = body.get("NextToken").and_then(Value::as_str);
    let Some(start) = token.map_or(Some(0), |token| token.parse::<usize>().ok()) else {
        return refused("InvalidInputException", "You specified an invalid value for NextToken.");
    };
    let partition = world.account(&request.account).partition.clone();
    let page = members.iter().skip(start).take(most);
    let page: Vec<Value> = page.map(|member| account(member, &partition, &request.account)).collect();
    let end = start + page.len();
    let mut reply = json!({ "Accounts": page });
    if end < members.len() {
        reply["NextToken"] = Value::from(end.to_string());
    }
    Reply::json11(200, reply.to_string(), request_id)
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
