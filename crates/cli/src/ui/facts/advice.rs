//! What to do about a role, and how to find out what is unknown.
use super::assertions::{Assertions, assertion, flags};
use pinpoint_streams_model::arn::AppArn;
use pinpoint_streams_model::fact::{Evidence, Fact, Subject};
use pinpoint_streams_model::live::{FailureKind, Unreadable};
use pinpoint_streams_model::region::{AWS_REGIONS, AccountRegion, Region};
use pinpoint_streams_model::sweep::{Finding, SweepAction, Verdict};
use std::collections::BTreeSet;

/// What to do about a role after a sweep with this action. What holds the sweep back is shown by itself.
pub(crate) fn advice(finding: &Finding, action: SweepAction) -> Option<String> {
    // From a run log of format 1.
    if let Some(advice) = &finding.advice {
        return Some(advice.clone());
    }
    let is_held = !finding.held_by.is_empty();
    match finding.verdict {
        Verdict::Obsolete if finding.held_by.contains(&Fact::QuarantineReleased {}) => {
            Some("`sweep --release --apply` completes its release".into())
        }
        Verdict::Obsolete if is_held => None,
        Verdict::Obsolete if action == SweepAction::Delete => {
            Some("`sweep --delete --apply` archives and deletes it".into())
        }
        Verdict::Obsolete => Some("`sweep --apply` quarantines it; `sweep --release --apply` undoes that".into()),
        Verdict::Quarantined if is_held || action == SweepAction::Release => {
            Some("`sweep --release --apply` restores access".into())
        }
        Verdict::Quarantined => Some("`sweep --reap --apply` deletes it after the quarantine period; `sweep --release --apply` restores access".into()),
        Verdict::InUse if finding.evidence.get(1).is_some_and(is_use) => {
            Some("delete those event streams, or point them to another role, first".into())
        }
        Verdict::Unknown => {
            let hints: BTreeSet<String> =
                finding.evidence.iter().filter_map(|known| hint_for_unknown(&known.fact)).collect();
            (!hints.is_empty()).then(|| hints.into_iter().collect::<Vec<_>>().join("; "))
        }
        Verdict::Managed
        | Verdict::ManagedElsewhere
        | Verdict::InUse
        | Verdict::Alive
        | Verdict::NotOurs
        | Verdict::Tripped => hint_for_verdict(&finding.evidence.first()?.fact),
    }
}

fn is_use(evidence: &Evidence) -> bool {
    matches!(evidence.fact, Fact::NamedByEventStream { .. })
}

/// What to do about the fact that decides a verdict.
fn hint_for_verdict(fact: &Fact) -> Option<String> {
    Some(match fact {
        Fact::AwsOwned { .. } => "AWS manages it".into(),
        Fact::RecordedAs { address, .. } => {
            format!("`plan` decides on it; to delete it, remove the block of {address} from the manifest")
        }
        Fact::BegunFor { .. } => "`plan` determines the outcome of that operation".into(),
        Fact::OwnedByWorkspace { workspace } => format!("remove it from the manifest of workspace {workspace}"),
        Fact::OwnedByThisWorkspace { .. } => {
            "`state recover` records it; then `destroy`, or a manifest without it, deletes it".into()
        }
        Fact::OwnershipTag { .. } => "find the workspace, or remove the tags".into(),
        Fact::HeldByTerraform { file } => {
            format!("remove what names it from the configuration of {file}, and apply that")
        }
        Fact::MadeFromTemplate { template } => format!("change role template {template}"),
        Fact::HeldByStack { stack, region } => format!("remove it from stack {stack} in {region}"),
        Fact::NamedByEventStream { .. } => "delete that event stream, or point it to another role, first".into(),
        Fact::NamedByEmailChannel { .. } | Fact::NamedByRecommender { .. } => "remove it there first".into(),
        Fact::QuarantineRemoved {} => {
            "`sweep --release --apply` removes the tags too; the next sweep evaluates it again".into()
        }
        Fact::UsedSinceQuarantine { .. } => {
            "check in CloudTrail who uses it; `sweep --release --apply` restores access".into()
        }
        Fact::UsedLately { .. } => "check in CloudTrail who uses it".into(),
        Fact::TrustsOthers { .. } => {
            "if they no longer need it, remove them from the trust policy, and sweep again".into()
        }
        Fact::AdmitsNoApp {} => "find out what it is for".into(),
        Fact::OtherPurpose { .. } => "`--purpose all` includes every role that trusts only Pinpoint".into(),
        _ => return None,
    })
}

