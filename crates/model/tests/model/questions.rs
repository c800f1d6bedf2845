//! Questions and answers are kept in files: each reads back as it was written.
use jiff::Timestamp;
use pinpoint_streams_model::live::history::{
    AggregatedEventStreams, ConfigAggregator, ConfigAggregators, ConfigEventStream, ConfigHistory, ConfigItem,
    ConfigRecorder, EventStreamChange, EventStreamChangeKind, RoleUse, ServiceAccess,
};
use pinpoint_streams_model::live::question::{AccountPolicy, RegionalRole, RegionalRoleArn};
use pinpoint_streams_model::live::residue::{
    ConfigurationSets, EmailChannel, EmailIdentities, ExportJobs, FunctionPolicy, Functions, IdentityPolicies,
    ImportJobs, IncomingRecords, MessageTemplate, MessageTemplates, PinpointDestination, PinpointDestinations,
    Recommenders, RegionalName, StreamCapacity, StreamMode, StreamPeriod,
};
use pinpoint_streams_model::live::resource_policy::{KeyPolicy, StreamPolicy};
use pinpoint_streams_model::live::simulation::{SimulatedAccess, SimulatedDecision, SimulatedEffect, Simulation};
use pinpoint_streams_model::live::stack::{StackResource, StackResources};
use pinpoint_streams_model::{
    AccountId, Answer, AppArn, Document, FailureKind, InlinePolicies, LastUsed, ListedRole, Live, LiveApp,
    LiveEventStream, LiveRole, LiveStream, PartialRole, Question, Quotas, Read, StreamArn, Tags, Unreadable,
};
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Debug;

fn parsed<T: std::str::FromStr<Err: Debug>>(text: &str) -> T {
    text.parse().unwrap()
}

