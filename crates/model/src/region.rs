//! Regions and partitions, and where Amazon Pinpoint has an endpoint.
use crate::ids::{AccountId, InvalidId};
use std::fmt;

/// A group of regions with its own accounts and ARNs. Pinpoint exists only in these two.
/// Source: botocore 1.44.5 `endpoints.json` (absent from `aws-cn`, the ISO partitions and `aws-eusc`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
pub enum Partition {
    #[serde(rename = "aws")]
    Aws,
    /// AWS GovCloud (US).
    #[serde(rename = "aws-us-gov")]
    AwsUsGov,
}

impl Partition {
    /// The second field of an ARN.
    pub fn as_str(self) -> &'static str {
        match self {
            Partition::Aws => "aws",
            Partition::AwsUsGov => "aws-us-gov",
        }
    }

    /// The region that signs requests to IAM and STS, whose endpoints are global in a partition.
    pub fn global_region(self) -> Region {
        Region(
            match self {
                Partition::Aws => "us-east-1",
                Partition::AwsUsGov => "us-gov-west-1",
            }
            .to_owned(),
        )
    }
}

impl fmt::Display for Partition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl std::str::FromStr for Partition {
    type Err = InvalidId;
    fn from_str(text: &str) -> Result<Self, InvalidId> {
        match text {
            "aws" => Ok(Partition::Aws),
            "aws-us-gov" => Ok(Partition::AwsUsGov),
            _ => Err(InvalidId {
                kind: "partition with Pinpoint",
                text: text.to_owned(),
                rule: "Pinpoint exists in aws and aws-us-gov",
            }),
        }
    }
}

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Region(String);

/// The regions with a Pinpoint endpoint, in alphabetical order.
/// Source: botocore 1.44.5 `endpoints.json`.
pub const PINPOINT_REGIONS: [&str; 13] = [
    "ap-northeast-1",
    "ap-northeast-2",
    "ap-south-1",
    "ap-southeast-1",
    "ap-southeast-2",
    "ca-central-1",
    "eu-central-1",
    "eu-west-1",
    "eu-west-2",
    "us-east-1",
    "us-east-2",
    "us-gov-west-1",
    "us-west-2",
];

impl Region {
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether Pinpoint has an endpoint there.
    pub fn has_pinpoint(&self) -> bool {
        PINPOINT_REGIONS.contains(&self.0.as_str())
    }

    /// Only partitions with Pinpoint.
    pub fn partition(&self) -> Partition {
        if self.0.starts_with("us-gov-") { Partition::AwsUsGov } else { Partition::Aws }
    }

    /// The regions of a partition that have Pinpoint.
    pub fn with_pinpoint(partition: Partition) -> impl Iterator<Item = Region> {
        PINPOINT_REGIONS.iter().map(|name| Region((*name).to_owned())).filter(move |r| r.partition() == partition)
    }
}

impl std::str::FromStr for Region {
    type Err = InvalidId;
    fn from_str(text: &str) -> Result<Self, InvalidId> {
        let parts: Vec<&str> = text.split('-').collect();
        let well_formed = parts.len() >= 3
            && text.len() <= 32
            && parts.iter().all(|part| !part.is_empty())
            && text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
            && parts.last().is_some_and(|last| last.bytes().all(|b| b.is_ascii_digit()));
        if well_formed {
            Ok(Region(text.to_owned()))
        } else {
            Err(InvalidId { kind: "region", text: text.to_owned(), rule: "regions look like eu-west-1" })
        }
    }
}

impl TryFrom<String> for Region {
    type Error = InvalidId;
    fn try_from(text: String) -> Result<Self, InvalidId> {
        text.parse()
    }
}

impl From<Region> for String {
    fn from(region: Region) -> String {
        region.0
    }
}

impl fmt::Display for Region {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// `123456789012/eu-west-1`
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct AccountRegion {
    pub account: AccountId,
    pub region: Region,
}

impl AccountRegion {
    /// Both together.
    pub fn of(account: &AccountId, region: &Region) -> AccountRegion {
        AccountRegion { account: account.clone(), region: region.clone() }
    }
}

impl fmt::Display for AccountRegion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.account, self.region)
    }
}

impl std::str::FromStr for AccountRegion {
    type Err = InvalidId;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (account, region) = text.split_once('/').ok_or_else(|| InvalidId {
            kind: "account and region",
            text: text.to_owned(),
            rule: "it looks like 123456789012/eu-west-1",
        })?;
        Ok(AccountRegion { account: account.parse()?, region: region.parse()? })
    }
}

impl TryFrom<String> for AccountRegion {
    type Error = InvalidId;
    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

impl From<AccountRegion> for String {
    fn from(value: AccountRegion) -> String {
        value.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn govcloud_is_a_partition_of_its_own() {
        let region: Region = "us-gov-west-1".parse().unwrap();
        assert_eq!(region.partition(), Partition::AwsUsGov);
        assert_eq!(Region::with_pinpoint(Partition::AwsUsGov).count(), 1);
        assert_eq!(Region::with_pinpoint(Partition::Aws).count(), 12);
    }

    #[test]
    fn what_does_not_look_like_a_region_is_refused() {
        for bad in ["", "useast1", "us-east-", "US-EAST-1", "us-east-1a", "eu"] {
            assert!(bad.parse::<Region>().is_err(), "{bad}");
        }
    }
}
