//! Classification of unsuccessful responses by error code. A discontinued service answers 404 or 410 in another form than
//! Pinpoint's, or with a page; a denial is never taken for its end, whatever its form.
use super::{ApiOperation, Verdict};
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_types::error::ErrorMetadata;
use pinpoint_streams_model::live::FailureKind;
use pinpoint_streams_model::live::question::Service;

// The only four messages that are matched here. Everything else is matched by code; see also `is_clock_skew`.

/// In every access denied message of AWS, for answers whose status or code was lost on the way.
/// Source: IAM user guide, "Troubleshoot access denied error messages".
const DENIED: &str = "is not authorized to perform";
/// PutEventStream's message for a role that cannot be assumed or lacks permissions, now or permanently.
/// Source: terraform-provider-aws, `internal/service/pinpoint/event_stream.go`.
const ROLE_NOT_READY: &str = "make sure the IAM Role is configured correctly";
/// IAM's message for a principal that does not exist (yet), with the code of every malformed policy.
/// Source: terraform-provider-aws, `internal/service/iam/role.go`.
const INVALID_PRINCIPAL: &str = "Invalid principal in policy";
/// CloudFormation's message for a physical ID in no stack, `Stack for NAME does not exist`, with the code of every
/// invalid parameter. Source: CloudFormation API reference, DescribeStackResources.
const NO_STACK: &str = "does not exist";

/// Maximum characters of an unknown response in a message.
const EXCERPT: usize = 120;

pub(super) struct Answer {
    status: u16,
    html: bool,
    /// None if the response does not have the service's format.
    code: Option<String>,
    message: String,
    /// Whether the caller is denied access, in any format.
    denied: bool,
}

impl Answer {
    /// A response that the SDK parsed as a service error.
    pub(super) fn refusal(raw: &HttpResponse, metadata: &ErrorMetadata) -> Answer {
        let html = is_html(raw);
        let code = metadata.code().filter(|code| !html && !code.is_empty()).map(str::to_owned);
        let message = match metadata.message() {
            Some(message) if !html => message.to_owned(),
            _ => format!("HTTP {} with {}", raw.status().as_u16(), excerpt(raw, html)),
        };
        Answer { status: raw.status().as_u16(), html, code, message, denied: says(raw, DENIED) }
    }

    /// A response that the SDK could not parse.
    pub(super) fn unread(raw: &HttpResponse, message: String) -> Answer {
        let denied = !raw.status().is_success() && says(raw, DENIED);
        Answer { status: raw.status().as_u16(), html: is_html(raw), code: None, message, denied }
    }

    pub(super) fn verdict(self, operation: ApiOperation) -> Verdict {
        let kind = self.kind(operation);
        let definitely_refused = match kind {
            FailureKind::Server | FailureKind::Timeout | FailureKind::Unintelligible => false,
            FailureKind::Throttled => true,
            // A proxy's page does not show what the service did.
            _ => (400..500).contains(&self.status) && (self.code.is_some() || self.status == 410),
        };
        let code = self.code.unwrap_or_else(|| match (self.status, self.html) {
            (_, true) => "HtmlAnswer".to_owned(),
            (200..300, _) => "UnreadableAnswer".to_owned(),
            (status, _) => format!("Http{status}"),
        });
        Verdict { kind, code, message: self.message, definitely_refused }
    }

    fn kind(&self, operation: ApiOperation) -> FailureKind {
        let by_code = self.code.as_deref().and_then(|code| self.kind_by_code(code, operation));
        // A service that fails does not know what exists.
        let by_code = by_code.filter(|kind| *kind != FailureKind::NotFound || (400..500).contains(&self.status));
        if let Some(kind) = by_code {
            return kind;
        }
        let pinpoint = operation.service == Service::Pinpoint;
        match self.status {
            429 => FailureKind::Throttled,
            408 => FailureKind::Timeout,
            // A proxy that requires authentication.
            407 => FailureKind::Connection,
            500.. => FailureKind::Server,
            // Whatever the body says: a proxy, a gateway or a policy may have written it.
            401 | 403 => FailureKind::Denied,
            400..500 if self.denied => FailureKind::Denied,
            // Not in Pinpoint's form: its own NotFoundException is an answer about the app.
            404 | 410 if pinpoint => FailureKind::ServiceEnded,
            200..300 if pinpoint && self.html => FailureKind::ServiceEnded,
            400..500 if self.code.is_some() => FailureKind::Invalid,
            _ => FailureKind::Unintelligible,
        }
    }

