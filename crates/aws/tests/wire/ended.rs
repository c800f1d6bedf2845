//! The responses of a discontinued service, as opposed to one that denies, fails or has no such resource: for one app and
//! for a list.
use crate::canned::{Canned, Reply, app_arn, place};
use crate::errors::put_event_stream;
use pinpoint_streams_executor::cloud::WriteCloud;
use pinpoint_streams_model::live::{FailureKind, Unreadable};
use pinpoint_streams_testkit::Reads;

/// The errors of GetEventStream and GetApps. None: absent, or an empty list.
async fn asked(canned: Canned) -> [Option<Unreadable>; 2] {
    let aws = canned.aws().await;
    let stream = aws.event_stream(&app_arn()).await;
    assert!(!matches!(stream, Ok(Some(_))), "nothing here answers with an event stream");
    [stream.err(), aws.apps(&place()).await.err()]
}

async fn kinds(reply: Reply) -> [Option<FailureKind>; 2] {
    asked(Canned::new().on("https://pinpoint.", reply)).await.map(|error| error.map(|error| error.kind))
}

const ENDED: [Option<FailureKind>; 2] = [Some(FailureKind::ServiceEnded); 2];

#[tokio::test(start_paused = true)]
async fn a_denial_is_no_end_whoever_wrote_it() {
    for reply in [
        Reply::error(403, "AccessDeniedException", r#"{"Message":"Amazon Pinpoint has been discontinued"}"#),
        Reply::error(403, "AccessDeniedException", r#"{"Message":null}"#),
        Reply::error(403, "ForbiddenException", r#"{"message":"This service is no longer available"}"#),
        Reply::error(400, "AccessDeniedException", r#"{"message":"No longer offered to your account"}"#),
        Reply::error(400, "ForbiddenException", r#"{"message":"no longer available"}"#),
        Reply::error(401, "UnauthorizedOperation", "{}"),
        Reply::json(401, ""),
        Reply::json(403, r#"{"message":"Missing Authentication Token"}"#),
        Reply::html(401),
        Reply::html(403),
    ] {
        assert_eq!(kinds(reply.clone()).await, [Some(FailureKind::Denied); 2], "{reply:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_request_that_is_rejected_is_no_end() {
    for (reply, kind) in [
        (Reply::error(400, "ValidationException", r#"{"message":"unsupported"}"#), FailureKind::Invalid),
        (Reply::json(400, ""), FailureKind::Unintelligible),
        (Reply::html(400), FailureKind::Unintelligible),
        (Reply::error(403, "NotSignedUp", "{}"), FailureKind::Credentials),
        (Reply::error(403, "MissingAuthenticationTokenException", "{}"), FailureKind::Credentials),
    ] {
        assert_eq!(kinds(reply.clone()).await, [Some(kind); 2], "{reply:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_caller_who_is_denied_by_iam_or_an_scp_never_makes_an_end() {
    let iam = "User: arn:aws:sts::123456789012:assumed-role/Audit/me is not authorized to perform: \
        mobiletargeting:GetApps on resource: *";
    let scp = format!("{iam} with an explicit deny in a service control policy");
    let vpc = format!("{iam} because no VPC endpoint policy allows the mobiletargeting:GetApps action");
    for message in [iam, &scp, &vpc] {
        for reply in [
            Reply::error(403, "AccessDeniedException", format!(r#"{{"Message":"{message}"}}"#)),
            // One whose code was lost on the way, one with a code that nobody knows, one in a gateway's page.
            Reply::json(403, format!(r#"{{"message":"{message}"}}"#)),
            Reply::error(403, "NotPermittedHereException", format!(r#"{{"message":"{message}"}}"#)),
            Reply::http(403, "text/html", format!("<html><body>{message}</body></html>")),
        ] {
            assert_eq!(kinds(reply.clone()).await, [Some(FailureKind::Denied); 2], "{reply:?}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_404_in_pinpoints_own_form_is_absence_of_a_stream_and_never_an_empty_list() {
    let own = Reply::error(404, "NotFoundException", r#"{"Message":"Resource not found","RequestID":"r"}"#);
    assert_eq!(kinds(own).await, [None, Some(FailureKind::ServiceEnded)]);
}

#[tokio::test(start_paused = true)]
async fn a_404_in_any_other_form_is_an_end() {
    for reply in [
        Reply::html(404),
        Reply::http(404, "text/html", "<h1>Not Found</h1>"),
        Reply::json(404, ""),
        Reply::json(404, r#"{"message":"no such path"}"#),
        Reply::error(404, "UnknownOperationException", "{}"),
    ] {
        assert_eq!(kinds(reply.clone()).await, ENDED, "{reply:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_410_and_a_page_in_place_of_an_answer_are_an_end() {
    for reply in
        [Reply::json(410, r#"{"message":"Gone"}"#), Reply::json(410, ""), Reply::html(410), Reply::html(200)]
    {
        assert_eq!(kinds(reply.clone()).await, ENDED, "{reply:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_service_that_fails_has_not_ended_whatever_it_shows() {
    for reply in [
        Reply::json(500, ""),
        Reply::json(502, ""),
        Reply::error(503, "ServiceUnavailableException", "{}"),
        Reply::json(504, ""),
        Reply::html(500),
        Reply::html(503),
    ] {
        assert_eq!(kinds(reply.clone()).await, [Some(FailureKind::Server); 2], "{reply:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn what_is_wrong_with_rate_credentials_or_the_way_is_no_end() {
    for (reply, kind) in [
        (Reply::json(429, ""), FailureKind::Throttled),
        (Reply::html(429), FailureKind::Throttled),
        (Reply::error(403, "ExpiredTokenException", r#"{"message":"expired"}"#), FailureKind::Credentials),
        (Reply::error(403, "UnrecognizedClientException", "{}"), FailureKind::Credentials),
        (Reply::error(403, "SubscriptionRequiredException", "{}"), FailureKind::Credentials),
        (Reply::html(407), FailureKind::Connection),
        (Reply::json(408, ""), FailureKind::Timeout),
        (Reply::Lost, FailureKind::Connection),
        (Reply::Silence, FailureKind::Timeout),
    ] {
        assert_eq!(kinds(reply.clone()).await, [Some(kind); 2], "{reply:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn an_empty_list_is_a_list() {
    let aws = Canned::new().on("/v1/apps", Reply::json(200, r#"{"Item":[]}"#)).aws().await;
    assert!(aws.apps(&place()).await.unwrap().is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_closed_port_is_no_end_while_the_host_has_a_name() {
    let refused = || Canned::new().on("https://pinpoint.", Reply::Refused);
    for canned in [refused(), refused().without_names("elsewhere.")] {
        for error in asked(canned).await.map(Option::unwrap) {
            assert_eq!((error.kind, error.code.as_str()), (FailureKind::Connection, "ConnectionRefused"));
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_name_that_has_gone_is_an_end_while_sts_of_the_region_answers() {
    let canned = Canned::new().on("https://pinpoint.", Reply::Lost).without_names("pinpoint.eu-west-1.");
    for error in asked(canned.clone()).await.map(Option::unwrap) {
        assert_eq!((error.kind, error.code.as_str()), (FailureKind::ServiceEnded, "NoDnsName"));
    }
    assert!(!canned.sent("sts.eu-west-1.amazonaws.com").is_empty(), "STS of the region is the control");
    // A call whose connection broke may have been carried out before the name went.
    for (reply, is_refused) in [(Reply::Refused, true), (Reply::Lost, false)] {
        let canned = Canned::new().on("https://pinpoint.", reply).without_names("pinpoint.eu-west-1.");
        let error = canned.aws().await.write(&put_event_stream()).await.unwrap_err();
        assert_eq!((error.kind, error.operation.as_ref()), (FailureKind::ServiceEnded, "PutEventStream"));
        assert_eq!(error.definitely_refused, is_refused, "{error}");
    }
}

#[tokio::test(start_paused = true)]
async fn without_sts_a_name_that_does_not_resolve_proves_nothing() {
    for unanswered in [Reply::Lost, Reply::Silence, Reply::xml_error(403, "ExpiredToken", "expired")] {
        let canned = Canned::new()
            .on("https://pinpoint.", Reply::Lost)
            .on("https://sts.eu-west-1.", unanswered)
            .without_names("pinpoint.");
        for error in asked(canned).await.map(Option::unwrap) {
            assert_eq!(error.kind, FailureKind::Connection);
        }
    }
}
