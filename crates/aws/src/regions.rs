//! AWS Account Management: the regions that are enabled for an account.
use crate::classify::{ApiOperation, CloudError, Service, missing};
use crate::pages::{self, Page};
use crate::service::JsonClient;
use crate::service::json::Request;
use pinpoint_streams_model::region::Region;
use serde::Deserialize;
use serde_json::json;
use std::collections::BTreeSet;

pub(crate) const LIST: ApiOperation = ApiOperation::new(Service::Account, "ListRegions");

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Listed {
    regions: Option<Vec<ListedRegion>>,
    next_token: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct ListedRegion {
    region_name: Region,
    region_opt_status: String,
}

/// Every region in which the account may have resources: all but those that are disabled. One that is being disabled
/// still has them. Source: Account Management API reference, ListRegions.
pub(crate) async fn enabled(account_management: &JsonClient) -> Result<BTreeSet<Region>, CloudError> {
    let pages = pages::all(LIST, |token| async move {
        let body = token.map_or_else(|| json!({}), |token| json!({ "NextToken": token }));
        let Listed { regions, next_token } =
            account_management.call(LIST, Request::post("/listRegions", body)).await?;
        Ok(Page { items: regions.unwrap_or_default(), next: next_token })
    });
    let is_enabled = |listed: &ListedRegion| listed.region_opt_status != "DISABLED";
    let enabled: BTreeSet<Region> =
        pages.await?.into_iter().filter(is_enabled).map(|listed| listed.region_name).collect();
    // Some regions cannot be disabled: an empty list is no answer.
    if enabled.is_empty() { Err(missing(LIST, "Regions")) } else { Ok(enabled) }
}
