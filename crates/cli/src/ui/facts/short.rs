//! Facts without the names of accounts, regions and resources, so that equal findings of many accounts are one group.
use super::words::effect_of_new_id;
use super::{Words, WordsWithoutNames};
use pinpoint_streams_model::fact::{Fact, Subject};
use pinpoint_streams_model::live::Unreadable;

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
        Fact::BegunFor { .. } => "a run of this workspace started to change it",
        Fact::OutcomeUnknown { .. } => "a run started to change it; the outcome is unknown",
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
        other => return WordsWithoutNames(other).to_string(),
    };
    text.to_owned()
}

/// A fact that each of several restored resources has, without its time, file and former ID.
pub(crate) fn of_many(fact: &Fact) -> String {
    match fact {
        Fact::Archived { at: _, run, path } => match path.rsplit_once('/') {
            Some((folder, _)) => format!("archived by run {run}, from {folder}"),
            None => format!("archived by run {run}"),
        },
        Fact::GetsNewId { id: _, account, named_by } => {
            let effect = effect_of_new_id(account, named_by.as_deref());
            format!(
                "each gets a new ID: policies that named the role as a principal now contain its former ID and {effect}"
            )
        }
        Fact::NotDeclared {} => {
            "no manifest declares them, so this workspace does not manage them afterwards".into()
        }
        other => Words(other).to_string(),
    }
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
