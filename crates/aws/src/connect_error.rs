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
pub(crate) const ENDPOINT_HINT: &str =
    "write https://HOST or http://HOST:PORT, as in AWS_ENDPOINT_URL=http://localhost:4566, or unset it";
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
    pub partition: Partition,
    /// As a call to this account fails.
    pub failure: FailureKind,
    #[source]
    pub source: Option<Arc<dyn std::error::Error + Send + Sync>>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
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
    /// A custom endpoint is not a URL.
    Endpoint,
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

/// What to do about a profile that does not exist; the message lists those that do.
pub(crate) fn unknown_profile_hint(name: Option<&str>) -> String {
    let name = name.map_or("NAME".into(), quoted);
    format!(
        "correct AWS_PROFILE, --profile or `profile` in the manifest, or create the profile with `aws configure \
         --profile {name}`"
    )
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
            ConnectErrorKind::UnknownProfile(profile) => return unknown_profile_hint(Some(profile)),
            ConnectErrorKind::Endpoint => ENDPOINT_HINT,
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
    UnknownProfile {
        name: String,
        known: Vec<String>,
    },
    /// A custom endpoint is not a URL.
    Endpoint {
        /// The variable, or where else it may be set.
        setting: String,
        value: String,
    },
    ProfileFile(Arc<ProfileFileLoadError>),
    CaBundle {
        path: String,
        reason: String,
    },
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
            Failure::UnknownProfile { name, known: _ } => ConnectErrorKind::UnknownProfile(name.clone()),
            Failure::Endpoint { .. } => ConnectErrorKind::Endpoint,
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
            Failure::UnknownProfile { name, known } => ("UnknownProfile", unknown_profile(&name, &known), None),
            Failure::Endpoint { setting, value } => {
                ("Endpoint", format!("{setting} is `{value}`, which is not the address of an endpoint"), None)
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

/// That a profile does not exist, and which do.
fn unknown_profile(name: &str, known: &[String]) -> String {
    const MOST: usize = 12;
    let missing = format!("the AWS configuration files have no profile `{name}`");
    let shown: Vec<String> = known.iter().take(MOST).map(|name| format!("`{name}`")).collect();
    let more = match known.len().saturating_sub(MOST) {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    if known.is_empty() {
        format!("{missing}: they have no profiles")
    } else {
        format!("{missing}, only {}{more}", shown.join(", "))
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
