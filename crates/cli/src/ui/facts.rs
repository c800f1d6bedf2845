//! The wording of facts and the advice that follows from them. The text is not escaped.
mod short;

pub(crate) use short::{Assertions, gaps, in_short, other_hints, patterns};

use crate::ui::text::count;
use pinpoint_streams_model::arn::AppArn;
use pinpoint_streams_model::fact::{Evidence, Fact, Refusal, Subject};
use pinpoint_streams_model::live::{FailureKind, Unreadable};
use pinpoint_streams_model::region::{AWS_REGIONS, AccountRegion, PINPOINT_REGIONS};
use pinpoint_streams_model::sweep::{Finding, QUARANTINE_POLICY, SweepAction, Verdict};
use std::collections::BTreeSet;
use std::fmt;

/// A fact as a lowercase fragment.
pub(crate) struct Words<'a>(pub(crate) &'a Fact);

impl fmt::Display for Words<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match parts(self.0) {
            (kind, Some(which)) => write!(f, "{kind}: {which}"),
            (kind, None) => f.write_str(&kind),
        }
    }
}

/// The words without the names: the same for equal facts about different things.
pub(crate) struct Kind<'a>(pub(crate) &'a Fact);

impl fmt::Display for Kind<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&parts(self.0).0)
    }
}

/// The words, and the API call that the fact comes from.
pub(crate) fn evidence(evidence: &Evidence) -> String {
    sourced(Words(&evidence.fact), evidence.call.as_deref())
}

fn sourced(words: impl fmt::Display, call: Option<&str>) -> String {
    match call {
        Some(call) => format!("{words} ({call})"),
        None => words.to_string(),
    }
}