/// How to find out what is unknown.
fn hint_for_unknown(fact: &Fact) -> Option<String> {
    Some(match fact {
        Fact::NotRead { what: Subject::ManagedPolicy(_) } | Fact::PolicyNotFound { .. } => {
            "`--purpose all` classifies without its managed policies".into()
        }
        Fact::ReadFailed { what: what @ Subject::InlinePolicy(_), why } => {
            format!("{}, or `--purpose all` classifies without that policy", hint_for_failed_read(what, why))
        }
        Fact::ReadFailed { what, why } => hint_for_failed_read(what, why),
        Fact::PlacesUnreadable { places, why } => match why.kind {
            FailureKind::ServiceEnded => assertion(places),
            FailureKind::Denied if why.is_denied_by_organization() => assertion(places),
            _ => hint_for_failed_read(&Subject::Roles, why),
        },
        Fact::StacksUnreadable { places, why } => match why.kind {
            FailureKind::Denied => format!(
                "allow {} for these credentials; or, if no stack there contains a role, assert it with {}",
                why.operation,
                flags("--no-stacks-in", places, &AWS_REGIONS)
            ),
            _ => hint_for_failed_read(&Subject::Roles, why),
        },
        Fact::NotRead { .. }
        | Fact::ListedNotFound {}
        | Fact::NameTaken {}
        | Fact::LastUseNotRead {}
        | Fact::OutcomeUnknown { .. }
        | Fact::AppListIncomplete { .. } => "sweep again".into(),
        Fact::NamedOtherwise { .. } => {
            "refresh the state so that it contains its ARN (`terraform apply -refresh-only`), or remove it from the state".into()
        }
        Fact::RegionsNotRead { places } => regions_not_read(places),
        Fact::NoPositiveControl { places } => assertion(places),
        Fact::AccountNotRead { account } => format!("sweep account {account} in the same run"),
        Fact::AdmitsAccounts { .. } | Fact::AdmitsSource { .. } => {
            "find out what it is for; if it is not needed, remove it from the trust policy, and sweep again".into()
        }
        Fact::NamedByJob { .. } => "sweep again when Pinpoint no longer lists the job".into(),
        _ => return None,
    })
}

fn hint_for_failed_read(what: &Subject, Unreadable { kind, operation, .. }: &Unreadable) -> String {
    match kind {
        FailureKind::Denied => format!("allow {operation} for these credentials"),
        FailureKind::Credentials => "refresh the credentials".into(),
        FailureKind::Throttled => "sweep again once nothing else uses up the limits of the account".into(),
        FailureKind::ServiceEnded => match what {
            Subject::Apps(place) => assertion(&BTreeSet::from([place.clone()])),
            Subject::EventStream(AppArn { region, account, id: _ }) => {
                let (account, region) = (account.clone(), region.clone());
                assertion(&BTreeSet::from([AccountRegion { account, region }]))
            }
            _ => "sweep again".into(),
        },
        _ => "sweep again".into(),
    }
}

/// How to find out what is unknown, other than by an assertion.
pub(crate) fn other_hints(finding: &Finding) -> BTreeSet<String> {
    let facts = finding.evidence.iter().map(|evidence| &evidence.fact);
    facts.filter(|fact| !Assertions::help_with(fact)).filter_map(hint_for_unknown).collect()
}

/// What keeps a verdict unknown.
pub(crate) fn gaps(finding: &Finding) -> Vec<&Fact> {
    let facts = || finding.evidence.iter().map(|evidence| &evidence.fact);
    let gaps: Vec<&Fact> = facts().filter(|fact| hint_for_unknown(fact).is_some()).collect();
    if gaps.is_empty() { facts().take(1).collect() } else { gaps }
}

fn regions_not_read(places: &BTreeSet<AccountRegion>) -> String {
    let regions: BTreeSet<&Region> = places.iter().map(|place| &place.region).collect();
    let (with_pinpoint, others): (Vec<&Region>, Vec<&Region>) =
        regions.into_iter().partition(|region| region.has_pinpoint());
    let (without, unknown): (Vec<&Region>, Vec<&Region>) =
        others.into_iter().partition(|region| region.is_known());
    let list = |regions: &[&Region]| regions.iter().map(|region| region.as_str()).collect::<Vec<_>>().join(", ");
    let mut hints = Vec::new();
    if !with_pinpoint.is_empty() {
        let regions = list(&with_pinpoint);
        hints.push(format!(
            "read {regions} with --regions, or list what never used Pinpoint in [sweep] no_pinpoint_in"
        ));
    }
    if !without.is_empty() {
        let regions = list(&without);
        hints.push(format!("Pinpoint was never offered in {regions}: list it in [sweep] no_pinpoint_in"));
    }
    if !unknown.is_empty() {
        hints.push(format!("no region {} is known: correct the trust policy", list(&unknown)));
    }
    hints.join("; ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_regions_with_pinpoint_are_to_be_read() {
        let hint = |regions: &[&str]| {
            let place = |region: &&str| format!("123456789012/{region}").parse().unwrap();
            hint_for_unknown(&Fact::RegionsNotRead { places: regions.iter().map(place).collect() }).unwrap()
        };
        assert_eq!(
            hint(&["eu-west-1", "eu-north-1", "us-esat-1"]),
            "read eu-west-1 with --regions, or list what never used Pinpoint in [sweep] no_pinpoint_in; \
             Pinpoint was never offered in eu-north-1: list it in [sweep] no_pinpoint_in; \
             no region us-esat-1 is known: correct the trust policy"
        );
        assert!(!hint(&["eu-north-1"]).contains("--regions"));
        assert!(!hint(&["us-esat-1"]).contains("no_pinpoint_in"));
    }
}