/// A question of every read, with an answer to it.
fn every_read() -> Vec<(Question, Answer)> {
    let account: AccountId = parsed("123456789012");
    let app: AppArn = parsed("arn:aws:mobiletargeting:eu-west-1:123456789012:apps/abc123");
    let stream: StreamArn = parsed("arn:aws:kinesis:eu-west-1:123456789012:stream/clicks");
    let trust_policy = Document::from_json(
        r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":"*","Action":"sts:AssumeRole"}]}"#,
    );
    let trust_policy = trust_policy.unwrap();
    let role = LiveRole {
        arn: parsed("arn:aws:iam::123456789012:role/pinpoint-streams/Shop"),
        id: parsed("AROAEXAMPLEEXAMPLE01"),
        trust_policy: trust_policy.clone(),
        inline_policies: InlinePolicies::from([(parsed("Own"), trust_policy.clone())]),
        attached_policies: BTreeSet::from([parsed("arn:aws:iam::aws:policy/ReadOnlyAccess")]),
        instance_profiles: BTreeSet::from(["profile".to_owned()]),
        permissions_boundary: None,
        description: String::new(),
        max_session_duration: 3600,
        tags: Tags::from([("team".to_owned(), "growth".to_owned())]),
        created: Some(parsed("2026-01-02T03:04:05Z")),
        last_used: LastUsed::At(parsed("2026-02-03T04:05:06Z"), Some(parsed("eu-west-1"))),
        template: None,
    };
    let LiveRole { arn, id, created, .. } = role.clone();
    let listed = ListedRole { arn, id, trust_policy: trust_policy.clone(), created };
    let why = Unreadable {
        kind: FailureKind::Denied,
        operation: "GetRole".to_owned(),
        code: "AccessDenied".to_owned(),
        message: "not authorized".to_owned(),
        request_id: Some("req-1".to_owned()),
        beneath: vec!["service error".to_owned()],
    };
    let live_app = LiveApp { id: app.id.clone(), name: "Shop".to_owned(), tags: None };
    let (name, policy) = (role.arn.name.clone(), parsed("arn:aws:iam::123456789012:policy/Streams"));
    let quotas = Quotas { roles: 3, roles_quota: 1000, trust_policy_size: 2048, inline_policies_size: 10240 };
    let event_stream = LiveEventStream { destination: stream.to_string(), role_arn: role.arn.to_string() };
    let live_stream =
        LiveStream { active: true, status: "ACTIVE".to_owned(), direct_put: true, customer_key: None };
    let roles = BTreeMap::from([
        (name.clone(), Read::Present(std::sync::Arc::new(role.clone()))),
        (parsed("Gone"), Read::Absent),
        (parsed("Odd"), Read::Unreadable(why.clone())),
    ]);
    let in_part = PartialRole { role: role.clone(), unread_policies: BTreeMap::from([(parsed("Other"), why)]) };
    let (place, role_arn, at): (_, _, Timestamp) = (app.place(), role.arn.clone(), parsed("2026-11-01T02:03:04Z"));
    let recorder = ConfigRecorder { covers_event_streams: true, recording_since: Some(at) };
    let recorded =
        ConfigEventStream { destination: stream.to_string(), role_arn: role_arn.to_string(), captured: at };
    let recorded = BTreeMap::from([(app.clone(), recorded)]);
    let aggregator = ConfigAggregator { place: place.clone(), name: "all".to_owned() };
    let history = ConfigHistory { event_stream: Some(ConfigItem { is_deleted: true, captured: at }), app: None };
    let used = RegionalRoleArn { role: role_arn.clone(), region: app.region.clone() };
    let invoked_by = Some("pinpoint.amazonaws.com".to_owned());
    let role_use = RoleUse { at, event: "AssumeRole".to_owned(), invoked_by, error: None };
    let put = EventStreamChangeKind::Put { role_arn: role_arn.to_string() };
    let changes = [put, EventStreamChangeKind::Deleted, EventStreamChangeKind::AppDeleted];
    let changes = changes.map(|change| EventStreamChange { at, app: app.id.clone(), change });
    let access = ServiceAccess { at, region: Some(app.region.clone()) };
    let last_accessed = BTreeMap::from([("kinesis".to_owned(), Some(access)), ("firehose".to_owned(), None)]);
    let named = RegionalName { place: place.clone(), name: "growth-roles".to_owned() };
    let in_stack = StackResource { resource_type: "AWS::IAM::Role".to_owned(), physical_id: name.to_string() };
    let actions = BTreeSet::from(["kinesis:PutRecords".to_owned()]);
    let access = SimulatedAccess { role: role_arn.clone(), actions, resource: stream.to_string() };
    let key = parsed("arn:aws:kms:eu-west-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab");
    let allowed = SimulatedDecision {
        effect: SimulatedEffect::Allowed,
        is_outside_boundary: false,
        is_denied_by_organization: false,
        missing_context: BTreeSet::from(["kms:ViaService".to_owned()]),
    };
    vec![
        (Question::RoleInPart(role.arn.in_account()), in_part.into()),
        (Question::role(&account, &name), role.into()),
        (Question::Quotas(account.clone()), quotas.into()),
        (Question::Caller(account.clone()), account.clone().into()),
        (Question::EnabledRegions(account.clone()), BTreeSet::from([app.region.clone()]).into()),
        (Question::Roles(account.clone()), roles.into()),
        (Question::RoleList(account.clone()), BTreeMap::from([(name.clone(), Read::Present(listed))]).into()),
        (
            Question::PolicyDocument(AccountPolicy { account: account.clone(), arn: policy }),
            trust_policy.clone().into(),
        ),
        (Question::Stack(RegionalRole::of(&account, &app.region, &name)), "growth-roles".to_owned().into()),
        (Question::Apps(app.place()), BTreeMap::from([(app.id.clone(), live_app.clone())]).into()),
        (Question::App(app.clone()), live_app.into()),
        (Question::AppTags(app.clone()), Tags::from([("team".to_owned(), "growth".to_owned())]).into()),
        (Question::Channels(app.clone()), BTreeSet::from(["EMAIL".to_owned()]).into()),
        (Question::EventStream(app.clone()), event_stream.into()),
        (Question::Stream(stream.clone()), live_stream.into()),
        (Question::ConfigRecorder(place.clone()), recorder.into()),
        (Question::ConfigEventStreams(place.clone()), recorded.clone().into()),
        (Question::ConfigAggregators(place.clone()), ConfigAggregators(BTreeSet::from(["all".to_owned()])).into()),
        (Question::AggregatedEventStreams(aggregator), AggregatedEventStreams(recorded).into()),
        (Question::ConfigHistory(app.clone()), history.into()),
        (Question::RoleUses(used), BTreeSet::from([role_use]).into()),
        (Question::EventStreamChanges(place.clone()), BTreeSet::from(changes).into()),
        (Question::LastAccessed(role_arn.clone()), last_accessed.into()),
        (Question::UnusedRoles(place.clone()), BTreeMap::from([(role_arn.clone(), at)]).into()),
        (Question::StackResources(named), StackResources(BTreeMap::from([("Role".to_owned(), in_stack)])).into()),
        (Question::StreamPolicy(stream.clone()), StreamPolicy(trust_policy.clone()).into()),
        (Question::KeyPolicy(key), KeyPolicy(trust_policy.clone()).into()),
        (
            Question::Simulation(access),
            Simulation(BTreeMap::from([("kinesis:PutRecords".to_owned(), allowed)])).into(),
        ),
    ]
    .into_iter()
    .chain(residue(&app, &stream, at, &trust_policy))
    .collect()
}