/// The words, and the names that follow after a colon.
fn parts(fact: &Fact) -> (String, Option<String>) {
    let of = |text: &str, which: String| (text.to_owned(), Some(which));
    let text = match fact {
        Fact::NotRead { what } => return of("not read", subject(what)),
        Fact::ReadFailed { what, why } => {
            return (format!("cannot read {}", subject(what)), Some(why.to_string()));
        }
        Fact::PlacesUnreadable { places, why } => {
            return (format!("cannot read the event streams of {}", joined(places)), Some(why.to_string()));
        }
        Fact::StacksUnreadable { places, why } => {
            return (
                format!("cannot read the CloudFormation stacks of {}", joined(places)),
                Some(why.to_string()),
            );
        }
        Fact::NoCaller {} => "the account of the credentials could not be determined".into(),
        Fact::WrongCaller { caller } => format!("the credentials belong to account {caller}"),
        Fact::RolesNotFound {} => "its roles were not found".into(),
        Fact::RolesUnknown { account, why } => {
            return (format!("the roles of account {account} are unknown"), Some(Words(why).to_string()));
        }
        Fact::ListedNotFound {} => "listed, but not found by its name".into(),
        Fact::NameTaken {} => "another role has taken its name since it was listed".into(),
        Fact::PolicyNotFound { policy } => format!("managed policy {policy} is attached, but not found"),

        Fact::AwsOwned { path } => format!("its path is {path}, which only AWS uses"),
        Fact::RecordedAs { address, other_id: None } => format!("the state records it as {address}"),
        Fact::RecordedAs { address, other_id: Some(id) } => {
            format!("the state records it as {address} with another id, {id}: it was recreated")
        }
        Fact::BegunFor { address, run, operation } => format!("run {run} began {operation} on it for {address}"),
        Fact::OutcomeUnknown { run, operation } => {
            format!("run {run} began {operation} on it, with unknown outcome")
        }
        Fact::OwnedByThisWorkspace { workspace, lineage } => {
            format!("its tags say that workspace {workspace} manages it, lineage {lineage}")
        }
        Fact::OwnedByWorkspace { workspace } => format!("its tags say that workspace {workspace} manages it"),
        Fact::OwnershipTag { key } => {
            format!("it has the tag {key}, so a workspace manages it; its tags do not say which")
        }
        Fact::HeldByTerraform { file } => {
            format!("the state file {file} contains it, or an event stream that uses it")
        }
        Fact::MadeFromTemplate { template } => format!("it was created from role template {template}"),
        Fact::HeldByStack { stack, region } => format!("CloudFormation stack {stack} in {region} contains it"),
        Fact::InNoStack { regions } => format!("no CloudFormation stack in {} contains it", joined(regions)),
        Fact::NoStacksAsserted { places } => {
            format!("asserted: no CloudFormation stack in {} contains it", joined(places))
        }
        Fact::NamedOtherwise { file, named } => {
            format!("the state file {file} names {named}, which may be this role")
        }

        Fact::LastUsed { at, region: Some(region) } => format!("last used on {at} in {region}"),
        Fact::LastUsed { at, region: None } => format!("last used on {at}"),
        Fact::NeverUsed { within_days } => format!("not used in the last {within_days} days"),
        Fact::LastUseNotRead {} => "the answer does not say when it was last used".into(),
        Fact::Created { at } => format!("created on {at}"),
        Fact::UsedLately { at, since } => format!("last used on {at}, after {since}"),
        Fact::NamedByEventStream { app } => format!("the event stream of {} names it", place_of(app)),

        Fact::NamedUnclearly { app, named } => {
            return (
                format!("the event stream of {} may name it", place_of(app)),
                Some(format!("it names `{named}`, which is not its ARN")),
            );
        }
        Fact::NamedInConfig { app, captured } => {
            format!("AWS Config recorded on {captured} that the event stream of {} names it", place_of(app))
        }
        Fact::NamedInCloudTrail { app, at } => {
            format!("PutEventStream named it for {} on {at}, and CloudTrail has no later change", place_of(app))
        }
        Fact::AssumedLately { at, since, by, error } => {
            let by = by.as_ref().map(|by| format!(" by {by}")).unwrap_or_default();
            match error {
                None => format!("assumed on {at}{by}, after {since}"),
                Some(error) => format!("an attempt to assume it on {at}{by}, after {since}, ended with {error}"),
            }
        }
        Fact::AccessedLately { service, at, since } => {
            format!("it called {service} on {at}, or tried to, after {since}")
        }
        Fact::ReportedUnused { places } => return of("IAM Access Analyzer reports it as unused", joined(places)),

        Fact::TrustsOthers { principals } => {
            return of("its trust policy also trusts other principals", joined(principals));
        }
        Fact::AdmitsNoApp {} => "its trust policy admits Pinpoint for sources other than apps".into(),
        Fact::AdmitsAccounts { condition } => {
            return of("its trust policy admits accounts that it does not list", condition.clone());
        }
        Fact::AdmitsSource { arn } => {
            return of("its trust policy admits Pinpoint for a source that is not an app", arn.clone());
        }
        Fact::NamedByEmailChannel { app } => format!("the email channel of {} names it", place_of(app)),
        Fact::NamedByJob { app, job } => format!("job {job} of {} names it", place_of(app)),
        Fact::NamedByRecommender { place, recommender } => {
            format!("recommender configuration {recommender} of {place} names it")
        }
        Fact::NotNamedElsewhere { places } => {
            return of("no email channel, job or recommender configuration names it", joined(places));
        }
        Fact::OtherPurpose { purpose } => {
            return of("its permissions are not those of an event stream", purpose.to_string());
        }
        Fact::StreamExists { stream } => return of("the stream in its permissions exists", stream.to_string()),
        Fact::StreamGone { stream } => return of("the stream in its permissions is gone", stream.to_string()),
        Fact::ManagedPolicies { policies } => return of("managed policies", joined(policies)),
        Fact::InstanceProfiles { names } => return of("instance profiles", joined(names)),

        Fact::PositiveControl { places } => {
            format!("no event stream in {} names it, and Pinpoint answers there: others were read", joined(places))
        }
        Fact::NoPositiveControl { places } => {
            return (
                format!("no proof of absence in {}", joined(places)),
                Some("no event stream was found there, but a service that has been shut down would give the same answer".to_owned()),
            );
        }
        Fact::NeverUsedThere { places } => {
            format!("the manifest says that Pinpoint was never used in {}", joined(places))
        }
        Fact::Asserted { places } => {
            format!("a person asserts that no event stream remains in {}", joined(places))
        }
        Fact::NotInConfig { places } => format!(
            "AWS Config has recorded event streams in {} since before the role was created, and none names it",
            joined(places)
        ),
        Fact::DeletedInConfig { app, at } => {
            format!("AWS Config recorded on {at} that {} or its event stream was deleted", place_of(app))
        }
        Fact::RegionsNotRead { places } => {
            return of("not read, and apps there could use the role", joined(places));
        }
        Fact::AccountNotRead { account } => {
            format!("account {account}, whose apps could use the role, was not read")
        }
        Fact::AppListIncomplete { app: AppArn { region, account, id } } => format!(
            "the list of apps in {account}/{region} is incomplete: it lacks {id}, which has an event stream"
        ),
        Fact::AppGone { app } => return of("the app in its trust policy is gone", app.to_string()),
        Fact::AppWithoutEventStream { app } => {
            return of("the app in its trust policy has no event stream", app.to_string());
        }
        Fact::AppUsesOtherRole { app, role } => {
            return of("the app in its trust policy uses another role", format!("{app}, {role}"));
        }

        Fact::QuarantinedAt { at } => format!("quarantined on {at}"),
        Fact::UsedSinceQuarantine { at } => format!("used on {at}, after it was quarantined"),
        Fact::QuarantineRemoved {} => "quarantine removed outside pinpoint-streams; the role may be needed".into(),
        Fact::QuarantineChanged {} => format!("its policy {QUARANTINE_POLICY} no longer denies everything"),
        Fact::QuarantineNotRecorded {} => {
            return of(
                "the state of this workspace has no record of quarantining this role",
                "run `--reap` from the workspace that quarantined it, or release it and quarantine it again"
                    .into(),
            );
        }
        Fact::DeletionBegun {} => {
            return of(
                "an interrupted reap has removed some of its policies",
                "`sweep --reap` completes the deletion; then `restore` brings it back from its archive".into(),
            );
        }
        Fact::QuarantineTagMissing { key } => format!("its tag {key} is missing or invalid"),
        Fact::OtherRoleQuarantined { id } => format!("another role of this name was quarantined, {id}"),

        Fact::Kept { bundle, questions, answers, from, to } => {
            let (from, to) = (from.strftime("%Y-%m-%d").to_string(), to.strftime("%Y-%m-%d").to_string());
            let when = if from == to { format!("on {from}") } else { format!("from {from} to {to}") };
            let names: Vec<&str> = questions.iter().map(String::as_str).collect();
            return (
                format!("based on {} in {bundle}, captured {when}", count(*answers, "answer")),
                Some(names.join(", ")),
            );
        }
        Fact::RestsOnKept { bundle } => {
            format!("a delete needs a sweep without --evidence {bundle}: only live answers permit it")
        }

        Fact::Excluded { pattern } => format!("--exclude {pattern}"),
        Fact::AgeUnknown {} => "its creation date is unknown".into(),
        Fact::TooYoung { days: ..0, .. } => "its creation date is in the future".into(),
        Fact::TooYoung { days, min_days } => format!("it is {days} days old, younger than --min-age {min_days}d"),
        Fact::QuarantinedTooLately { days: ..0, .. } => "its quarantine is dated in the future".into(),
        Fact::QuarantinedTooLately { days, after_days } => {
            format!("quarantined {days} days ago, less than --after {after_days}d")
        }
        Fact::NoRoomForTags { tags } => {
            format!("it has {tags} tags, which leaves no room for those of a quarantine")
        }
        Fact::NoRoomForPolicy {} => "its inline policies leave no room for that of a quarantine".into(),
        Fact::LeftAlone { by } => {
            let by: Vec<String> = by.iter().map(|fact| Words(fact).to_string()).collect();
            return of("skipped", by.join("; "));
        }
        Fact::ExcludesNothing { pattern } => format!("--exclude {pattern} matches no role that trusts Pinpoint"),

        Fact::SourceNotRead { source, times, why } => {
            let times = if *times > 1 { format!(" ({times} times)") } else { String::new() };
            return (format!("{source} could not be read{times}"), Some(why.to_string()));
        }

        Fact::Problem { code: _, message, hint: None } => message.clone(),
        Fact::Problem { code: _, message, hint: Some(hint) } => format!("{message}; {hint}"),
        Fact::PartialPlan {} => "this plan is partial: only the selected addresses were read".into(),
        Fact::AccountNotDeclared { role } => {
            format!("role {role} is in an account that is not declared, so it was not read")
        }
        Fact::RoleMissing { role } => format!("role {role} does not exist"),
        Fact::DoesNotAdmit { role, app, why } => format!("role {role} does not admit app {app}{}", refusal(why)),
        Fact::WeakPolicies { role, findings } => {
            let findings: Vec<&str> = findings.iter().map(String::as_str).collect();
            format!("weak policies of role {role}: {}", findings.join("; "))
        }
        Fact::MayNotWrite { role, stream, why } => {
            format!("role {role} may not write to {stream}{}", refusal(why))
        }
        Fact::QuotasNotRead { account, why } => {
            format!("cannot read the quotas of account {account}, so nothing was checked against them: {why}")
        }
        Fact::MayStopStreaming { region, why } => {
            format!(
                "cannot read the apps of {region}; an app that uses the role would no longer deliver events: {why}"
            )
        }
        Fact::ForeignPolicies { names } => {
            return of(
                "policies that this workspace did not create stay on it and prevent its deletion",
                names.join(", "),
            );
        }
        Fact::NotInState { arn, address } => format!(
            "{arn} has the tags of {address} and is not in the state, so nothing deletes it; `state recover` \
             records it, and the next plan decides what to do with it"
        ),
        Fact::AppKept { app } => format!("app {app} is kept with its data; --delete-apps deletes it"),
        Fact::SameName { app, name } => {
            format!("app {app} is named `{name}` too; `adopt = true` adopts it instead of creating another")
        }
        Fact::StillUsedBy { event_stream, may_be_deleted } => {
            let hint = if *may_be_deleted { "; --include-adopted deletes both" } else { "" };
            format!("still used by {event_stream}{hint}")
        }

        Fact::AdoptedAsItIs {} => {
            "identical to the manifest: only ownership tags (on roles and apps) and the state are written".into()
        }
        Fact::DataDeleted {} => "its data and push credentials are deleted permanently".into(),
        Fact::ChannelsDeleted { channels } => return of("its enabled channels are deleted too", joined(channels)),
        Fact::EventStreamChanged { destination, role_arn } => {
            format!("changed outside pinpoint-streams: it goes to {destination} as {role_arn}")
        }
        Fact::StopsUntilRoleReady {} => "no events are delivered until the role is ready".into(),
        Fact::StopsUntilPut {} => "no events are delivered between the delete and the put".into(),
        Fact::EventsStop { app } => {
            format!("events of app {app} are delivered nowhere from then on, until another event stream is put")
        }
        Fact::LosesAccess { principals } => return of("may no longer assume it", joined(principals)),
        Fact::OldRoleUnknown { role } => format!("role {} is not the recorded one and is left alone", role.name),
        Fact::OldRoleForgotten { role } => {
            format!("role {} was adopted, so it stays and is no longer managed", role.name)
        }
        Fact::OldRoleDeleted { role } => format!("role {} is deleted once nothing uses it", role.name),

        Fact::Archived { at, run, path } => format!("archived {at} by run {run}, from {path}"),
        Fact::GetsNewId { id, account, named_by } => {
            let known = match named_by.as_deref() {
                Some([]) => format!("no role of account {account} does"),
                Some(roles) => format!("these roles do: {}", roles.join(", ")),
                None => "the roles of its account were not read".to_owned(),
            };
            format!(
                "it gets a new id: policies that named the role as a principal name {id} now and stay broken until \
                 they are saved again ({known}; policies of buckets, keys and streams, and other accounts, were not \
                 read)"
            )
        }
        Fact::LosesTemplate { template } => {
            format!("it was created from role template {template} and is restored without that link")
        }
        Fact::NotDeclared {} => "no manifest declares it, so this workspace does not manage it afterwards".into(),
        Fact::RestoreContinues {} => "an interrupted restore has created it: the missing parts are added".into(),
        Fact::PolicyGone { policy } => {
            format!("managed policy {policy} is gone, so the role is restored without it")
        }
        Fact::TagsUnreadable { arn } => format!("{arn} has tags that cannot be parsed; it is not recorded"),
        Fact::AlsoTagged { identity } => format!("{identity} has its tags too, and is not recorded"),
        Fact::NotRecordable { destination, role_arn } => {
            format!("it goes to {destination} as {role_arn}, which cannot be recorded")
        }
        Fact::SeveralApps { recorded } => format!("several apps match; that of app {recorded} is recorded"),
        Fact::Text { text } => text.clone(),
    };
    (text, None)
}

