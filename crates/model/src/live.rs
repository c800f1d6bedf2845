//! Live: what AWS answered just now, and which questions were asked to get it.
pub mod question;

use crate::arn::{PolicyArn, RoleArn};
use crate::ids::{AppId, PolicyName, RoleId, RoleName, RolePath};
use crate::ownership::Tags;
use crate::policy::Document;
use crate::region::Region;
use jiff::Timestamp;
pub use question::{Answer, Live, Question};
use std::collections::{BTreeMap, BTreeSet};

/// The answer to one question. An error is never absence.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Read<T> {
    /// It is there.
    Present(T),
    /// AWS says, in the service's own form, that it is not there.
    Absent,
    /// Nothing is known.
    Unreadable(Unreadable),
}

impl<T> Read<T> {
    /// What is there, if it is known to be.
    pub fn present(&self) -> Option<&T> {
        match self {
            Read::Present(value) => Some(value),
            Read::Absent | Read::Unreadable(_) => None,
        }
    }

    /// What is there or not, if that is known.
    pub fn known(self) -> Result<Option<T>, Unreadable> {
        match self {
            Read::Present(value) => Ok(Some(value)),
            Read::Absent => Ok(None),
            Read::Unreadable(why) => Err(why),
        }
    }
}

impl<T> Read<T> {
    /// What is always there: an account's quotas, a list. That such a thing is absent is no answer.
    pub fn there(self) -> Result<T, Unreadable> {
        self.known()?.ok_or_else(|| Unreadable {
            kind: FailureKind::Unintelligible,
            operation: "the read".to_owned(),
            code: "Absent".to_owned(),
            message: "what is always there was not found".to_owned(),
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
    /// What kind of failure it was.
    pub kind: FailureKind,
    /// The API operation: `GetEventStream`.
    pub operation: String,
    /// AWS's error code, or the kind of transport failure.
    pub code: String,
    /// AWS's message.
    pub message: String,
    /// AWS's request id, where there was an answer.
    pub request_id: Option<String>,
    /// What the SDK or the transport said beneath, outermost first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub beneath: Vec<String>,
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

/// What went wrong with a call, as far as it matters to what is done next.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FailureKind {
    /// The object is not there, in the service's own form.
    NotFound,
    /// The name is taken.
    AlreadyExists,
    /// The caller may not do this.
    Denied,
    /// The credentials are missing, expired or refused.
    Credentials,
    /// Too many calls.
    Throttled,
    /// The service no longer offers this: 410, an HTML page, no DNS name, or a 4xx that denies nobody.
    ServiceEnded,
    /// PutEventStream: the role cannot be assumed, or may not write. Now, or ever: the text is the same.
    RoleNotReady,
    /// CreateRole, UpdateAssumeRolePolicy: a principal that IAM does not know (yet).
    InvalidPrincipal,
    /// Another change to the same role is under way.
    ConcurrentModification,
    /// Something still hangs on what is to be deleted.
    DeleteConflict,
    /// A quota is used up.
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
    /// Anything else.
    Other,
}

/// An account's live limits. Source: IAM API reference, GetAccountSummary.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Quotas {
    /// Roles there are.
    pub roles: usize,
    /// Roles there may be.
    pub roles_quota: usize,
    /// Characters in one trust policy, white space not counted.
    pub trust_policy_size: usize,
    /// Characters in all inline policies of one role, white space not counted.
    pub inline_policies_size: usize,
}

/// A role with everything that hangs on it.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct LiveRole {
    /// Its ARN.
    pub arn: RoleArn,
    /// Its unique id.
    pub id: RoleId,
    /// Its trust policy.
    pub trust_policy: Document,
    /// Its inline policies.
    pub inline_policies: BTreeMap<PolicyName, Document>,
    /// Managed policies attached to it.
    pub attached_policies: BTreeSet<PolicyArn>,
    /// Instance profiles it is in.
    pub instance_profiles: BTreeSet<String>,
    /// Its permissions boundary.
    pub permissions_boundary: Option<PolicyArn>,
    /// Empty is none.
    pub description: String,
    /// In seconds.
    pub max_session_duration: u32,
    /// Its tags.
    pub tags: Tags,
    /// When it was made.
    pub created: Option<Timestamp>,
    /// When it was last used.
    pub last_used: LastUsed,
    /// The IAM role template that it was made from. Source: IAM API reference, Role (`SourceRoleTemplate`;
    /// RoleDetail, the answer in bulk, lacks it).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub template: Option<String>,
}

/// A role as ListRoles has it. Source: IAM API reference, ListRoles (without tags, last use and boundary).
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct ListedRole {
    /// Its ARN.
    pub arn: RoleArn,
    /// Its unique id.
    pub id: RoleId,
    /// Its trust policy.
    pub trust_policy: Document,
    /// When it was made.
    pub created: Option<Timestamp>,
}

impl LiveRole {
    /// Its path.
    pub fn path(&self) -> &RolePath {
        &self.arn.path
    }

    /// Its name.
    pub fn name(&self) -> &RoleName {
        &self.arn.name
    }
}

/// What IAM knows of a role's use. "Not read" never becomes "never used".
/// Source: IAM API reference, RoleLastUsed (the trailing 400 days; present but empty = not used in them).
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LastUsed {
    /// The question was not asked, or not answered.
    NotRead,
    /// Not used within this many days.
    Never {
        /// The days that AWS looks back.
        within_days: u32,
    },
    /// Used then and there.
    At(Timestamp, Option<Region>),
}

/// A Pinpoint app.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct LiveApp {
    /// Its id.
    pub id: AppId,
    /// Its name, which need not be unique.
    pub name: String,
    /// Its tags; none where the listing did not hold them.
    pub tags: Option<Tags>,
}

/// An app's event stream. Both texts are as AWS holds them; another hand may have written anything.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct LiveEventStream {
    /// ARN of the stream.
    pub destination: String,
    /// ARN of the role.
    pub role_arn: String,
}

/// A Kinesis or Firehose stream, as far as preflight asks.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct LiveStream {
    /// Whether it takes records now.
    pub active: bool,
    /// AWS's word for its state: `ACTIVE`, `CREATING`.
    pub status: String,
    /// Firehose: whether applications may write to it (`DirectPut`); always so for Kinesis.
    pub direct_put: bool,
    /// The customer's key that encrypts it; none for an AWS key or no encryption.
    pub customer_key: Option<String>,
}
