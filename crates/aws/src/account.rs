//! One account's clients: IAM is global, the others are created per region on first use.
use crate::answer_form::{JsonForm, QueryForm};
use crate::calling::client;
use crate::credentials::{HostLookup, endpoint_override};
use crate::json::{JsonClient, PINPOINT};
use crate::sts::Caller;
use crate::{access_analyzer, cloudtrail, cloudwatch, config, kms, lambda, ses};
use aws_types::SdkConfig;
use pinpoint_streams_model::region::Region;
use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

pub(crate) struct Account {
    pub(crate) caller: Caller,
    pub(crate) iam: aws_sdk_iam::Client,
    config: SdkConfig,
    resolves: Option<HostLookup>,
    regions: Mutex<BTreeMap<Region, Arc<Regional>>>,
}

pub(crate) struct Regional {
    pub(crate) config: SdkConfig,
    pub(crate) pinpoint: aws_sdk_pinpoint::Client,
    pub(crate) kinesis: aws_sdk_kinesis::Client,
    pub(crate) firehose: aws_sdk_firehose::Client,
    pub(crate) cloudformation: aws_sdk_cloudformation::Client,
    pub(crate) config_service: JsonClient,
    pub(crate) cloudtrail: JsonClient,
    pub(crate) access_analyzer: JsonClient,
    pub(crate) pinpoint_json: JsonClient,
    pub(crate) ses: JsonClient,
    pub(crate) lambda: JsonClient,
    pub(crate) cloudwatch: JsonClient,
    pub(crate) kms: JsonClient,
    /// Replaces the system's resolver.
    pub(crate) resolves: Option<HostLookup>,
}

impl Account {
    /// The configuration's region is the signing region of IAM.
    pub(crate) fn new(caller: Caller, config: SdkConfig, resolves: Option<HostLookup>) -> Account {
        Account {
            caller,
            iam: client!(aws_sdk_iam, &config, QueryForm),
            config,
            resolves,
            regions: Mutex::default(),
        }
    }

    pub(crate) fn organizations(&self) -> aws_sdk_organizations::Client {
        client!(aws_sdk_organizations, &self.config, JsonForm)
    }

    /// Its endpoint is one for the partition; the region only signs.
    pub(crate) fn account_management(&self) -> aws_sdk_account::Client {
        client!(aws_sdk_account, &self.config, JsonForm)
    }

    pub(crate) fn regional(&self, region: &Region) -> Arc<Regional> {
        let mut regions = self.regions.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = regions.get(region) {
            return Arc::clone(known);
        }
        let region_name = aws_types::region::Region::new(region.to_string());
        let config = self.config.to_builder().region(region_name).build();
        let made = Arc::new(Regional {
            pinpoint: client!(aws_sdk_pinpoint, &config, JsonForm),
            kinesis: client!(aws_sdk_kinesis, &config, JsonForm),
            firehose: client!(aws_sdk_firehose, &config, JsonForm),
            cloudformation: client!(aws_sdk_cloudformation, &config),
            config_service: JsonClient::new(config::SERVICE, &config),
            cloudtrail: JsonClient::new(cloudtrail::SERVICE, &config),
            access_analyzer: JsonClient::new(access_analyzer::SERVICE, &config),
            pinpoint_json: JsonClient::new(PINPOINT, &config),
            ses: JsonClient::new(ses::SERVICE, &config),
            lambda: JsonClient::new(lambda::SERVICE, &config),
            cloudwatch: JsonClient::new(cloudwatch::SERVICE, &config),
            kms: JsonClient::new(kms::SERVICE, &config),
            resolves: self.resolves.clone(),
            config,
        });
        regions.insert(region.clone(), Arc::clone(&made));
        made
    }
}

impl fmt::Debug for Account {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Account").field("caller", &self.caller).finish_non_exhaustive()
    }
}

impl Regional {
    /// Whether there is a custom endpoint for Pinpoint or for all services.
    pub(crate) fn pinpoint_endpoint_is_set(&self) -> bool {
        endpoint_override(&self.config, "Pinpoint").is_some()
    }
}