fn subject(subject: &Subject) -> String {
    match subject {
        Subject::Caller => "the account of the credentials".into(),
        Subject::Roles => "the roles of the account".into(),
        Subject::Role => "the role itself".into(),
        Subject::TrustPolicy => "its trust policy".into(),
        Subject::OtherRole(role) => format!("role {role}"),
        Subject::ManagedPolicy(policy) => format!("managed policy {policy}"),
        Subject::InlinePolicy(name) => format!("inline policy {name}"),
        Subject::Apps(place) => format!("the apps of {place}"),
        Subject::EventStream(app) => format!("the event stream of {}", place_of(app)),
        Subject::Stack(region) => format!("the CloudFormation stacks of {region}"),
        Subject::EnabledRegions => "the regions that are enabled for the account".into(),
        Subject::Channels => "its channels".into(),
        Subject::EmailChannel(app) => format!("the email channel of {}", place_of(app)),
        Subject::Jobs(app) => format!("the jobs of {}", place_of(app)),
        Subject::Recommenders(place) => format!("the recommender configurations of {place}"),
    }
}

fn place_of(AppArn { region, account, id }: &AppArn) -> String {
    format!("app {id} in {account}/{region}")
}

fn refusal(why: &Refusal) -> String {
    match why {
        Refusal::Denied => ": its policy denies it".into(),
        Refusal::NotAllowed => String::new(),
        Refusal::Undecidable(why) => format!(", as far as is known: {why}"),
    }
}

