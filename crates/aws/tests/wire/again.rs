//! What is sent again, how often, and what is still known of a call after several attempts.
use crate::canned::{Canned, Reply, account, app, caller, region, role};
use crate::errors::put_event_stream;
use pinpoint_streams_executor::cloud::{ReadCloud, WriteCloud};
use pinpoint_streams_executor::pace::Paced;
use pinpoint_streams_model::ids::AccountRole;
use pinpoint_streams_model::live::{FailureKind, Question};
use pinpoint_streams_model::op::{DeleteEventStream, EventStreamOp, Op, Resolved, RoleOp};
use pinpoint_streams_testkit::Reads;

fn throttled() -> Reply {
    Reply::xml_error(400, "Throttling", "Rate exceeded")
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
    let (account, region, app_id) = (account(), region(), app());
    let (destination, role_arn) = ("d".to_owned(), "r".to_owned());
    let delete = DeleteEventStream { account, region, app_id, destination, role_arn };
    for (op, sent) in [
        (delete_role_policy(), "Action=DeleteRolePolicy"),
        (put_event_stream(), "POST https://pinpoint"),
        (Op::EventStream(EventStreamOp::Delete(delete)), "DELETE https://pinpoint"),
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
    let first = "<IsTruncated>true</IsTruncated><Marker>m1</Marker><Roles></Roles>";
    let last = Reply::xml("ListRoles", "<IsTruncated>false</IsTruncated><Roles></Roles>");
    let mut replies = vec![throttled(); 15];
    replies.extend(vec![Reply::json(500, ""); 9]);
    replies.extend(vec![throttled(); 15]);
    replies.extend(vec![Reply::json(500, ""); 9]);
    replies.push(last);
    let canned =
        Canned::new().on("Action=ListRoles", Reply::xml("ListRoles", first)).on_each("Marker=m1", replies);
    assert!(canned.aws().await.role_list(&account()).await.unwrap().is_empty());
    assert_eq!(canned.sent("Action=ListRoles").len(), 1 + 49);
}

#[tokio::test(start_paused = true)]
async fn throttling_in_the_midst_of_a_read_slows_down_all_calls_of_the_service() {
    let first = "<IsTruncated>true</IsTruncated><Marker>m1</Marker><Roles></Roles>";
    let last = Reply::xml("ListRoles", "<IsTruncated>false</IsTruncated><Roles></Roles>");
    let canned = Canned::new()
        .on("Action=ListRoles", Reply::xml("ListRoles", first))
        .on_each("Marker=m1", [throttled(), throttled(), last])
        .on("Action=GetAccountSummary", Reply::xml("GetAccountSummary", "<SummaryMap></SummaryMap>"));
    let paced = Paced::new(canned.aws().await);
    assert!(paced.read(&Question::RoleList(account())).await.required().is_ok());
    let began = tokio::time::Instant::now();
    for _ in 0..10 {
        drop(paced.read(&Question::Quotas(account())).await);
    }
    assert!(began.elapsed().as_secs() >= 1, "{:?}", began.elapsed());
}

#[tokio::test(start_paused = true)]
async fn throttling_without_an_end_in_the_midst_of_a_read_surfaces_in_time() {
    let first = "<IsTruncated>true</IsTruncated><Marker>m1</Marker><Roles></Roles>";
    let canned = Canned::new().on("Action=ListRoles", Reply::xml("ListRoles", first)).on("Marker=m1", throttled());
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

#[tokio::test(start_paused = true)]
async fn a_role_whose_arn_reads_as_its_unique_id_is_looked_at_again() {
    const ID: &str = "AROAEXAMPLEEXAMPLE01";
    let shown = |arn: &str| {
        let trust = "%7B%22Version%22%3A%222012-10-17%22%2C%22Statement%22%3A%5B%7B%22Effect%22%3A%22Allow%22%2C\
            %22Principal%22%3A%7B%22Service%22%3A%22pinpoint.amazonaws.com%22%7D%2C%22Action%22%3A\
            %22sts%3AAssumeRole%22%7D%5D%7D";
        format!(
            "<Path>/</Path><RoleName>Shop</RoleName><RoleId>{ID}</RoleId><Arn>{arn}</Arn>\
             <CreateDate>2026-01-02T03:04:05Z</CreateDate><AssumeRolePolicyDocument>{trust}</AssumeRolePolicyDocument>"
        )
    };
    let end = "<IsTruncated>false</IsTruncated>";
    let world = |looks: Vec<Reply>| {
        Canned::new()
            .on("Action=ListRolePolicies", Reply::xml("ListRolePolicies", &format!("{end}<PolicyNames/>")))
            .on(
                "Action=ListAttachedRolePolicies",
                Reply::xml("ListAttachedRolePolicies", &format!("{end}<AttachedPolicies/>")),
            )
            .on(
                "Action=ListInstanceProfilesForRole",
                Reply::xml("ListInstanceProfilesForRole", &format!("{end}<InstanceProfiles/>")),
            )
            .on_each("Action=GetRole&", looks)
    };
    let get = |arn: &str| Reply::xml("GetRole", &format!("<Role>{}</Role>", shown(arn)));
    let arn = "arn:aws:iam::123456789012:role/Shop";

    let canned = world(vec![get(ID), get(ID), throttled(), get(arn)]);
    let alone = canned.aws().await.role(&AccountRole::of(&account(), &role())).await.unwrap().unwrap();
    assert_eq!((alone.arn.to_string().as_str(), canned.sent("Action=GetRole&").len()), (arn, 4));

    let details = format!("{end}<RoleDetailList><member>{}</member></RoleDetailList>", shown(ID));
    let list = format!("{end}<Roles><member>{}</member></Roles>", shown(ID));
    let canned = world(vec![get(ID), get(arn)])
        .on("Action=GetAccountAuthorizationDetails", Reply::xml("GetAccountAuthorizationDetails", &details))
        .on("Action=ListRoles", Reply::xml("ListRoles", &list));
    let all = canned.aws().await.all_roles(&account()).await.unwrap();
    assert_eq!(all[&role()].present().unwrap().arn.to_string(), arn);

    let canned = world(vec![get(ID)]);
    let (aws, began) = (canned.aws().await, tokio::time::Instant::now());
    let error = aws.role(&AccountRole::of(&account(), &role())).await.unwrap_err();
    assert_eq!(error.kind, FailureKind::Unintelligible, "never an absence: {error}");
    assert!((120..130).contains(&began.elapsed().as_secs()), "{:?}", began.elapsed());
}
