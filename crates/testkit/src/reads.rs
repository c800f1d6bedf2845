//! Reads by name, as tests ask them: what is always there, or what may be.
use pinpoint_streams_executor::cloud::ReadCloud;
use pinpoint_streams_model::arn::{AppArn, RoleArn, StreamArn};
use pinpoint_streams_model::ids::{AccountId, AccountRole, AppId, RoleName};
use pinpoint_streams_model::live::history::{
    AggregatedEventStreams, ConfigAggregator, ConfigAggregators, ConfigEventStreams, ConfigHistory,
    ConfigRecorder, EventStreamChange, LastAccessed, RoleUse, UnusedRoles,
};
use pinpoint_streams_model::live::question::{AccountPolicy, RegionalRole, RegionalRoleArn};
use pinpoint_streams_model::live::residue::{
    ConfigurationSets, EmailChannel, EmailIdentities, ExportJobs, FunctionPolicy, Functions, IdentityPolicies,
    ImportJobs, IncomingRecords, MessageTemplates, PinpointDestinations, Recommenders, RegionalName,
    StreamCapacity, StreamPeriod,
};
use pinpoint_streams_model::live::{
    ListedRole, LiveApp, LiveEventStream, LiveRole, LiveStream, PartialRole, Question, Quotas, Read, Unreadable,
};
use pinpoint_streams_model::ownership::Tags;
use pinpoint_streams_model::policy::Document;
use pinpoint_streams_model::region::{AccountRegion, Region};
use std::collections::{BTreeMap, BTreeSet};
use std::future::Future;
use std::sync::Arc;

macro_rules! reads {
    ($($name:ident($asked:ty, $question:ident) -> $answer:ty, $end:ident;)*) => {
        /// The questions of [`ReadCloud`], each with the type of its answer.
        pub trait Reads: ReadCloud {
            /// The role itself.
            fn role(&self, role: &AccountRole) -> impl Future<Output = Result<Option<Arc<LiveRole>>, Unreadable>> + Send {
                async { self.read_as(&Question::Role { role: role.clone(), directly: true }).await.known() }
            }

            $(#[doc = concat!("[`Question::", stringify!($question), "`]")]
            fn $name(&self, asked: &$asked) -> impl Future<Output = Result<$answer, Unreadable>> + Send {
                async { self.read_as(&Question::$question(asked.clone())).await.$end() }
            })*
        }
    };
}

reads! {
    caller(AccountId, Caller) -> AccountId, required;
    quotas(AccountId, Quotas) -> Quotas, required;
    all_roles(AccountId, Roles) -> BTreeMap<RoleName, Read<Arc<LiveRole>>>, required;
    role_list(AccountId, RoleList) -> BTreeMap<RoleName, Read<ListedRole>>, required;
    role_in_part(AccountRole, RoleInPart) -> Option<PartialRole>, known;
    policy_document(AccountPolicy, PolicyDocument) -> Option<Document>, known;
    enabled_regions(AccountId, EnabledRegions) -> BTreeSet<Region>, required;
    stack(RegionalRole, Stack) -> Option<String>, known;
    apps(AccountRegion, Apps) -> BTreeMap<AppId, LiveApp>, required;
    app(AppArn, App) -> Option<LiveApp>, known;
    app_tags(AppArn, AppTags) -> Tags, required;
    channels(AppArn, Channels) -> BTreeSet<String>, required;
    event_stream(AppArn, EventStream) -> Option<LiveEventStream>, known;
    stream(StreamArn, Stream) -> Option<LiveStream>, known;
    config_recorder(AccountRegion, ConfigRecorder) -> Option<ConfigRecorder>, known;
    config_event_streams(AccountRegion, ConfigEventStreams) -> ConfigEventStreams, required;
    config_aggregators(AccountRegion, ConfigAggregators) -> ConfigAggregators, required;
    aggregated_event_streams(ConfigAggregator, AggregatedEventStreams) -> Option<AggregatedEventStreams>, known;
    config_history(AppArn, ConfigHistory) -> ConfigHistory, required;
    role_uses(RegionalRoleArn, RoleUses) -> BTreeSet<RoleUse>, required;
    event_stream_changes(AccountRegion, EventStreamChanges) -> BTreeSet<EventStreamChange>, required;
    last_accessed(RoleArn, LastAccessed) -> Option<LastAccessed>, known;
    unused_roles(AccountRegion, UnusedRoles) -> Option<UnusedRoles>, known;
    email_identities(AccountRegion, EmailIdentities) -> EmailIdentities, required;
    identity_policies(RegionalName, IdentityPolicies) -> Option<IdentityPolicies>, known;
    configuration_sets(AccountRegion, ConfigurationSets) -> ConfigurationSets, required;
    pinpoint_destinations(RegionalName, PinpointDestinations) -> Option<PinpointDestinations>, known;
    functions(AccountRegion, Functions) -> Functions, required;
    function_policy(RegionalName, FunctionPolicy) -> Option<FunctionPolicy>, known;
    import_jobs(AppArn, ImportJobs) -> Option<ImportJobs>, known;
    export_jobs(AppArn, ExportJobs) -> Option<ExportJobs>, known;
    recommenders(AccountRegion, Recommenders) -> Recommenders, required;
    email_channel(AppArn, EmailChannel) -> Option<EmailChannel>, known;
    message_templates(AccountRegion, MessageTemplates) -> MessageTemplates, required;
    stream_capacity(StreamArn, StreamCapacity) -> Option<StreamCapacity>, known;
    incoming_records(StreamPeriod, IncomingRecords) -> IncomingRecords, required;
}

impl<C: ReadCloud> Reads for C {}