fn joined<T: fmt::Display>(things: &BTreeSet<T>) -> String {
    things.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
}

/// What to do about a role after a sweep with this action. What holds the sweep back is shown by itself.
pub(crate) fn advice(finding: &Finding, action: SweepAction) -> Option<String> {
    // From a run log of format 1.
    if let Some(advice) = &finding.advice {
        return Some(advice.clone());
    }
    let is_held = !finding.held_by.is_empty();
    match finding.verdict {
        Verdict::Obsolete if is_held => None,
        Verdict::Obsolete if action == SweepAction::Delete => {
            Some("`sweep --delete --apply` archives and deletes it".into())
        }
        Verdict::Obsolete => Some("`sweep --apply` quarantines it; `sweep --release --apply` undoes that".into()),
        Verdict::Quarantined if is_held || action == SweepAction::Release => {
            Some("`sweep --release --apply` restores access".into())
        }
        Verdict::Quarantined => Some("`sweep --reap --apply` deletes it after the quarantine period; `sweep --release --apply` restores access".into()),
        Verdict::InUse if finding.evidence.get(1).is_some_and(is_user) => {
            Some("delete those event streams, or point them to another role, first".into())
        }
        Verdict::Unknown => {
            let hints: BTreeSet<String> =
                finding.evidence.iter().filter_map(|known| to_learn(&known.fact)).collect();
            (!hints.is_empty()).then(|| hints.into_iter().collect::<Vec<_>>().join("; "))
        }
        Verdict::Managed
        | Verdict::ManagedElsewhere
        | Verdict::InUse
        | Verdict::Alive
        | Verdict::NotOurs
        | Verdict::Tripped => to_change(&finding.evidence.first()?.fact),
    }
}

