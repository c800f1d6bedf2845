//! Errors of S3, with hints.
use crate::classify::{ApiOperation, CloudError, classify, find_source, is_clock_skew};
use crate::connect_error::{
    CA_BUNDLE_HINT, CLOCK_SKEW_HINT, ENDPOINT_HINT, Failure, source_of, unknown_profile_hint,
};
use crate::credential_failure::CredentialFailure;
use crate::profile::CredentialSettings;
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;
use pinpoint_streams_model::live::FailureKind;
use pinpoint_streams_store::archive::quoted;
use std::borrow::Cow;
use std::error::Error;
use std::fmt;
use std::sync::Arc;

/// The bucket's region in a response from another region. Source: S3 API reference, HeadBucket.
const BUCKET_REGION: &str = "x-amz-bucket-region";

#[derive(Debug, Clone, thiserror::Error)]
pub struct S3Error {
    /// `s3://bucket/key`.
    pub place: String,
    pub kind: S3ErrorKind,
    /// The API operation: `PutObject`, or `credentials`.
    pub operation: Cow<'static, str>,
    /// AWS's error code, or this program's.
    pub code: String,
    pub message: String,
    pub request_id: Option<String>,
    /// Whether S3 certainly did nothing.
    pub definitely_refused: bool,
    #[source]
    pub source: Option<Arc<dyn Error + Send + Sync>>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum S3ErrorKind {
    NoBucket,
    Denied,
    /// The bucket is in another region, if known this one.
    WrongRegion {
        is: Option<String>,
    },
    /// No source of credentials is configured.
    NoCredentials,
    /// The configured source returned none.
    Credentials(Box<CredentialFailure>),
    Expired,
    /// Unknown to AWS.
    Refused,
    UnknownProfile,
    ProfileFile,
    /// A custom endpoint is not a URL.
    Endpoint,
    /// The file of `AWS_CA_BUNDLE` or `ca_bundle`.
    CaBundle,
    /// This machine's clock is wrong.
    ClockSkew,
    /// Closed port, name not resolved, no network, broken connection.
    Unreachable,
    Timeout,
    /// Larger than any object that this program writes.
    TooLarge,
    /// Concurrent changes of the object.
    Contended,
    /// The store ignores the conditions of writes, so its lock excludes no other run.
    Unconditional,
    Other,
}

impl fmt::Display for S3Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let S3Error { place, kind, operation, code, message, .. } = self;
        match kind {
            S3ErrorKind::NoCredentials => write!(f, "no credentials for {place}"),
            S3ErrorKind::UnknownProfile | S3ErrorKind::ProfileFile | S3ErrorKind::Credentials(_) => {
                write!(f, "no credentials for {place}: {message}")
            }
            S3ErrorKind::CaBundle | S3ErrorKind::Endpoint => write!(f, "failed to connect to {place}: {message}"),
            S3ErrorKind::Unreachable => write!(f, "no connection to {place}: {message}"),
            S3ErrorKind::Timeout => write!(f, "{operation} of {place} was not answered: {message}"),
            S3ErrorKind::TooLarge | S3ErrorKind::Unconditional => write!(f, "{operation} of {place}: {message}"),
            S3ErrorKind::NoBucket
            | S3ErrorKind::Denied
            | S3ErrorKind::WrongRegion { .. }
            | S3ErrorKind::Expired
            | S3ErrorKind::Refused
            | S3ErrorKind::ClockSkew
            | S3ErrorKind::Contended
            | S3ErrorKind::Other => write!(f, "{operation} of {place} answered {code}: {message}"),
        }
    }
}

impl S3Error {
    pub fn hint(&self) -> String {
        let hint = match &self.kind {
            S3ErrorKind::NoBucket => {
                "check `bucket` in `[state] s3`; this program creates no bucket: `aws s3 mb s3://BUCKET`, then enable \
                 versioning"
            }
            S3ErrorKind::Denied => {
                "allow the caller s3:GetObject, s3:PutObject and s3:DeleteObject on the key and all keys that begin with \
                 it, and s3:ListBucket on the bucket, without which S3 denies access to missing objects; if the bucket is \
                 encrypted with a KMS key, also kms:Decrypt and kms:GenerateDataKey"
            }
            S3ErrorKind::WrongRegion { is: Some(region) } => {
                return format!("the bucket is in {region}: set `region = \"{region}\"` in `[state] s3`");
            }
            S3ErrorKind::WrongRegion { is: None } => {
                "set the bucket's `region` in `[state] s3`; `aws s3api get-bucket-location` shows it"
            }
            S3ErrorKind::NoCredentials => {
                "set AWS_PROFILE, or log in with `aws sso login` or `aws configure`; `[state] s3` can set its own \
                 `profile`"
            }
            S3ErrorKind::Credentials(failure) => return failure.hint(),
            S3ErrorKind::CaBundle => CA_BUNDLE_HINT,
            S3ErrorKind::ClockSkew => CLOCK_SKEW_HINT,
            S3ErrorKind::Expired => "refresh the credentials, for example with `aws sso login`",
            S3ErrorKind::Refused => "check that the access key is active and of the bucket's partition",
            S3ErrorKind::UnknownProfile => return unknown_profile_hint(None),
            S3ErrorKind::Endpoint => ENDPOINT_HINT,
            S3ErrorKind::ProfileFile => {
                "check ~/.aws/config and ~/.aws/credentials, or the files in AWS_CONFIG_FILE and \
                 AWS_SHARED_CREDENTIALS_FILE"
            }
            S3ErrorKind::Unreachable => {
                "check the network, the proxy, the bucket's region, and AWS_ENDPOINT_URL_S3 and AWS_ENDPOINT_URL if \
                 they are set"
            }
            S3ErrorKind::Timeout => "check the network and the proxy, then try again",
            S3ErrorKind::TooLarge => "check `key` in `[state] s3`: this program did not write this object",
            S3ErrorKind::Contended => "try again",
            S3ErrorKind::Unconditional => {
                "use S3, or a store that implements conditional writes: without them, two runs can hold the lock and \
                 overwrite each other's state. No state was written"
            }
            S3ErrorKind::Other => {
                return format!("run `aws s3 ls {}` to rule out a problem of this program", quoted(&self.place));
            }
        };
        hint.to_owned()
    }

