//! The wording of facts and the advice that follows from them. The text is not escaped.
use pinpoint_streams_model::arn::AppArn;
use pinpoint_streams_model::fact::{Evidence, Fact, Refusal, Subject};
use pinpoint_streams_model::live::{FailureKind, Unreadable};
use pinpoint_streams_model::region::AccountRegion;
use pinpoint_streams_model::sweep::{Finding, QUARANTINE_POLICY, Verdict};
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

/// [`evidence`] without the names.
pub(crate) fn kind_of_evidence(evidence: &Evidence) -> String {
    sourced(Kind(&evidence.fact), evidence.call.as_deref())
}

fn sourced(words: impl fmt::Display, call: Option<&str>) -> String {
    match call {
        Some(call) => format!("{words} ({call})"),
        None => words.to_string(),
    }
}

/// The words, and the names that follow after a colon.
fn parts(fact: &Fact) -> (String, Option<String>) {
    let whole = |text: String| (text, None);
    let of = |text: &str, which: String| (text.to_owned(), Some(which));
    match fact {
        Fact::NotRead { what } => of("not read", subject(what)),
        Fact::ReadFailed { what, why } => (format!("cannot read {}", subject(what)), Some(why.to_string())),
        Fact::NoCaller {} => whole("the credentials belong to no account".into()),
        Fact::WrongCaller { caller } => whole(format!("the credentials belong to account {caller}")),
        Fact::RolesNotFound {} => whole("its roles were not found".into()),
        Fact::RolesUnknown { account, why } => {
            (format!("the roles of account {account} are unknown"), Some(Words(why).to_string()))
        }
        Fact::ListedNotFound {} => whole("listed, but not found by its name".into()),
        Fact::NameTaken {} => whole("another role has taken its name since it was listed".into()),
        Fact::PolicyNotFound { policy } => whole(format!("managed policy {policy} is attached, but not found")),

        Fact::AwsOwned { path } => whole(format!("its path is {path}, which only AWS uses")),
        Fact::RecordedAs { address, other_id: None } => whole(format!("the state records it as {address}")),
        Fact::RecordedAs { address, other_id: Some(id) } => {
            whole(format!("the state records it as {address} with another id, {id}: it was recreated"))
        }
        Fact::BegunFor { address, run, operation } => {
            whole(format!("run {run} began {operation} on it for {address}"))
        }
        Fact::OutcomeUnknown { run, operation } => {
            whole(format!("run {run} began {operation} on it, with unknown outcome"))
        }
        Fact::OwnedByThisWorkspace { workspace, lineage } => {
            whole(format!("its tags say that workspace {workspace} manages it, lineage {lineage}"))
        }
        Fact::OwnedByWorkspace { workspace } => {
            whole(format!("its tags say that workspace {workspace} manages it"))
        }
        Fact::OwnershipTag { key } => {
            whole(format!("it has the tag {key}, so a workspace manages it; its tags do not say which"))
        }
        Fact::HeldByTerraform { file } => whole(format!("the Terraform state {file} contains it")),
        Fact::MadeFromTemplate { template } => whole(format!("it was created from role template {template}")),
        Fact::HeldByStack { stack, region } => {
            whole(format!("CloudFormation stack {stack} in {region} contains it"))
        }
        Fact::InNoStack { regions } => {
            whole(format!("no CloudFormation stack in {} contains it", joined(regions)))
        }
        Fact::StacksNotAsked {} => {
            whole("CloudFormation stacks were not read: no region of its partition is swept".into())
        }

        Fact::LastUsed { at, region: Some(region) } => whole(format!("last used on {at} in {region}")),
        Fact::LastUsed { at, region: None } => whole(format!("last used on {at}")),
        Fact::NeverUsed { within_days } => whole(format!("never used in the last {within_days} days")),
        Fact::LastUseNotRead {} => whole("the answer does not say when it was last used".into()),
        Fact::Created { at } => whole(format!("created on {at}")),
        Fact::UsedLately { at, since } => whole(format!("used on {at}, not before {since}")),
        Fact::NamedByEventStream { app } => whole(format!("the event stream of {} names it", place_of(app))),

        Fact::TrustsOthers { principals } => {
            of("its trust policy also admits others than Pinpoint", joined(principals))
        }
        Fact::AdmitsNoApp {} => whole("its trust policy admits Pinpoint for sources other than apps".into()),
        Fact::OtherPurpose { purpose } => {
            of("its permissions are not those of an event stream", purpose.to_string())
        }
        Fact::StreamExists { stream } => of("the stream in its permissions exists", stream.to_string()),
        Fact::StreamGone { stream } => of("the stream in its permissions is gone", stream.to_string()),
        Fact::ManagedPolicies { policies } => of("managed policies", joined(policies)),
        Fact::InstanceProfiles { names } => of("instance profiles", joined(names)),

        Fact::PositiveControl { places } => whole(format!(
            "no event stream in {} names it, and Pinpoint answers there: others were read",
            joined(places)
        )),
        Fact::NoPositiveControl { places } => (
            format!("no positive control in {}", joined(places)),
            Some("no event stream was found there, which is not proof: the service has ended".to_owned()),
        ),
        Fact::NeverUsedThere { places } => {
            whole(format!("the manifest says that Pinpoint was never used in {}", joined(places)))
        }
        Fact::Asserted { places } => {
            whole(format!("a person asserts that no event stream remains in {}", joined(places)))
        }
        Fact::RegionsNotRead { places } => of("not read, and apps there could use the role", joined(places)),
        Fact::AccountNotRead { account } => {
            whole(format!("account {account}, whose apps could use the role, was not read"))
        }
        Fact::AppListIncomplete { app: AppArn { region, account, id } } => whole(format!(
            "the list of apps in {account}/{region} is incomplete: it lacks {id}, which has an event stream"
        )),
        Fact::AppGone { app } => of("the app in its trust policy is gone", app.to_string()),
        Fact::AppWithoutEventStream { app } => {
            of("the app in its trust policy has no event stream", app.to_string())
        }
        Fact::AppUsesOtherRole { app, role } => {
            of("the app in its trust policy streams with another role", format!("{app}, {role}"))
        }

        Fact::QuarantinedAt { at } => whole(format!("quarantined on {at}")),
        Fact::UsedSinceQuarantine { at } => whole(format!("used on {at}, after it was quarantined")),
        Fact::QuarantineRemoved {} => {
            whole("quarantine removed outside pinpoint-streams; the role may be needed".into())
        }
        Fact::QuarantineChanged {} => whole(format!("its policy {QUARANTINE_POLICY} no longer denies everything")),
        Fact::QuarantineTagMissing { key } => whole(format!("its tag {key} is missing or invalid")),
        Fact::OtherRoleQuarantined { id } => whole(format!("another role of this name was quarantined, {id}")),

        Fact::Excluded { pattern } => whole(format!("--exclude {pattern}")),
        Fact::AgeUnknown {} => whole("when it was created is not known".into()),
        Fact::TooYoung { days, min_days } => {
            whole(format!("it is {days} days old, younger than --min-age {min_days}d"))
        }
        Fact::QuarantinedTooLately { days, after_days } => {
            whole(format!("quarantined {days} days ago, less than --after {after_days}d"))
        }
        Fact::NoRoomForTags { tags } => {
            whole(format!("it has {tags} tags, which leaves no room for those of a quarantine"))
        }
        Fact::NoRoomForPolicy {} => whole("its inline policies leave no room for that of a quarantine".into()),
        Fact::LeftAlone { by } => {
            let by: Vec<String> = by.iter().map(|fact| Words(fact).to_string()).collect();
            of("left alone", by.join("; "))
        }
        Fact::ExcludesNothing { pattern } => {
            whole(format!("--exclude {pattern} matches no role that trusts Pinpoint"))
        }

        Fact::Problem { code: _, message, hint: None } => whole(message.clone()),
        Fact::Problem { code: _, message, hint: Some(hint) } => whole(format!("{message}; {hint}")),
        Fact::PartialPlan {} => whole("this plan is partial: only the selected addresses were read".into()),
        Fact::AccountNotDeclared { role } => {
            whole(format!("role {role} is in an account that is not declared, so it was not read"))
        }
        Fact::RoleMissing { role } => whole(format!("role {role} does not exist")),
        Fact::DoesNotAdmit { role, app, why } => {
            whole(format!("role {role} does not admit app {app}{}", refusal(why)))
        }
        Fact::MayNotWrite { role, stream, why } => {
            whole(format!("role {role} may not write to {stream}{}", refusal(why)))
        }
        Fact::QuotasNotRead { account, why } => whole(format!(
            "cannot read the quotas of account {account}, so nothing was checked against them: {why}"
        )),
        Fact::MayStopStreaming { region, why } => {
            whole(format!("cannot read the apps of {region}; one that uses the role would stop streaming: {why}"))
        }
        Fact::ForeignPolicies { names } => {
            of("policies that this workspace did not create stay on it and prevent its deletion", names.join(", "))
        }
        Fact::NotInState { arn, address } => whole(format!(
            "{arn} has the tags of {address} and is not in the state, so nothing deletes it; `state recover` takes \
             it into the state, and the next plan decides on it"
        )),
        Fact::AppKept { app } => whole(format!("app {app} is kept with its data; --delete-apps deletes it")),
        Fact::SameName { app, name } => {
            whole(format!("app {app} is named `{name}` too; `adopt = true` adopts it instead of creating another"))
        }
        Fact::StillUsedBy { event_stream, may_be_deleted } => {
            let hint = if *may_be_deleted { "; --include-adopted deletes both" } else { "" };
            whole(format!("still used by {event_stream}{hint}"))
        }

        Fact::DataDeleted {} => whole("its data and push credentials are deleted permanently".into()),
        Fact::ChannelsDeleted { channels } => of("its enabled channels are deleted too", joined(channels)),
        Fact::EventStreamChanged { destination, role_arn } => {
            whole(format!("changed outside pinpoint-streams: it goes to {destination} as {role_arn}"))
        }
        Fact::StopsUntilRoleReady {} => whole("stops streaming until the role is ready".into()),
        Fact::StopsUntilPut {} => whole("stops streaming between the delete and the put".into()),
        Fact::OldRoleUnknown { role } => {
            whole(format!("role {} is not the recorded one and is left alone", role.name))
        }
        Fact::OldRoleForgotten { role } => {
            whole(format!("role {} was adopted, so it stays and is no longer managed", role.name))
        }
        Fact::OldRoleDeleted { role } => whole(format!("role {} is deleted once nothing uses it", role.name)),

        Fact::Archived { at, run, path } => whole(format!("archived {at} by run {run}, from {path}")),
        Fact::GetsNewId { id, account, named_by } => {
            let known = match named_by.as_deref() {
                Some([]) => format!("no role of account {account} does"),
                Some(roles) => format!("these roles do: {}", roles.join(", ")),
                None => "the roles of its account were not read".to_owned(),
            };
            whole(format!(
                "it gets a new id: policies that named the role as a principal name {id} now and stay broken until \
                 they are saved again ({known}; policies of buckets, keys and streams, and other accounts, were not \
                 read)"
            ))
        }
        Fact::LosesTemplate { template } => {
            whole(format!("it was created from role template {template} and is restored without that link"))
        }
        Fact::NotDeclared {} => {
            whole("no manifest declares it, so this workspace does not manage it afterwards".into())
        }
        Fact::RestoreContinues {} => {
            whole("an interrupted restore has created it: the missing parts are added".into())
        }
        Fact::PolicyGone { policy } => {
            whole(format!("managed policy {policy} is gone, so the role is restored without it"))
        }
        Fact::TagsUnreadable { arn } => whole(format!("{arn} has tags that cannot be parsed; it is not recorded")),
        Fact::AlsoTagged { identity } => whole(format!("{identity} has its tags too, and is not recorded")),
        Fact::NotRecordable { destination, role_arn } => {
            whole(format!("it goes to {destination} as {role_arn}, which cannot be recorded"))
        }
        Fact::SeveralApps { recorded } => whole(format!("several apps match; that of app {recorded} is recorded")),
        Fact::Text { text } => whole(text.clone()),
    }
}

