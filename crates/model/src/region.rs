//! Regions and partitions, and where Amazon Pinpoint has an endpoint.
use crate::AccountId;
use crate::error::InvalidText;
use crate::ids::{display_as_str, through_text};
use smol_str::SmolStr;
use std::cmp::Ordering;
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
        let name = match self {
            Partition::Aws => "us-east-1",
            Partition::AwsUsGov => "us-gov-west-1",
        };
        Region::named(name)
    }
}

display_as_str!(Partition);

impl std::str::FromStr for Partition {
    type Err = InvalidText;
    fn from_str(text: &str) -> Result<Self, InvalidText> {
        let rule = "Pinpoint exists in aws and aws-us-gov";
        let known = [Partition::Aws, Partition::AwsUsGov].into_iter().find(|partition| partition.as_str() == text);
        known.ok_or_else(|| InvalidText::new("partition with Pinpoint", text, rule))
    }
}

/// The name of a region: `eu-west-1`.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Region(RegionName);

/// A plan compares many ARNs, and almost all are in regions that are known.
#[derive(Clone, PartialEq, Eq, Hash)]
enum RegionName {
    /// The place in [`AWS_REGIONS`].
    Known(u8),
    Other(SmolStr),
}

impl Region {
    /// `name` must be valid.
    fn named(name: &str) -> Region {
        let place = AWS_REGIONS.binary_search(&name).ok().and_then(|place| place.try_into().ok());
        Region(place.map_or_else(|| RegionName::Other(name.into()), RegionName::Known))
    }

    pub fn as_str(&self) -> &str {
        match &self.0 {
            RegionName::Known(place) => AWS_REGIONS[usize::from(*place)],
            RegionName::Other(name) => name,
        }
    }
}

impl std::str::FromStr for Region {
    type Err = InvalidText;
    fn from_str(text: &str) -> Result<Self, InvalidText> {
        let is_number = |part: &str| part.bytes().all(|b| b.is_ascii_digit());
        let is_valid = text.split('-').count() >= 3
            && text.len() <= 32
            && text.split('-').all(|part| !part.is_empty())
            && text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
            && text.rsplit('-').next().is_some_and(is_number);
        match is_valid {
            true => Ok(Region::named(text)),
            false => Err(InvalidText::new("region", text, "regions look like eu-west-1")),
        }
    }
}

impl Ord for Region {
    /// In alphabetical order.
    fn cmp(&self, other: &Region) -> Ordering {
        match (&self.0, &other.0) {
            (RegionName::Known(place), RegionName::Known(of_other)) => place.cmp(of_other),
            _ => self.as_str().cmp(other.as_str()),
        }
    }
}

impl PartialOrd for Region {
    fn partial_cmp(&self, other: &Region) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl fmt::Debug for Region {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Region").field(&self.as_str()).finish()
    }
}

display_as_str!(Region);
through_text!(Region);

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

/// Every region of the two partitions, in alphabetical order: where a CloudFormation stack may be.
/// Source: botocore 1.44.8 `partitions.json`.
pub const AWS_REGIONS: [&str; 38] = [
    "af-south-1",
    "ap-east-1",
    "ap-east-2",
    "ap-northeast-1",
    "ap-northeast-2",
    "ap-northeast-3",
    "ap-south-1",
    "ap-south-2",
    "ap-southeast-1",
    "ap-southeast-2",
    "ap-southeast-3",
    "ap-southeast-4",
    "ap-southeast-5",
    "ap-southeast-6",
    "ap-southeast-7",
    "ca-central-1",
    "ca-west-1",
    "eu-central-1",
    "eu-central-2",
    "eu-north-1",
    "eu-south-1",
    "eu-south-2",
    "eu-west-1",
    "eu-west-2",
    "eu-west-3",
    "il-central-1",
    "me-central-1",
    "me-south-1",
    "me-west-1",
    "mx-central-1",
    "sa-east-1",
    "sa-west-1",
    "us-east-1",
    "us-east-2",
    "us-gov-east-1",
    "us-gov-west-1",
    "us-west-1",
    "us-west-2",
];

/// The regions that are enabled in every account. Source: Account Management reference guide, "Enable or disable AWS
/// Regions in your account".
pub const ENABLED_BY_DEFAULT: [&str; 17] = [
    "ap-northeast-1",
    "ap-northeast-2",
    "ap-northeast-3",
    "ap-south-1",
    "ap-southeast-1",
    "ap-southeast-2",
    "ca-central-1",
    "eu-central-1",
    "eu-north-1",
    "eu-west-1",
    "eu-west-2",
    "eu-west-3",
    "sa-east-1",
    "us-east-1",
    "us-east-2",
    "us-west-1",
    "us-west-2",
];

impl Region {
    pub fn has_pinpoint(&self) -> bool {
        PINPOINT_REGIONS.contains(&self.as_str())
    }

    /// Only partitions with Pinpoint.
    pub fn partition(&self) -> Partition {
        if self.as_str().starts_with("us-gov-") { Partition::AwsUsGov } else { Partition::Aws }
    }

    pub fn all(partition: Partition) -> impl Iterator<Item = Region> {
        AWS_REGIONS.iter().map(|name| Region::named(name)).filter(move |r| r.partition() == partition)
    }

    /// Whether this is a region of [`AWS_REGIONS`]: newer ones and misspelt ones are not.
    pub fn is_known(&self) -> bool {
        matches!(self.0, RegionName::Known(_))
    }

    pub fn with_pinpoint(partition: Partition) -> impl Iterator<Item = Region> {
        PINPOINT_REGIONS.iter().map(|name| Region::named(name)).filter(move |r| r.partition() == partition)
    }
}

/// `123456789012/eu-west-1`
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct AccountRegion {
    pub account: AccountId,
    pub region: Region,
}

impl AccountRegion {
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
    type Err = InvalidText;
    fn from_str(text: &str) -> Result<Self, InvalidText> {
        let rule = "it looks like 123456789012/eu-west-1";
        let parts = text.split_once('/').ok_or_else(|| InvalidText::new("account and region", text, rule))?;
        Ok(AccountRegion { account: parts.0.parse()?, region: parts.1.parse()? })
    }
}
through_text!(AccountRegion);

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
    fn regions_are_in_alphabetical_order_known_or_not() {
        let mut names: Vec<&str> = AWS_REGIONS.into_iter().chain(["aa-new-1", "eu-west-9", "zz-west-1"]).collect();
        let mut regions: Vec<Region> = names.iter().rev().map(|name| name.parse().unwrap()).collect();
        names.sort();
        regions.sort();
        assert_eq!(regions.iter().map(Region::as_str).collect::<Vec<_>>(), names);
        assert!(AWS_REGIONS.iter().all(|name| matches!(Region::named(name).0, RegionName::Known(_))));
    }

    #[test]
    fn what_does_not_look_like_a_region_is_refused() {
        for bad in ["", "useast1", "us-east-", "US-EAST-1", "us-east-1a", "eu"] {
            assert!(bad.parse::<Region>().is_err(), "{bad}");
        }
    }
}
