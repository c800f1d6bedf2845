//! One account's clients: IAM for all of it, the others one set a region, made when first asked for.
use crate::calling::{Calls, calls, prompt};
use aws_types::SdkConfig;
use aws_types::service_config::ServiceConfigKey;
use pinpoint_streams_model::ids::AccountId;
use pinpoint_streams_model::region::Region;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

/// An account that the credentials let us into.
#[derive(Debug)]
pub(crate) struct Account {
    /// Whose credentials they really are.
    pub(crate) caller: AccountId,
    pub(crate) iam: Calls<aws_sdk_iam::Client>,
    config: SdkConfig,
    regions: Mutex<BTreeMap<Region, Arc<Regional>>>,
}

/// What is called in one region of an account.
#[derive(Debug)]
pub(crate) struct Regional {
    /// The configuration of this account and region.
    pub(crate) config: SdkConfig,
    pub(crate) pinpoint: Calls<aws_sdk_pinpoint::Client>,
    pub(crate) kinesis: aws_sdk_kinesis::Client,
    pub(crate) firehose: aws_sdk_firehose::Client,
}

impl Account {
    /// The account that this configuration leads to. Its region is the one that signs for IAM.
    pub(crate) fn new(caller: AccountId, config: SdkConfig) -> Account {
        Account { caller, iam: calls!(aws_sdk_iam, &config), config, regions: Mutex::default() }
    }

    /// The clients of a region.
    pub(crate) fn regional(&self, region: &Region) -> Arc<Regional> {
        let mut regions = self.regions.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = regions.get(region) {
            return Arc::clone(known);
        }
        let region_name = aws_types::region::Region::new(region.to_string());
        let config = self.config.to_builder().region(region_name).build();
        let made = Arc::new(Regional {
            pinpoint: calls!(aws_sdk_pinpoint, &config),
            kinesis: prompt!(aws_sdk_kinesis, &config),
            firehose: prompt!(aws_sdk_firehose, &config),
            config,
        });
        regions.insert(region.clone(), Arc::clone(&made));
        made
    }
}

impl Regional {
    /// Whether somebody set another endpoint for Pinpoint, for all services or for it alone.
    pub(crate) fn pinpoint_endpoint_is_set(&self) -> bool {
        let key = ServiceConfigKey::builder()
            .service_id("Pinpoint")
            .env("AWS_ENDPOINT_URL")
            .profile("endpoint_url")
            .build();
        let for_it_alone = match (key, self.config.service_config()) {
            (Ok(key), Some(settings)) => settings.load_config(key).is_some(),
            _ => false,
        };
        for_it_alone || self.config.endpoint_url().is_some()
    }
}
