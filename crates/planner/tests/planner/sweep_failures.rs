//! Reads with calls that fail, each failure as the ports would show it.
use crate::sweep_world::{POLICIES, World, account, allow, region};
use pinpoint_streams_model::live::question::AccountPolicy;
use pinpoint_streams_model::{
    Answer, Document, FailureKind, InlinePolicies, ListedRole, LiveRole, PartialRole, Question, Quotas, Read,
    Unreadable,
};
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
    ListRegions,
    DescribeStackResources,
    GetApps,
    GetEventStream,
    /// Any of GetEmailChannel, GetImportJobs, GetExportJobs and GetRecommenderConfigurations.
    OfOtherUsers,
    DescribeStream,
    /// Any of AWS Config, CloudTrail, IAM's last accessed data and Access Analyzer.
    OfASource,
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
    /// Of a role, one inline policy alone cannot be read; any other call is denied.
    OnePolicy,
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
        GetRole, ListRegions, ListRoles, OfASource, OfOtherUsers,
    };
    let operation = prop::sample::select(vec![
        GetCallerIdentity,
        ListRoles,
        GetRole,
        GetRole,
        GetPolicyVersion,
        ListRegions,
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
        OfASource,
        OfOtherUsers,
        OfOtherUsers,
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
        How::OnePolicy,
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
    /// The answer to a question, truly or as it fails.
    pub(crate) fn answer(&self, question: &Question, how: Option<How>) -> Read<Answer> {
        match question {
            Question::Quotas(_) => {
                let quotas =
                    Quotas { roles: 1, roles_quota: 1000, trust_policy_size: 2048, inline_policies_size: 10240 };
                Read::Present(quotas.into())
            }
            Question::Caller(account) => {
                failed(how, "GetCallerIdentity").unwrap_or(Read::Present(account.clone().into()))
            }
            Question::RoleList(account) => {
                let listed = self.roles.iter().filter(|(role, _)| role.account == *account).map(|(at, role)| {
                    let LiveRole { arn, id, trust_policy, created, .. } = role.clone();
                    (at.name.clone(), Read::Present(ListedRole { arn, id, trust_policy, created }))
                });
                match how {
                    Some(How::EmptyForAll) => Read::Present(Answer::RoleList(BTreeMap::new())),
                    _ => failed(how, "ListRoles")
                        .unwrap_or_else(|| Read::Present(Answer::RoleList(listed.collect()))),
                }
            }
            Question::Role { role, directly: _ } => match (how, self.roles.get(role)) {
                (Some(How::NotFoundForAll), _) => Read::Absent,
                // The lists of what hangs on it are empty.
                (Some(How::EmptyForAll), Some(role)) => Read::Present(Answer::from(LiveRole {
                    inline_policies: InlinePolicies::new(),
                    attached_policies: Default::default(),
                    instance_profiles: Default::default(),
                    ..role.clone()
                })),
                (Some(How::OnePolicy), Some(role)) if !role.inline_policies.is_empty() => {
                    failed(how, "GetRolePolicy").unwrap_or(Read::Absent)
                }
                (Some(How::OnePolicy), truth) => known(truth),
                (_, truth) => failed(how, "GetRole").unwrap_or(known(truth)),
            },
            Question::RoleInPart(role) => {
                let part = self
                    .roles
                    .get(role)
                    .map(|role| PartialRole { role: role.clone(), unread_policies: BTreeMap::new() });
                match (how, part) {
                    (Some(How::OnePolicy), Some(mut part)) => {
                        let policy = part.role.inline_policies.first().map(|(name, _)| name.clone());
                        policy.iter().for_each(|name| drop(part.role.inline_policies.remove(name)));
                        let why = failed(how, "GetRolePolicy").and_then(|read| read.failure().cloned());
                        part.unread_policies.extend(policy.zip(why));
                        Read::Present(part.into())
                    }
                    (how, part) => failed(how, "GetRole").unwrap_or(known(part.as_ref())),
                }
            }
            Question::PolicyDocument(AccountPolicy { arn, .. }) => match how {
                Some(How::NotFoundForAll) => Read::Absent,
                Some(How::EmptyForAll) => Read::Present(Document::new(Vec::new()).into()),
                _ => failed(how, "GetPolicyVersion").unwrap_or_else(|| {
                    let policy = POLICIES.iter().find(|(name, _)| arn.as_str().ends_with(name));
                    known(policy.map(|(_, action)| allow(action)).as_ref())
                }),
            },
            // Some regions cannot be disabled: an empty answer is none.
            Question::EnabledRegions(_) => {
                failed(how, "ListRegions").unwrap_or_else(|| Read::Present(self.enabled_regions().into()))
            }
            // Absence is a ValidationError in words; neither a 404 nor an empty answer is that.
            Question::Stack(role) => failed(how, "DescribeStackResources").unwrap_or(known(self.stacks.get(role))),
            Question::Apps(place) => match how {
                Some(How::EmptyForAll) => Read::Present(Answer::Apps(BTreeMap::new())),
                _ => failed(how, "GetApps")
                    .unwrap_or_else(|| Read::Present(self.apps.get(place).cloned().unwrap_or_default().into())),
            },
            Question::EventStream(app) => match how {
                Some(How::NotFoundForAll | How::EmptyForAll) => Read::Absent,
                _ => failed(how, "GetEventStream").unwrap_or(known(self.event_streams.get(app))),
            },
            Question::Stream(_) => failed(how, "DescribeStreamSummary").unwrap_or(Read::Absent),
            // The positive control of the region holds for all of Pinpoint: only other failures are of one call alone.
            Question::EmailChannel(_)
            | Question::ImportJobs(_)
            | Question::ExportJobs(_)
            | Question::Recommenders(_) => match how {
                None => self.other_user(question).map_or(Read::Absent, Read::Present),
                Some(How::NotFoundForAll | How::EmptyForAll) => {
                    failed(Some(How::With(FailureKind::Unintelligible)), "GetEmailChannel").unwrap_or(Read::Absent)
                }
                how => failed(how, "GetEmailChannel").unwrap_or(Read::Absent),
            },
            of_a_source => failed(how, "LookupEvents").unwrap_or_else(|| self.recorded(of_a_source)),
        }
    }
}

fn known<T: Clone + Into<Answer>>(truth: Option<&T>) -> Read<Answer> {
    truth.map_or(Read::Absent, |truth| Read::Present(truth.clone().into()))
}

fn failed(how: Option<How>, operation: &str) -> Option<Read<Answer>> {
    let kind = match how? {
        How::With(kind) => kind,
        How::OnePolicy => FailureKind::Denied,
        How::CutOffAfterAPage => FailureKind::Connection,
        How::NotFoundForAll => FailureKind::NotFound,
        How::EmptyForAll => FailureKind::Unintelligible,
    };
    let (operation, message) = (operation.to_owned(), "the test says so".to_owned());
    let (code, request_id, beneath) = (format!("{kind:?}"), None, Vec::new());
    Some(Read::Unreadable(Unreadable { kind, operation, code, message, request_id, beneath }))
}

impl Failure {
    /// Whether it strikes this question, the so-and-so-many-th of its round.
    pub(crate) fn strikes(&self, question: &Question, number: usize) -> bool {
        let (operation, place) = match question {
            Question::Quotas(_) => return false,
            Question::Caller(_) => (Operation::GetCallerIdentity, None),
            Question::RoleList(_) => (Operation::ListRoles, None),
            Question::Role { .. } | Question::RoleInPart(_) => (Operation::GetRole, None),
            Question::PolicyDocument(_) => (Operation::GetPolicyVersion, None),
            Question::EnabledRegions(_) => (Operation::ListRegions, None),
            Question::Stack(role) => (Operation::DescribeStackResources, Some(&role.place.region)),
            Question::Apps(place) => (Operation::GetApps, Some(&place.region)),
            Question::EventStream(app) => (Operation::GetEventStream, Some(&app.region)),
            Question::Stream(arn) => (Operation::DescribeStream, Some(arn.region())),
            Question::EmailChannel(app) | Question::ImportJobs(app) | Question::ExportJobs(app) => {
                (Operation::OfOtherUsers, Some(&app.region))
            }
            Question::Recommenders(place) => (Operation::OfOtherUsers, Some(&place.region)),
            _ => (Operation::OfASource, None),
        };
        operation == self.operation
            && match self.which {
                Which::All => true,
                Which::Account(index) => *question.account() == account(index),
                Which::Region(index) => place.is_none_or(|place| *place == region(index)),
                // A service that has ended does so for all of a place: one false 404 among true answers cannot be told.
                Which::Every(_) if matches!(self.how, How::NotFoundForAll | How::EmptyForAll) => true,
                Which::Every(nth) => number.is_multiple_of(nth),
            }
    }
}
