//! What an error of the SDK means for what is done next. The only place that reads AWS's error codes.
mod answer;
pub(crate) mod transport;

use answer::Answer;
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;
use aws_types::request_id::RequestId;
use pinpoint_streams_executor::cloud::CloudError;
use pinpoint_streams_model::error::one_line;
use pinpoint_streams_model::ids::AccountId;
use pinpoint_streams_model::live::FailureKind;
use std::error::Error;
use std::fmt;
use std::sync::Arc;

/// An operation of a service.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Asked {
    pub(crate) service: Service,
    /// Its name in the API reference, `GetEventStream`.
    pub(crate) operation: &'static str,
    /// Whether the request carries content of ours that the service may find fault with.
    pub(crate) with_content: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Service {
    Iam,
    Sts,
    Pinpoint,
    Kinesis,
    Firehose,
    CloudFormation,
    Organizations,
    S3,
}

impl Asked {
    const fn of(service: Service, operation: &'static str, with_content: bool) -> Asked {
        Asked { service, operation, with_content }
    }

    pub(crate) const fn iam(operation: &'static str) -> Asked {
        Asked::of(Service::Iam, operation, true)
    }

    pub(crate) const fn sts(operation: &'static str) -> Asked {
        Asked::of(Service::Sts, operation, true)
    }

    pub(crate) const fn kinesis(operation: &'static str) -> Asked {
        Asked::of(Service::Kinesis, operation, true)
    }

    pub(crate) const fn firehose(operation: &'static str) -> Asked {
        Asked::of(Service::Firehose, operation, true)
    }

    pub(crate) const fn cloudformation(operation: &'static str) -> Asked {
        Asked::of(Service::CloudFormation, operation, true)
    }

    pub(crate) const fn organizations(operation: &'static str) -> Asked {
        Asked::of(Service::Organizations, operation, true)
    }

    pub(crate) const fn s3(operation: &'static str) -> Asked {
        Asked::of(Service::S3, operation, true)
    }

    /// A question to Pinpoint that consists of ids alone, or of nothing.
    pub(crate) const fn pinpoint(operation: &'static str) -> Asked {
        Asked::of(Service::Pinpoint, operation, false)
    }

    /// A request to Pinpoint with a body of ours.
    pub(crate) const fn pinpoint_with_content(operation: &'static str) -> Asked {
        Asked::of(Service::Pinpoint, operation, true)
    }
}

/// Turns an error of the SDK into the port's.
pub(crate) fn classify<E>(asked: Asked, error: SdkError<E, HttpResponse>) -> CloudError
where
    E: ProvideErrorMetadata + Error + Send + Sync + 'static,
{
    let request_id = error.request_id().map(str::to_owned);
    let verdict = match &error {
        // The SDK takes a success that it cannot read for an error of the service, without metadata.
        SdkError::ServiceError(answered) if !answered.raw().status().is_success() => {
            Answer::refusal(answered.raw(), answered.err().meta()).verdict(asked)
        }
        SdkError::ServiceError(answered) => Answer::unread(answered.raw(), one_line(&error)).verdict(asked),
        SdkError::ResponseError(answered) => Answer::unread(answered.raw(), one_line(&error)).verdict(asked),
        SdkError::TimeoutError(_) => Verdict {
            kind: FailureKind::Timeout,
            code: "Timeout".to_owned(),
            message: "no answer in time".to_owned(),
            definitely_refused: false,
        },
        SdkError::DispatchFailure(failure) => transport::verdict(failure),
        SdkError::ConstructionFailure(_) => Verdict {
            kind: FailureKind::Invalid,
            code: "NotSent".to_owned(),
            message: one_line(&error),
            definitely_refused: true,
        },
        _ => Verdict {
            kind: FailureKind::Other,
            code: "Unknown".to_owned(),
            message: one_line(&error),
            definitely_refused: false,
        },
    };
    let Verdict { kind, code, message, definitely_refused } = verdict;
    let source: Option<Arc<dyn Error + Send + Sync>> = Some(Arc::new(error));
    CloudError { kind, operation: asked.operation.into(), code, message, request_id, definitely_refused, source }
}

/// What was made of an error.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Verdict {
    kind: FailureKind,
    code: String,
    message: String,
    definitely_refused: bool,
}

/// The first error of this type among an error and all beneath it.
pub(crate) fn find_source<'a, T: Error + 'static>(error: &'a (dyn Error + 'static)) -> Option<&'a T> {
    let mut next = Some(error);
    while let Some(error) = next {
        if let Some(found) = error.downcast_ref::<T>() {
            return Some(found);
        }
        next = error.source();
    }
    None
}

/// An answer that arrived whole and still means nothing to us.
pub(crate) fn unintelligible(asked: Asked, code: &str, message: String) -> CloudError {
    CloudError {
        kind: FailureKind::Unintelligible,
        operation: asked.operation.into(),
        code: code.to_owned(),
        message,
        request_id: None,
        definitely_refused: false,
        source: None,
    }
}

/// An answer without something that it must have.
pub(crate) fn missing(asked: Asked, what: &str) -> CloudError {
    unintelligible(asked, "FieldMissing", format!("the answer has no {what}"))
}

/// An answer with something in it that cannot be what it says.
pub(crate) fn misread(asked: Asked, error: impl fmt::Display) -> CloudError {
    unintelligible(asked, "FieldNotUnderstood", error.to_string())
}

/// A call for whichever account there is, where there is none.
pub(crate) fn no_account(asked: Asked) -> CloudError {
    CloudError {
        kind: FailureKind::Credentials,
        operation: asked.operation.into(),
        code: "NoAccount".to_owned(),
        message: "no account was given".to_owned(),
        request_id: None,
        definitely_refused: true,
        source: None,
    }
}

/// A call for an account without credentials.
pub(crate) fn not_connected(asked: Asked, account: &AccountId) -> CloudError {
    CloudError {
        kind: FailureKind::Credentials,
        operation: asked.operation.into(),
        code: "AccountNotDeclared".to_owned(),
        message: format!("no account of the manifest is {account}"),
        request_id: None,
        definitely_refused: true,
        source: None,
    }
}
