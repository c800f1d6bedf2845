//! Live: what AWS answered in this run, and the questions that were asked.
pub mod history;
pub mod question;
pub mod residue;
pub mod resource_policy;
pub mod simulation;
pub mod stack;

use crate::ids::RolePath;
use crate::sorted_map::SortedMap;
use crate::{AppId, Document, PolicyArn, PolicyName, Region, RoleArn, RoleId, RoleName, StreamArn, Tags};
use jiff::Timestamp;
pub use question::{Answer, Live, Question};
use std::collections::{BTreeMap, BTreeSet};

/// The answer to one question. An error is never absence.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Read<T> {
    Present(T),
    /// AWS answered, in the service's own form, that it does not exist.
    Absent,
    Unreadable(Unreadable),
}

impl<T> Read<T> {
    pub fn present(&self) -> Option<&T> {
        match self {
            Read::Present(value) => Some(value),
            Read::Absent | Read::Unreadable(_) => None,
        }
    }

    /// Whether AWS answered: that it is there, or that it is not.
    pub fn failure(&self) -> Option<&Unreadable> {
        if let Read::Unreadable(why) = self { Some(why) } else { None }
    }

    pub fn is_known(&self) -> bool {
        !matches!(self, Read::Unreadable(_))
    }

    /// The same without what is there.
    pub fn outcome(&self) -> Read<()> {
        match self {
            Read::Present(_) => Read::Present(()),
            Read::Absent => Read::Absent,
            Read::Unreadable(why) => Read::Unreadable(why.clone()),
        }
    }

    pub fn known(self) -> Result<Option<T>, Unreadable> {
        match self {
            Read::Present(value) => Ok(Some(value)),
            Read::Absent => Ok(None),
            Read::Unreadable(why) => Err(why),
        }
    }

    /// What always exists: an account's quotas, a list. Absence of such a thing is not a valid answer.
    pub fn required(self) -> Result<T, Unreadable> {
        self.known()?.ok_or_else(|| Unreadable {
            kind: FailureKind::Unintelligible,
            operation: "the read".to_owned(),
            code: "Absent".to_owned(),
            message: "something that always exists was not found".to_owned(),
            request_id: None,
            beneath: Vec::new(),
        })
    }
}

impl<T> From<Result<Option<T>, Unreadable>> for Read<T> {
    fn from(known: Result<Option<T>, Unreadable>) -> Read<T> {
        match known {
            Ok(Some(value)) => Read::Present(value),
            Ok(None) => Read::Absent,
            Err(why) => Read::Unreadable(why),
        }
    }
}

/// Why a question has no answer.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
pub struct Unreadable {
    pub kind: FailureKind,
    /// The API operation: `GetEventStream`.
    pub operation: String,
    /// AWS's error code, or the kind of transport failure.
    pub code: String,
    pub message: String,
    /// None if there was no answer.
    pub request_id: Option<String>,
    /// The errors of the SDK and the transport that caused it, outermost first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub beneath: Vec<String>,
}

/// AWS's words in a denial by a service control policy.
/// Source: IAM user guide, "Troubleshoot access denied error messages".
const CONTROL_POLICY: &str = "with an explicit deny in a service control policy";

impl Unreadable {
    /// Whether a service control policy of the organization denies it, by AWS's own words.
    pub fn is_denied_by_organization(&self) -> bool {
        self.kind == FailureKind::Denied && self.message.contains(CONTROL_POLICY)
    }

    /// Whether another read failed for the same reason. The message may name what was to be read.
    pub fn is_like(&self, other: &Unreadable) -> bool {
        (self.kind, &self.operation, &self.code) == (other.kind, &other.operation, &other.code)
            && self.is_denied_by_organization() == other.is_denied_by_organization()
    }
}

impl std::fmt::Display for Unreadable {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Unreadable { kind: _, operation, code, message, request_id, beneath: _ } = self;
        write!(f, "{operation} answered {code}: {message}")?;
        match request_id {
            Some(id) => write!(f, " (request id {id})"),
            None => Ok(()),
        }
    }
}

