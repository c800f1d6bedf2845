//! Classification of SDK errors. The only place that reads AWS's error codes.
mod answer;
pub(crate) mod transport;

use answer::Answer;
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;
use aws_types::request_id::RequestId;
pub(crate) use pinpoint_streams_executor::cloud::CloudError;
use pinpoint_streams_model::error::one_line;
use pinpoint_streams_model::live::FailureKind;
pub(crate) use pinpoint_streams_model::live::question::{ApiOperation, Service};
use std::error::Error;
use std::fmt;
use std::sync::Arc;

/// Converts an error of the SDK.
pub(crate) fn classify<E>(operation: ApiOperation, error: SdkError<E, HttpResponse>) -> CloudError
where
    E: ProvideErrorMetadata + Error + Send + Sync + 'static,
{
    let request_id = error.request_id().map(str::to_owned);
    let verdict = match &error {
        // The SDK reports a successful response that it cannot parse as a service error without metadata.
        SdkError::ServiceError(answered) if !answered.raw().status().is_success() => {
            Answer::refusal(answered.raw(), answered.err().meta()).verdict(operation)
        }
        SdkError::ServiceError(answered) => Answer::unread(answered.raw(), one_line(&error)).verdict(operation),
        SdkError::ResponseError(answered) => Answer::unread(answered.raw(), one_line(&error)).verdict(operation),
        SdkError::TimeoutError(_) => {
            Verdict::of(FailureKind::Timeout, "Timeout", "no answer in time".to_owned(), false)
        }
        SdkError::DispatchFailure(failure) => transport::verdict(failure),
        SdkError::ConstructionFailure(_) => Verdict::of(FailureKind::Invalid, "NotSent", one_line(&error), true),
        _ => Verdict::of(FailureKind::Other, "Unknown", one_line(&error), false),
    };
    let Verdict { kind, code, message, definitely_refused } = match verdict {
        // A proxy may write any code. AWS names the request.
        Verdict { kind: FailureKind::NotFound, message, .. }
            if request_id.as_deref().is_none_or(str::is_empty) =>
        {
            let message = format!("the answer has no request ID: {message}");
            Verdict::of(FailureKind::Unintelligible, "UnreadableAnswer", message, false)
        }
        verdict => verdict,
    };
    let source: Option<Arc<dyn Error + Send + Sync>> = Some(Arc::new(error));
    CloudError { kind, operation: operation.name.into(), code, message, request_id, definitely_refused, source }
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Verdict {
    kind: FailureKind,
    code: String,
    message: String,
    definitely_refused: bool,
}

impl Verdict {
    fn of(kind: FailureKind, code: &str, message: String, definitely_refused: bool) -> Verdict {
        Verdict { kind, code: code.to_owned(), message, definitely_refused }
    }
}

/// The first error of this type in a chain of sources.
pub(crate) fn find_source<'a, T: Error + 'static>(error: &'a (dyn Error + 'static)) -> Option<&'a T> {
    let mut next = Some(error);
    while let Some(error) = next {
        if let Some(found) = error.downcast_ref() {
            return Some(found);
        }
        // The source of an `Arc` is that of its content, which would be skipped.
        next = match error.downcast_ref::<Arc<dyn Error + Send + Sync>>() {
            Some(shared) => Some(&**shared),
            None => error.source(),
        };
    }
    None
}

/// A response that is complete but cannot be interpreted.
pub(crate) fn unintelligible(operation: ApiOperation, code: &str, message: String) -> CloudError {
    local(FailureKind::Unintelligible, operation, code, message)
}

/// A response without a field that it must have.
pub(crate) fn missing(operation: ApiOperation, field: &str) -> CloudError {
    unintelligible(operation, "FieldMissing", format!("the answer has no {field}"))
}

/// A response with a field that cannot be parsed.
pub(crate) fn misread(operation: ApiOperation, error: impl fmt::Display) -> CloudError {
    unintelligible(operation, "FieldNotUnderstood", error.to_string())
}

/// A call for an account without credentials.
pub(crate) fn not_connected(operation: ApiOperation, code: &str, message: String) -> CloudError {
    local(FailureKind::Credentials, operation, code, message)
}

/// A call that cannot be sent as configured.
pub(crate) fn not_sent(operation: ApiOperation, message: String) -> CloudError {
    CloudError { definitely_refused: true, ..local(FailureKind::Invalid, operation, "NotSent", message) }
}

/// A job that AWS did not complete.
pub(crate) fn failed(kind: FailureKind, operation: ApiOperation, code: &str, message: String) -> CloudError {
    local(kind, operation, code, message)
}

/// An error that this program finds, not AWS.
fn local(kind: FailureKind, operation: ApiOperation, code: &str, message: String) -> CloudError {
    CloudError {
        kind,
        operation: operation.name.into(),
        code: code.to_owned(),
        message,
        request_id: None,
        definitely_refused: kind == FailureKind::Credentials,
        source: None,
    }
}

/// Whether AWS rejected the time of a signature. STS reports it as a signature that does not match.
/// Source: AWS General Reference, "Troubleshoot Signature Version 4".
pub(crate) fn is_clock_skew(error: &CloudError) -> bool {
    let dated = ["Signature expired", "Signature not yet current"];
    match error.code.as_str() {
        "RequestTimeTooSkewed" | "RequestInTheFuture" => true,
        "SignatureDoesNotMatch" | "InvalidSignatureException" => {
            dated.iter().any(|text| error.message.contains(text))
        }
        _ => false,
    }
}

/// The response, or none if the service reports that the resource does not exist.
pub(crate) fn unless_absent<T>(answer: Result<T, CloudError>) -> Result<Option<T>, CloudError> {
    match answer {
        Err(error) if error.kind == FailureKind::NotFound => Ok(None),
        answer => answer.map(Some),
    }
}
