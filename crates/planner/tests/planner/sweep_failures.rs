//! Reads with calls that fail, each failure as the ports would show it.
use crate::sweep_world::{POLICIES, World, account, allow, region};
use pinpoint_streams_model::live::{FailureKind, ListedRole, Live, LiveRole, Question, Quotas, Read, Unreadable};
use pinpoint_streams_model::policy::Document;
use proptest::collection::vec;
use proptest::prelude::*;
use std::collections::BTreeMap;

/// Calls that fail.
#[derive(Debug, Clone)]
pub(crate) struct Failure {
    operation: Operation,
    pub(crate) how: How,
    which: Which,
}

/// The calls that a verdict rests on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Operation {
    GetCallerIdentity,
    ListRoles,
    GetRole,
    GetPolicyVersion,
    DescribeStackResources,
    GetApps,
    GetEventStream,
    DescribeStream,
}

/// How a call fails.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum How {
    /// Denied, throttled, timed out, and so on.
    With(FailureKind),
    /// The connection broke after the first page: what had come is not an answer.
    CutOffAfterAPage,
    /// 404 for everything.
    NotFoundForAll,
    /// 200, and nothing in it.
    EmptyForAll,
}

/// Which of the calls fail.
#[derive(Debug, Clone, Copy)]
enum Which {
    All,
    Account(usize),
    Region(usize),
    /// Some, by their number.
    Every(usize),
}

pub(crate) fn failures() -> impl Strategy<Value = Vec<Failure>> {
    use Operation::{
        DescribeStackResources, DescribeStream, GetApps, GetCallerIdentity, GetEventStream, GetPolicyVersion,
        GetRole, ListRoles,
    };
    let operation = prop::sample::select(vec![
        GetCallerIdentity,
        ListRoles,
        GetRole,
        GetRole,
        GetPolicyVersion,
        DescribeStackResources,
        DescribeStackResources,
        GetApps,
        GetApps,
        GetApps,
        GetEventStream,
        GetEventStream,
        GetEventStream,
        GetEventStream,
        DescribeStream,
    ]);
    let how = prop::sample::select(vec![
        How::With(FailureKind::Denied),
        How::With(FailureKind::Throttled),
        How::With(FailureKind::Timeout),
        How::With(FailureKind::Server),
        How::With(FailureKind::ServiceEnded),
        How::CutOffAfterAPage,
        How::NotFoundForAll,
        How::NotFoundForAll,
        How::EmptyForAll,
        How::EmptyForAll,
    ]);
    let which = prop_oneof![
        3 => Just(Which::All),
        1 => (0..2usize).prop_map(Which::Account),
        2 => (0..4usize).prop_map(Which::Region),
        1 => (2..5usize).prop_map(Which::Every),
    ];
    vec((operation, how, which).prop_map(|(operation, how, which)| Failure { operation, how, which }), 1..4)
}

