//! What a decision rests on and what a person should know, as data. The planner concludes in facts; the
//! command line alone turns them into words.
use crate::ids::display_as_str;
use crate::{
    AccountId, AccountRegion, Address, AppArn, AppId, Lineage, PolicyArn, PolicyName, Problem, ProblemCode,
    Purpose, Region, RoleArn, RoleId, StreamArn, Unreadable, Workspace,
};
use jiff::Timestamp;
use serde::de::value::MapAccessDeserializer;
use serde::de::{self, Deserializer, MapAccess, Visitor};
use serde::{Deserialize, Serialize, Serializer};
use std::collections::BTreeSet;

/// A fact and where it comes from.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(from = "EvidenceOrText")]
pub struct Evidence {
    pub fact: Fact,
    /// The API operation that answered so; none where a person, a file or the state says it.
    pub call: Option<String>,
}

impl From<Fact> for Evidence {
    fn from(fact: Fact) -> Evidence {
        Evidence { fact, call: None }
    }
}

/// The notes of a plan of format 1 are sentences.
#[derive(Deserialize)]
#[serde(untagged)]
enum EvidenceOrText {
    Evidence { fact: Fact, call: Option<String> },
    Text(String),
}

impl From<EvidenceOrText> for Evidence {
    fn from(read: EvidenceOrText) -> Evidence {
        match read {
            EvidenceOrText::Evidence { fact, call } => Evidence { fact, call },
            EvidenceOrText::Text(text) => Fact::Text { text }.into(),
        }
    }
}

/// Something that is known, or known not to be known. Of a role, an app or an event stream that the context
/// names: "it" is the resource of the finding, change or warning that the fact stands in.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case", remote = "Self")]
pub enum Fact {
    // Reading.
    NotRead { what: Subject },
    ReadFailed { what: Subject, why: Unreadable },
    // The apps or event streams of several places, for the same reason; `why` is that of the first.
    PlacesUnreadable { places: BTreeSet<AccountRegion>, why: Unreadable },
    // The CloudFormation stacks of several regions, likewise.
    StacksUnreadable { places: BTreeSet<AccountRegion>, why: Unreadable },
    NoCaller {},
    // The credentials meant for the account belong to another.
    WrongCaller { caller: AccountId },
    RolesNotFound {},
    RolesUnknown { account: AccountId, why: Box<Fact> },
    // ListRoles has it and GetRole does not find it.
    ListedNotFound {},
    // Since it was listed its name belongs to a role with another id.
    NameTaken {},
    PolicyNotFound { policy: PolicyArn },

    // Who manages it.
    // Its path is one that only AWS uses.
    AwsOwned { path: String },
    // `other_id`: the recorded id, if it is not the live one.
    RecordedAs { address: Address, other_id: Option<RoleId> },
    // An earlier run began a change to it for this address.
    BegunFor { address: Address, run: String, operation: String },
    // An earlier run began a change to it, and its outcome is unknown.
    OutcomeUnknown { run: String, operation: String },
    OwnedByThisWorkspace { workspace: Workspace, lineage: Lineage },
    OwnedByWorkspace { workspace: String },
    // It bears a tag of this program that does not say whose it is.
    OwnershipTag { key: String },
    HeldByTerraform { file: String },
    MadeFromTemplate { template: String },
    HeldByStack { stack: String, region: Region },
    InNoStack { regions: BTreeSet<Region> },
    // A person asserts that no stack there contains it.
    NoStacksAsserted { places: BTreeSet<AccountRegion> },
    // A state file names a role of this name, and not by this ARN.
    NamedOtherwise { file: String, named: String },

    // How it is used.
    LastUsed { at: Timestamp, region: Option<Region> },
    NeverUsed { within_days: u32 },
    LastUseNotRead {},
    Created { at: Timestamp },
    // Not before `since`, the time from which use counts.
    UsedLately { at: Timestamp, since: Timestamp },
    NamedByEventStream { app: AppArn },
    // An event stream names what is no ARN of a role in its account, or this role by another path.
    NamedUnclearly { app: AppArn, named: String },
    // AWS Config holds an event stream that names it as existing, and nothing newer contradicts that.
    NamedInConfig { app: AppArn, captured: Timestamp },
    // CloudTrail has it in the latest change of the app's event stream, and nothing newer contradicts that.
    NamedInCloudTrail { app: AppArn, at: Timestamp },
    // In CloudTrail's event history, not before `since`. `error`: the attempt was refused.
    AssumedLately { at: Timestamp, since: Timestamp, by: Option<String>, error: Option<String> },
    // In IAM's last accessed data, denied attempts included, not before `since`.
    AccessedLately { service: String, at: Timestamp, since: Timestamp },
    // IAM Access Analyzer has an active finding that it is unused.
    ReportedUnused { places: BTreeSet<AccountRegion> },

