//! What managed policies say.
use super::role::document as parsed;
use crate::calling::patiently;
use crate::classify::{Asked, classify, missing};
use aws_sdk_iam::Client;
use pinpoint_streams_executor::cloud::CloudError;
use pinpoint_streams_model::arn::PolicyArn;
use pinpoint_streams_model::live::FailureKind;
use pinpoint_streams_model::policy::Document;

pub(crate) const GET: Asked = Asked::iam("GetPolicy");
const GET_VERSION: Asked = Asked::iam("GetPolicyVersion");

/// The default version of the policy, or none if IAM reports that the policy does not exist.
pub(crate) async fn document(iam: &Client, arn: &PolicyArn) -> Result<Option<Document>, CloudError> {
    let Some(version) = default_version(iam, arn).await? else { return Ok(None) };
    match patiently(|| said_in(iam, arn, &version)).await {
        // Deleted while we looked, the version alone or all of the policy: only GetPolicy can tell.
        Err(error) if error.kind == FailureKind::NotFound => {
            match patiently(|| default_version(iam, arn)).await? {
                None => Ok(None),
                Some(newer) if newer != version => patiently(|| said_in(iam, arn, &newer)).await.map(Some),
                Some(_) => Err(error),
            }
        }
        said => said.map(Some),
    }
}

async fn default_version(iam: &Client, arn: &PolicyArn) -> Result<Option<String>, CloudError> {
    let answer = iam.get_policy().policy_arn(arn.as_str()).send().await;
    match answer.map_err(|error| classify(GET, error)) {
        Ok(answer) => {
            let policy = answer.policy.ok_or_else(|| missing(GET, "Policy"))?;
            policy.default_version_id.ok_or_else(|| missing(GET, "DefaultVersionId")).map(Some)
        }
        Err(error) if error.kind == FailureKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

async fn said_in(iam: &Client, arn: &PolicyArn, version: &str) -> Result<Document, CloudError> {
    let request = iam.get_policy_version().policy_arn(arn.as_str()).version_id(version);
    let answer = request.send().await.map_err(|error| classify(GET_VERSION, error))?;
    let said = answer.policy_version().and_then(|version| version.document());
    let said = said.ok_or_else(|| missing(GET_VERSION, "Document"))?;
    parsed(GET_VERSION, &format!("version {version} of {arn}"), said)
}
