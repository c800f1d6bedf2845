//! Questions to AWS, their answers, and the collection that a plan is made from. One table holds every read: its
//! question, the service that answers, and the answer.
use super::history::{
    AggregatedEventStreams, ConfigAggregator, ConfigAggregators, ConfigEventStreams, ConfigHistory,
    ConfigRecorder, EventStreamChange, LastAccessed, RoleUse, UnusedRoles,
};
use super::residue::{
    ConfigurationSets, EmailChannel, EmailIdentities, ExportJobs, FunctionPolicy, Functions, IdentityPolicies,
    ImportJobs, IncomingRecords, MessageTemplates, PinpointDestinations, Recommenders, RegionalName,
    StreamCapacity, StreamPeriod,
};
use super::resource_policy::{KeyPolicy, StreamPolicy};
use super::simulation::{SimulatedAccess, Simulation};
use super::stack::StackResources;
use super::{
    FailureKind, ListedRole, LiveApp, LiveEventStream, LiveRole, LiveStream, PartialRole, Quotas, Read, Unreadable,
};
use crate::{
    AccountId, AccountRegion, AccountRole, AppArn, AppId, Document, KmsKeyArn, PolicyArn, Region, RoleArn,
    RoleName, StreamArn, StreamService, Tags,
};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// An AWS service that this program calls.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Service {
    Iam,
    Sts,
    CloudFormation,
    Pinpoint,
    Kinesis,
    Firehose,
    Organizations,
    S3,
    /// AWS Account Management.
    Account,
    Config,
    CloudTrail,
    AccessAnalyzer,
    Ses,
    Lambda,
    CloudWatch,
    Kms,
}

impl Service {
    /// The prefix of its actions in policies. Source: Service Authorization Reference.
    pub fn action_prefix(self) -> &'static str {
        match self {
            Service::Iam => "iam",
            Service::Sts => "sts",
            Service::CloudFormation => "cloudformation",
            Service::Pinpoint => "mobiletargeting",
            Service::Kinesis => "kinesis",
            Service::Firehose => "firehose",
            Service::Organizations => "organizations",
            Service::S3 => "s3",
            Service::Account => "account",
            Service::Config => "config",
            Service::CloudTrail => "cloudtrail",
            Service::AccessAnalyzer => "access-analyzer",
            Service::Ses => "ses",
            Service::Lambda => "lambda",
            Service::CloudWatch => "cloudwatch",
            Service::Kms => "kms",
        }
    }
}

/// An operation of an AWS service, such as IAM CreateRole. Each has a limit of its own in each account and region.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ApiOperation {
    pub service: Service,
    /// As in CloudTrail and in the API reference.
    pub name: &'static str,
}

impl ApiOperation {
    pub const fn new(service: Service, name: &'static str) -> ApiOperation {
        ApiOperation { service, name }
    }
}

/// The call that describes a stream.
fn describe(stream: &StreamArn) -> ApiOperation {
    match stream.service() {
        StreamService::Kinesis => ApiOperation::new(Service::Kinesis, "DescribeStreamSummary"),
        StreamService::Firehose => ApiOperation::new(Service::Firehose, "DescribeDeliveryStream"),
    }
}

impl From<StreamService> for Service {
    fn from(service: StreamService) -> Service {
        match service {
            StreamService::Kinesis => Service::Kinesis,
            StreamService::Firehose => Service::Firehose,
        }
    }
}