    pub fn find<'a>(error: &'a (dyn Error + 'static)) -> Option<&'a S3Error> {
        find_source(error)
    }

    pub(super) fn of_call<E>(
        place: &str,
        operation: ApiOperation,
        error: SdkError<E, HttpResponse>,
        settings: Option<&Result<CredentialSettings, Failure>>,
    ) -> S3Error
    where
        E: ProvideErrorMetadata + Error + Send + Sync + 'static,
    {
        let region = error.raw_response().and_then(|answer| answer.headers().get(BUCKET_REGION));
        let region = region.map(str::to_owned);
        let error = classify(operation, error);
        let explained = match settings {
            Some(Ok(settings)) => settings.explain(&error),
            Some(Err(_)) | None => None,
        };
        let error = S3Error::of_cloud(place, region, error);
        // Without credentials, it is the configuration that could not be read.
        if let (Some(Err(failure)), S3ErrorKind::NoCredentials) = (settings, &error.kind) {
            return S3Error::of_cloud(place, None, failure.clone().into_cloud_error());
        }
        match explained {
            Some(failure) if error.kind == S3ErrorKind::NoCredentials => {
                S3Error { message: failure.to_string(), kind: S3ErrorKind::Credentials(failure.into()), ..error }
            }
            _ => error,
        }
    }

    pub(super) fn of_cloud(place: &str, region: Option<String>, error: CloudError) -> S3Error {
        let kind = kind_of(&error, region);
        let CloudError { kind: _, operation, code, message, request_id, definitely_refused, source } = error;
        let place = place.to_owned();
        S3Error { place, kind, operation, code, message, request_id, definitely_refused, source }
    }

    /// An error that this program finds, not S3.
    pub(super) fn local(
        place: &str,
        kind: S3ErrorKind,
        operation: ApiOperation,
        code: &str,
        message: String,
    ) -> S3Error {
        S3Error {
            place: place.to_owned(),
            kind,
            operation: operation.name.into(),
            code: code.to_owned(),
            message,
            request_id: None,
            definitely_refused: false,
            source: None,
        }
    }

    /// The condition of a write failed, another write is in progress, or the object to replace is gone.
    pub(super) fn is_race(&self) -> bool {
        matches!(
            self.code.as_str(),
            "PreconditionFailed"
                | "ConditionalRequestConflict"
                | "OperationAborted"
                | "NoSuchKey"
                | "Http404"
                | "Http409"
                | "Http412"
        )
    }
}

fn kind_of(error: &CloudError, region: Option<String>) -> S3ErrorKind {
    match error.code.as_str() {
        "NoSuchBucket" => return S3ErrorKind::NoBucket,
        "UnknownProfile" => return S3ErrorKind::UnknownProfile,
        "Endpoint" => return S3ErrorKind::Endpoint,
        "ProfileFile" => return S3ErrorKind::ProfileFile,
        "CaBundle" => return S3ErrorKind::CaBundle,
        _ if is_clock_skew(error) => return S3ErrorKind::ClockSkew,
        "PermanentRedirect"
        | "AuthorizationHeaderMalformed"
        | "IllegalLocationConstraintException"
        | "Http301" => {
            return S3ErrorKind::WrongRegion { is: region };
        }
        _ => {}
    }
    match error.kind {
        FailureKind::Denied => S3ErrorKind::Denied,
        FailureKind::Credentials => match error.code.as_str() {
            "ExpiredToken" | "ExpiredTokenException" | "RequestExpired" => S3ErrorKind::Expired,
            _ if source_of(error).is_some() => S3ErrorKind::NoCredentials,
            _ => S3ErrorKind::Refused,
        },
        FailureKind::Connection => S3ErrorKind::Unreachable,
        FailureKind::Timeout => S3ErrorKind::Timeout,
        FailureKind::ConcurrentModification => S3ErrorKind::Contended,
        _ => S3ErrorKind::Other,
    }
}
