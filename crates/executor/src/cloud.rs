//! The ports to the cloud. Who only plans is handed a [`ReadCloud`] and so cannot write.
use pinpoint_streams_model::arn::{PolicyArn, StreamArn};
use pinpoint_streams_model::ids::{AccountId, AppId, RoleName};
use pinpoint_streams_model::live::{
    FailureKind, ListedRole, LiveApp, LiveEventStream, LiveRole, LiveStream, Quotas, Unreadable,
};
use pinpoint_streams_model::op::{Op, Resolved};
use pinpoint_streams_model::ownership::Tags;
use pinpoint_streams_model::policy::Document;
use pinpoint_streams_model::recorded::Output;
use pinpoint_streams_model::region::Region;
use std::collections::{BTreeMap, BTreeSet};
use std::future::Future;

/// A call that did not succeed.
#[derive(Debug, Clone, thiserror::Error)]
#[error("{operation} answered {code}: {message}")]
pub struct CloudError {
    /// What it means for what is done next.
    pub kind: FailureKind,
    /// The API operation: `PutEventStream`.
    pub operation: &'static str,
    /// AWS's error code, or the kind of transport failure.
    pub code: String,
    /// AWS's message.
    pub message: String,
    /// AWS's request id, where there was an answer.
    pub request_id: Option<String>,
    /// Whether AWS definitely did not carry the call out, in none of its attempts. After anything else it may have.
    pub definitely_refused: bool,
    /// What the SDK or the transport said beneath.
    #[source]
    pub source: Option<std::sync::Arc<dyn std::error::Error + Send + Sync>>,
}

impl CloudError {
    /// The same, where an earlier attempt of the call may have been carried out: what refuses the last proves
    /// nothing of that one.
    pub fn after(self, in_doubt: bool) -> CloudError {
        CloudError { definitely_refused: self.definitely_refused && !in_doubt, ..self }
    }

    /// As the model keeps it.
    pub fn unreadable(&self) -> Unreadable {
        Unreadable {
            kind: self.kind,
            operation: self.operation.to_owned(),
            code: self.code.clone(),
            message: self.message.clone(),
            request_id: self.request_id.clone(),
        }
    }
}

/// What a successful write gave.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Written {
    /// What was not known before.
    pub output: Output,
    /// AWS's request id.
    pub request_id: Option<String>,
}

/// The roles of an account as ListRoles has them, each with its own outcome.
pub type RoleList = BTreeMap<RoleName, Result<ListedRole, CloudError>>;

/// An account's roles, each with its own outcome.
pub type AllRoles = BTreeMap<RoleName, Result<LiveRole, CloudError>>;

/// Reads. `Ok(None)` is absence in the service's own form; every error is an error.
pub trait ReadCloud: Send + Sync {
    /// Which account the credentials meant for this one lead to. STS GetCallerIdentity.
    fn caller(&self, account: &AccountId) -> impl Future<Output = Result<AccountId, CloudError>> + Send;

    /// The account's quotas and counts. IAM GetAccountSummary.
    fn quotas(&self, account: &AccountId) -> impl Future<Output = Result<Quotas, CloudError>> + Send;

    /// Every role of the account, read in bulk to the last page. A role that cannot be made out (a document
    /// that is no policy, say) is an error of its own, so that it spoils no other and is never absent.
    /// IAM GetAccountAuthorizationDetails and ListRoles, which each lack what the other has.
    fn all_roles(&self, account: &AccountId) -> impl Future<Output = Result<AllRoles, CloudError>> + Send;

    /// One role with everything that hangs on it. IAM GetRole and the lists of its policies and profiles.
    fn role(
        &self,
        account: &AccountId,
        name: &RoleName,
    ) -> impl Future<Output = Result<Option<LiveRole>, CloudError>> + Send;

    /// Every role of the account with its trust policy and little else, read to the last page. IAM ListRoles.
    fn role_list(&self, account: &AccountId) -> impl Future<Output = Result<RoleList, CloudError>> + Send;

    /// What a managed policy says in its default version. IAM GetPolicy and GetPolicyVersion.
    fn policy_document(
        &self,
        account: &AccountId,
        arn: &PolicyArn,
    ) -> impl Future<Output = Result<Option<Document>, CloudError>> + Send;

    /// The CloudFormation stack of a region that holds this role, by name. CloudFormation
    /// DescribeStackResources by physical id, which alone finds it: stacks put no tags on roles.
    fn stack_of(
        &self,
        account: &AccountId,
        region: &Region,
        role: &RoleName,
    ) -> impl Future<Output = Result<Option<String>, CloudError>> + Send;

    /// Every app of the region, read to the last page. Pinpoint GetApps.
    fn apps(
        &self,
        account: &AccountId,
        region: &Region,
    ) -> impl Future<Output = Result<BTreeMap<AppId, LiveApp>, CloudError>> + Send;

    /// One app. Pinpoint GetApp.
    fn app(
        &self,
        account: &AccountId,
        region: &Region,
        id: &AppId,
    ) -> impl Future<Output = Result<Option<LiveApp>, CloudError>> + Send;

    /// An app's tags. Pinpoint ListTagsForResource.
    fn app_tags(
        &self,
        account: &AccountId,
        region: &Region,
        id: &AppId,
    ) -> impl Future<Output = Result<Tags, CloudError>> + Send;

    /// The names of an app's enabled channels. Pinpoint GetChannels.
    fn channels(
        &self,
        account: &AccountId,
        region: &Region,
        id: &AppId,
    ) -> impl Future<Output = Result<BTreeSet<String>, CloudError>> + Send;

    /// An app's event stream. Pinpoint GetEventStream.
    fn event_stream(
        &self,
        account: &AccountId,
        region: &Region,
        id: &AppId,
    ) -> impl Future<Output = Result<Option<LiveEventStream>, CloudError>> + Send;

    /// A stream. Kinesis DescribeStreamSummary, Firehose DescribeDeliveryStream.
    fn stream(&self, arn: &StreamArn) -> impl Future<Output = Result<Option<LiveStream>, CloudError>> + Send;
}

/// Writes. Each operation is one API call; operations on the record alone never come here.
pub trait WriteCloud: Send + Sync {
    /// Carries the operation out, once. Retries that only the transport knows of are the cloud's; all
    /// others are the executor's.
    fn write(&self, op: &Op<Resolved>) -> impl Future<Output = Result<Written, CloudError>> + Send;
}

/// Reads and writes.
pub trait Cloud: ReadCloud + WriteCloud {}
impl<T: ReadCloud + WriteCloud> Cloud for T {}
