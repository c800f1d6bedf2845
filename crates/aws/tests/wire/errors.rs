//! Classification of errors in the forms that services and proxies send.
use crate::canned::{Canned, Reply, account, app, app_arn, place, region, role};
use pinpoint_streams_executor::cloud::WriteCloud;
use pinpoint_streams_model::ids::AccountRole;
use pinpoint_streams_model::live::{FailureKind, Unreadable};
use pinpoint_streams_model::op::{DeleteEventStream, EventStreamOp, Op, PutEventStream, Resolved};
use pinpoint_streams_testkit::Reads;

const DENIED: &str = "User: arn:aws:iam::123456789012:user/me is not authorized to perform: \
    mobiletargeting:GetEventStream on resource: arn:aws:mobiletargeting:eu-west-1:123456789012:apps/abc123";

async fn event_stream(reply: Reply) -> Result<(), Unreadable> {
    let canned = Canned::new().on("/eventstream", reply);
    let stream = canned.aws().await.event_stream(&app_arn()).await?;
    assert!(stream.is_none(), "these tests never answer with a stream");
    Ok(())
}

/// Whether a DeleteEventStream with this response was definitely refused.
async fn is_refused(reply: Reply) -> bool {
    let aws = Canned::new().on("/eventstream", reply).aws().await;
    aws.write(&delete_event_stream()).await.unwrap_err().definitely_refused
}

pub(crate) fn delete_event_stream() -> Op<Resolved> {
    let (destination, role_arn) = ("d".to_owned(), "r".to_owned());
    let delete = DeleteEventStream { account: account(), region: region(), app_id: app(), destination, role_arn };
    Op::EventStream(EventStreamOp::Delete(delete))
}

pub(crate) fn put_event_stream() -> Op<Resolved> {
    Op::EventStream(EventStreamOp::Put(PutEventStream {
        account: account(),
        region: region(),
        app_id: app(),
        destination: "arn:aws:kinesis:eu-west-1:123456789012:stream/clicks".parse().unwrap(),
        role_arn: "arn:aws:iam::123456789012:role/Shop".parse().unwrap(),
        protect: false,
        record: true,
    }))
}

#[tokio::test(start_paused = true)]
async fn json_that_is_declared_to_be_html_is_json_all_the_same() {
    let body = r#"{"__type":"NotFoundException","message":"Resource not found"}"#;
    assert!(event_stream(Reply::http(404, "text/html; charset=utf-8", body)).await.is_ok(), "as moto answers");
}

