//! Each fact in words.
use super::Words;
use crate::ui::text::count;
use pinpoint_streams_model::arn::AppArn;
use pinpoint_streams_model::fact::{Fact, Refusal, Subject};
use pinpoint_streams_model::ids::AccountId;
use pinpoint_streams_model::sweep::QUARANTINE_POLICY;
use std::collections::BTreeSet;
use std::fmt;

/// The words, and the names that follow after a colon.
pub(super) fn parts(fact: &Fact) -> (String, Option<String>) {
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
        Fact::BegunFor { address, run, operation } => format!("run {run} started {operation} on it for {address}"),
        Fact::OutcomeUnknown { run, operation } => {
            format!("run {run} started {operation} on it; the outcome is unknown")
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
        Fact::QuarantineReleased {} => "released from its quarantine, whose tags are still on it".into(),
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
                "`pinpoint-streams sweep --reap` completes the deletion; then `pinpoint-streams restore` brings it \
                 back from its archive"
                    .into(),
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
            "{arn} has the tags of {address} and is not in the state, so nothing deletes it; `pinpoint-streams state \
             recover` records it, and the next plan decides what to do with it"
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
            "identical to the manifest: writes only ownership tags (on roles and apps) and the state".into()
        }
        Fact::DataDeleted {} => "its data and push credentials are deleted permanently".into(),
        Fact::ChannelsDeleted { channels } => return of("its enabled channels are deleted too", joined(channels)),
        Fact::EventStreamChanged { destination, role_arn } => {
            format!("changed outside pinpoint-streams: it streams to {destination} with role {role_arn}")
        }
        Fact::StopsUntilRoleReady {} => "no events are delivered until the role is ready".into(),
        Fact::StopsUntilPut {} => "no events are delivered until it is created again".into(),
        Fact::EventsStop { app } => {
            format!("events of app {app} will not be delivered until it has another event stream")
        }
        Fact::LosesAccess { principals } => return of("may no longer assume it", joined(principals)),
        Fact::OldRoleUnknown { role } => format!("role {} is not the recorded role and is not changed", role.name),
        Fact::OldRoleForgotten { role } => {
            format!("role {} was adopted, so it stays and is no longer managed", role.name)
        }
        Fact::OldRoleDeleted { role } => format!("role {} is deleted once nothing uses it", role.name),

        Fact::Archived { at, run, path } => format!("archived {at} by run {run}, from {path}"),
        Fact::GetsNewId { id, account, named_by } => {
            let effect = effect_of_new_id(account, named_by.as_deref());
            format!("it gets a new ID: policies that named the role as a principal now contain {id} and {effect}")
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
            format!("it streams to {destination} with role {role_arn}, which cannot be recorded")
        }
        Fact::SeveralApps { recorded } => format!("several apps match; that of app {recorded} is recorded"),
        Fact::Text { text } => text.clone(),
    };
    (text, None)
}

/// What becomes of the policies that name the former ID of a role.
pub(super) fn effect_of_new_id(account: &AccountId, named_by: Option<&[String]>) -> String {
    let known = match named_by {
        Some([]) => format!("no role of account {account} does"),
        Some(roles) => format!("these roles do: {}", roles.join(", ")),
        None => "the roles of its account were not read".to_owned(),
    };
    format!(
        "do not match it until they are saved again ({known}; policies of buckets, keys and streams, and other \
         accounts, were not read)"
    )
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