fn residue(app: &AppArn, stream: &StreamArn, at: Timestamp, policy: &Document) -> Vec<(Question, Answer)> {
    let (place, stream, name) = (app.place(), stream.clone(), "marketing".to_owned());
    let named = RegionalName { place: place.clone(), name: name.clone() };
    let destination = PinpointDestination { enabled: true, app_arn: Some(app.to_string()) };
    let roles = BTreeMap::from([("1".to_owned(), "arn:aws:iam::123456789012:role/Jobs".to_owned())]);
    let channel = EmailChannel { role_arn: None, sending_role_arn: Some("role".to_owned()) };
    let template = MessageTemplate { name: name.clone(), channel: "EMAIL".to_owned() };
    let capacity = StreamCapacity { mode: StreamMode::Provisioned { open_shards: 2 }, created: Some(at) };
    let names = BTreeSet::from([name.clone()]);
    vec![
        (Question::EmailIdentities(place.clone()), EmailIdentities(names.clone()).into()),
        (
            Question::IdentityPolicies(named.clone()),
            IdentityPolicies(BTreeMap::from([(name.clone(), policy.clone())])).into(),
        ),
        (Question::ConfigurationSets(place.clone()), ConfigurationSets(names.clone()).into()),
        (
            Question::PinpointDestinations(named.clone()),
            PinpointDestinations(BTreeMap::from([(name, destination)])).into(),
        ),
        (Question::Functions(place.clone()), Functions(names).into()),
        (Question::FunctionPolicy(named), FunctionPolicy(policy.clone()).into()),
        (Question::ImportJobs(app.clone()), ImportJobs(roles.clone()).into()),
        (Question::ExportJobs(app.clone()), ExportJobs(roles.clone()).into()),
        (Question::Recommenders(place.clone()), Recommenders(roles).into()),
        (Question::EmailChannel(app.clone()), channel.into()),
        (Question::MessageTemplates(place), MessageTemplates(BTreeSet::from([template])).into()),
        (Question::StreamCapacity(stream.clone()), capacity.into()),
        (Question::IncomingRecords(StreamPeriod { stream, from: at, to: at }), IncomingRecords(7).into()),
    ]
}

fn round_trip<T: Serialize + DeserializeOwned + PartialEq + Debug>(value: &T) {
    let json = serde_json::to_string(value).unwrap();
    assert_eq!(serde_json::from_str::<T>(&json).unwrap(), *value, "{json}");
}

#[test]
fn every_question_and_answer_reads_back_as_it_was_written() {
    let reads = every_read();
    let tested: BTreeSet<&str> = reads.iter().map(|(question, _)| question.name()).collect();
    assert_eq!(tested, Question::NAMES.iter().copied().collect(), "a read without a case here");
    for (question, answer) in reads {
        round_trip(&question);
        round_trip(&Read::Present(answer));
    }
    round_trip(&Read::<Answer>::Absent);
}

#[test]
fn what_was_recorded_is_answered_and_an_answer_to_another_question_is_none() {
    let reads = every_read();
    let answers: Vec<Answer> = reads.iter().map(|(_, answer)| answer.clone()).collect();
    for (number, (question, answer)) in reads.into_iter().enumerate() {
        let mut live = Live::default();
        assert!(!live.answers(&question));
        live.record(question.clone(), Read::Present(answer));
        assert!(live.answers(&question), "{question:?}");
        let mut other = Live::default();
        other.record(question.clone(), Read::Present(answers[(number + 1) % answers.len()].clone()));
        assert!(other.answers(&question) && other != live, "{question:?}");
    }
}

#[test]
fn an_app_that_was_read_directly_completes_its_list_or_spoils_it() {
    let app: AppArn = parsed("arn:aws:mobiletargeting:eu-west-1:123456789012:apps/abc123");
    let mut live = Live::default();
    live.record(Question::Apps(app.place()), Read::Present(Answer::Apps(BTreeMap::new())));
    let found = LiveApp { id: app.id.clone(), name: "Shop".to_owned(), tags: None };
    live.record(Question::App(app.clone()), Read::Present(found.into()));
    assert!(live.apps[&app.place()].present().unwrap().contains_key(&app.id));
    let wrong: Read<Answer> = Read::Present("an answer to another question".to_owned().into());
    live.record(Question::App(app.clone()), wrong);
    assert!(matches!(live.apps[&app.place()], Read::Unreadable(_)));
}

#[test]
fn one_app_makes_no_list_of_a_region_that_was_not_read() {
    let app: AppArn = parsed("arn:aws:mobiletargeting:eu-west-1:123456789012:apps/abc123");
    for answer in [
        Read::Absent,
        Read::Present(Answer::from(LiveApp { id: app.id.clone(), name: "Shop".to_owned(), tags: None })),
    ] {
        let mut live = Live::default();
        live.record(Question::App(app.clone()), answer);
        assert!(live.answers(&Question::App(app.clone())) && live.apps.is_empty(), "{:?}", live.apps);
    }
}
