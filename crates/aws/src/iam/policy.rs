//! Documents of managed policies.
use super::role::document as parsed;
use crate::calling::patiently;
use crate::classify::{ApiOperation, CloudError, Service, classify, misread, missing, unless_absent};
use aws_sdk_iam::Client;
use pinpoint_streams_model::arn::PolicyArn;
use pinpoint_streams_model::live::FailureKind;
use pinpoint_streams_model::policy::Document;

pub(crate) const GET: ApiOperation = ApiOperation::new(Service::Iam, "GetPolicy");
const GET_VERSION: ApiOperation = ApiOperation::new(Service::Iam, "GetPolicyVersion");

/// The default version of the policy, or none if IAM reports that the policy does not exist.
pub(crate) async fn document(iam: &Client, arn: &PolicyArn) -> Result<Option<Document>, CloudError> {
    let Some(version) = default_version(iam, arn).await? else { return Ok(None) };
    match patiently(GET_VERSION, || version_document(iam, arn, &version)).await {
        // The version or the whole policy was deleted meanwhile: only GetPolicy can tell.
        Err(error) if error.kind == FailureKind::NotFound => {
            match patiently(GET, || default_version(iam, arn)).await? {
                None => Ok(None),
                Some(newer) if newer != version => {
                    patiently(GET_VERSION, || version_document(iam, arn, &newer)).await.map(Some)
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
    must_be(GET, arn.as_str(), policy.arn())?;
    policy.default_version_id.ok_or_else(|| missing(GET, "DefaultVersionId")).map(Some)
}

async fn version_document(iam: &Client, arn: &PolicyArn, version: &str) -> Result<Document, CloudError> {
    let request = iam.get_policy_version().policy_arn(arn.as_str()).version_id(version);
    let answer = request.send().await.map_err(|error| classify(GET_VERSION, error))?;
    let answered = answer.policy_version();
    must_be(GET_VERSION, version, answered.and_then(|answered| answered.version_id()))?;
    let document = answered.and_then(|answered| answered.document());
    let document = document.ok_or_else(|| missing(GET_VERSION, "Document"))?;
    parsed(GET_VERSION, format_args!("version {version} of {arn}"), document)
}

/// An answer that says what it is about must be about what was asked for.
fn must_be(operation: ApiOperation, asked: &str, answered: Option<&str>) -> Result<(), CloudError> {
    match answered.filter(|answered| *answered != asked) {
        Some(other) => Err(misread(operation, format!("it is about {other}, not {asked}"))),
        None => Ok(()),
    }
}
