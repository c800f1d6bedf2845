//! What a person can assert where something is unknown.
use pinpoint_streams_model::arn::AppArn;
use pinpoint_streams_model::fact::{Fact, Subject};
use pinpoint_streams_model::ids::AccountId;
use pinpoint_streams_model::live::FailureKind;
use pinpoint_streams_model::region::{AWS_REGIONS, AccountRegion, PINPOINT_REGIONS};
use pinpoint_streams_model::sweep::Finding;
use std::collections::{BTreeMap, BTreeSet};

/// What a person can assert so that unknown roles can be classified.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Assertions {
    event_streams_gone: BTreeSet<AccountRegion>,
    no_stacks_in: BTreeSet<AccountRegion>,
}

impl Assertions {
    /// What would help with these roles.
    pub(crate) fn about<'a>(findings: impl IntoIterator<Item = &'a Finding>) -> Assertions {
        let mut assertions = Assertions::default();
        for fact in findings.into_iter().flat_map(|finding| &finding.evidence).map(|evidence| &evidence.fact) {
            assertions.add(fact);
        }
        assertions
    }

    /// Whether an assertion can stand in for what is unknown by this fact.
    pub(crate) fn help_with(fact: &Fact) -> bool {
        let mut assertions = Assertions::default();
        assertions.add(fact);
        assertions != Assertions::default()
    }

    fn add(&mut self, fact: &Fact) {
        match fact {
            Fact::NoPositiveControl { places } => self.event_streams_gone.extend(places.iter().cloned()),
            Fact::PlacesUnreadable { places, why }
                if why.kind == FailureKind::ServiceEnded || why.is_denied_by_organization() =>
            {
                self.event_streams_gone.extend(places.iter().cloned());
            }
            Fact::StacksUnreadable { places, why } if why.kind == FailureKind::Denied => {
                self.no_stacks_in.extend(places.iter().cloned());
            }
            Fact::ReadFailed { what, why } if why.kind == FailureKind::ServiceEnded => match what {
                Subject::Apps(place) => drop(self.event_streams_gone.insert(place.clone())),
                Subject::EventStream(AppArn { region, account, id: _ }) => {
                    self.event_streams_gone.insert(AccountRegion::of(account, region));
                }
                _ => {}
            },
            _ => {}
        }
    }

    /// Each flag with its values, quoted for the shell. No flags if nothing can be asserted.
    pub(crate) fn flags(&self) -> Vec<String> {
        let gone = patterns(&self.event_streams_gone, &PINPOINT_REGIONS);
        let stacks = patterns(&self.no_stacks_in, &AWS_REGIONS);
        let flag = |flag: &str, patterns: Vec<String>| {
            patterns.into_iter().map(|pattern| format!("{flag} {pattern}")).collect::<Vec<_>>()
        };
        [flag("--event-streams-gone", gone), flag("--no-stacks-in", stacks)].concat()
    }

    /// What the person must know.
    pub(crate) fn condition(&self) -> &'static str {
        match (self.event_streams_gone.is_empty(), self.no_stacks_in.is_empty()) {
            (false, false) => {
                "no event stream remains in these regions, and no CloudFormation stack there contains a role"
            }
            (false, true) => "no event stream remains in these regions",
            (true, _) => "no CloudFormation stack in these regions contains a role",
        }
    }
}

/// How to assert that no event stream remains in these places.
pub(super) fn assertion(places: &BTreeSet<AccountRegion>) -> String {
    let flags = flags("--event-streams-gone", places, &PINPOINT_REGIONS);
    format!("if you know that no event stream remains there, assert it with {flags}")
}

/// The flag for each pattern of places.
pub(super) fn flags(flag: &str, places: &BTreeSet<AccountRegion>, known: &[&str]) -> String {
    patterns(places, known).into_iter().map(|pattern| format!("{flag} {pattern}")).collect::<Vec<_>>().join(" ")
}

/// The places as patterns, quoted for the shell: one for all regions of a continent, or for all but one. `known`: the regions
/// that may be meant. A pattern stands for no region of them that is not among the places.
pub(crate) fn patterns(places: &BTreeSet<AccountRegion>, known: &[&str]) -> Vec<String> {
    let mut accounts: BTreeMap<&AccountId, BTreeSet<&str>> = BTreeMap::new();
    for AccountRegion { account, region } in places {
        accounts.entry(account).or_default().insert(region.as_str());
    }
    let of_account = |(account, regions): (&AccountId, BTreeSet<&str>)| {
        let rest = known.iter().filter(|known| !known.contains("-gov-") && !regions.contains(**known));
        let rest: Vec<&str> = rest.copied().collect();
        match rest.as_slice() {
            [] if regions.len() > 1 && !regions.iter().any(|region| region.contains("-gov-")) => {
                return vec![format!("'{account}/*'")];
            }
            [other] if regions.len() > 1 => return vec![format!("'{account}/!{other}'")],
            _ => {}
        }
        let continent = |region: &str| region.split_once('-').map(|(continent, _)| continent.to_owned());
        let mut groups: BTreeMap<Option<String>, BTreeSet<&str>> = BTreeMap::new();
        for region in regions {
            groups.entry(continent(region)).or_default().insert(region);
        }
        let of_group = |(group, regions): (Option<String>, BTreeSet<&str>)| match group {
            Some(group)
                if regions.len() > 1 && !rest.iter().any(|other| continent(other).as_ref() == Some(&group)) =>
            {
                vec![format!("'{account}/{group}-*'")]
            }
            _ => regions.into_iter().map(|region| format!("{account}/{region}")).collect(),
        };
        groups.into_iter().flat_map(of_group).collect()
    };
    accounts.into_iter().flat_map(of_account).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn flags_of(regions: &[&str], known: &[&str]) -> String {
        let place = |region: &&str| format!("123456789012/{region}").parse().unwrap();
        flags("--flag", &regions.iter().map(place).collect(), known)
    }

    #[test]
    fn a_pattern_stands_for_no_region_that_could_be_read() {
        let all: Vec<&str> = PINPOINT_REGIONS.into_iter().filter(|region| !region.contains("-gov-")).collect();
        let but = |left: &[&str]| all.iter().copied().filter(|region| !left.contains(region)).collect::<Vec<_>>();
        assert_eq!(flags_of(&but(&["us-east-1"]), &PINPOINT_REGIONS), "--flag '123456789012/!us-east-1'");
        let two = flags_of(&but(&["us-east-1", "eu-west-1"]), &PINPOINT_REGIONS);
        assert!(two.starts_with("--flag '123456789012/ap-*' --flag 123456789012/ca-central-1"), "{two}");
        assert!(!two.contains("us-*") && !two.contains("eu-*") && !two.contains('!'), "{two}");
        // Three regions of us are as many as have Pinpoint, and not all: us-east-1 could be read.
        let stacks = flags_of(&["us-east-2", "us-west-1", "us-west-2"], &AWS_REGIONS);
        assert!(!stacks.contains('*'), "{stacks}");
    }
}