fn is_user(evidence: &Evidence) -> bool {
    matches!(evidence.fact, Fact::NamedByEventStream { .. })
}

/// What to do about the fact that decides a verdict.
fn to_change(fact: &Fact) -> Option<String> {
    Some(match fact {
        Fact::AwsOwned { .. } => "AWS manages it".into(),
        Fact::RecordedAs { address, .. } => {
            format!("`plan` decides on it; to delete it, remove the block of {address} from the manifest")
        }
        Fact::BegunFor { .. } => "`plan` settles that operation".into(),
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
            "check in CloudTrail who needs it; `sweep --release --apply` restores access".into()
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
fn to_learn(fact: &Fact) -> Option<String> {
    Some(match fact {
        Fact::NotRead { what: Subject::ManagedPolicy(_) } | Fact::PolicyNotFound { .. } => {
            "`--purpose all` judges without its managed policies".into()
        }
        Fact::ReadFailed { what: what @ Subject::InlinePolicy(_), why } => {
            format!("{}, or `--purpose all` judges without that policy", to_read(what, why))
        }
        Fact::ReadFailed { what, why } => to_read(what, why),
        Fact::PlacesUnreadable { places, why } => match why.kind {
            FailureKind::ServiceEnded => assertion(places),
            FailureKind::Denied if why.is_denied_by_organization() => assertion(places),
            _ => to_read(&Subject::Roles, why),
        },
        Fact::StacksUnreadable { places, why } => match why.kind {
            FailureKind::Denied => format!(
                "allow {} for these credentials; or, if no stack there contains a role, assert it with {}",
                why.operation,
                flags("--no-stacks-in", places, &AWS_REGIONS)
            ),
            _ => to_read(&Subject::Roles, why),
        },
        Fact::NotRead { .. }
        | Fact::ListedNotFound {}
        | Fact::NameTaken {}
        | Fact::LastUseNotRead {}
        | Fact::OutcomeUnknown { .. }
        | Fact::AppListIncomplete { .. } => "sweep again".into(),
        Fact::NamedOtherwise { .. } => {
            "make the state name it by its ARN (`terraform apply -refresh-only`), or take it out".into()
        }
        Fact::RegionsNotRead { .. } => {
            "read them with --regions; where Pinpoint was never used, list them in [sweep] no_pinpoint_in".into()
        }
        Fact::NoPositiveControl { places } => assertion(places),
        Fact::AccountNotRead { account } => format!("sweep account {account} in the same run"),
        Fact::AdmitsAccounts { .. } | Fact::AdmitsSource { .. } => {
            "find out what it is for; if for nothing else, remove that from its trust policy, and sweep again"
                .into()
        }
        Fact::NamedByJob { .. } => "sweep again when Pinpoint no longer lists the job".into(),
        _ => return None,
    })
}

fn to_read(what: &Subject, Unreadable { kind, operation, .. }: &Unreadable) -> String {
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

fn assertion(places: &BTreeSet<AccountRegion>) -> String {
    let flags = flags("--event-streams-gone", places, &PINPOINT_REGIONS);
    format!("if you know that no event stream remains there, assert it with {flags}")
}

/// The flag for each pattern of places.
fn flags(flag: &str, places: &BTreeSet<AccountRegion>, known: &[&str]) -> String {
    patterns(places, known).into_iter().map(|pattern| format!("{flag} {pattern}")).collect::<Vec<_>>().join(" ")
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
