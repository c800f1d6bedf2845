//! Calls as the fake cloud logs them: who was asked what, whether it was done, and what was answered.
use pinpoint_streams_model::ids::AccountId;
use pinpoint_streams_model::live::FailureKind;
use pinpoint_streams_model::live::question::Service;
use pinpoint_streams_model::op::{Op, Resolved};
use std::fmt;
use tokio::time::Instant;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Call {
    /// Its number, from 1, in the order of arrival.
    pub number: usize,
    /// The API operation: `PutEventStream`.
    pub operation: &'static str,
    pub account: AccountId,
    /// What it is about: a role's or app's name or id, a stream's ARN.
    pub subject: String,
    pub is_write: bool,
    pub op: Option<Op<Resolved>>,
    pub at: Instant,
    /// Whether what it asks for was done, or read.
    pub carried_out: bool,
    /// What was answered: none yet, or never.
    pub answer: Option<Result<(), FailureKind>>,
}

/// Every operation that the fake cloud answers. One call of a port that stands for several of AWS's (a role with all
/// that hangs on it) goes by the first.
pub const OPERATIONS: [(&str, Service); 52] = [
    ("GetCallerIdentity", Service::Sts),
    ("GetAccountSummary", Service::Iam),
    ("GetAccountAuthorizationDetails", Service::Iam),
    ("ListRoles", Service::Iam),
    ("GetRole", Service::Iam),
    ("GetPolicyVersion", Service::Iam),
    ("ListRegions", Service::Account),
    ("SimulatePrincipalPolicy", Service::Iam),
    ("DescribeStackResources", Service::CloudFormation),
    ("ListStackResources", Service::CloudFormation),
    ("CreateRole", Service::Iam),
    ("UpdateAssumeRolePolicy", Service::Iam),
    ("PutRolePolicy", Service::Iam),
    ("DeleteRolePolicy", Service::Iam),
    ("UpdateRole", Service::Iam),
    ("PutRolePermissionsBoundary", Service::Iam),
    ("DeleteRolePermissionsBoundary", Service::Iam),
    ("TagRole", Service::Iam),
    ("UntagRole", Service::Iam),
    ("AttachRolePolicy", Service::Iam),
    ("DetachRolePolicy", Service::Iam),
    ("AddRoleToInstanceProfile", Service::Iam),
    ("RemoveRoleFromInstanceProfile", Service::Iam),
    ("DeleteRole", Service::Iam),
    ("GetApps", Service::Pinpoint),
    ("GetApp", Service::Pinpoint),
    ("ListTagsForResource", Service::Pinpoint),
    ("GetChannels", Service::Pinpoint),
    ("GetEventStream", Service::Pinpoint),
    ("CreateApp", Service::Pinpoint),
    ("TagResource", Service::Pinpoint),
    ("UntagResource", Service::Pinpoint),
    ("DeleteApp", Service::Pinpoint),
    ("PutEventStream", Service::Pinpoint),
    ("DeleteEventStream", Service::Pinpoint),
    ("SelectResourceConfig", Service::Config),
    ("ListEmailIdentities", Service::Ses),
    ("GetEmailIdentityPolicies", Service::Ses),
    ("ListConfigurationSets", Service::Ses),
    ("GetConfigurationSetEventDestinations", Service::Ses),
    ("ListFunctions", Service::Lambda),
    ("GetPolicy", Service::Lambda),
    ("GetImportJobs", Service::Pinpoint),
    ("GetExportJobs", Service::Pinpoint),
    ("GetRecommenderConfigurations", Service::Pinpoint),
    ("GetEmailChannel", Service::Pinpoint),
    ("ListTemplates", Service::Pinpoint),
    ("GetMetricData", Service::CloudWatch),
    ("DescribeStreamSummary", Service::Kinesis),
    ("GetResourcePolicy", Service::Kinesis),
    ("GetKeyPolicy", Service::Kms),
    ("DescribeDeliveryStream", Service::Firehose),
];

#[track_caller]
pub fn service_of(operation: &str) -> Service {
    let found = OPERATIONS.iter().find(|(name, _)| *name == operation);
    found.unwrap_or_else(|| panic!("the fake cloud has no operation `{operation}`")).1
}

impl fmt::Display for Call {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Call { number, operation, account, subject, .. } = self;
        write!(f, "call {number}, {operation} {subject} in {account}")
    }
}

impl Call {
    /// Whether its answer leaves open whether it was carried out.
    pub fn leaves_doubt(&self) -> bool {
        match self.answer {
            None => true,
            Some(Ok(())) => false,
            Some(Err(kind)) => !is_definite(kind),
        }
    }

    pub fn service(&self) -> Service {
        service_of(self.operation)
    }
}

#[derive(Debug, Clone)]
pub(crate) struct Request {
    pub(crate) operation: &'static str,
    pub(crate) account: AccountId,
    pub(crate) subject: String,
    pub(crate) is_write: bool,
    pub(crate) op: Option<Op<Resolved>>,
}

impl Request {
    pub(crate) fn read(operation: &'static str, account: &AccountId, subject: impl ToString) -> Request {
        Request { operation, account: account.clone(), subject: subject.to_string(), is_write: false, op: None }
    }

    pub(crate) fn write(operation: &'static str, account: &AccountId, subject: impl ToString) -> Request {
        Request { is_write: true, ..Request::read(operation, account, subject) }
    }

    pub(crate) fn arrives(&self, number: usize, at: Instant) -> Call {
        let Request { operation, account, subject, is_write, op } = self.clone();
        Call { number, operation, account, subject, is_write, op, at, carried_out: false, answer: None }
    }
}

/// Whether AWS did surely not do what it answered so.
pub(crate) fn is_definite(kind: FailureKind) -> bool {
    match kind {
        FailureKind::NotFound
        | FailureKind::AlreadyExists
        | FailureKind::Denied
        | FailureKind::Credentials
        | FailureKind::Throttled
        | FailureKind::ServiceEnded
        | FailureKind::RoleNotReady
        | FailureKind::InvalidPrincipal
        | FailureKind::ConcurrentModification
        | FailureKind::DeleteConflict
        | FailureKind::LimitExceeded
        | FailureKind::Invalid => true,
        FailureKind::Server
        | FailureKind::Timeout
        | FailureKind::Connection
        | FailureKind::Unintelligible
        | FailureKind::Other => false,
    }
}
