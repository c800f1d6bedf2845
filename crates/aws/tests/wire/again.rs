//! Retries: of which calls, how often, and the certainty of the outcome.
use crate::canned::{Canned, Reply, account, caller};
use crate::errors::{delete_event_stream, put_event_stream};
use pinpoint_streams_executor::cloud::{ReadCloud, WriteCloud};
use pinpoint_streams_executor::pace::Paced;
use pinpoint_streams_model::live::{FailureKind, Question};
use pinpoint_streams_model::op::{Op, Resolved, RoleOp};
use pinpoint_streams_testkit::Reads;

fn throttled() -> Reply {
    Reply::xml_error(400, "Throttling", "Rate exceeded")
}

fn first_page() -> Canned {
    let page = "<IsTruncated>true</IsTruncated><Marker>m1</Marker><Roles></Roles>";
    Canned::new().on("Action=ListRoles", Reply::xml("ListRoles", page))
}

fn last_page() -> Reply {
    Reply::xml("ListRoles", "<IsTruncated>false</IsTruncated><Roles></Roles>")
}

fn delete_role_policy() -> Op<Resolved> {
    let role = "arn:aws:iam::123456789012:role/pinpoint-streams/Shop".parse().unwrap();
    Op::Role(RoleOp::DeletePolicy { role, policy_name: "Own".parse().unwrap() })
}

fn denied() -> Reply {
    Reply::xml_error(403, "AccessDenied", "me is not authorized to perform: iam:DeleteRolePolicy")
}

#[tokio::test(start_paused = true)]
async fn a_write_that_may_be_sent_again_is_sent_ten_times() {
    for (op, sent) in [
        (delete_role_policy(), "Action=DeleteRolePolicy"),
        (put_event_stream(), "POST https://pinpoint"),
        (delete_event_stream(), "DELETE https://pinpoint"),
    ] {
        for (reply, kind) in [
            (Reply::json(500, ""), FailureKind::Server),
            (Reply::json(503, ""), FailureKind::Server),
            (Reply::Lost, FailureKind::Connection),
        ] {
            let canned = Canned::new().on(sent, reply);
            let error = canned.aws().await.write(&op).await.unwrap_err();
            assert_eq!((error.kind, canned.sent(sent).len()), (kind, 10), "{sent}");
            assert!(!error.definitely_refused, "{sent}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_refusal_that_follows_a_lost_answer_leaves_the_call_in_doubt() {
    let form = "Action=DeleteRolePolicy";
    for first in [Reply::Lost, Reply::json(500, ""), Reply::json(503, ""), Reply::Silence] {
        for last in [denied(), throttled(), Reply::Refused] {
            let canned = Canned::new().on_each(form, [first.clone(), last.clone()]);
            let error = canned.aws().await.write(&delete_role_policy()).await.unwrap_err();
            assert!(!error.definitely_refused, "{first:?}, then {last:?}: {error}");
        }
    }
    for (first, last) in [(Reply::Refused, denied()), (Reply::Refused, Reply::Refused)] {
        let canned = Canned::new().on_each(form, [first.clone(), last.clone()]);
        let error = canned.aws().await.write(&delete_role_policy()).await.unwrap_err();
        assert!(error.definitely_refused, "{first:?}, then {last:?}: nothing was ever there to do it");
    }
}

#[tokio::test(start_paused = true)]
async fn throttling_in_the_midst_of_a_read_is_no_attempt() {
    let mut replies = vec![throttled(); 15];
    replies.extend(vec![Reply::json(500, ""); 9]);
    replies.extend(vec![throttled(); 15]);
    replies.extend(vec![Reply::json(500, ""); 9]);
    replies.push(last_page());
    let canned = first_page().on_each("Marker=m1", replies);
    assert!(canned.aws().await.role_list(&account()).await.unwrap().is_empty());
    assert_eq!(canned.sent("Action=ListRoles").len(), 1 + 49);
}

#[tokio::test(start_paused = true)]
async fn throttling_in_the_midst_of_a_read_slows_down_all_calls_of_the_operation() {
    let canned = first_page()
        .on_each("Marker=m1", [throttled(), throttled(), last_page()])
        .on("Action=GetAccountSummary", Reply::xml("GetAccountSummary", "<SummaryMap></SummaryMap>"));
    let paced = Paced::new(canned.aws().await);
    let ten = async |question: Question| {
        let began = tokio::time::Instant::now();
        for _ in 0..10 {
            drop(paced.read(&question).await);
        }
        began.elapsed().as_secs()
    };
    assert!(paced.read(&Question::RoleList(account())).await.required().is_ok());
    assert_eq!(ten(Question::Quotas(account())).await, 0);
    assert!(ten(Question::RoleList(account())).await >= 1);
}

#[tokio::test(start_paused = true)]
async fn throttling_without_an_end_in_the_midst_of_a_read_surfaces_in_time() {
    let canned = first_page().on("Marker=m1", throttled());
    let (aws, began) = (canned.aws().await, tokio::time::Instant::now());
    assert_eq!(aws.role_list(&account()).await.unwrap_err().kind, FailureKind::Throttled);
    assert!((300..320).contains(&began.elapsed().as_secs()), "{:?}", began.elapsed());
}

#[tokio::test(start_paused = true)]
async fn whose_the_credentials_are_is_asked_again_while_sts_is_throttled_or_fails() {
    let mut replies = vec![throttled(); 20];
    replies.extend(vec![Reply::json(500, ""); 9]);
    replies.push(caller("123456789012"));
    let canned = Canned::new().on_each("Action=GetCallerIdentity", replies);
    assert_eq!(canned.aws().await.caller(&account()).await.unwrap(), account());
    assert_eq!(canned.sent("Action=GetCallerIdentity").len(), 30);
}
