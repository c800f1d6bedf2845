//! Why an account cannot be called, and what a person can do about it.
use crate::classify::find_source;
use crate::credentials::AccountCredentials;
use aws_config::profile::ProfileFileLoadError;
use aws_credential_types::provider::error::CredentialsError;
use pinpoint_streams_executor::cloud::CloudError;
use pinpoint_streams_model::arn::RoleArn;
use pinpoint_streams_model::ids::{AccountAlias, AccountId};
use pinpoint_streams_model::live::FailureKind;
use pinpoint_streams_model::region::Partition;
use pinpoint_streams_store::archive::quoted;
use std::borrow::Cow;
use std::sync::Arc;

/// An account that cannot be called.
#[derive(Debug, Clone, thiserror::Error)]
#[error("connect to account `{alias}` ({operation}: {code}): {message}")]
pub struct ConnectError {
    /// The account, as the manifest calls it.
    pub alias: AccountAlias,
    pub account: Option<AccountId>,
    pub kind: ConnectErrorKind,
    /// What was being done: an API operation, or `credentials`.
    pub operation: Cow<'static, str>,
    /// AWS's error code, or the kind of failure.
    pub code: String,
    /// AWS's message, or ours.
    pub message: String,
    pub request_id: Option<String>,
    partition: Partition,
    failure: FailureKind,
    #[source]
    source: Option<Arc<dyn std::error::Error + Send + Sync>>,
}

/// What is wrong with an account's credentials or the way to AWS.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum ConnectErrorKind {
    NoCredentials,
    /// They were good once.
    Expired,
    /// AWS does not know them.
    Refused,
    UnknownProfile(String),
    ProfileFile,
    RoleRefused(RoleArn),
    /// STS is not switched on in that region for this account.
    WrongRegion,
    /// AWS cannot be reached: closed port, name not resolved, no network.
    Unreachable,
    Timeout,
    Other,
}

impl ConnectError {
    pub fn hint(&self) -> String {
        match &self.kind {
            ConnectErrorKind::NoCredentials => {
                "set AWS_PROFILE, or log in with `aws sso login` or `aws configure`; \
                an account of the manifest may name its own `profile`"
                    .to_owned()
            }
            ConnectErrorKind::Expired => "get fresh credentials, with `aws sso login` for instance".to_owned(),
            ConnectErrorKind::Refused => format!(
                "check that the access key is active and of partition {}: keys of one partition mean nothing in another",
                self.partition
            ),
            ConnectErrorKind::UnknownProfile(profile) => {
                format!(
                    "`aws configure list-profiles` shows those there are; `aws configure --profile {}` makes it",
                    quoted(profile)
                )
            }
            ConnectErrorKind::ProfileFile => {
                "look at ~/.aws/config and ~/.aws/credentials, or where AWS_CONFIG_FILE and \
                AWS_SHARED_CREDENTIALS_FILE point"
                    .to_owned()
            }
            ConnectErrorKind::RoleRefused(role) => format!(
                "let the caller do sts:AssumeRole on {role} and the role's trust policy admit the caller, \
                with its external id if it asks for one"
            ),
            ConnectErrorKind::WrongRegion => {
                format!("partition {} was taken; check `region` in the manifest", self.partition)
            }
            ConnectErrorKind::Unreachable => {
                "check the network, the proxy, and AWS_ENDPOINT_URL if it is set".to_owned()
            }
            ConnectErrorKind::Timeout => "check the network and the proxy, then try again".to_owned(),
            ConnectErrorKind::Other => {
                "run `aws sts get-caller-identity` to see whether it is this program".to_owned()
            }
        }
    }

    /// The same error as the answer to a call that could not be made because of it.
    pub(crate) fn as_cloud_error(&self) -> CloudError {
        CloudError {
            kind: self.failure,
            operation: self.operation.clone(),
            code: self.code.clone(),
            message: self.message.clone(),
            request_id: self.request_id.clone(),
            definitely_refused: true,
            source: self.source.clone(),
        }
    }
}

/// The same while it is not yet known whose it is.
#[derive(Debug, Clone)]
pub(crate) enum Failure {
    UnknownProfile(String),
    ProfileFile(Arc<ProfileFileLoadError>),
    Calling(Box<CloudError>),
    Assuming(RoleArn, Box<CloudError>),
}

impl From<CloudError> for Failure {
    fn from(error: CloudError) -> Failure {
        Failure::Calling(Box::new(error))
    }
}

impl Failure {
    pub(crate) fn of(self, alias: AccountAlias, credentials: &AccountCredentials) -> ConnectError {
        let partition = credentials.partition;
        let ours = |kind, code: &str, message, source| ConnectError {
            alias: alias.clone(),
            account: credentials.id.clone(),
            kind,
            operation: "credentials".into(),
            code: code.to_owned(),
            message,
            request_id: None,
            partition,
            failure: FailureKind::Credentials,
            source,
        };
        match self {
            Failure::UnknownProfile(profile) => {
                let message = format!("the AWS configuration files have no profile `{profile}`");
                ours(ConnectErrorKind::UnknownProfile(profile), "UnknownProfile", message, None)
            }
            Failure::ProfileFile(error) => {
                let message = error.to_string();
                ours(ConnectErrorKind::ProfileFile, "ProfileFile", message, Some(error))
            }
            Failure::Calling(error) => from_call(alias, credentials, kind_of(&error), *error),
            Failure::Assuming(role, error) => {
                let kind = match kind_of(&error) {
                    ConnectErrorKind::NoCredentials | ConnectErrorKind::Other => {
                        ConnectErrorKind::RoleRefused(role)
                    }
                    other => other,
                };
                let operation = match kind {
                    ConnectErrorKind::RoleRefused(_) => "AssumeRole".into(),
                    _ => error.operation,
                };
                from_call(alias, credentials, kind, CloudError { operation, ..*error })
            }
        }
    }
}

fn from_call(
    alias: AccountAlias,
    credentials: &AccountCredentials,
    kind: ConnectErrorKind,
    error: CloudError,
) -> ConnectError {
    let CloudError { kind: failure, operation, code, message, request_id, definitely_refused: _, source } = error;
    let (account, partition) = (credentials.id.clone(), credentials.partition);
    ConnectError { alias, account, kind, operation, code, message, request_id, partition, failure, source }
}

/// What an unanswered GetCallerIdentity says of the credentials.
fn kind_of(error: &CloudError) -> ConnectErrorKind {
    match error.kind {
        FailureKind::Credentials => match error.code.as_str() {
            "ExpiredToken" | "ExpiredTokenException" | "RequestExpired" => ConnectErrorKind::Expired,
            "OptInRequired" | "RegionDisabledException" => ConnectErrorKind::WrongRegion,
            _ if source_of(error).is_some() => ConnectErrorKind::NoCredentials,
            _ => ConnectErrorKind::Refused,
        },
        FailureKind::Connection | FailureKind::ServiceEnded => ConnectErrorKind::Unreachable,
        FailureKind::Timeout => ConnectErrorKind::Timeout,
        _ => ConnectErrorKind::Other,
    }
}

pub(crate) fn source_of(error: &CloudError) -> Option<&CredentialsError> {
    error.source.as_deref().and_then(|source| find_source::<CredentialsError>(source))
}
