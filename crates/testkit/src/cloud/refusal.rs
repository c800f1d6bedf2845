//! How the fake cloud says no: AWS's codes, and for each kind of failure whether the call may have been carried out.
use super::call::{Request, is_definite, service_of};
use pinpoint_streams_executor::cloud::CloudError;
use pinpoint_streams_model::live::FailureKind;
use pinpoint_streams_model::live::question::Service;

/// A refusal, before it is known which call gets it.
#[derive(Debug, Clone)]
pub(crate) struct Refusal {
    pub(crate) kind: FailureKind,
    /// AWS's code; none for the usual one of the kind and service.
    pub(crate) code: Option<String>,
    pub(crate) message: String,
}

impl Refusal {
    pub(crate) fn new(kind: FailureKind, message: impl Into<String>) -> Refusal {
        Refusal { kind, code: None, message: message.into() }
    }

    pub(crate) fn not_found(message: impl Into<String>) -> Refusal {
        Refusal::new(FailureKind::NotFound, message)
    }

    pub(crate) fn invalid(message: impl Into<String>) -> Refusal {
        Refusal::new(FailureKind::Invalid, message)
    }

    pub(crate) fn limit_exceeded(message: impl Into<String>) -> Refusal {
        Refusal::new(FailureKind::LimitExceeded, message)
    }

    /// The role is not there under this name. The text is IAM's.
    pub(crate) fn no_role(name: impl std::fmt::Display) -> Refusal {
        Refusal::not_found(format!("The role with name {name} cannot be found."))
    }

    pub(crate) fn into_error(self, request: &Request, number: usize) -> CloudError {
        let Refusal { kind, code, message } = self;
        let answered = !matches!(kind, FailureKind::Timeout | FailureKind::Connection);
        CloudError {
            kind,
            operation: request.operation.into(),
            code: code.unwrap_or_else(|| usual_code(kind, service_of(request.operation)).to_owned()),
            message,
            request_id: answered.then(|| request_id(number)),
            definitely_refused: is_definite(kind),
            source: None,
        }
    }
}

pub(crate) fn request_id(number: usize) -> String {
    format!("fake-{number:06}")
}

/// The code on the wire. Source: botocore 1.44.5, the services' models.
fn usual_code(kind: FailureKind, service: Service) -> &'static str {
    let by_service = |iam, pinpoint, streams| match service {
        Service::Iam | Service::Sts | Service::CloudFormation | Service::Organizations | Service::S3 => iam,
        Service::Pinpoint | Service::Account | Service::Ses => pinpoint,
        Service::Kinesis
        | Service::Firehose
        | Service::Config
        | Service::CloudTrail
        | Service::AccessAnalyzer
        | Service::Lambda
        | Service::CloudWatch
        | Service::Kms => streams,
    };
    match kind {
        FailureKind::NotFound => by_service("NoSuchEntity", "NotFoundException", "ResourceNotFoundException"),
        FailureKind::AlreadyExists => {
            by_service("EntityAlreadyExists", "ConflictException", "ResourceInUseException")
        }
        FailureKind::Denied => by_service("AccessDenied", "AccessDeniedException", "AccessDeniedException"),
        FailureKind::Credentials => {
            by_service("InvalidClientTokenId", "UnrecognizedClientException", "ExpiredToken")
        }
        FailureKind::Throttled => by_service("Throttling", "TooManyRequestsException", "LimitExceededException"),
        FailureKind::ServiceEnded => "Gone",
        FailureKind::RoleNotReady => "BadRequestException",
        FailureKind::InvalidPrincipal => "MalformedPolicyDocument",
        FailureKind::ConcurrentModification => "ConcurrentModification",
        FailureKind::DeleteConflict => "DeleteConflict",
        FailureKind::LimitExceeded => by_service("LimitExceeded", "BadRequestException", "LimitExceededException"),
        FailureKind::Invalid => by_service("ValidationError", "BadRequestException", "ValidationException"),
        FailureKind::Server => by_service("ServiceFailure", "InternalServerErrorException", "InternalFailure"),
        FailureKind::Timeout => "timeout",
        FailureKind::Connection => "connection",
        FailureKind::Unintelligible => "unintelligible",
        FailureKind::Other => "Other",
    }
}