/// What went wrong with a call, as far as it decides what is done next.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FailureKind {
    /// The object does not exist, in the service's own form.
    NotFound,
    /// The name is taken.
    AlreadyExists,
    /// The caller may not do this.
    Denied,
    /// The credentials are missing, expired or refused.
    Credentials,
    Throttled,
    /// The service no longer offers this: 410, an HTML page, no DNS name, or a 4xx that is not a denial.
    ServiceEnded,
    /// PutEventStream: the role cannot be assumed, or may not write, yet or ever: the message is the same.
    RoleNotReady,
    /// CreateRole, UpdateAssumeRolePolicy: a principal that IAM does not know (yet).
    InvalidPrincipal,
    /// Another change to the same role is under way.
    ConcurrentModification,
    /// Something is still attached to what is to be deleted.
    DeleteConflict,
    /// A quota is exhausted.
    LimitExceeded,
    /// The request itself is wrong.
    Invalid,
    /// The service failed (5xx).
    Server,
    /// No answer in time; the call may or may not have been carried out.
    Timeout,
    /// No connection, or it broke; the call may have been carried out if it was sent.
    Connection,
    /// An answer that cannot be understood.
    Unintelligible,
    Other,
}

/// An account's live limits. Source: IAM API reference, GetAccountSummary.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Quotas {
    pub roles: usize,
    /// The most roles allowed.
    pub roles_quota: usize,
    /// Characters in one trust policy, white space not counted.
    pub trust_policy_size: usize,
    /// Characters in all inline policies of one role, white space not counted.
    pub inline_policies_size: usize,
}

/// The maximum session duration of a role for which none is set, in seconds. Source: IAM API reference, CreateRole.
pub const DEFAULT_SESSION_DURATION: u32 = 3600;

/// The inline policies of a role, most often one.
pub type InlinePolicies = SortedMap<PolicyName, Document>;

/// A role with everything attached to it.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct LiveRole {
    pub arn: RoleArn,
    pub id: RoleId,
    pub trust_policy: Document,
    pub inline_policies: InlinePolicies,
    pub attached_policies: BTreeSet<PolicyArn>,
    pub instance_profiles: BTreeSet<String>,
    pub permissions_boundary: Option<PolicyArn>,
    /// Empty means none.
    pub description: String,
    /// In seconds.
    pub max_session_duration: u32,
    pub tags: Tags,
    pub created: Option<Timestamp>,
    pub last_used: LastUsed,
    /// The IAM role template that it was created from. Source: IAM API reference, Role (`SourceRoleTemplate`;
    /// RoleDetail, the answer in bulk, lacks it).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub template: Option<String>,
}

/// A role of which some inline policies could not be read; `role` lacks them. By itself, so that nothing that needs the
/// whole role takes it for that.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct PartialRole {
    pub role: LiveRole,
    pub unread_policies: BTreeMap<PolicyName, Unreadable>,
}

impl PartialRole {
    pub fn has_unread(&self) -> bool {
        !self.unread_policies.is_empty()
    }
}

/// A role as ListRoles has it. Source: IAM API reference, ListRoles (without tags, last use and boundary).
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct ListedRole {
    pub arn: RoleArn,
    pub id: RoleId,
    pub trust_policy: Document,
    pub created: Option<Timestamp>,
}

impl LiveRole {
    pub fn path(&self) -> &RolePath {
        &self.arn.path
    }

    pub fn name(&self) -> &RoleName {
        &self.arn.name
    }
}

/// What IAM knows of a role's use. "Not read" never becomes "never used".
/// Source: IAM API reference, RoleLastUsed (the trailing 400 days; present but empty = not used in them).
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LastUsed {
    /// Not asked, or not answered.
    NotRead,
    /// Not used within this many days.
    Never {
        within_days: u32,
    },
    At(Timestamp, Option<Region>),
}

#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct LiveApp {
    pub id: AppId,
    /// Not unique.
    pub name: String,
    /// None if the list did not contain them.
    pub tags: Option<Tags>,
}

/// An app's event stream. Both texts are as AWS returns them; other tools may have written anything.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct LiveEventStream {
    pub destination: String,
    pub role_arn: String,
}

impl LiveEventStream {
    /// Whether it uses this role. Letter case is ignored.
    pub fn uses(&self, role: &RoleArn) -> bool {
        self.role_arn.parse::<RoleArn>().is_ok_and(|used| used == *role)
    }

    /// None if the destination is not a stream.
    pub fn stream(&self) -> Option<StreamArn> {
        self.destination.parse().ok()
    }
}

/// The properties of a Kinesis or Firehose stream that preflight checks.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct LiveStream {
    /// Whether it accepts records now.
    pub active: bool,
    /// As AWS returns it: `ACTIVE`, `CREATING`.
    pub status: String,
    /// Firehose: whether applications may write to it (`DirectPut`); always so for Kinesis.
    pub direct_put: bool,
    /// The customer managed key; none for an AWS key or no encryption.
    pub customer_key: Option<String>,
}
