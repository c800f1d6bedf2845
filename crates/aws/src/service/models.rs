//! The services as their API models describe them.
//! Source: `service-2.json` and `endpoint-rule-set-1.json` of each service in botocore 1.44.8; of ACCOUNT, CLOUDFORMATION,
//! FIREHOSE, KINESIS and ORGANIZATIONS, `config/endpoint.rs` of the SDK's crates of the same names.
use super::{GovFips, ServiceModel};

pub(crate) const ACCESS_ANALYZER: ServiceModel = ServiceModel {
    id: "AccessAnalyzer",
    prefix: "access-analyzer",
    signing: "access-analyzer",
    version: "2019-11-01",
    gov_fips: GovFips::SuffixedInDualStack,
};
/// Has one endpoint for each partition.
pub(crate) const ACCOUNT: ServiceModel = ServiceModel {
    id: "Account",
    prefix: "account",
    signing: "account",
    version: "2021-02-01",
    gov_fips: GovFips::Suffixed,
};
pub(crate) const CLOUDFORMATION: ServiceModel = ServiceModel {
    id: "CloudFormation",
    prefix: "cloudformation",
    signing: "cloudformation",
    version: "2010-05-15",
    gov_fips: GovFips::SuffixedInDualStack,
};
pub(crate) const CLOUDTRAIL: ServiceModel = ServiceModel {
    id: "CloudTrail",
    prefix: "cloudtrail",
    signing: "cloudtrail",
    version: "2013-11-01",
    gov_fips: GovFips::SuffixedInDualStack,
};
pub(crate) const CLOUDWATCH: ServiceModel = ServiceModel {
    id: "CloudWatch",
    prefix: "monitoring",
    signing: "monitoring",
    version: "2010-08-01",
    gov_fips: GovFips::Plain,
};
pub(crate) const CONFIG: ServiceModel = ServiceModel {
    id: "Config Service",
    prefix: "config",
    signing: "config",
    version: "2014-11-12",
    gov_fips: GovFips::SuffixedInDualStack,
};
pub(crate) const FIREHOSE: ServiceModel = ServiceModel {
    id: "Firehose",
    prefix: "firehose",
    signing: "firehose",
    version: "2015-08-04",
    gov_fips: GovFips::Suffixed,
};
/// The endpoint of the region. The SDK derives one for each account from ARNs in the request (`ACCOUNT.control-kinesis.REGION`);
/// those of regions take the same requests, and are what networks already let through for producers.
pub(crate) const KINESIS: ServiceModel = ServiceModel {
    id: "Kinesis",
    prefix: "kinesis",
    signing: "kinesis",
    version: "2013-12-02",
    gov_fips: GovFips::SuffixedInDualStack,
};
pub(crate) const KMS: ServiceModel =
    ServiceModel { id: "KMS", prefix: "kms", signing: "kms", version: "2014-11-01", gov_fips: GovFips::Suffixed };
pub(crate) const LAMBDA: ServiceModel = ServiceModel {
    id: "Lambda",
    prefix: "lambda",
    signing: "lambda",
    version: "2015-03-31",
    gov_fips: GovFips::Suffixed,
};
/// Has one endpoint for each partition.
pub(crate) const ORGANIZATIONS: ServiceModel = ServiceModel {
    id: "Organizations",
    prefix: "organizations",
    signing: "organizations",
    version: "2016-11-28",
    gov_fips: GovFips::Plain,
};
/// For operations that the SDK's client is not used for.
pub(crate) const PINPOINT: ServiceModel = ServiceModel {
    id: "Pinpoint",
    prefix: "pinpoint",
    signing: "mobiletargeting",
    version: "2016-12-01",
    gov_fips: GovFips::Suffixed,
};
pub(crate) const SES: ServiceModel = ServiceModel {
    id: "SESv2",
    prefix: "email",
    signing: "ses",
    version: "2019-09-27",
    gov_fips: GovFips::Suffixed,
};
