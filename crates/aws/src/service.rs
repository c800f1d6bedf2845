//! Clients for services of which few operations are called: an SDK crate for each would take minutes to compile. They use
//! the SDK's runtime with the same configuration as the generated clients: credentials, endpoints, timeouts, retries, user
//! agent.
mod client;
pub(crate) mod json;
pub(crate) mod models;
pub(crate) mod query;

use crate::credentials::endpoint_override;
use aws_types::SdkConfig;
pub(crate) use client::{Protocol, ServiceClient};
use pinpoint_streams_model::region::{Partition, Region};

pub(crate) type JsonClient = ServiceClient<json::Request>;
pub(crate) type QueryClient = ServiceClient<query::Request>;

/// A service as its API model describes it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct ServiceModel {
    /// Names the service in settings, such as `AWS_ENDPOINT_URL_CONFIG_SERVICE`.
    pub(crate) id: &'static str,
    /// The first label of its host names.
    pub(crate) prefix: &'static str,
    /// Its name in signatures.
    pub(crate) signing: &'static str,
    pub(crate) version: &'static str,
    pub(crate) gov_fips: GovFips,
}

/// How the names of FIPS endpoints look in GovCloud, where other names lead to such endpoints too.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum GovFips {
    /// With `-fips`, as in other partitions.
    Suffixed,
    SuffixedInDualStack,
    Plain,
}

impl ServiceModel {
    /// The custom endpoint, or that of the region by the services' endpoint rules, which differ in the prefix and in GovCloud.
    /// Source: see `models`.
    fn endpoint(&self, config: &SdkConfig) -> Result<String, String> {
        let ServiceModel { id, prefix, gov_fips, .. } = self;
        let (fips, dual_stack) =
            (config.use_fips().unwrap_or_default(), config.use_dual_stack().unwrap_or_default());
        match endpoint_override(config, id) {
            Some(_) if fips => Err("FIPS and a custom endpoint are not supported together".to_owned()),
            Some(_) if dual_stack => Err("dual-stack and a custom endpoint are not supported together".to_owned()),
            Some(url) => Ok(url),
            None => {
                let region: Region = config
                    .region()
                    .map_or("", |region| region.as_ref())
                    .parse()
                    .map_err(|error| format!("{error}"))?;
                let is_suffixed = match gov_fips {
                    _ if region.partition() != Partition::AwsUsGov => true,
                    GovFips::Suffixed => true,
                    GovFips::SuffixedInDualStack => dual_stack,
                    GovFips::Plain => false,
                };
                let fips = if fips && is_suffixed { "-fips" } else { "" };
                let suffix = if dual_stack { "api.aws" } else { "amazonaws.com" };
                Ok(format!("https://{prefix}{fips}.{region}.{suffix}"))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use aws_config::BehaviorVersion;
    use aws_types::sdk_config::Builder;

    fn endpoint(
        service: ServiceModel,
        region: &'static str,
        set: impl Fn(Builder) -> Builder,
    ) -> Result<String, String> {
        let region = aws_types::region::Region::from_static(region);
        let config = set(SdkConfig::builder().behavior_version(BehaviorVersion::latest()).region(region)).build();
        service.endpoint(&config)
    }

    #[test]
    fn endpoints_follow_the_rules_of_the_service() {
        type Set = fn(Builder) -> Builder;
        let (plain, fips): (Set, Set) = (|config| config, |config| config.use_fips(true));
        let dual_stack: Set = |config| config.use_dual_stack(true);
        let fips_dual_stack: Set = |config| config.use_fips(true).use_dual_stack(true);
        use models::{
            ACCOUNT, CLOUDFORMATION, CLOUDWATCH, CONFIG, FIREHOSE, KINESIS, LAMBDA, ORGANIZATIONS, PINPOINT, SES,
        };
        for (service, region, set, expected) in [
            (CONFIG, "eu-west-1", plain, "https://config.eu-west-1.amazonaws.com"),
            (CONFIG, "us-east-1", fips, "https://config-fips.us-east-1.amazonaws.com"),
            (CONFIG, "us-gov-west-1", fips, "https://config.us-gov-west-1.amazonaws.com"),
            (CONFIG, "eu-west-1", dual_stack, "https://config.eu-west-1.api.aws"),
            (CONFIG, "us-gov-west-1", fips_dual_stack, "https://config-fips.us-gov-west-1.api.aws"),
            (CONFIG, "eu-west-1", |config| config.endpoint_url("http://localhost:5000"), "http://localhost:5000"),
            (SES, "eu-west-1", plain, "https://email.eu-west-1.amazonaws.com"),
            (SES, "us-gov-west-1", fips, "https://email-fips.us-gov-west-1.amazonaws.com"),
            (LAMBDA, "us-gov-west-1", fips, "https://lambda-fips.us-gov-west-1.amazonaws.com"),
            (PINPOINT, "us-gov-west-1", fips, "https://pinpoint-fips.us-gov-west-1.amazonaws.com"),
            (CLOUDWATCH, "us-east-1", fips, "https://monitoring-fips.us-east-1.amazonaws.com"),
            (CLOUDWATCH, "us-gov-west-1", fips, "https://monitoring.us-gov-west-1.amazonaws.com"),
            (CLOUDWATCH, "us-gov-west-1", fips_dual_stack, "https://monitoring.us-gov-west-1.api.aws"),
            (KINESIS, "eu-west-1", plain, "https://kinesis.eu-west-1.amazonaws.com"),
            (KINESIS, "us-east-1", fips, "https://kinesis-fips.us-east-1.amazonaws.com"),
            (KINESIS, "us-gov-east-1", fips, "https://kinesis.us-gov-east-1.amazonaws.com"),
            (KINESIS, "us-gov-east-1", fips_dual_stack, "https://kinesis-fips.us-gov-east-1.api.aws"),
            (FIREHOSE, "us-gov-east-1", fips, "https://firehose-fips.us-gov-east-1.amazonaws.com"),
            (FIREHOSE, "us-gov-east-1", dual_stack, "https://firehose.us-gov-east-1.api.aws"),
            (ORGANIZATIONS, "us-east-1", fips, "https://organizations-fips.us-east-1.amazonaws.com"),
            (ORGANIZATIONS, "us-gov-west-1", fips_dual_stack, "https://organizations.us-gov-west-1.api.aws"),
            (ACCOUNT, "us-east-1", plain, "https://account.us-east-1.amazonaws.com"),
            (ACCOUNT, "us-gov-west-1", fips, "https://account-fips.us-gov-west-1.amazonaws.com"),
            (CLOUDFORMATION, "us-west-2", fips, "https://cloudformation-fips.us-west-2.amazonaws.com"),
            (CLOUDFORMATION, "us-gov-west-1", fips, "https://cloudformation.us-gov-west-1.amazonaws.com"),
            (
                CLOUDFORMATION,
                "us-gov-east-1",
                fips_dual_stack,
                "https://cloudformation-fips.us-gov-east-1.api.aws",
            ),
        ] {
            assert_eq!(endpoint(service, region, set).as_deref(), Ok(expected), "{region}");
        }
        assert!(
            endpoint(CONFIG, "us-east-1", |config| config.use_fips(true).endpoint_url("http://local")).is_err()
        );
    }
}