    // What it is for.
    TrustsOthers { principals: BTreeSet<String> },
    // Its trust policy admits Pinpoint for other sources than apps.
    AdmitsNoApp {},
    // Accounts that its trust policy admits without listing them.
    AdmitsAccounts { condition: String },
    // A source that its trust policy admits besides apps.
    AdmitsSource { arn: String },
    OtherPurpose { purpose: Purpose },
    // Whom Pinpoint uses roles of that purpose for, and names it.
    NamedByEmailChannel { app: AppArn },
    NamedByJob { app: AppArn, job: String },
    NamedByRecommender { place: AccountRegion, recommender: String },
    // These do not name it.
    NotNamedElsewhere { places: BTreeSet<AccountRegion> },
    // A stream that its policies name.
    StreamExists { stream: StreamArn },
    StreamGone { stream: StreamArn },
    ManagedPolicies { policies: BTreeSet<PolicyArn> },
    InstanceProfiles { names: BTreeSet<String> },

    // Whether an event stream may name it that was not seen.
    // No event stream there names it, and one was read there, so the service answers.
    PositiveControl { places: BTreeSet<AccountRegion> },
    // None was read there, which proves nothing: the service has ended.
    NoPositiveControl { places: BTreeSet<AccountRegion> },
    // The manifest says that Pinpoint was never used there.
    NeverUsedThere { places: BTreeSet<AccountRegion> },
    // A person asserts that no event stream remains there.
    Asserted { places: BTreeSet<AccountRegion> },
    // AWS Config has recorded event streams there since before the role was created, and holds none that names it.
    NotInConfig { places: BTreeSet<AccountRegion> },
    // AWS Config recorded that the app, or its event stream, was deleted.
    DeletedInConfig { app: AppArn, at: Timestamp },
    RegionsNotRead { places: BTreeSet<AccountRegion> },
    AccountNotRead { account: AccountId },
    // GetApps lacks an app that has an event stream.
    AppListIncomplete { app: AppArn },
    AppGone { app: AppArn },
    AppWithoutEventStream { app: AppArn },
    AppUsesOtherRole { app: AppArn, role: String },

    // Quarantine.
    QuarantinedAt { at: Timestamp },
    UsedSinceQuarantine { at: Timestamp },
    // The policy of its quarantine was removed outside pinpoint-streams.
    QuarantineRemoved {},
    // The tags of a quarantine are left on it, its policy is gone, and the state does not have it as quarantined: a
    // release takes the policy off first. The next release removes the tags.
    QuarantineReleased {},
    // The policy of its quarantine no longer denies everything.
    QuarantineChanged {},
    QuarantineTagMissing { key: String },
    // The state does not say that this workspace quarantined this role.
    QuarantineNotRecorded {},
    // A reap that was interrupted has taken policies off it.
    DeletionBegun {},
    // The tags name the id of another role of this name.
    OtherRoleQuarantined { id: String },

    // Answers of a bundle of evidence that a verdict rests on, where AWS did not answer or was not asked.
    Kept { bundle: String, questions: BTreeSet<String>, answers: usize, from: Timestamp, to: Timestamp },

    // What holds a sweep back.
    // What it rests on was kept, and only live answers permit a delete.
    RestsOnKept { bundle: String },
    // `--exclude`, or the manifest's.
    Excluded { pattern: String },
    AgeUnknown {},
    TooYoung { days: i64, min_days: u32 },
    QuarantinedTooLately { days: i64, after_days: u32 },
    NoRoomForTags { tags: usize },
    NoRoomForPolicy {},
    LeftAlone { by: Vec<Fact> },
    ExcludesNothing { pattern: String },
    // An additional source said nothing for as many roles or places; verdicts do not need it.
    SourceNotRead { source: EvidenceSource, times: usize, why: Unreadable },

    // What a plan warns of.
    // A problem that does not stop the plan: it is about something that does not change, or that the plan goes
    // on without.
    Problem { code: ProblemCode, message: String, hint: Option<String> },
    PartialPlan {},
    // The role is in an account that the manifest does not declare.
    AccountNotDeclared { role: RoleArn },
    RoleMissing { role: RoleArn },
    DoesNotAdmit { role: RoleArn, app: AppId, why: Refusal },
    MayNotWrite { role: RoleArn, stream: StreamArn, why: Refusal },
    // What `policy lint` finds about a role that is managed elsewhere.
    WeakPolicies { role: RoleArn, findings: BTreeSet<String> },
    QuotasNotRead { account: AccountId, why: Unreadable },
    // Apps that the role admits no longer could not be looked at.
    MayStopStreaming { region: Region, why: Unreadable },
    ForeignPolicies { names: Vec<String> },
    // Bears the tags of an address of this lineage, and is not in the state.
    NotInState { arn: String, address: String },
    AppKept { app: AppId },
    SameName { app: AppId, name: String },
    // A forgotten event stream still names the role.
    // `may_be_deleted`: whether `--include-adopted` would delete both.
    StillUsedBy { event_stream: Address, may_be_deleted: bool },