    fn kind_by_code(&self, code: &str, operation: ApiOperation) -> Option<FailureKind> {
        let streams = matches!(operation.service, Service::Kinesis | Service::Firehose);
        let kind = match code.strip_suffix("Exception").unwrap_or(code) {
            "AccessDenied" | "Forbidden" | "UnauthorizedOperation" | "Unauthorized" => FailureKind::Denied,
            "ExpiredToken"
            | "InvalidClientTokenId"
            | "UnrecognizedClient"
            | "InvalidSignature"
            | "SignatureDoesNotMatch"
            | "IncompleteSignature"
            | "MissingAuthenticationToken"
            | "RequestExpired"
            | "RequestTimeTooSkewed"
            | "InvalidAccessKeyId"
            | "AuthFailure"
            | "OptInRequired"
            | "NotSignedUp"
            | "SubscriptionRequired"
            | "RegionDisabled"
            | "InvalidToken" => FailureKind::Credentials,
            "Throttling"
            | "Throttled"
            | "RequestThrottled"
            | "TooManyRequests"
            | "RequestLimitExceeded"
            | "BandwidthLimitExceeded"
            | "ProvisionedThroughputExceeded"
            | "SlowDown"
            | "PriorRequestNotComplete" => FailureKind::Throttled,
            // Kinesis and Firehose use it for their control plane's rate, the others for quotas.
            // Source: Kinesis API reference, DescribeStreamSummary.
            "LimitExceeded" if streams => FailureKind::Throttled,
            "LimitExceeded" | "ServiceQuotaExceeded" => FailureKind::LimitExceeded,
            "RequestTimeout" => FailureKind::Timeout,
            "NoSuchEntity" if operation.service == Service::Iam => FailureKind::NotFound,
            "NoSuchKey" if operation.service == Service::S3 => FailureKind::NotFound,
            // The condition of a write failed, or another write to the object is in progress.
            // Source: S3 user guide, "How to prevent object overwrites with conditional writes".
            "PreconditionFailed" | "ConditionalRequestConflict" | "OperationAborted"
                if operation.service == Service::S3 =>
            {
                FailureKind::ConcurrentModification
            }
            "NotFound" if matches!(operation.service, Service::Pinpoint | Service::Ses) && self.status == 404 => {
                FailureKind::NotFound
            }
            "NotFound" if operation.service == Service::Kms => FailureKind::NotFound,
            "ResourceNotFound" if streams || operation.service == Service::Lambda => FailureKind::NotFound,
            "NoSuchConfigurationRecorder" | "NoSuchConfigurationAggregator" | "ResourceNotDiscovered"
                if operation.service == Service::Config =>
            {
                FailureKind::NotFound
            }
            "ValidationError"
                if operation.service == Service::CloudFormation && self.message.contains(NO_STACK) =>
            {
                FailureKind::NotFound
            }
            "EntityAlreadyExists" => FailureKind::AlreadyExists,
            "ConcurrentModification" => FailureKind::ConcurrentModification,
            "DeleteConflict" => FailureKind::DeleteConflict,
            "MalformedPolicyDocument" if self.message.contains(INVALID_PRINCIPAL) => FailureKind::InvalidPrincipal,
            "BadRequest" if operation.name == "PutEventStream" && self.message.contains(ROLE_NOT_READY) => {
                FailureKind::RoleNotReady
            }
            _ => return None,
        };
        Some(kind)
    }
}

fn says(raw: &HttpResponse, text: &str) -> bool {
    let body = raw.body().bytes().unwrap_or_default();
    body.windows(text.len()).any(|window| window == text.as_bytes())
}

/// Whether the response is an HTML page. The body decides: moto declares JSON as HTML.
fn is_html(raw: &HttpResponse) -> bool {
    let body = raw.body().bytes().unwrap_or_default().trim_ascii_start();
    let begins =
        |text: &str| body.get(..text.len()).is_some_and(|head| head.eq_ignore_ascii_case(text.as_bytes()));
    let declared =
        raw.headers().get("content-type").is_some_and(|kind| kind.to_ascii_lowercase().contains("html"));
    let is_xml = begins("<?xml") || begins("<ErrorResponse");
    begins("<!doctype html") || begins("<html") || (declared && begins("<") && !is_xml)
}

/// The beginning of an unknown response, to recognize its sender.
fn excerpt(raw: &HttpResponse, html: bool) -> String {
    let body = String::from_utf8_lossy(raw.body().bytes().unwrap_or_default());
    let line: String = body.split_whitespace().collect::<Vec<_>>().join(" ").chars().take(EXCERPT).collect();
    match (html, line.as_str()) {
        (true, _) => "an HTML page".to_owned(),
        (false, "") => "no content".to_owned(),
        (false, line) => format!("`{line}`"),
    }
}
