//! Facts without the names of accounts, regions and resources, so that equal findings of many accounts are one group; and
//! what a person can assert where something is unknown.
use super::{Kind, to_learn};
use pinpoint_streams_model::arn::AppArn;
use pinpoint_streams_model::fact::{Fact, Subject};
use pinpoint_streams_model::ids::AccountId;
use pinpoint_streams_model::live::{FailureKind, Unreadable};
use pinpoint_streams_model::region::{AWS_REGIONS, AccountRegion, PINPOINT_REGIONS};
use pinpoint_streams_model::sweep::Finding;
use std::collections::{BTreeMap, BTreeSet};

/// A lowercase fragment.
pub(crate) fn in_short(fact: &Fact) -> String {
    let text = match fact {
        Fact::PositiveControl { .. } => "no event stream names it, and Pinpoint answers in its regions",
        Fact::NoPositiveControl { .. } => {
            "no proof of absence: no event stream was found in some regions, but a service that has been shut down would \
             give the same answer"
        }
        Fact::PlacesUnreadable { why, .. } => return failed("the event streams of some regions", why),
        Fact::StacksUnreadable { why, .. } => return failed("the CloudFormation stacks of some regions", why),
        Fact::ReadFailed { what, why } => return failed(kind(what), why),
        Fact::NotRead { what } => return format!("not read: {}", kind(what)),
        Fact::NeverUsedThere { .. } => "the manifest says that Pinpoint was never used in its regions",
        Fact::Asserted { .. } => "a person asserts that no event stream remains in its regions",
        Fact::NotInConfig { .. } => "AWS Config has recorded no event stream that names it",
        Fact::DeletedInConfig { .. } => "AWS Config recorded that its app or event stream was deleted",
        Fact::InNoStack { .. } => "no CloudFormation stack contains it",
        Fact::NoStacksAsserted { .. } => "a person asserts that no CloudFormation stack contains it",
        Fact::AccountNotRead { .. } => "an account whose apps could use the role was not read",
        Fact::AppListIncomplete { .. } => "a list of apps is incomplete",
        Fact::RecordedAs { .. } => "the state of this workspace records it",
        Fact::BegunFor { .. } => "a run of this workspace began to change it",
        Fact::OutcomeUnknown { .. } => "a run began to change it, with unknown outcome",
        Fact::OwnedByThisWorkspace { .. } => "its tags say that this workspace manages it",
        Fact::HeldByStack { .. } => "a CloudFormation stack contains it",
        Fact::MadeFromTemplate { .. } => "it was created from a role template",
        Fact::NamedByEventStream { .. } => "an event stream names it",
        Fact::NamedInConfig { .. } => "AWS Config recorded an event stream that names it",
        Fact::NamedInCloudTrail { .. } => "CloudTrail has an event stream that names it",
        Fact::NamedUnclearly { .. } => "an event stream may name it",
        Fact::NamedByEmailChannel { .. } => "an email channel names it",
        Fact::NamedByJob { .. } => "a job names it",
        Fact::NamedByRecommender { .. } => "a recommender configuration names it",
        Fact::UsedLately { since, .. } => return format!("used after {}", since.strftime("%Y-%m-%d")),
        Fact::AssumedLately { since, .. } => return format!("assumed after {}", since.strftime("%Y-%m-%d")),
        Fact::AccessedLately { since, .. } => {
            return format!("it called a service after {}", since.strftime("%Y-%m-%d"));
        }
        Fact::QuarantinedAt { at } => return format!("quarantined on {}", at.strftime("%Y-%m-%d")),
        Fact::UsedSinceQuarantine { .. } => "used after it was quarantined",
        Fact::NeverUsed { within_days } => return format!("not used in {within_days} days"),
        Fact::TooYoung { min_days, .. } => return format!("younger than --min-age {min_days}d"),
        Fact::QuarantinedTooLately { after_days, .. } => {
            return format!("quarantined less than --after {after_days}d ago");
        }
        Fact::QuarantineTagMissing { .. } => "a tag of its quarantine is missing or invalid",
        Fact::OtherRoleQuarantined { .. } => "another role of this name was quarantined",
        Fact::NoRoomForTags { .. } => "its tags leave no room for those of a quarantine",
        Fact::OtherPurpose { purpose } => {
            return format!("its permissions are not those of an event stream: {purpose}");
        }
        other => return Kind(other).to_string(),
    };
    text.to_owned()
}

fn failed(what: &str, why: &Unreadable) -> String {
    let Unreadable { kind: _, operation, code, .. } = why;
    let by = if why.is_denied_by_organization() { " by a service control policy" } else { "" };
    format!("cannot read {what}: {operation} answered {code}{by}")
}

fn kind(what: &Subject) -> &'static str {
    match what {
        Subject::Caller => "the account of the credentials",
        Subject::Roles => "the roles of the account",
        Subject::Role => "the role itself",
        Subject::TrustPolicy => "its trust policy",
        Subject::OtherRole(_) => "another role",
        Subject::ManagedPolicy(_) => "a managed policy of it",
        Subject::InlinePolicy(_) => "an inline policy of it",
        Subject::Apps(_) => "the apps of a region",
        Subject::EventStream(_) => "the event stream of an app",
        Subject::Stack(_) => "the CloudFormation stacks of a region",
        Subject::EnabledRegions => "the regions that are enabled for the account",
        Subject::Channels => "its channels",
        Subject::EmailChannel(_) => "the email channel of an app",
        Subject::Jobs(_) => "the jobs of an app",
        Subject::Recommenders(_) => "the recommender configurations of a region",
    }
}

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

/// How to find out what is unknown, other than by an assertion.
pub(crate) fn other_hints(finding: &Finding) -> BTreeSet<String> {
    let facts = finding.evidence.iter().map(|evidence| &evidence.fact);
    facts.filter(|fact| !Assertions::help_with(fact)).filter_map(to_learn).collect()
}

/// What keeps a verdict unknown.
pub(crate) fn gaps(finding: &Finding) -> Vec<&Fact> {
    let facts = || finding.evidence.iter().map(|evidence| &evidence.fact);
    let gaps: Vec<&Fact> = facts().filter(|fact| to_learn(fact).is_some()).collect();
    if gaps.is_empty() { facts().take(1).collect() } else { gaps }
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