macro_rules! reads {
    ($($(#[$doc:meta])* $read:ident($asked:ty) by $first_call:expr => $map:ident: $answer:ty,)*) => {
        /// One question to AWS. What a plan needs to know is a set of these.
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
        #[serde(rename_all = "snake_case")]
        pub enum Question {
            /// The role of this name with all that is attached to it. IAM GetRole and the lists of its policies and
            /// profiles.
            Role {
                role: AccountRole,
                /// Asked of the role itself, where the answer in bulk lacked or changed it. Otherwise an answer in bulk
                /// will do.
                directly: bool,
            },
            $($(#[$doc])* $read($asked),)*
        }

        /// What may be present in answer to the question of the same name.
        #[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
        #[serde(rename_all = "snake_case")]
        #[expect(clippy::large_enum_variant, reason = "few answers wait at a time: `Live` keeps what is in them")]
        pub enum Answer {
            Role(Arc<LiveRole>),
            $($read($answer),)*
        }

        /// What AWS answered. A key that is missing was not asked about.
        #[derive(Debug, Clone, Default, PartialEq, Eq)]
        pub struct Live {
            /// Roles that were asked about, and those of a bulk answer that trust a service which a kind of role is for.
            pub roles: BTreeMap<AccountRole, Read<Arc<LiveRole>>>,
            /// Roles that were asked about by themselves after an answer in bulk.
            pub roles_read_directly: BTreeSet<AccountRole>,
            $($(#[$doc])* pub $map: BTreeMap<$asked, Read<$answer>>,)*
        }

        impl Question {
            pub const NAMES: &[&str] = &["Role", $(stringify!($read),)*];

            pub fn name(&self) -> &'static str {
                match self {
                    Question::Role { .. } => "Role",
                    $(Question::$read(_) => stringify!($read),)*
                }
            }

            /// The first call of the read.
            pub fn first_call(&self) -> ApiOperation {
                match self {
                    Question::Role { .. } => ApiOperation::new(Service::Iam, "GetRole"),
                    $(Question::$read(asked) => {
                        let first_call: fn(&$asked) -> ApiOperation = $first_call;
                        first_call(asked)
                    })*
                }
            }

            /// The account whose credentials ask.
            pub fn account(&self) -> &AccountId {
                match self {
                    Question::Role { role, .. } => role.in_account(),
                    $(Question::$read(asked) => Place::in_account(asked),)*
                }
            }

            /// The region that is asked; none for a service without regions.
            pub fn region(&self) -> Option<&Region> {
                match self {
                    Question::Role { .. } => None,
                    $(Question::$read(asked) => Place::in_region(asked),)*
                }
            }
        }

        impl Live {
            /// Whether this question was asked, whatever the answer.
            pub fn answers(&self, question: &Question) -> bool {
                match question {
                    Question::Role { role, directly: true } => self.roles_read_directly.contains(role),
                    Question::Role { role, directly: false } => self.roles.contains_key(role),
                    $(Question::$read(asked) => self.$map.contains_key(asked),)*
                }
            }

            /// Whether AWS answered this question. None if it was not asked.
            pub fn knows(&self, question: &Question) -> Option<bool> {
                match question {
                    Question::Role { role, .. } => self.roles.get(role).map(Read::is_known),
                    $(Question::$read(asked) => self.$map.get(asked).map(Read::is_known),)*
                }
            }

            /// Whether something was there. None if this question was not asked.
            pub fn outcome(&self, question: &Question) -> Option<Read<()>> {
                match question {
                    Question::Role { role, .. } => self.roles.get(role).map(Read::outcome),
                    $(Question::$read(asked) => self.$map.get(asked).map(Read::outcome),)*
                }
            }

            /// Takes back an answer.
            pub fn forget(&mut self, question: &Question) {
                match question {
                    Question::Role { role, .. } => {
                        self.roles.remove(role);
                        self.roles_read_directly.remove(role);
                    }
                    $(Question::$read(asked) => drop(self.$map.remove(asked)),)*
                }
            }

            /// The answer, if the question was asked.
            pub fn answer(&self, question: &Question) -> Option<Read<Answer>> {
                fn answered<T: Clone + Into<Answer>>(read: &Read<T>) -> Read<Answer> {
                    match read {
                        Read::Present(value) => Read::Present(value.clone().into()),
                        Read::Absent => Read::Absent,
                        Read::Unreadable(why) => Read::Unreadable(why.clone()),
                    }
                }
                match question {
                    Question::Role { role, .. } => self.roles.get(role).map(answered),
                    $(Question::$read(asked) => self.$map.get(asked).map(answered),)*
                }
            }

            pub fn record(&mut self, question: Question, answer: Read<Answer>) {
                if let Question::App(app) = question {
                    return self.record_app(app, answer.typed());
                }
                match question {
                    Question::Role { role, directly } => {
                        if directly {
                            self.roles_read_directly.insert(role.clone());
                        }
                        self.roles.insert(role, answer.typed());
                    }
                    $(Question::$read(asked) => drop(self.$map.insert(asked, answer.typed())),)*
                }
            }
        }

        reads!(@answer Role(Arc<LiveRole>));
        $(reads!(@answer $read($answer));)*
    };
    (@answer $read:ident($answer:ty)) => {
        impl From<$answer> for Answer {
            fn from(answer: $answer) -> Answer {
                Answer::$read(answer)
            }
        }

        impl TryFrom<Answer> for $answer {
            type Error = Answer;
            fn try_from(answer: Answer) -> Result<$answer, Answer> {
                match answer {
                    Answer::$read(answer) => Ok(answer),
                    other => Err(other),
                }
            }
        }
    };
}

impl From<LiveRole> for Answer {
    fn from(role: LiveRole) -> Answer {
        Answer::Role(Arc::new(role))
    }
}

reads! {
    /// An account's quotas and counts. IAM GetAccountSummary.
    Quotas(AccountId) by |_| ApiOperation::new(Service::Iam, "GetAccountSummary") => quotas: Quotas,

    /// Which account the credentials meant for this one lead to. STS GetCallerIdentity.
    Caller(AccountId) by |_| ApiOperation::new(Service::Sts, "GetCallerIdentity") => callers: AccountId,

    /// The regions in which the account may have resources. Account ListRegions. Only in partition `aws`: the service has
    /// no endpoint in GovCloud.
    EnabledRegions(AccountId) by |_| ApiOperation::new(Service::Account, "ListRegions") => enabled_regions: BTreeSet<Region>,

    /// Every role of an account, read in bulk to the last page. A role that cannot be parsed is unreadable by itself:
    /// it spoils no other and is never absent. IAM GetAccountAuthorizationDetails and ListRoles, which each lack what
    /// the other has.
    Roles(AccountId) by |_| ApiOperation::new(Service::Iam, "GetAccountAuthorizationDetails") => roles_in_bulk: BTreeMap<RoleName, Read<Arc<LiveRole>>>,

    /// Every role of an account with its trust policy and little else, read to the last page. IAM ListRoles.
    RoleList(AccountId) by |_| ApiOperation::new(Service::Iam, "ListRoles") => role_lists: BTreeMap<RoleName, Read<ListedRole>>,

    /// A role without those of its inline policies that cannot be read. The same calls as for a role; asked where that
    /// failed because of a policy.
    RoleInPart(AccountRole) by |_| ApiOperation::new(Service::Iam, "GetRole") => roles_in_part: PartialRole,

    /// What a managed policy says in its default version. IAM GetPolicy and GetPolicyVersion.
    PolicyDocument(AccountPolicy) by |_| ApiOperation::new(Service::Iam, "GetPolicy") => policies: Document,

    /// The name of the CloudFormation stack of a region that holds a role. CloudFormation DescribeStackResources by
    /// physical id, which alone finds it: stacks put no tags on roles.
    Stack(RegionalRole) by |_| ApiOperation::new(Service::CloudFormation, "DescribeStackResources") => stacks: String,

    /// The resources of a stack of this name. CloudFormation ListStackResources.
    StackResources(RegionalName) by |_| ApiOperation::new(Service::CloudFormation, "ListStackResources") => stack_resources: StackResources,

    /// Every app of a region, read to the last page. Pinpoint GetApps. Apps that were asked about by themselves after
    /// the list lacked them are added; the list becomes unreadable as a whole if one of those reads failed.
    Apps(AccountRegion) by |_| ApiOperation::new(Service::Pinpoint, "GetApps") => apps: BTreeMap<AppId, LiveApp>,

    /// One app, asked about by itself where the list lacks it. Pinpoint GetApp.
    App(AppArn) by |_| ApiOperation::new(Service::Pinpoint, "GetApp") => single_apps: LiveApp,

    /// The tags of an app. Pinpoint ListTagsForResource.
    AppTags(AppArn) by |_| ApiOperation::new(Service::Pinpoint, "ListTagsForResource") => app_tags: Tags,

    /// The names of an app's enabled channels. Pinpoint GetChannels.
    Channels(AppArn) by |_| ApiOperation::new(Service::Pinpoint, "GetChannels") => channels: BTreeSet<String>,

    /// An app's event stream. Pinpoint GetEventStream.
    EventStream(AppArn) by |_| ApiOperation::new(Service::Pinpoint, "GetEventStream") => event_streams: LiveEventStream,

    /// A stream. Kinesis DescribeStreamSummary, Firehose DescribeDeliveryStream.
    Stream(StreamArn) by describe => streams: LiveStream,

    /// The configuration recorder of a region; absent where there is none. Config DescribeConfigurationRecorders and
    /// DescribeConfigurationRecorderStatus.
    ConfigRecorder(AccountRegion) by |_| ApiOperation::new(Service::Config, "DescribeConfigurationRecorders") => config_recorders: ConfigRecorder,

    /// The event streams of a region that AWS Config holds as existing. Config SelectResourceConfig.
    ConfigEventStreams(AccountRegion) by |_| ApiOperation::new(Service::Config, "SelectResourceConfig") => config_event_streams: ConfigEventStreams,

    /// The aggregators that a region holds. Config DescribeConfigurationAggregators.
    ConfigAggregators(AccountRegion) by |_| ApiOperation::new(Service::Config, "DescribeConfigurationAggregators") => config_aggregators: ConfigAggregators,

    /// The event streams of all accounts and regions of an aggregator. Config SelectAggregateResourceConfig.
    AggregatedEventStreams(ConfigAggregator) by |_| ApiOperation::new(Service::Config, "SelectAggregateResourceConfig") => aggregated_event_streams: AggregatedEventStreams,

    /// What AWS Config last recorded of an app and of its event stream. Config GetResourceConfigHistory.
    ConfigHistory(AppArn) by |_| ApiOperation::new(Service::Config, "GetResourceConfigHistory") => config_histories: ConfigHistory,

    /// Who assumed a role in a region within the last 90 days. CloudTrail LookupEvents by the role's ARN.
    RoleUses(RegionalRoleArn) by |_| ApiOperation::new(Service::CloudTrail, "LookupEvents") => role_uses: BTreeSet<RoleUse>,

    /// How event streams and apps of a region changed within the last 90 days. CloudTrail LookupEvents by the names of
    /// PutEventStream, DeleteEventStream and DeleteApp.
    EventStreamChanges(AccountRegion) by |_| ApiOperation::new(Service::CloudTrail, "LookupEvents") => event_stream_changes: BTreeSet<EventStreamChange>,

    /// When a role last called each service. IAM GenerateServiceLastAccessedDetails and GetServiceLastAccessedDetails.
    LastAccessed(RoleArn) by |_| ApiOperation::new(Service::Iam, "GenerateServiceLastAccessedDetails") => last_accessed: LastAccessed,

    /// The roles that an analyzer of unused access reports; absent where the region has none. Access Analyzer
    /// ListAnalyzers and ListFindingsV2.
    UnusedRoles(AccountRegion) by |_| ApiOperation::new(Service::AccessAnalyzer, "ListAnalyzers") => unused_roles: UnusedRoles,

    /// The policy of a Kinesis stream itself; absent where it has none. Kinesis GetResourcePolicy.
    StreamPolicy(StreamArn) by |_| ApiOperation::new(Service::Kinesis, "GetResourcePolicy") => stream_policies: StreamPolicy,

    /// The policy of a key itself. KMS GetKeyPolicy.
    KeyPolicy(KmsKeyArn) by |_| ApiOperation::new(Service::Kms, "GetKeyPolicy") => key_policies: KeyPolicy,

    /// What a role may do with a resource. IAM SimulatePrincipalPolicy.
    Simulation(SimulatedAccess) by |_| ApiOperation::new(Service::Iam, "SimulatePrincipalPolicy") => simulations: Simulation,

    /// The identities of a region. SES ListEmailIdentities.
    EmailIdentities(AccountRegion) by |_| ApiOperation::new(Service::Ses, "ListEmailIdentities") => email_identities: EmailIdentities,

    /// SES GetEmailIdentityPolicies.
    IdentityPolicies(RegionalName) by |_| ApiOperation::new(Service::Ses, "GetEmailIdentityPolicies") => identity_policies: IdentityPolicies,

    /// The configuration sets of a region. SES ListConfigurationSets.
    ConfigurationSets(AccountRegion) by |_| ApiOperation::new(Service::Ses, "ListConfigurationSets") => configuration_sets: ConfigurationSets,

    /// SES GetConfigurationSetEventDestinations.
    PinpointDestinations(RegionalName) by |_| ApiOperation::new(Service::Ses, "GetConfigurationSetEventDestinations") => pinpoint_destinations: PinpointDestinations,

    /// The functions of a region. Lambda ListFunctions.
    Functions(AccountRegion) by |_| ApiOperation::new(Service::Lambda, "ListFunctions") => functions: Functions,

    /// The policy of a function itself, not of its versions and aliases; absent where it has none. Lambda GetPolicy.
    FunctionPolicy(RegionalName) by |_| ApiOperation::new(Service::Lambda, "GetPolicy") => function_policies: FunctionPolicy,

    /// Pinpoint GetImportJobs.
    ImportJobs(AppArn) by |_| ApiOperation::new(Service::Pinpoint, "GetImportJobs") => import_jobs: ImportJobs,

    /// Pinpoint GetExportJobs.
    ExportJobs(AppArn) by |_| ApiOperation::new(Service::Pinpoint, "GetExportJobs") => export_jobs: ExportJobs,

    /// Pinpoint GetRecommenderConfigurations.
    Recommenders(AccountRegion) by |_| ApiOperation::new(Service::Pinpoint, "GetRecommenderConfigurations") => recommenders: Recommenders,

    /// Pinpoint GetEmailChannel.
    EmailChannel(AppArn) by |_| ApiOperation::new(Service::Pinpoint, "GetEmailChannel") => email_channels: EmailChannel,

    /// The message templates of a region. Pinpoint ListTemplates.
    MessageTemplates(AccountRegion) by |_| ApiOperation::new(Service::Pinpoint, "ListTemplates") => message_templates: MessageTemplates,

    /// Kinesis DescribeStreamSummary, Firehose DescribeDeliveryStream.
    StreamCapacity(StreamArn) by describe => stream_capacities: StreamCapacity,

    /// CloudWatch GetMetricData of the metric `IncomingRecords`.
    IncomingRecords(StreamPeriod) by |_| ApiOperation::new(Service::CloudWatch, "GetMetricData") => incoming_records: IncomingRecords,
}

/// A managed policy, read with the credentials of this account.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct AccountPolicy {
    pub account: AccountId,
    pub arn: PolicyArn,
}

/// A role, and a region in which a stack may hold it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct RegionalRole {
    pub place: AccountRegion,
    pub name: RoleName,
}

impl RegionalRole {
    pub fn of(account: &AccountId, region: &Region, name: &RoleName) -> RegionalRole {
        RegionalRole { place: AccountRegion::of(account, region), name: name.clone() }
    }
}

/// A role, and a region in which a service may have assumed it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct RegionalRoleArn {
    pub role: RoleArn,
    pub region: Region,
}

/// Where something is asked.
trait Place {
    fn in_account(&self) -> &AccountId;

    fn in_region(&self) -> Option<&Region> {
        None
    }
}

macro_rules! places {
    ($($type:ty: |$asked:ident| $account:expr $(, $region:expr)?;)*) => {
        $(impl Place for $type {
            fn in_account(&self) -> &AccountId {
                let $asked = self;
                $account
            }

            $(fn in_region(&self) -> Option<&Region> {
                let $asked = self;
                Some($region)
            })?
        })*
    };
}

places! {
    AccountId: |account| account;
    AccountRole: |role| &role.account;
    AccountPolicy: |policy| &policy.account;
    RoleArn: |role| &role.account;
    KmsKeyArn: |key| &key.account, &key.region;
    SimulatedAccess: |access| &access.role.account;
    AccountRegion: |place| &place.account, &place.region;
    RegionalRole: |role| &role.place.account, &role.place.region;
    RegionalRoleArn: |used| &used.role.account, &used.region;
    RegionalName: |named| &named.place.account, &named.place.region;
    ConfigAggregator: |aggregator| &aggregator.place.account, &aggregator.place.region;
    AppArn: |app| &app.account, &app.region;
    StreamArn: |stream| stream.account(), stream.region();
    StreamPeriod: |period| period.stream.account(), period.stream.region();
}

impl Question {
    /// The role of this name; a bulk answer is enough.
    pub fn role(account: &AccountId, name: &RoleName) -> Question {
        Question::Role { role: AccountRole::of(account, name), directly: false }
    }

    /// The role of this name, read individually.
    pub fn role_directly(account: &AccountId, name: &RoleName) -> Question {
        Question::Role { role: AccountRole::of(account, name), directly: true }
    }

    /// The quotas and the caller: what every plan asks.
    pub fn of_account(account: &AccountId) -> [Question; 2] {
        [Question::Quotas(account.clone()), Question::Caller(account.clone())]
    }
}

impl Read<Answer> {
    /// The answer as the type of its question. An answer of another type is unreadable.
    pub fn typed<T: TryFrom<Answer>>(self) -> Read<T> {
        match self {
            Read::Present(answer) => match answer.try_into() {
                Ok(answer) => Read::Present(answer),
                Err(_) => Read::Unreadable(Unreadable {
                    kind: FailureKind::Unintelligible,
                    operation: "the read".to_owned(),
                    code: "WrongAnswer".to_owned(),
                    message: "it is the answer to another question".to_owned(),
                    request_id: None,
                    beneath: Vec::new(),
                }),
            },
            Read::Absent => Read::Absent,
            Read::Unreadable(why) => Read::Unreadable(why),
        }
    }
}

impl Live {
    /// Adds the app to the list that lacked it. If the read failed, the list becomes unreadable. A list that was not
    /// read stays so: one app says nothing about the others.
    fn record_app(&mut self, arn: AppArn, app: Read<LiveApp>) {
        match (&app, self.apps.get_mut(&arn.place())) {
            (Read::Present(app), Some(Read::Present(apps))) => drop(apps.insert(arn.id.clone(), app.clone())),
            (Read::Unreadable(why), Some(list)) => *list = Read::Unreadable(why.clone()),
            (Read::Absent | Read::Present(_) | Read::Unreadable(_), _) => {}
        }
        self.single_apps.insert(arn, app);
    }
}
