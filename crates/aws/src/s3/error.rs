//! Why S3 did not give or take something, and what a person can do about it.
use super::location::Location;
use crate::classify::{Asked, classify};
use crate::connect_error::{Failure, source_of};
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;
use pinpoint_streams_executor::cloud::CloudError;
use pinpoint_streams_model::live::FailureKind;
use pinpoint_streams_store::archive::quoted;
use std::borrow::Cow;
use std::error::Error;
use std::sync::Arc;

/// What S3 says of a bucket's region when it is asked in another.
/// Source: S3 API reference, HeadBucket.
const BUCKET_REGION: &str = "x-amz-bucket-region";

/// A call to S3 that did not succeed.
#[derive(Debug, Clone, thiserror::Error)]
#[error("{operation} of {place} answered {code}: {message}")]
pub struct S3Error {
    /// What was asked for, `s3://bucket/key`.
    pub place: String,
    pub kind: S3ErrorKind,
    /// The API operation: `PutObject`, or `credentials`.
    pub operation: Cow<'static, str>,
    /// AWS's error code, or the kind of failure.
    pub code: String,
    /// AWS's message, or ours.
    pub message: String,
    pub request_id: Option<String>,
    /// Whether S3 definitely did not carry the call out.
    pub(super) definitely_refused: bool,
    #[source]
    source: Option<Arc<dyn Error + Send + Sync>>,
}

/// What is wrong with a bucket or the way to it.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum S3ErrorKind {
    NoBucket,
    Denied,
    /// The bucket is in another region: this one, where S3 says so.
    WrongRegion {
        is: Option<String>,
    },
    NoCredentials,
    /// They were good once.
    Expired,
    /// AWS does not know them.
    Refused,
    UnknownProfile,
    ProfileFile,
    /// There is no way to S3: a closed port, no name, no network, a connection that breaks.
    Unreachable,
    Timeout,
    /// An object is larger than any that this program writes.
    TooLarge,
    /// The object was changed by another at the same time.
    Contended,
    Other,
}

impl S3Error {
    pub fn hint(&self) -> String {
        match &self.kind {
            S3ErrorKind::NoBucket => {
                "check `bucket` in `[state] s3`; this program makes no bucket: `aws s3 mb s3://BUCKET`, then switch \
                its versioning on"
                    .to_owned()
            }
            S3ErrorKind::Denied => {
                "let the caller do s3:GetObject, s3:PutObject and s3:DeleteObject on the key and all that begins with \
                it, and s3:ListBucket on the bucket, without which S3 denies what is not there; where the bucket is \
                encrypted with a KMS key, kms:Decrypt and kms:GenerateDataKey on that too"
                    .to_owned()
            }
            S3ErrorKind::WrongRegion { is: Some(region) } => {
                format!("the bucket is in {region}: set `region = \"{region}\"` in `[state] s3`")
            }
            S3ErrorKind::WrongRegion { is: None } => {
                "set the bucket's `region` in `[state] s3`; `aws s3api get-bucket-location` tells it".to_owned()
            }
            S3ErrorKind::NoCredentials => {
                "set AWS_PROFILE, or log in with `aws sso login` or `aws configure`; `[state] s3` may name its own \
                `profile`"
                    .to_owned()
            }
            S3ErrorKind::Expired => "get fresh credentials, with `aws sso login` for instance".to_owned(),
            S3ErrorKind::Refused => {
                "check that the access key is active and of the bucket's partition".to_owned()
            }
            S3ErrorKind::UnknownProfile => {
                "`aws configure list-profiles` shows those there are; check `profile` in `[state] s3`".to_owned()
            }
            S3ErrorKind::ProfileFile => {
                "look at ~/.aws/config and ~/.aws/credentials, or where AWS_CONFIG_FILE and \
                AWS_SHARED_CREDENTIALS_FILE point"
                    .to_owned()
            }
            S3ErrorKind::Unreachable => {
                "check the network, the proxy, the bucket's region, and AWS_ENDPOINT_URL_S3 and AWS_ENDPOINT_URL if \
                they are set"
                    .to_owned()
            }
            S3ErrorKind::Timeout => "check the network and the proxy, then try again".to_owned(),
            S3ErrorKind::TooLarge => "check `key` in `[state] s3`: this is none of ours".to_owned(),
            S3ErrorKind::Contended => "try again".to_owned(),
            S3ErrorKind::Other => {
                format!("run `aws s3 ls {}` to see whether it is this program", quoted(&self.place))
            }
        }
    }

    /// The first of these among an error and all beneath it.
    pub fn beneath<'a>(error: &'a (dyn Error + 'static)) -> Option<&'a S3Error> {
        let mut next = Some(error);
        while let Some(error) = next {
            if let Some(found) = error.downcast_ref() {
                return Some(found);
            }
            // What is shared hides what it holds: its source is that of what it holds.
            next = match error.downcast_ref::<Arc<dyn Error + Send + Sync>>() {
                Some(shared) => Some(&**shared),
                None => error.source(),
            };
        }
        None
    }

    /// What an error of the SDK means.
    pub(super) fn of_call<E>(place: &str, asked: Asked, error: SdkError<E, HttpResponse>) -> S3Error
    where
        E: ProvideErrorMetadata + Error + Send + Sync + 'static,
    {
        let region = error.raw_response().and_then(|answer| answer.headers().get(BUCKET_REGION));
        let region = region.map(str::to_owned);
        S3Error::of_cloud(place, region, classify(asked, error))
    }

    /// The same once it is classified.
    pub(super) fn of_cloud(place: &str, region: Option<String>, error: CloudError) -> S3Error {
        let kind = kind_of(&error, region);
        let CloudError { kind: _, operation, code, message, request_id, definitely_refused, source } = error;
        let place = place.to_owned();
        S3Error { place, kind, operation, code, message, request_id, definitely_refused, source }
    }

    /// A profile that cannot be used.
    pub(super) fn of_profile(at: &Location, failure: Failure) -> S3Error {
        let ours = |kind, code: &str, message, source| S3Error {
            place: at.to_string(),
            kind,
            operation: "credentials".into(),
            code: code.to_owned(),
            message,
            request_id: None,
            definitely_refused: true,
            source,
        };
        match failure {
            Failure::UnknownProfile(profile) => {
                let message = format!("the AWS configuration files have no profile `{profile}`");
                ours(S3ErrorKind::UnknownProfile, "UnknownProfile", message, None)
            }
            Failure::ProfileFile(error) => {
                let message = error.to_string();
                ours(S3ErrorKind::ProfileFile, "ProfileFile", message, Some(error))
            }
            Failure::Calling(error) | Failure::Assuming(_, error) => {
                S3Error::of_cloud(&at.to_string(), None, *error)
            }
        }
    }

    /// Found fault with by us, not by S3.
    pub(super) fn ours(place: &str, kind: S3ErrorKind, asked: Asked, code: &str, message: String) -> S3Error {
        S3Error {
            place: place.to_owned(),
            kind,
            operation: asked.operation.into(),
            code: code.to_owned(),
            message,
            request_id: None,
            definitely_refused: false,
            source: None,
        }
    }

    /// The condition of a write does not hold, or another write is under way, or what was to be replaced is gone.
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
