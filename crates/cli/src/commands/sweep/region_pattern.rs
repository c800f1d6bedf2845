//! `123456789012/eu-*`: regions of one account, for which a person asserts something.
use pinpoint_streams_model::ids::AccountId;
use pinpoint_streams_model::region::{AWS_REGIONS, AccountRegion, Region};
use std::collections::BTreeSet;
use std::str::FromStr;
use wildmatch::WildMatch;

/// The regions of an account that match a pattern. An assertion is never made for accounts that are not named.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct RegionPattern(BTreeSet<AccountRegion>);

impl RegionPattern {
    /// All regions that the patterns stand for.
    pub(super) fn all(patterns: &[RegionPattern]) -> BTreeSet<AccountRegion> {
        patterns.iter().flat_map(|RegionPattern(places)| places.clone()).collect()
    }
}

impl FromStr for RegionPattern {
    type Err = String;

    fn from_str(text: &str) -> Result<RegionPattern, String> {
        let wrong =
            || "expected an account and a region, such as 123456789012/eu-west-1 or 123456789012/eu-*".to_owned();
        let (account, pattern) = text.split_once('/').ok_or_else(wrong)?;
        let account: AccountId = account.parse().map_err(|_| wrong())?;
        let region = |name: &str| name.parse::<Region>().ok();
        let regions: Vec<Region> = if pattern.contains(['*', '?']) {
            let pattern = WildMatch::new(pattern);
            AWS_REGIONS.into_iter().filter(|name| pattern.matches(name)).filter_map(region).collect()
        } else {
            region(pattern).filter(Region::is_known).into_iter().collect()
        };
        if regions.is_empty() {
            return Err(format!("no AWS region matches {pattern:?}"));
        }
        Ok(RegionPattern(regions.iter().map(|region| AccountRegion::of(&account, region)).collect()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn regions(text: &str) -> Result<Vec<String>, String> {
        text.parse().map(|RegionPattern(places)| places.iter().map(ToString::to_string).collect())
    }

    #[test]
    fn a_pattern_stands_for_the_regions_of_one_account() {
        assert_eq!(regions("123456789012/eu-west-1").unwrap(), ["123456789012/eu-west-1"]);
        assert_eq!(
            regions("123456789012/us-gov-*").unwrap(),
            ["123456789012/us-gov-east-1", "123456789012/us-gov-west-1"]
        );
        assert_eq!(regions("123456789012/*").unwrap().len(), AWS_REGIONS.len());
    }

    #[test]
    fn accounts_have_no_pattern_and_a_misspelt_region_is_an_error() {
        for wrong in ["*/eu-west-1", "eu-west-1", "12345678901*/eu-west-1", "123456789012/"] {
            assert!(regions(wrong).is_err(), "{wrong}");
        }
        assert_eq!(regions("123456789012/eu-wst-1").unwrap_err(), "no AWS region matches \"eu-wst-1\"");
        assert_eq!(regions("123456789012/xx-*").unwrap_err(), "no AWS region matches \"xx-*\"");
    }
}
