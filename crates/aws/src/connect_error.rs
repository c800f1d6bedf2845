//! Errors of connecting to an account, with hints.
use crate::classify::{CloudError, find_source, is_clock_skew};
use crate::credential_failure::CredentialFailure;
use aws_config::profile::ProfileFileLoadError;
use aws_credential_types::provider::error::CredentialsError;
use pinpoint_streams_model::arn::RoleArn;
use pinpoint_streams_model::ids::{AccountAlias, AccountId};
use pinpoint_streams_model::live::FailureKind;
use pinpoint_streams_model::region::Partition;
use pinpoint_streams_store::archive::quoted;
use std::borrow::Cow;
use std::sync::Arc;

pub(crate) const CA_BUNDLE_HINT: &str =
    "check AWS_CA_BUNDLE, or `ca_bundle` of the profile: a file of certificates in PEM format";
pub(crate) const CLOCK_SKEW_HINT: &str =
    "set the clock of this machine: AWS accepts requests whose time differs from its own by at most five minutes";

#[derive(Debug, Clone, thiserror::Error)]
#[error("connect to account `{alias}` ({operation}: {code}): {message}")]
pub struct ConnectError {
    pub alias: AccountAlias,
    pub account: Option<AccountId>,
    pub kind: ConnectErrorKind,
    /// An API operation, or `credentials`.
    pub operation: Cow<'static, str>,
    /// AWS's error code, or this program's.
    pub code: String,
    pub message: String,
    pub request_id: Option<String>,
    partition: Partition,
    failure: FailureKind,
    #[source]
    source: Option<Arc<dyn std::error::Error + Send + Sync>>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum ConnectErrorKind {
    /// No source of credentials is configured.
    NoCredentials,
    /// The configured source returned none.
    Credentials(Box<CredentialFailure>),
    Expired,
    /// Unknown to AWS.
    Refused,
    UnknownProfile(String),
    ProfileFile,
    /// The file of `AWS_CA_BUNDLE` or `ca_bundle`.
    CaBundle,
    /// This machine's clock is wrong.
    ClockSkew,
    RoleRefused(RoleArn),
    /// STS is not activated in that region for this account.
    WrongRegion,
    /// Closed port, name not resolved, no network.
    Unreachable,
    Timeout,
    Other,
}

impl ConnectError {
    pub fn hint(&self) -> String {
        let hint = match &self.kind {
            ConnectErrorKind::NoCredentials => {
                "set AWS_PROFILE, or log in with `aws sso login` or `aws configure`; \
                 an account in the manifest can set its own `profile`"
            }
            ConnectErrorKind::Credentials(failure) => return failure.hint(),
            ConnectErrorKind::CaBundle => CA_BUNDLE_HINT,
            ConnectErrorKind::ClockSkew => CLOCK_SKEW_HINT,
            ConnectErrorKind::Expired => "refresh the credentials, for example with `aws sso login`",
            ConnectErrorKind::Refused => {
                return format!(
                    "check that the access key is active and of partition {}: access keys are valid in one partition only",
                    self.partition
                );
            }
            ConnectErrorKind::UnknownProfile(profile) => {
                return format!(
                    "`aws configure list-profiles` lists the profiles; `aws configure --profile {}` creates this one",
                    quoted(profile)
                );
            }
            ConnectErrorKind::ProfileFile => {
                "check ~/.aws/config and ~/.aws/credentials, or the files in AWS_CONFIG_FILE and \
                 AWS_SHARED_CREDENTIALS_FILE"
            }
            ConnectErrorKind::RoleRefused(role) => {
                return format!(
                    "allow the caller sts:AssumeRole on {role}, and the caller in the role's trust policy, \
                     with the external ID if it requires one"
                );
            }
            ConnectErrorKind::WrongRegion => {
                return format!("partition {} was used; check `region` in the manifest", self.partition);
            }
            ConnectErrorKind::Unreachable => "check the network, the proxy, and AWS_ENDPOINT_URL if it is set",
            ConnectErrorKind::Timeout => "check the network and the proxy, then try again",
            ConnectErrorKind::Other => "run `aws sts get-caller-identity` to rule out a problem of this program",
        };
        hint.to_owned()
    }

    /// The error of a call to this account.
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

/// A [`ConnectError`] before it is assigned to an account.
#[derive(Debug, Clone)]
pub(crate) enum Failure {
    UnknownProfile(String),
    ProfileFile(Arc<ProfileFileLoadError>),
    CaBundle { path: String, reason: String },
    Credentials(Box<CredentialFailure>, Box<CloudError>),
    Calling(Box<CloudError>),
    Assuming(RoleArn, Box<CloudError>),
}

impl From<CloudError> for Failure {
    fn from(error: CloudError) -> Failure {
        Failure::Calling(Box::new(error))
    }
}

impl Failure {
    /// Credentials that could not be loaded.
    pub(crate) fn explained(failure: Option<CredentialFailure>, error: CloudError) -> Failure {
        match failure {
            Some(failure) if kind_of(&error) == ConnectErrorKind::NoCredentials => {
                Failure::Credentials(Box::new(failure), Box::new(error))
            }
            _ => error.into(),
        }
    }

    pub(crate) fn of(self, alias: AccountAlias, account: Option<AccountId>, partition: Partition) -> ConnectError {
        let kind = match &self {
            Failure::UnknownProfile(profile) => ConnectErrorKind::UnknownProfile(profile.clone()),
            Failure::ProfileFile(_) => ConnectErrorKind::ProfileFile,
            Failure::CaBundle { .. } => ConnectErrorKind::CaBundle,
            Failure::Credentials(failure, _) => ConnectErrorKind::Credentials(failure.clone()),
            Failure::Calling(error) => kind_of(error),
            Failure::Assuming(role, error) => match kind_of(error) {
                ConnectErrorKind::NoCredentials | ConnectErrorKind::Other => {
                    ConnectErrorKind::RoleRefused(role.clone())
                }
                other => other,
            },
        };
        let error = self.into_cloud_error();
        let CloudError { kind: failure, operation, code, message, request_id, definitely_refused: _, source } =
            error;
        let operation = match kind {
            ConnectErrorKind::RoleRefused(_) => "AssumeRole".into(),
            _ => operation,
        };
        ConnectError { alias, account, kind, operation, code, message, request_id, partition, failure, source }
    }

    pub(crate) fn into_cloud_error(self) -> CloudError {
        let (code, message, source) = match self {
            Failure::Calling(error) | Failure::Assuming(_, error) => return *error,
            Failure::Credentials(failure, error) => return CloudError { message: failure.to_string(), ..*error },
            Failure::CaBundle { path, reason } => {
                ("CaBundle", format!("the file of trusted certificates {path} cannot be used: {reason}"), None)
            }
            Failure::UnknownProfile(profile) => {
                ("UnknownProfile", format!("the AWS configuration files have no profile `{profile}`"), None)
            }
            Failure::ProfileFile(error) => ("ProfileFile", error.to_string(), Some(error as _)),
        };
        CloudError {
            kind: FailureKind::Credentials,
            operation: "credentials".into(),
            code: code.to_owned(),
            message,
            request_id: None,
            definitely_refused: true,
            source,
        }
    }
}

/// What a failed GetCallerIdentity means.
fn kind_of(error: &CloudError) -> ConnectErrorKind {
    match error.kind {
        FailureKind::Credentials if is_clock_skew(error) => ConnectErrorKind::ClockSkew,
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
