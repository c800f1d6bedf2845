//! One account's clients: IAM is global, the others are created per region on first use.
use crate::answer_form::{JsonForm, QueryForm};
use crate::calling::client;
use crate::credentials::{HostLookup, endpoint_override};
use crate::service::{JsonClient, QueryClient, models};
use crate::sts::Caller;
use aws_types::SdkConfig;
use pinpoint_streams_model::region::Region;
use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

pub(crate) struct Account {
    pub(crate) caller: Caller,
    pub(crate) iam: aws_sdk_iam::Client,
    config: SdkConfig,
    resolves: Option<HostLookup>,
    regions: Mutex<BTreeMap<Region, Arc<Regional>>>,
}

/// A client is made when it is first used: most of them never are.
pub(crate) struct Regional {
    pub(crate) config: SdkConfig,
    pinpoint: OnceLock<aws_sdk_pinpoint::Client>,
    pub(crate) kinesis: JsonClient,
    pub(crate) firehose: JsonClient,
    pub(crate) cloudformation: QueryClient,
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
    /// The configuration's region is that of the partition's global services.
    pub(crate) fn new(caller: Caller, config: SdkConfig, resolves: Option<HostLookup>) -> Account {
        Account {
            caller,
            iam: client!(aws_sdk_iam, &config, QueryForm),
            config,
            resolves,
            regions: Mutex::default(),
        }
    }

    pub(crate) fn organizations(&self) -> JsonClient {
        JsonClient::new(models::ORGANIZATIONS, &self.config)
    }

    pub(crate) fn account_management(&self) -> JsonClient {
        JsonClient::new(models::ACCOUNT, &self.config)
    }

    pub(crate) fn regional(&self, region: &Region) -> Arc<Regional> {
        let mut regions = self.regions.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = regions.get(region) {
            return Arc::clone(known);
        }
        let region_name = aws_types::region::Region::new(region.to_string());
        let config = self.config.to_builder().region(region_name).build();
        let made = Arc::new(Regional {
            pinpoint: OnceLock::new(),
            kinesis: JsonClient::new(models::KINESIS, &config),
            firehose: JsonClient::new(models::FIREHOSE, &config),
            cloudformation: QueryClient::new(models::CLOUDFORMATION, &config),
            config_service: JsonClient::new(models::CONFIG, &config),
            cloudtrail: JsonClient::new(models::CLOUDTRAIL, &config),
            access_analyzer: JsonClient::new(models::ACCESS_ANALYZER, &config),
            pinpoint_json: JsonClient::new(models::PINPOINT, &config),
            ses: JsonClient::new(models::SES, &config),
            lambda: JsonClient::new(models::LAMBDA, &config),
            cloudwatch: JsonClient::new(models::CLOUDWATCH, &config),
            kms: JsonClient::new(models::KMS, &config),
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
    pub(crate) fn pinpoint(&self) -> &aws_sdk_pinpoint::Client {
        self.pinpoint.get_or_init(|| client!(aws_sdk_pinpoint, &self.config, JsonForm))
    }

    /// Whether there is a custom endpoint for Pinpoint or for all services.
    pub(crate) fn pinpoint_endpoint_is_set(&self) -> bool {
        endpoint_override(&self.config, "Pinpoint").is_some()
    }
}