    // What a change brings with it.
    // It is as the manifest declares it: nothing is written but ownership tags and the record.
    AdoptedAsItIs {},
    DataDeleted {},
    ChannelsDeleted { channels: BTreeSet<String> },
    EventStreamChanged { destination: String, role_arn: String },
    StopsUntilRoleReady {},
    StopsUntilPut {},
    // Its event stream is deleted, and this plan puts no other.
    EventsStop { app: AppId },
    // What the trust policy of a role that is adopted admits, and would no longer.
    LosesAccess { principals: BTreeSet<String> },
    // The role that is replaced has another id than the recorded one.
    OldRoleUnknown { role: RoleArn },
    OldRoleForgotten { role: RoleArn },
    OldRoleDeleted { role: RoleArn },

    // Restore and recovery.
    Archived { at: Timestamp, run: String, path: String },
    // `named_by`: the account's roles whose trust policies name the old id; none if they were not read.
    GetsNewId { id: RoleId, account: AccountId, named_by: Option<Vec<String>> },
    LosesTemplate { template: String },
    NotDeclared {},
    // A restore that did not end has made it.
    RestoreContinues {},
    PolicyGone { policy: PolicyArn },
    TagsUnreadable { arn: String },
    // Something else bears its tags too, and is not recorded.
    AlsoTagged { identity: String },
    // An event stream to what is not a stream, or as what is not a role.
    NotRecordable { destination: String, role_arn: String },
    SeveralApps { recorded: AppId },

    // A sentence, as format 1 of plans and run logs has it. Nothing writes one today.
    Text { text: String },
}

/// A source of evidence besides IAM, Pinpoint and CloudFormation. Each is optional: one that does not answer proves
/// nothing and prevents no verdict.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum EvidenceSource {
    /// AWS Config: which event streams exist and existed.
    Config,
    /// CloudTrail's event history: who assumed a role, and how event streams changed, within 90 days.
    #[serde(rename = "cloudtrail")]
    CloudTrail,
    /// IAM's last accessed data: which services a role tried to call.
    LastAccessed,
    /// IAM Access Analyzer: findings of unused roles.
    AccessAnalyzer,
}

impl EvidenceSource {
    pub const ALL: [EvidenceSource; 4] = [
        EvidenceSource::Config,
        EvidenceSource::CloudTrail,
        EvidenceSource::LastAccessed,
        EvidenceSource::AccessAnalyzer,
    ];

    pub fn as_str(self) -> &'static str {
        match self {
            EvidenceSource::Config => "AWS Config",
            EvidenceSource::CloudTrail => "CloudTrail",
            EvidenceSource::LastAccessed => "IAM last accessed data",
            EvidenceSource::AccessAnalyzer => "IAM Access Analyzer",
        }
    }
}

display_as_str!(EvidenceSource);

/// What was to be read.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Subject {
    /// Whose account the credentials belong to.
    Caller,
    Roles,
    /// The role that the fact is about.
    Role,
    /// Its trust policy, in ListRoles.
    TrustPolicy,
    /// A role that the fact is not about.
    OtherRole(RoleArn),
    ManagedPolicy(PolicyArn),
    /// An inline policy of the role that the fact is about.
    InlinePolicy(PolicyName),
    Apps(AccountRegion),
    EventStream(AppArn),
    /// The stack of the region that holds the role.
    Stack(Region),
    EnabledRegions,
    Channels,
    EmailChannel(AppArn),
    /// Import or export jobs.
    Jobs(AppArn),
    Recommenders(AccountRegion),
}

/// Why a policy does not allow something.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Refusal {
    Denied,
    NotAllowed,
    /// It depends on what is not known.
    Undecidable(String),
}

impl From<Problem> for Fact {
    fn from(Problem { code, address: _, message, hint }: Problem) -> Fact {
        Fact::Problem { code, message, hint }
    }
}

impl Serialize for Fact {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        Fact::serialize(self, serializer)
    }
}

impl<'de> Deserialize<'de> for Fact {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Fact, D::Error> {
        deserializer.deserialize_any(FactOrText)
    }
}

/// An object, or the sentence of format 1.
struct FactOrText;

impl<'de> Visitor<'de> for FactOrText {
    type Value = Fact;

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("a fact, or the sentence of format 1")
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<Fact, E> {
        Ok(Fact::Text { text: text.to_owned() })
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Fact, A::Error> {
        Fact::deserialize(MapAccessDeserializer::new(map))
    }
}