#[tokio::test(start_paused = true)]
async fn a_denied_caller_is_told_from_an_ended_service_in_every_spelling() {
    for code in ["AccessDeniedException", "AccessDenied", "ForbiddenException"] {
        for key in ["Message", "message"] {
            let body = format!(r#"{{"{key}":"{DENIED}"}}"#);
            let denied = Reply::error(403, code, body);
            let error = event_stream(denied.clone()).await.unwrap_err();
            assert_eq!(error.kind, FailureKind::Denied, "{code} {key}");
            assert!(error.message.contains("not authorized"), "{error}");
            assert!(is_refused(denied).await);
        }
    }
}

#[tokio::test(start_paused = true)]
async fn iam_denies_without_the_suffix() {
    let denied = Reply::xml_error(403, "AccessDenied", "User: me is not authorized to perform: iam:GetRole");
    let canned = Canned::new().on("Action=GetRole&", denied);
    let error = canned.aws().await.role(&AccountRole::of(&account(), &role())).await.unwrap_err();
    assert_eq!(
        (error.kind, error.operation.as_str(), error.code.as_str()),
        (FailureKind::Denied, "GetRole", "AccessDenied")
    );
    assert_eq!(error.request_id.as_deref(), Some("req-1"));
}

/// A parser that takes the first value and one that takes the last read two answers.
#[tokio::test(start_paused = true)]
async fn an_answer_with_a_name_twice_is_no_answer() {
    let stream = |role: &str| {
        let (app, destination) = (app(), "arn:aws:kinesis:eu-west-1:123456789012:stream/clicks");
        let other = "arn:aws:iam::123456789012:role/other";
        format!(r#"{{"ApplicationId":"{app}","DestinationStreamArn":"{destination}","RoleArn":"{other}"{role}}}"#)
    };
    let read = async |body: String| {
        let canned = Canned::new().on("/eventstream", Reply::json(200, body));
        canned.aws().await.event_stream(&app_arn()).await
    };
    assert!(read(stream("")).await.unwrap().is_some());
    let error = read(stream(r#","RoleArn":"arn:aws:iam::123456789012:role/shop""#)).await.unwrap_err();
    assert_eq!(error.kind, FailureKind::Unintelligible, "{error}");
}

#[tokio::test(start_paused = true)]
async fn throttling_in_every_spelling_surfaces_at_once() {
    for reply in [
        Reply::error(429, "TooManyRequestsException", r#"{"Message":"Too many requests"}"#),
        Reply::error(400, "ThrottlingException", r#"{"message":"Rate exceeded"}"#),
        Reply::json(429, ""),
    ] {
        let canned = Canned::new().on("/eventstream", reply.clone());
        let error = canned.aws().await.event_stream(&app_arn()).await.unwrap_err();
        assert_eq!(error.kind, FailureKind::Throttled, "{reply:?}");
        assert!(is_refused(reply.clone()).await);
        assert_eq!(canned.sent("/eventstream").len(), 1, "the executor paces, not the SDK: {reply:?}");
    }
    let canned =
        Canned::new().on("Action=GetAccountSummary", Reply::xml_error(400, "Throttling", "Rate exceeded"));
    let error = canned.aws().await.quotas(&account()).await.unwrap_err();
    assert_eq!(error.kind, FailureKind::Throttled);
    assert_eq!(canned.sent("Action=GetAccountSummary").len(), 1);
}

#[tokio::test(start_paused = true)]
async fn what_aws_fails_at_is_sent_again_ten_times_without_a_budget() {
    let canned = Canned::new().on("/eventstream", Reply::error(500, "InternalServerErrorException", "{}"));
    let aws = canned.aws().await;
    for _ in 0..20 {
        let error = aws.event_stream(&app_arn()).await.unwrap_err();
        assert_eq!(error.kind, FailureKind::Server);
    }
    assert_eq!(canned.sent("/eventstream").len(), 200);
    assert!(!is_refused(Reply::error(500, "InternalServerErrorException", "{}")).await);
}

#[tokio::test(start_paused = true)]
async fn no_answer_is_a_timeout_after_which_anything_may_have_happened() {
    let begun = tokio::time::Instant::now();
    let error = event_stream(Reply::Silence).await.unwrap_err();
    assert_eq!(error.kind, FailureKind::Timeout);
    assert!(begun.elapsed().as_secs() <= 300, "the operation's timeout ends it: {:?}", begun.elapsed());
    assert!(!is_refused(Reply::Silence).await);
}

#[tokio::test(start_paused = true)]
async fn a_closed_port_has_refused_and_a_broken_connection_has_not() {
    let closed = event_stream(Reply::Refused).await.unwrap_err();
    assert_eq!((closed.kind, closed.code.as_str()), (FailureKind::Connection, "ConnectionRefused"));
    assert!(is_refused(Reply::Refused).await);
    assert!(!is_refused(Reply::Lost).await);
}

#[tokio::test(start_paused = true)]
async fn only_put_event_stream_knows_a_role_that_is_not_ready() {
    let text = r#"{"Message":"Unable to assume role, make sure the IAM Role is configured correctly."}"#;
    let canned = Canned::new().on("/eventstream", Reply::error(400, "BadRequestException", text));
    let aws = canned.aws().await;
    let error = aws.write(&put_event_stream()).await.unwrap_err();
    assert_eq!(error.kind, FailureKind::RoleNotReady);
    assert!(error.definitely_refused);

    let other = Reply::error(400, "BadRequestException", r#"{"Message":"Invalid stream ARN"}"#);
    let canned = Canned::new().on("/eventstream", other);
    assert_eq!(canned.aws().await.write(&put_event_stream()).await.unwrap_err().kind, FailureKind::Invalid);
}

#[tokio::test(start_paused = true)]
async fn a_number_where_pinpoint_sends_a_text_is_unintelligible_and_says_so() {
    let page = r#"{"Item":[{"Id":"abc123","Arn":"arn","Name":"Shop","CreationDate":1700000000.5}]}"#;
    let canned = Canned::new().on("GET https://pinpoint.eu-west-1.amazonaws.com/v1/apps", Reply::json(200, page));
    let error = canned.aws().await.apps(&place()).await.unwrap_err();
    assert_eq!((error.kind, error.code.as_str()), (FailureKind::Unintelligible, "UnreadableAnswer"));
    assert!(error.message.contains("expected"), "{error}");
}

#[tokio::test(start_paused = true)]
async fn a_service_that_fails_does_not_say_what_exists() {
    for status in [500, 503, 600] {
        let canned = Canned::new()
            .on("Action=GetRole&", Reply::xml_error(status, "NoSuchEntity", "The role cannot be found."));
        let error = canned.aws().await.role(&AccountRole::of(&account(), &role())).await.unwrap_err();
        assert_eq!(error.kind, FailureKind::Server, "{status}");
    }
}

#[tokio::test(start_paused = true)]
async fn an_answer_without_a_request_id_or_about_another_role_is_no_absence() {
    let xml = |body: &str| Reply::http(404, "text/xml", format!("<ErrorResponse>{body}</ErrorResponse>"));
    let error = |message: &str| format!("<Error><Code>NoSuchEntity</Code><Message>{message}</Message></Error>");
    for reply in [
        xml(&error("The role with name Shop cannot be found.")).without_request_id(),
        Reply::xml_error(404, "NoSuchEntity", "The role with name Blog cannot be found."),
    ] {
        let canned = Canned::new().on("Action=GetRole&", reply.clone());
        let read = canned.aws().await.role(&AccountRole::of(&account(), &role())).await;
        assert_eq!(read.unwrap_err().kind, FailureKind::Unintelligible, "{reply:?}");
    }
    for body in [r#"{"code":"NotFoundException"}"#, r#"{"__type":"com.proxy#NotFoundException"}"#] {
        let read = event_stream(Reply::json(404, body).without_request_id()).await;
        assert_eq!(read.unwrap_err().kind, FailureKind::Unintelligible, "{body}");
    }
}
