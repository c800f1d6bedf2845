//! Documents of managed policies.
use super::role::document as parsed;
use crate::calling::patiently;
use crate::classify::{ApiOperation, CloudError, Service, classify, missing, unless_absent};
use aws_sdk_iam::Client;
use pinpoint_streams_model::arn::PolicyArn;
use pinpoint_streams_model::live::FailureKind;
use pinpoint_streams_model::policy::Document;

pub(crate) const GET: ApiOperation = ApiOperation::new(Service::Iam, "GetPolicy");
const GET_VERSION: ApiOperation = ApiOperation::new(Service::Iam, "GetPolicyVersion");

/// The default version of the policy, or none if IAM reports that the policy does not exist.
pub(crate) async fn document(iam: &Client, arn: &PolicyArn) -> Result<Option<Document>, CloudError> {
    let Some(version) = default_version(iam, arn).await? else { return Ok(None) };
    match patiently(|| version_document(iam, arn, &version)).await {
        // The version or the whole policy was deleted meanwhile: only GetPolicy can tell.
        Err(error) if error.kind == FailureKind::NotFound => {
            match patiently(|| default_version(iam, arn)).await? {
                None => Ok(None),
                Some(newer) if newer != version => {
                    patiently(|| version_document(iam, arn, &newer)).await.map(Some)
                }
                Some(_) => Err(error),
            }
        }
        document => document.map(Some),
    }
}

async fn default_version(iam: &Client, arn: &PolicyArn) -> Result<Option<String>, CloudError> {
    let answer = iam.get_policy().policy_arn(arn.as_str()).send().await;
    let Some(answer) = unless_absent(answer.map_err(|error| classify(GET, error)))? else { return Ok(None) };
    let policy = answer.policy.ok_or_else(|| missing(GET, "Policy"))?;
    policy.default_version_id.ok_or_else(|| missing(GET, "DefaultVersionId")).map(Some)
}

async fn version_document(iam: &Client, arn: &PolicyArn, version: &str) -> Result<Document, CloudError> {
    let request = iam.get_policy_version().policy_arn(arn.as_str()).version_id(version);
    let answer = request.send().await.map_err(|error| classify(GET_VERSION, error))?;
    let document = answer.policy_version().and_then(|version| version.document());
    let document = document.ok_or_else(|| missing(GET_VERSION, "Document"))?;
    parsed(GET_VERSION, &format!("version {version} of {arn}"), document)
}
