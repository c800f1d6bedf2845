//! IAM Access Analyzer: the roles that it reports as unused.
use crate::calling::patiently;
use crate::classify::{ApiOperation, CloudError, Service, misread, missing};
use crate::pages::{self, Page};
use crate::service::JsonClient;
use crate::service::json::Request;
use jiff::Timestamp;
use pinpoint_streams_model::arn::RoleArn;
use pinpoint_streams_model::ids::AccountId;
use pinpoint_streams_model::live::history::UnusedRoles;
use serde::Deserialize;
use serde_json::json;

pub(crate) const ANALYZERS: ApiOperation = ApiOperation::new(Service::AccessAnalyzer, "ListAnalyzers");
const FINDINGS: ApiOperation = ApiOperation::new(Service::AccessAnalyzer, "ListFindingsV2");
/// Analyzers of unused access.
const TYPES: [&str; 2] = ["ACCOUNT_UNUSED_ACCESS", "ORGANIZATION_UNUSED_ACCESS"];
const UNUSED_ROLE: &str = "UnusedIAMRole";

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Analyzers {
    analyzers: Vec<Analyzer>,
    next_token: Option<String>,
}

#[derive(Deserialize)]
struct Analyzer {
    arn: String,
    r#type: String,
    status: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Findings {
    findings: Vec<Finding>,
    next_token: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Finding {
    finding_type: String,
    status: String,
    resource_owner_account: AccountId,
    resource: Option<String>,
    updated_at: Timestamp,
    /// The resource could not be analyzed.
    error: Option<String>,
}

/// None if no analyzer of unused access is active.
pub(crate) async fn unused_roles(
    analyzer: &JsonClient,
    account: &AccountId,
) -> Result<Option<UnusedRoles>, CloudError> {
    let arns = active(analyzer).await?;
    if arns.is_empty() {
        return Ok(None);
    }
    let mut roles = UnusedRoles::new();
    for arn in &arns {
        for finding in patiently(FINDINGS, || findings(analyzer, arn, account)).await? {
            let Finding { finding_type, status, resource_owner_account, resource, updated_at, error } = finding;
            if finding_type != UNUSED_ROLE || status != "ACTIVE" || resource_owner_account != *account {
                return Err(misread(FINDINGS, "a finding is not one of those that were asked for"));
            }
            if error.is_some() {
                continue;
            }
            let role = resource.ok_or_else(|| missing(FINDINGS, "resource"))?;
            let role: RoleArn = role.parse().map_err(|error| misread(FINDINGS, error))?;
            if role.account != *account {
                return Err(misread(FINDINGS, format!("{role} is not of {account}")));
            }
            let latest = roles.entry(role).or_insert(updated_at);
            *latest = updated_at.max(*latest);
        }
    }
    Ok(Some(roles))
}

/// The ARNs of the active analyzers of unused access. All types are listed with one call.
async fn active(analyzer: &JsonClient) -> Result<Vec<String>, CloudError> {
    let all = pages::all(ANALYZERS, |token| async move {
        let request = Request::get("/analyzer", &[("nextToken", token.as_deref())]);
        let Analyzers { analyzers, next_token } = analyzer.call(ANALYZERS, request).await?;
        Ok(Page { items: analyzers, next: next_token })
    });
    let is_active = |analyzer: &Analyzer| TYPES.contains(&analyzer.r#type.as_str()) && analyzer.status == "ACTIVE";
    Ok(all.await?.into_iter().filter(is_active).map(|analyzer| analyzer.arn).collect())
}

async fn findings(analyzer: &JsonClient, arn: &str, account: &AccountId) -> Result<Vec<Finding>, CloudError> {
    let ask = |token: Option<String>| async move {
        let body = json!({
            "analyzerArn": arn,
            "filter": {
                "findingType": { "eq": [UNUSED_ROLE] },
                "status": { "eq": ["ACTIVE"] },
                "resourceOwnerAccount": { "eq": [account.as_str()] },
            },
            "nextToken": token,
        });
        let Findings { findings, next_token } = analyzer.call(FINDINGS, Request::post("/findingv2", body)).await?;
        Ok(Page { items: findings, next: next_token })
    };
    pages::all(FINDINGS, ask).await
}
