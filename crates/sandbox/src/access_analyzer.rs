//! IAM Access Analyzer: analyzers of unused access and their findings of unused roles.
use crate::json_call::{JsonError, Outcome, text};
use crate::wire::{Reply, Request};
use crate::world::{Account, World};
use jiff::{SignedDuration, Timestamp};
use serde_json::{Map, Value, json};

pub(crate) fn answer(world: &mut World, request: &Request, request_id: &str) -> Reply {
    let now = world.now();
    let account = world.account(&request.account);
    let outcome = match request.operation.name.as_ref() {
        "ListAnalyzers" => Ok(analyzers(account, request)),
        "ListFindingsV2" => findings(account, request, &request.json().unwrap_or_default(), now),
        other => Err(JsonError::new("ResourceNotFoundException", other)),
    };
    match outcome {
        Ok(body) => Reply::rest_json(200, body.to_string(), request_id),
        Err(JsonError { code, message }) => {
            let status = if code == "ResourceNotFoundException" { 404 } else { 400 };
            Reply::rest_json_error(status, code, &message, request_id)
        }
    }
}

const TYPE: &str = "ACCOUNT_UNUSED_ACCESS";

fn arn(account: &Account, request: &Request, name: &str) -> String {
    let Request { region, account: id, .. } = request;
    format!("arn:{}:access-analyzer:{region}:{id}:analyzer/{name}", account.partition)
}

fn analyzers(account: &Account, request: &Request) -> Value {
    let is_asked = request.parameter("type").is_none_or(|asked| asked == TYPE);
    let here = account.sources.analyzers.values().filter(|one| is_asked && one.region == request.region);
    let listed = here.map(|one| {
        json!({
            "arn": arn(account, request, &one.name),
            "name": one.name,
            "type": TYPE,
            "status": "ACTIVE",
            "createdAt": "2026-01-01T00:00:00Z",
            "configuration": { "unusedAccess": { "unusedAccessAge": one.unused_access_age } },
        })
    });
    json!({ "analyzers": listed.collect::<Vec<_>>() })
}

/// The roles without use for longer than the analyzer allows.
fn findings(account: &Account, request: &Request, body: &Map<String, Value>, now: Timestamp) -> Outcome {
    let asked = text(body, "analyzerArn")?;
    let analyzer = account.sources.analyzers.values().find(|one| arn(account, request, &one.name) == asked);
    let analyzer = analyzer.filter(|one| one.region == request.region);
    let analyzer = analyzer.ok_or_else(|| JsonError::new("ResourceNotFoundException", "Analyzer not found"))?;
    let age = SignedDuration::from_hours(24 * i64::from(analyzer.unused_access_age));
    let is_wanted = |name: &str, value: &str| {
        let wanted = body.get("filter").and_then(|filter| filter.get(name)?.get("eq")?.as_array());
        wanted.is_none_or(|wanted| wanted.iter().any(|one| one == value))
    };
    let all = is_wanted("findingType", "UnusedIAMRole")
        && is_wanted("status", "ACTIVE")
        && is_wanted("resourceOwnerAccount", &request.account);
    let unused = account.roles.values().filter(|role| {
        let last = role.last_used.as_ref().map_or(role.created, |last| last.at);
        all && now.duration_since(last) >= age
    });
    let findings = unused.map(|role| {
        json!({
            "id": role.id,
            "findingType": "UnusedIAMRole",
            "status": "ACTIVE",
            "resource": role.arn,
            "resourceType": "AWS::IAM::Role",
            "resourceOwnerAccount": request.account,
            "createdAt": now,
            "analyzedAt": now,
            "updatedAt": now,
        })
    });
    Ok(json!({ "findings": findings.collect::<Vec<_>>() }))
}
