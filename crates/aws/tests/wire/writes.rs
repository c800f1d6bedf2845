//! Writes: what is sent exactly, and how often.
use crate::canned::{Canned, Reply, account, app, region};
use crate::errors::{delete_event_stream, put_event_stream};
use pinpoint_streams_executor::cloud::WriteCloud;
use pinpoint_streams_model::arn::RoleArn;
use pinpoint_streams_model::live::FailureKind;
use pinpoint_streams_model::op::{AppOp, CreateApp, CreateRole, DeleteApp, Op, Owner, Resolved, RoleOp};
use pinpoint_streams_model::ownership::{Origin, Tags};
use pinpoint_streams_model::policy::Document;
use pinpoint_streams_model::recorded::Output;

const ARN: &str = "arn:aws:iam::123456789012:role/pinpoint-streams/Shop";

fn owner(address: &str) -> Owner<Resolved> {
    Owner {
        workspace: "growth".parse().unwrap(),
        lineage: "3f2a".parse().unwrap(),
        address: address.parse().unwrap(),
        origin: Origin::Created,
    }
}

fn create_app() -> Op<Resolved> {
    Op::App(AppOp::Create(CreateApp {
        account: account(),
        region: region(),
        name: "Shop".to_owned(),
        tags: Tags::from([("team".to_owned(), "growth".to_owned())]),
        owner: owner("app.shop"),
        protect: false,
    }))
}

fn create_role() -> Op<Resolved> {
    let trust = r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow",
        "Principal":{"Service":"pinpoint.amazonaws.com"},"Action":"sts:AssumeRole"}}"#;
    Op::Role(RoleOp::Create(CreateRole {
        arn: ARN.parse().unwrap(),
        trust_policy: Document::from_json(trust).unwrap(),
        description: String::new(),
        max_session_duration: 3600,
        permissions_boundary: Some("arn:aws:iam::123456789012:policy/boundary".parse().unwrap()),
        tags: Tags::new(),
        owner: Some(owner("role.shop")),
        protect: false,
    }))
}

fn created(arn: &str) -> Reply {
    Reply::xml(
        "CreateRole",
        &format!(
            "<Role><Path>/pinpoint-streams/</Path><RoleName>Shop</RoleName><RoleId>AROAEXAMPLEEXAMPLE01</RoleId>\
             <Arn>{arn}</Arn><CreateDate>2026-01-02T03:04:05Z</CreateDate></Role>"
        ),
    )
}

