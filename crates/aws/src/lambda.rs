//! AWS Lambda: the resource policies of functions.
//! Source: botocore 1.44.5, `lambda/2015-03-31/service-2.json`.
use crate::classify::{ApiOperation, CloudError, Service, misread, unless_absent};
use crate::pages::{self, Page};
use crate::service::JsonClient;
use crate::service::json::{Request, segment};
use pinpoint_streams_model::live::residue::{FunctionPolicy, Functions};
use pinpoint_streams_model::policy::Document;
use serde::Deserialize;

pub(crate) const FUNCTIONS: ApiOperation = ApiOperation::new(Service::Lambda, "ListFunctions");
pub(crate) const POLICY: ApiOperation = ApiOperation::new(Service::Lambda, "GetPolicy");
const PATH: &str = "/2015-03-31/functions";

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Listed {
    functions: Vec<Function>,
    next_marker: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Function {
    function_name: String,
}

/// Lambda answers with at most 50 functions in a page.
pub(crate) async fn functions(lambda: &JsonClient) -> Result<Functions, CloudError> {
    let all = pages::all(FUNCTIONS, |marker| async move {
        let request = Request::get(PATH, &[("Marker", marker.as_deref())]);
        let Listed { functions, next_marker } = lambda.call(FUNCTIONS, request).await?;
        Ok(Page { items: functions, next: next_marker })
    });
    Ok(Functions(all.await?.into_iter().map(|function| function.function_name).collect()))
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Policy {
    policy: String,
}

/// None if the function does not exist or has no policy.
pub(crate) async fn policy(lambda: &JsonClient, function: &str) -> Result<Option<FunctionPolicy>, CloudError> {
    let path = format!("{PATH}/{}/policy", segment(function));
    let Some(Policy { policy }) = unless_absent(lambda.call(POLICY, Request::get(&path, &[])).await)? else {
        return Ok(None);
    };
    let document = Document::from_json(&policy).map_err(|error| misread(POLICY, error))?;
    Ok(Some(FunctionPolicy(document)))
}
