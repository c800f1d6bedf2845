//! `123456789012/eu-*`, `123456789012/!us-east-1`: regions of one account, for which a person asserts something.
use pinpoint_streams_model::ids::AccountId;
use pinpoint_streams_model::region::{AWS_REGIONS, AccountRegion, Partition, Region};
use std::collections::BTreeSet;
use std::str::FromStr;
use wildmatch::WildMatch;

/// The regions of an account that match a pattern. An assertion is never made for accounts that are not named.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct RegionPattern {
    /// As it was given.
    text: String,
    places: BTreeSet<AccountRegion>,
}

impl RegionPattern {
    /// All regions of these partitions that the patterns stand for.
    pub(super) fn all(patterns: &[RegionPattern], partitions: &BTreeSet<Partition>) -> BTreeSet<AccountRegion> {
        let places = patterns.iter().flat_map(|pattern| &pattern.places);
        places.filter(|place| partitions.contains(&place.region.partition())).cloned().collect()
    }

    pub(super) fn as_str(&self) -> &str {
        &self.text
    }
}

impl FromStr for RegionPattern {
    type Err = String;

    fn from_str(text: &str) -> Result<RegionPattern, String> {
        let wrong = || {
            "expected an account and a region, such as 123456789012/eu-west-1, 123456789012/eu-* or \
             123456789012/!us-east-1 for all other regions"
                .to_owned()
        };
        let (account, pattern) = text.split_once('/').ok_or_else(wrong)?;
        let account: AccountId = account.parse().map_err(|_| wrong())?;
        let region = |name: &str| name.parse::<Region>().ok();
        let (is_other, pattern) = match pattern.strip_prefix('!') {
            Some(pattern) => (true, pattern),
            None => (false, pattern),
        };
        let glob = WildMatch::new(pattern);
        let (matching, others): (Vec<&str>, Vec<&str>) =
            AWS_REGIONS.into_iter().partition(|name| glob.matches(name));
        if matching.is_empty() {
            return Err(format!("no AWS region matches `{pattern}`"));
        }
        let chosen = if is_other { others } else { matching };
        let regions: Vec<Region> = chosen.into_iter().filter_map(region).collect();
        if regions.is_empty() {
            return Err(format!("no AWS region is left by `{pattern}`"));
        }
        let places = regions.iter().map(|region| AccountRegion::of(&account, region)).collect();
        Ok(RegionPattern { text: text.to_owned(), places })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn regions(text: &str) -> Result<Vec<String>, String> {
        text.parse().map(|RegionPattern { text: _, places }| places.iter().map(ToString::to_string).collect())
    }

    #[test]
    fn a_pattern_stands_for_the_regions_of_one_account() {
        assert_eq!(regions("123456789012/eu-west-1").unwrap(), ["123456789012/eu-west-1"]);
        assert_eq!(
            regions("123456789012/us-gov-*").unwrap(),
            ["123456789012/us-gov-east-1", "123456789012/us-gov-west-1"]
        );
        assert_eq!(regions("123456789012/*").unwrap().len(), AWS_REGIONS.len());
        let others = regions("123456789012/!us-east-1").unwrap();
        assert_eq!(others.len(), AWS_REGIONS.len() - 1);
        assert!(!others.contains(&"123456789012/us-east-1".to_owned()), "{others:?}");
    }

    #[test]
    fn a_pattern_is_kept_as_it_was_given_and_asserts_nothing_of_another_partition() {
        let all: RegionPattern = "123456789012/*".parse().unwrap();
        assert_eq!(all.as_str(), "123456789012/*");
        let of = |partition| RegionPattern::all(std::slice::from_ref(&all), &[partition].into());
        assert!(of(Partition::Aws).iter().all(|place| !place.region.as_str().contains("-gov-")));
        assert_eq!(of(Partition::AwsUsGov).len(), 2);
    }

    #[test]
    fn accounts_have_no_pattern_and_a_misspelt_region_is_an_error() {
        assert!(regions("123456789012/!*").is_err());
        assert_eq!(regions("123456789012/!eu-wst-1").unwrap_err(), "no AWS region matches `eu-wst-1`");
        for wrong in ["*/eu-west-1", "eu-west-1", "12345678901*/eu-west-1", "123456789012/"] {
            assert!(regions(wrong).is_err(), "{wrong}");
        }
        assert_eq!(regions("123456789012/eu-wst-1").unwrap_err(), "no AWS region matches `eu-wst-1`");
        assert_eq!(regions("123456789012/xx-*").unwrap_err(), "no AWS region matches `xx-*`");
    }
}