#[tokio::test(start_paused = true)]
async fn a_lost_answer_to_create_app_is_never_asked_for_again() {
    for (reply, kind) in [
        (Reply::Lost, FailureKind::Connection),
        (Reply::Silence, FailureKind::Timeout),
        (Reply::error(500, "InternalServerErrorException", "{}"), FailureKind::Server),
        (Reply::json(201, r#"{"Id":"abc123","Name":"Shop","CreationDate":1.5}"#), FailureKind::Unintelligible),
        (
            Reply::json(201, r#"{"Id":"abc123","Name":"Blog","Arn":"arn","CreationDate":"2026-11-23"}"#),
            FailureKind::Unintelligible,
        ),
    ] {
        let canned = Canned::new().on("POST https://pinpoint", reply);
        let error = canned.aws().await.write(&create_app()).await.unwrap_err();
        assert_eq!(error.kind, kind, "{error}");
        assert!(!error.definitely_refused, "{error}");
        assert_eq!(canned.sent("POST https://pinpoint").len(), 1, "{error}");
    }
}

#[tokio::test(start_paused = true)]
async fn an_app_is_created_with_its_tags() {
    let answer = Reply::json(201, r#"{"Id":"abc123","Name":"Shop","Arn":"arn","CreationDate":"2026-11-23"}"#);
    let canned = Canned::new().on("POST https://pinpoint", answer);
    let written = canned.aws().await.write(&create_app()).await.unwrap();
    assert_eq!(written.output, Output::App(app()));
    assert_eq!(written.request_id.as_deref(), Some("req-1"));
    let sent: serde_json::Value = serde_json::from_str(&canned.sent("POST https://pinpoint")[0].body).unwrap();
    assert_eq!(sent["Name"], "Shop");
    assert_eq!(sent["tags"]["pinpoint-streams:address"], "app.shop");
    assert_eq!(sent["tags"]["team"], "growth");
}

#[tokio::test(start_paused = true)]
async fn a_role_is_created_in_exactly_this_form() {
    let canned = Canned::new().on("Action=CreateRole", created(ARN));
    let written = canned.aws().await.write(&create_role()).await.unwrap();
    assert_eq!(written.output, Output::Role("AROAEXAMPLEEXAMPLE01".parse().unwrap()));
    let sent = &canned.sent("Action=CreateRole")[0];
    insta::assert_snapshot!(sent.body.replace('&', "\n&"), @r"
    Action=CreateRole
    &Version=2010-05-08
    &Path=%2Fpinpoint-streams%2F
    &RoleName=Shop
    &AssumeRolePolicyDocument=%7B%22Version%22%3A%222012-10-17%22%2C%22Statement%22%3A%5B%7B%22Effect%22%3A%22Allow%22%2C%22Principal%22%3A%7B%22Service%22%3A%22pinpoint.amazonaws.com%22%7D%2C%22Action%22%3A%22sts%3AAssumeRole%22%7D%5D%7D
    &MaxSessionDuration=3600
    &PermissionsBoundary=arn%3Aaws%3Aiam%3A%3A123456789012%3Apolicy%2Fboundary
    &Tags.member.1.Key=pinpoint-streams%3Aaddress
    &Tags.member.1.Value=role.shop
    &Tags.member.2.Key=pinpoint-streams%3Alineage
    &Tags.member.2.Value=3f2a
    &Tags.member.3.Key=pinpoint-streams%3Aorigin
    &Tags.member.3.Value=created
    &Tags.member.4.Key=pinpoint-streams%3Aworkspace
    &Tags.member.4.Value=growth
    ");
    assert!(sent.authorization.contains("/us-east-1/iam/aws4_request"), "{}", sent.authorization);
}

#[tokio::test(start_paused = true)]
async fn a_fresh_role_may_show_its_id_as_its_arn_but_no_other_arn() {
    let canned = Canned::new().on("Action=CreateRole", created("AROAEXAMPLEEXAMPLE01"));
    assert!(canned.aws().await.write(&create_role()).await.is_ok());
    let canned = Canned::new().on("Action=CreateRole", created("arn:aws:iam::999999999999:role/Shop"));
    let error = canned.aws().await.write(&create_role()).await.unwrap_err();
    assert_eq!(error.kind, FailureKind::Unintelligible);
    assert!(!error.definitely_refused);
}

#[tokio::test(start_paused = true)]
async fn what_iam_refuses_a_role_for_is_told_apart() {
    for (status, code, message, kind) in [
        (400, "MalformedPolicyDocument", "Invalid principal in policy: \"x\"", FailureKind::InvalidPrincipal),
        (400, "MalformedPolicyDocument", "Syntax errors in policy.", FailureKind::Invalid),
        (409, "EntityAlreadyExists", "Role with name Shop already exists.", FailureKind::AlreadyExists),
        (409, "ConcurrentModification", "Wait a few minutes", FailureKind::ConcurrentModification),
        (409, "LimitExceeded", "Cannot exceed quota for ACLSizePerRole: 2048", FailureKind::LimitExceeded),
        (409, "DeleteConflict", "must delete policies first", FailureKind::DeleteConflict),
        (404, "NoSuchEntity", "cannot be found", FailureKind::NotFound),
        (400, "UnmodifiableEntity", "service-linked", FailureKind::Invalid),
    ] {
        let canned = Canned::new().on("Action=CreateRole", Reply::xml_error(status, code, message));
        let error = canned.aws().await.write(&create_role()).await.unwrap_err();
        assert_eq!((error.kind, error.code.as_str()), (kind, code), "{message}");
        assert!(error.definitely_refused, "{code}");
        assert_eq!(canned.sent("Action=CreateRole").len(), 1, "{code}: the executor decides, not the SDK");
    }
}

#[tokio::test(start_paused = true)]
async fn an_empty_description_is_sent_to_take_the_old_one_off() {
    let canned = Canned::new().on("Action=UpdateRole", Reply::xml("UpdateRole", ""));
    let op = RoleOp::Update { role: ARN.parse().unwrap(), description: String::new(), max_session_duration: 3600 };
    canned.aws().await.write(&Op::Role(op)).await.unwrap();
    let body = &canned.sent("Action=UpdateRole")[0].body;
    assert!(body.contains("&Description=&MaxSessionDuration=3600"), "{body}");
}

#[tokio::test(start_paused = true)]
async fn an_event_stream_is_put_with_post() {
    let (to, role) =
        ("arn:aws:kinesis:eu-west-1:123456789012:stream/clicks", "arn:aws:iam::123456789012:role/Shop");
    let answer = format!(r#"{{"ApplicationId":"abc123","DestinationStreamArn":"{to}","RoleArn":"{role}"}}"#);
    // An answer to an earlier call is no answer to this one.
    for other in [answer.replace("/clicks", "/lake"), answer.replace("/Shop", "/Blog")] {
        let canned = Canned::new().on("/eventstream", Reply::json(200, other));
        let error = canned.aws().await.write(&put_event_stream()).await.unwrap_err();
        assert!(!error.definitely_refused, "{error}");
    }
    let canned = Canned::new().on("/eventstream", Reply::json(200, answer));
    let written = canned.aws().await.write(&put_event_stream()).await.unwrap();
    assert_eq!(written.output, Output::Done);
    let sent = &canned.sent("POST https://pinpoint.eu-west-1.amazonaws.com/v1/apps/abc123/eventstream")[0];
    let body: serde_json::Value = serde_json::from_str(&sent.body).unwrap();
    assert_eq!(
        body,
        serde_json::json!({
            "DestinationStreamArn": "arn:aws:kinesis:eu-west-1:123456789012:stream/clicks",
            "RoleArn": "arn:aws:iam::123456789012:role/Shop",
        })
    );
}

#[tokio::test(start_paused = true)]
async fn what_is_gone_already_is_not_found_and_left_to_the_executor() {
    let gone = Reply::error(404, "NotFoundException", r#"{"Message":"Resource not found"}"#);
    let canned = Canned::new()
        .on("DELETE https://pinpoint", gone)
        .on("Action=DeleteRole", Reply::xml_error(404, "NoSuchEntity", "cannot be found"));
    let aws = canned.aws().await;
    assert_eq!(aws.write(&delete_event_stream()).await.unwrap_err().kind, FailureKind::NotFound);
    let role_id = "AROAEXAMPLEEXAMPLE01".parse().unwrap();
    let role = Op::Role(RoleOp::Delete { role: ARN.parse().unwrap(), role_id });
    assert_eq!(aws.write(&role).await.unwrap_err().kind, FailureKind::NotFound);
}

#[tokio::test(start_paused = true)]
async fn a_role_that_is_not_ours_is_made_without_our_tags() {
    let Op::Role(RoleOp::Create(create)) = create_role() else { unreachable!() };
    for tags in [Tags::new(), Tags::from([("team".to_owned(), "growth".to_owned())])] {
        let canned = Canned::new().on("Action=CreateRole", created(ARN));
        let op = Op::Role(RoleOp::Create(CreateRole { owner: None, tags: tags.clone(), ..create.clone() }));
        canned.aws().await.write(&op).await.unwrap();
        let sent = &canned.sent("Action=CreateRole")[0].body;
        assert_eq!(sent.matches("Tags.member").count(), 2 * tags.len(), "{sent}");
        assert!(!sent.contains("pinpoint-streams%3A"), "{sent}");
    }
}

#[tokio::test(start_paused = true)]
async fn what_hung_on_a_role_is_put_back_call_by_call() {
    let policy = "arn:aws:iam::aws:policy/ReadOnlyAccess".parse().unwrap();
    let attach = Op::Role(RoleOp::AttachPolicy { role: ARN.parse().unwrap(), policy });
    let join = RoleOp::AddToProfile { role: ARN.parse().unwrap(), instance_profile: "Workers".to_owned() };
    for (op, action, sent) in [
        (attach, "AttachRolePolicy", "RoleName=Shop&PolicyArn=arn%3Aaws%3Aiam%3A%3Aaws%3Apolicy%2FReadOnlyAccess"),
        (Op::Role(join), "AddRoleToInstanceProfile", "InstanceProfileName=Workers&RoleName=Shop"),
    ] {
        let form = format!("Action={action}&");
        let canned = Canned::new().on(&form, Reply::xml(action, ""));
        let written = canned.aws().await.write(&op).await.unwrap();
        assert_eq!((written.output, written.request_id.as_deref()), (Output::Done, Some("req-1")));
        assert!(canned.sent(&form)[0].body.contains(sent), "{}", canned.sent(&form)[0].body);
        let full = Canned::new().on(&form, Reply::xml_error(409, "LimitExceeded", "Cannot exceed quota"));
        let error = full.aws().await.write(&op).await.unwrap_err();
        assert_eq!((error.kind, error.operation.as_ref()), (FailureKind::LimitExceeded, action));
    }
}

/// Whatever stands between us and AWS may answer 200.
#[tokio::test(start_paused = true)]
async fn a_write_is_done_only_if_aws_says_so_in_its_form() {
    let role: RoleArn = ARN.parse().unwrap();
    let (role_id, policy_name) = ("AROAEXAMPLEEXAMPLE01".parse().unwrap(), "put".parse().unwrap());
    let delete = Op::Role(RoleOp::Delete { role: role.clone(), role_id });
    let delete_policy = Op::Role(RoleOp::DeletePolicy { role, policy_name });
    let delete_app = Op::App(AppOp::Delete(DeleteApp {
        account: account(),
        region: region(),
        app_id: app(),
        name: "Shop".to_owned(),
    }));
    let other_app = r#"{"ApplicationId":"other","Id":"other","Name":"Shop","Arn":"a","DestinationStreamArn":"d","RoleArn":"r"}"#;
    let odd = [
        Reply::http(200, "text/xml", ""),
        Reply::http(200, "text/xml", "<DeleteRoleResponse/>"),
        Reply::xml("GetUser", ""),
        Reply::xml("DeleteRolePolic", ""),
        Reply::json(200, "{}"),
        Reply::json(200, other_app),
        Reply::json(200, r#"{"ApplicationId":null,"Id":null}"#),
        Reply::json(204, ""),
        Reply::html(200),
    ];
    for op in [create_role(), delete, delete_policy, put_event_stream(), delete_event_stream(), delete_app] {
        for reply in &odd {
            let canned = Canned::new().on("iam.", reply.clone()).on("https://pinpoint.", reply.clone());
            let outcome = canned.aws().await.write(&op).await;
            let error = outcome.expect_err(&format!("{op:?} {reply:?}"));
            let is_unknown = matches!(error.kind, FailureKind::Unintelligible | FailureKind::ServiceEnded);
            assert!(is_unknown, "{op:?} {reply:?}: {error}");
            assert!(!error.definitely_refused, "{op:?} {reply:?}: it may have been done");
        }
    }
}