fn subject(subject: &Subject) -> String {
    match subject {
        Subject::Caller => "the account of the credentials".into(),
        Subject::Roles => "the roles of the account".into(),
        Subject::Role => "the role itself".into(),
        Subject::TrustPolicy => "its trust policy".into(),
        Subject::OtherRole(role) => format!("role {role}"),
        Subject::ManagedPolicy(policy) => format!("managed policy {policy}"),
        Subject::Apps(place) => format!("the apps of {place}"),
        Subject::EventStream(app) => format!("the event stream of {}", place_of(app)),
        Subject::Stack(region) => format!("the CloudFormation stacks of {region}"),
        Subject::Channels => "its channels".into(),
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

/// What to do about a role.
pub(crate) fn advice(finding: &Finding) -> Option<String> {
    // From a run log of format 1.
    if let Some(advice) = &finding.advice {
        return Some(advice.clone());
    }
    match finding.verdict {
        Verdict::Obsolete => Some("`sweep` quarantines it, which `sweep --release` undoes".into()),
        Verdict::Quarantined => Some("`sweep --reap` deletes it later; `sweep --release` restores access".into()),
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

/// What to do about the fact that a verdict rests on.
fn to_change(fact: &Fact) -> Option<String> {
    Some(match fact {
        Fact::AwsOwned { .. } => "AWS manages it".into(),
        Fact::RecordedAs { address, .. } => {
            format!("`plan` decides on it; to delete it, remove the block of {address} from the manifest")
        }
        Fact::BegunFor { .. } => "`plan` settles that operation".into(),
        Fact::OwnedByWorkspace { workspace } => format!("remove it from the manifest of workspace {workspace}"),
        Fact::OwnedByThisWorkspace { .. } => {
            "`state recover` takes it into the state; then `destroy`, or a manifest without it, deletes it".into()
        }
        Fact::OwnershipTag { .. } => "find the workspace, or remove the tags".into(),
        Fact::HeldByTerraform { file } => {
            format!("remove it from the configuration of {file}, and apply that")
        }
        Fact::MadeFromTemplate { template } => format!("change role template {template}"),
        Fact::HeldByStack { stack, region } => format!("remove it from stack {stack} in {region}"),
        Fact::NamedByEventStream { .. } => "delete that event stream, or point it to another role, first".into(),
        Fact::QuarantineRemoved {} => {
            "`sweep --release` removes the tags too; the next sweep evaluates it again".into()
        }
        Fact::UsedSinceQuarantine { .. } => {
            "check in CloudTrail who needs it; `sweep --release` restores access".into()
        }
        Fact::UsedLately { .. } => "check in CloudTrail who uses it".into(),
        Fact::TrustsOthers { .. } => {
            "if they no longer need it, remove them from the trust policy, and sweep again".into()
        }
        Fact::AdmitsNoApp {} => "find out what it is for".into(),
        Fact::OtherPurpose { .. } => "`--purpose all` judges every role that trusts Pinpoint".into(),
        _ => return None,
    })
}

/// How to find out what is unknown.
fn to_learn(fact: &Fact) -> Option<String> {
    Some(match fact {
        Fact::NotRead { what: Subject::ManagedPolicy(_) } | Fact::PolicyNotFound { .. } => {
            "`--purpose all` judges without its managed policies".into()
        }
        Fact::ReadFailed { what, why } => to_read(what, why),
        Fact::NotRead { .. }
        | Fact::ListedNotFound {}
        | Fact::NameTaken {}
        | Fact::LastUseNotRead {}
        | Fact::OutcomeUnknown { .. }
        | Fact::AppListIncomplete { .. } => "sweep again".into(),
        Fact::StacksNotAsked {} => "name the regions of its stacks with --regions".into(),
        Fact::RegionsNotRead { .. } => {
            "read them with --regions; where Pinpoint was never used, list them in [sweep] no_pinpoint_in".into()
        }
        Fact::NoPositiveControl { places } => assertion(places),
        Fact::AccountNotRead { account } => format!("sweep account {account} in the same run"),
        _ => return None,
    })
}

fn to_read(what: &Subject, Unreadable { kind, operation, .. }: &Unreadable) -> String {
    match kind {
        FailureKind::Denied => format!("allow {operation} for these credentials"),
        FailureKind::Credentials => "refresh the credentials".into(),
        FailureKind::Throttled => "sweep again with a smaller --parallelism".into(),
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
    let flags: Vec<String> = places.iter().map(|place| format!("--event-streams-gone {place}")).collect();
    format!("if you know that no event stream remains there, assert it with {}", flags.join(" "))
}