impl World {
    /// Answers a question, truly or as it fails.
    pub(crate) fn answer(&self, live: &mut Live, question: Question, how: Option<How>) {
        match question {
            Question::Account(account) => {
                let quotas =
                    Quotas { roles: 1, roles_quota: 1000, trust_policy_size: 2048, inline_policies_size: 10240 };
                live.quotas.insert(account.clone(), Read::Present(quotas));
                let caller = failed(how, "GetCallerIdentity").unwrap_or(Read::Present(account.clone()));
                live.callers.insert(account, caller);
            }
            Question::RoleList(account) => {
                let listed = self.roles.iter().filter(|((at, _), _)| *at == account).map(|((_, name), role)| {
                    let LiveRole { arn, id, trust_policy, created, .. } = role.clone();
                    (name.clone(), Read::Present(ListedRole { arn, id, trust_policy, created }))
                });
                let list = match how {
                    Some(How::EmptyForAll) => Read::Present(BTreeMap::new()),
                    _ => failed(how, "ListRoles").unwrap_or_else(|| Read::Present(listed.collect())),
                };
                live.role_lists.insert(account, list);
            }
            Question::Role(account, name) | Question::RoleAgain(account, name) => {
                let key = (account, name);
                let truth = self.roles.get(&key).cloned().map_or(Read::Absent, Read::Present);
                let read = match (how, truth) {
                    (Some(How::NotFoundForAll), _) => Read::Absent,
                    // The lists of what hangs on it are empty.
                    (Some(How::EmptyForAll), Read::Present(role)) => Read::Present(LiveRole {
                        inline_policies: BTreeMap::new(),
                        attached_policies: Default::default(),
                        instance_profiles: Default::default(),
                        ..role
                    }),
                    (_, truth) => failed(how, "GetRole").unwrap_or(truth),
                };
                live.roles_read_again.insert(key.clone());
                live.roles.insert(key, read);
            }
            Question::PolicyDocument(account, arn) => {
                let known = POLICIES.iter().find(|(name, _)| arn.as_str().ends_with(name));
                let read = match how {
                    Some(How::NotFoundForAll) => Read::Absent,
                    Some(How::EmptyForAll) => Read::Present(Document::new(Vec::new())),
                    _ => failed(how, "GetPolicyVersion")
                        .unwrap_or_else(|| known.map_or(Read::Absent, |(_, action)| Read::Present(allow(action)))),
                };
                live.policies.insert((account, arn), read);
            }
            Question::Stack(account, region, name) => {
                let key = (account, region, name);
                // Absence is a ValidationError in words; neither a 404 nor an empty answer is that.
                let truth = self.stacks.get(&key).cloned().map_or(Read::Absent, Read::Present);
                live.stacks.insert(key, failed(how, "DescribeStackResources").unwrap_or(truth));
            }
            Question::Apps(account, region) => {
                let key = (account, region);
                let read = match how {
                    Some(How::EmptyForAll) => Read::Present(BTreeMap::new()),
                    _ => failed(how, "GetApps")
                        .unwrap_or_else(|| Read::Present(self.apps.get(&key).cloned().unwrap_or_default())),
                };
                live.apps.insert(key, read);
            }
            Question::EventStream(account, region, id) => {
                let key = (account, region, id);
                let truth = self.event_streams.get(&key).cloned().map_or(Read::Absent, Read::Present);
                let read = match how {
                    Some(How::NotFoundForAll | How::EmptyForAll) => Read::Absent,
                    _ => failed(how, "GetEventStream").unwrap_or(truth),
                };
                live.event_streams.insert(key, read);
            }
            Question::Stream(arn) => {
                live.streams.insert(arn, failed(how, "DescribeStreamSummary").unwrap_or(Read::Absent));
            }
            other => panic!("a sweep does not ask {other:?}"),
        }
    }
}

fn failed<T>(how: Option<How>, operation: &str) -> Option<Read<T>> {
    let kind = match how? {
        How::With(kind) => kind,
        How::CutOffAfterAPage => FailureKind::Connection,
        How::NotFoundForAll => FailureKind::NotFound,
        How::EmptyForAll => FailureKind::Unintelligible,
    };
    let (operation, message) = (operation.to_owned(), "the test says so".to_owned());
    Some(Read::Unreadable(Unreadable { kind, operation, code: format!("{kind:?}"), message, request_id: None }))
}

impl Failure {
    /// Whether it strikes this question, the so-and-so-many-th of its round.
    pub(crate) fn strikes(&self, question: &Question, number: usize) -> bool {
        let (operation, at, place) = match question {
            Question::Account(at) => (Operation::GetCallerIdentity, at, None),
            Question::RoleList(at) => (Operation::ListRoles, at, None),
            Question::Role(at, _) | Question::RoleAgain(at, _) => (Operation::GetRole, at, None),
            Question::PolicyDocument(at, _) => (Operation::GetPolicyVersion, at, None),
            Question::Stack(at, place, _) => (Operation::DescribeStackResources, at, Some(place)),
            Question::Apps(at, place) => (Operation::GetApps, at, Some(place)),
            Question::EventStream(at, place, _) => (Operation::GetEventStream, at, Some(place)),
            Question::Stream(arn) => (Operation::DescribeStream, arn.account(), Some(arn.region())),
            other => panic!("a sweep does not ask {other:?}"),
        };
        operation == self.operation
            && match self.which {
                Which::All => true,
                Which::Account(index) => *at == account(index),
                Which::Region(index) => place.is_none_or(|place| *place == region(index)),
                // A service that has ended does so for all of a place: one false 404 among true answers cannot be told.
                Which::Every(_) if matches!(self.how, How::NotFoundForAll | How::EmptyForAll) => true,
                Which::Every(nth) => number.is_multiple_of(nth),
            }
    }
}
