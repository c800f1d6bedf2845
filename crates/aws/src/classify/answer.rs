//! What an answer that is no success means, by its code. A service that has ended is told from one that
//! refuses: a refusal is in the service's own form.
use super::{ApiOperation, Verdict};
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_types::error::ErrorMetadata;
use pinpoint_streams_model::live::FailureKind;
use pinpoint_streams_model::live::question::Service;

// The four texts that this program matches. Everything else goes by code.

/// What a denied caller is told by every service of AWS. An ended service may answer AccessDenied too, but
/// with another text (OpsWorks, Machine Learning and RoboMaker did).
/// Source: IAM user guide, "Troubleshoot access denied error messages".
const DENIED: &str = "is not authorized to perform";
/// PutEventStream's words for a role that cannot be assumed or may not write; now, or ever.
/// Source: terraform-provider-aws, `internal/service/pinpoint/event_stream.go`.
const ROLE_NOT_READY: &str = "make sure the IAM Role is configured correctly";
/// IAM's words for a principal that it does not know (yet), beside the code of every malformed policy.
/// Source: terraform-provider-aws, `internal/service/iam/role.go`.
const INVALID_PRINCIPAL: &str = "Invalid principal in policy";
/// CloudFormation's words for a physical id that no stack holds: `Stack for NAME does not exist`, beside the code of
/// every parameter that it refuses. Source: CloudFormation API reference, DescribeStackResources.
const NO_STACK: &str = "does not exist";

/// Characters of an unknown answer that are shown.
const EXCERPT: usize = 120;

/// An HTTP answer that is no success, as far as its meaning goes.
pub(super) struct Answer {
    status: u16,
    html: bool,
    /// The service's code; none where the answer is not in the service's form.
    code: Option<String>,
    message: String,
    /// Whether it says that the caller may not do this, in whichever form it says so.
    denied: bool,
}

impl Answer {
    /// An answer that the SDK took for an error of the service.
    pub(super) fn refusal(raw: &HttpResponse, metadata: &ErrorMetadata) -> Answer {
        let html = is_html(raw);
        let code = metadata.code().filter(|code| !html && !code.is_empty()).map(str::to_owned);
        let message = match metadata.message() {
            Some(message) if !html => message.to_owned(),
            _ => format!("HTTP {} with {}", raw.status().as_u16(), excerpt(raw, html)),
        };
        Answer { status: raw.status().as_u16(), html, code, message, denied: says(raw, DENIED) }
    }

    /// An answer that the SDK could not read.
    pub(super) fn unread(raw: &HttpResponse, message: String) -> Answer {
        let denied = !raw.status().is_success() && says(raw, DENIED);
        Answer { status: raw.status().as_u16(), html: is_html(raw), code: None, message, denied }
    }

    pub(super) fn verdict(self, operation: ApiOperation) -> Verdict {
        let kind = self.kind(operation);
        let definitely_refused = match kind {
            FailureKind::Server | FailureKind::Timeout | FailureKind::Unintelligible => false,
            FailureKind::Throttled => true,
            // A page of somebody between us and the service says nothing of what the service did.
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
        if let Some(kind) = by_code {
            return kind;
        }
        let pinpoint = operation.service == Service::Pinpoint;
        match self.status {
            429 => FailureKind::Throttled,
            408 => FailureKind::Timeout,
            // A proxy on the way that asks for a password.
            407 => FailureKind::Connection,
            500.. => FailureKind::Server,
            // A denial without a code, or with an unknown one.
            400..500 if self.denied => FailureKind::Denied,
            410 if pinpoint => FailureKind::ServiceEnded,
            _ if self.html && pinpoint => FailureKind::ServiceEnded,
            // Whatever else a request of ids alone is refused for, it is not what it asked.
            400..500 if pinpoint && !(operation.has_parameters && self.code.is_some()) => {
                FailureKind::ServiceEnded
            }
            400..500 if self.code.is_some() => FailureKind::Invalid,
            _ => FailureKind::Unintelligible,
        }
    }

    fn kind_by_code(&self, code: &str, operation: ApiOperation) -> Option<FailureKind> {
        let streams = matches!(operation.service, Service::Kinesis | Service::Firehose);
        let kind = match code.strip_suffix("Exception").unwrap_or(code) {
            "AccessDenied" | "Forbidden" => match operation.service {
                Service::Pinpoint if !self.denied => FailureKind::ServiceEnded,
                _ => FailureKind::Denied,
            },
            // What a gateway says of a path that it does not have. Ours are always signed.
            "MissingAuthenticationToken" if operation.service == Service::Pinpoint => FailureKind::ServiceEnded,
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
            // Kinesis and Firehose say it of their control plane's rate, the others of a quota.
            // Source: Kinesis API reference, DescribeStreamSummary.
            "LimitExceeded" if streams => FailureKind::Throttled,
            "LimitExceeded" | "ServiceQuotaExceeded" => FailureKind::LimitExceeded,
            "RequestTimeout" => FailureKind::Timeout,
            "NoSuchEntity" if operation.service == Service::Iam => FailureKind::NotFound,
            "NoSuchKey" if operation.service == Service::S3 => FailureKind::NotFound,
            // The condition of a write does not hold, or another write to the object is under way.
            // Source: S3 user guide, "How to prevent object overwrites with conditional writes".
            "PreconditionFailed" | "ConditionalRequestConflict" | "OperationAborted"
                if operation.service == Service::S3 =>
            {
                FailureKind::ConcurrentModification
            }
            "NotFound" if operation.service == Service::Pinpoint && self.status == 404 => FailureKind::NotFound,
            "ResourceNotFound" if streams => FailureKind::NotFound,
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

/// Whether an answer holds this text anywhere.
fn says(raw: &HttpResponse, text: &str) -> bool {
    let body = raw.body().bytes().unwrap_or_default();
    body.windows(text.len()).any(|window| window == text.as_bytes())
}

/// Whether a page came back where an answer was asked for. The body decides: moto, for one, declares its JSON
/// to be HTML.
fn is_html(raw: &HttpResponse) -> bool {
    let body = raw.body().bytes().unwrap_or_default().trim_ascii_start();
    let begins =
        |text: &str| body.get(..text.len()).is_some_and(|head| head.eq_ignore_ascii_case(text.as_bytes()));
    let declared =
        raw.headers().get("content-type").is_some_and(|kind| kind.to_ascii_lowercase().contains("html"));
    let is_xml = begins("<?xml") || begins("<ErrorResponse");
    begins("<!doctype html") || begins("<html") || (declared && begins("<") && !is_xml)
}

/// The beginning of what came in place of an answer, for a person to recognise who sent it.
fn excerpt(raw: &HttpResponse, html: bool) -> String {
    let body = String::from_utf8_lossy(raw.body().bytes().unwrap_or_default());
    let line: String = body.split_whitespace().collect::<Vec<_>>().join(" ").chars().take(EXCERPT).collect();
    match (html, line.as_str()) {
        (true, _) => "an HTML page".to_owned(),
        (false, "") => "no content".to_owned(),
        (false, line) => format!("`{line}`"),
    }
}
