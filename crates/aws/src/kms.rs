//! KMS: the policy of a key.
use crate::classify::{ApiOperation, CloudError, Service, misread, unless_absent};
use crate::service::JsonClient;
use crate::service::json::Request;
use pinpoint_streams_model::arn::KmsKeyArn;
use pinpoint_streams_model::live::resource_policy::KeyPolicy;
use pinpoint_streams_model::policy::Document;
use serde::Deserialize;
use serde_json::json;

pub(crate) const GET_KEY_POLICY: ApiOperation = ApiOperation::new(Service::Kms, "GetKeyPolicy");
const TARGET: &str = "TrentService";
/// The only valid name. Source: KMS API reference, GetKeyPolicy.
const DEFAULT: &str = "default";

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Found {
    policy: String,
}

/// None if the key does not exist.
pub(crate) async fn key_policy(kms: &JsonClient, key: &KmsKeyArn) -> Result<Option<KeyPolicy>, CloudError> {
    let body = json!({ "KeyId": key.to_string(), "PolicyName": DEFAULT });
    let answer = kms.call::<Found>(GET_KEY_POLICY, Request::target(TARGET, GET_KEY_POLICY, body)).await;
    let Some(Found { policy }) = unless_absent(answer)? else { return Ok(None) };
    let document = Document::from_json(&policy).map_err(|error| misread(GET_KEY_POLICY, error))?;
    Ok(Some(KeyPolicy(document)))
}
