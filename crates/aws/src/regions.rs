//! AWS Account Management: the regions that are enabled for an account.
use crate::classify::{ApiOperation, CloudError, Service, classify, misread, missing};
use crate::pages::{self, Page};
use aws_sdk_account::Client;
use aws_sdk_account::types::{Region as Listed, RegionOptStatus};
use pinpoint_streams_model::region::Region;
use std::collections::BTreeSet;

pub(crate) const LIST: ApiOperation = ApiOperation::new(Service::Account, "ListRegions");

/// Every region in which the account may have resources: all but those that are disabled. One that is being disabled
/// still has them. Source: Account Management API reference, ListRegions.
pub(crate) async fn enabled(client: &Client) -> Result<BTreeSet<Region>, CloudError> {
    let pages = pages::all(LIST, |token| async move {
        let answer =
            client.list_regions().set_next_token(token).send().await.map_err(|error| classify(LIST, error))?;
        Ok(Page { items: answer.regions.unwrap_or_default(), next: answer.next_token })
    });
    let listed = pages.await?.into_iter().map(region).collect::<Result<Vec<_>, _>>()?;
    let enabled: BTreeSet<Region> = listed.into_iter().flatten().collect();
    // Some regions cannot be disabled: an empty list is no answer.
    if enabled.is_empty() { Err(missing(LIST, "Regions")) } else { Ok(enabled) }
}

/// None if it is disabled.
fn region(listed: Listed) -> Result<Option<Region>, CloudError> {
    let status = listed.region_opt_status.ok_or_else(|| missing(LIST, "RegionOptStatus"))?;
    let name = listed.region_name.ok_or_else(|| missing(LIST, "RegionName"))?;
    let region = name.parse().map_err(|error| misread(LIST, &error))?;
    Ok((status != RegionOptStatus::Disabled).then_some(region))
}
