//! Which account the credentials belong to, and the error if there are none.
use crate::canned::{Canned, Reply, account, app_arn, caller};
use pinpoint_streams_aws::{AccountCredentials, ConnectErrorKind};
use pinpoint_streams_model::ids::{AccountAlias, AccountId};
use pinpoint_streams_model::live::FailureKind;
use pinpoint_streams_model::region::Partition;
use pinpoint_streams_testkit::Reads;
use std::collections::BTreeMap;

const OTHER: &str = "999999999999";

fn declared(id: &str) -> AccountCredentials {
    AccountCredentials { id: Some(id.parse().unwrap()), ..AccountCredentials::chain(Partition::Aws) }
}

fn one(credentials: AccountCredentials) -> BTreeMap<AccountAlias, AccountCredentials> {
    BTreeMap::from([("main".parse().unwrap(), credentials)])
}

#[tokio::test(start_paused = true)]
async fn an_account_without_an_id_is_the_callers() {
    let canned = Canned::new();
    let aws = canned.aws().await;
    assert_eq!(aws.accounts()[&"default".parse().unwrap()], account());
    assert_eq!(aws.caller(&account()).await.unwrap(), account());
    assert_eq!(canned.sent("").len(), 1, "one GetCallerIdentity, no more");
}

#[tokio::test(start_paused = true)]
async fn a_caller_of_another_account_is_told_to_the_planner() {
    let canned = Canned::new().on("Action=GetCallerIdentity", caller(OTHER));
    let aws = canned.connect(&one(declared("123456789012"))).await.unwrap();
    assert_eq!(aws.caller(&account()).await.unwrap().as_str(), OTHER);
    assert_eq!(aws.accounts()[&"main".parse().unwrap()], account());
}

#[tokio::test(start_paused = true)]
async fn a_role_is_not_assumed_by_a_caller_who_is_there_already() {
    let role = "arn:aws:iam::123456789012:role/Deploy".parse().unwrap();
    let canned = Canned::new();
    let credentials = AccountCredentials { assume_role: Some(role), ..declared("123456789012") };
    canned.connect(&one(credentials)).await.unwrap();
    assert_eq!(canned.sent("Action=AssumeRole").len(), 0);
}

#[tokio::test(start_paused = true)]
async fn a_role_is_assumed_from_elsewhere_under_the_runs_name() {
    let assumed = Reply::xml(
        "AssumeRole",
        "<Credentials><AccessKeyId>ASIAASSUMED</AccessKeyId><SecretAccessKey>s</SecretAccessKey>\
         <SessionToken>t</SessionToken><Expiration>2036-01-01T00:00:00Z</Expiration></Credentials>\
         <AssumedRoleUser><AssumedRoleId>AROAEXAMPLE:me</AssumedRoleId><Arn>arn:aws:sts::123456789012:assumed-role/Deploy/me</Arn>\
         </AssumedRoleUser>",
    );
    let canned = Canned::new()
        .on_each("Action=GetCallerIdentity", [caller(OTHER), caller("123456789012")])
        .on("Action=AssumeRole", assumed);
    let role = "arn:aws:iam::123456789012:role/Deploy".parse().unwrap();
    let credentials = AccountCredentials {
        assume_role: Some(role),
        external_id: Some("ticket-1".to_owned()),
        ..declared("123456789012")
    };
    let aws = canned.connect(&one(credentials)).await.unwrap();
    assert_eq!(aws.caller(&account()).await.unwrap(), account());
    let asked = &canned.sent("Action=AssumeRole")[0].body;
    assert!(asked.contains("RoleSessionName=ps-growth-run-7"), "{asked}");
    assert!(asked.contains("ExternalId=ticket-1"), "{asked}");
    assert!(canned.sent("Action=GetCallerIdentity")[1].authorization.contains("ASIAASSUMED"));
}

#[tokio::test(start_paused = true)]
async fn credentials_that_no_header_can_hold_are_refused() {
    for (key, token) in [("ASIA\nASSUMED", "t"), ("ASIAASSUMED", "t\u{7f}")] {
        let assumed = Reply::xml(
            "AssumeRole",
            &format!(
                "<Credentials><AccessKeyId>{key}</AccessKeyId><SecretAccessKey>s</SecretAccessKey>\
                 <SessionToken>{token}</SessionToken><Expiration>2036-01-01T00:00:00Z</Expiration></Credentials>"
            ),
        );
        let canned = Canned::new().on("Action=GetCallerIdentity", caller(OTHER)).on("Action=AssumeRole", assumed);
        let role = "arn:aws:iam::123456789012:role/Deploy".parse().unwrap();
        let credentials = AccountCredentials { assume_role: Some(role), ..declared("123456789012") };
        let error = canned.connect(&one(credentials)).await.unwrap_err();
        assert_eq!(error.code, "InvalidCredentialConfiguration", "{error}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_role_that_may_not_be_assumed_is_named_with_what_to_do() {
    let denied = "User: me is not authorized to perform: sts:AssumeRole";
    let canned = Canned::new()
        .on("Action=GetCallerIdentity", caller(OTHER))
        .on("Action=AssumeRole", Reply::xml_error(403, "AccessDenied", denied));
    let role = "arn:aws:iam::123456789012:role/Deploy".parse().unwrap();
    let credentials = AccountCredentials { assume_role: Some(role), ..declared("123456789012") };
    let error = canned.connect(&one(credentials)).await.unwrap_err();
    assert!(matches!(error.kind, ConnectErrorKind::RoleRefused(_)), "{error:?}");
    assert!(error.hint().contains("role/Deploy"), "{}", error.hint());
    assert_eq!(
        (error.operation.as_ref(), error.code.as_str(), error.message.as_str()),
        ("AssumeRole", "AccessDenied", denied)
    );
}

#[tokio::test(start_paused = true)]
async fn what_is_wrong_with_credentials_is_told_apart() {
    for (reply, kind) in [
        (Reply::xml_error(403, "ExpiredToken", "The security token is expired"), ConnectErrorKind::Expired),
        (Reply::xml_error(403, "InvalidClientTokenId", "The token is invalid"), ConnectErrorKind::Refused),
        (Reply::xml_error(403, "SignatureDoesNotMatch", "no match"), ConnectErrorKind::Refused),
        (
            Reply::xml_error(403, "RequestTimeTooSkewed", "The difference is too large"),
            ConnectErrorKind::ClockSkew,
        ),
        (
            Reply::xml_error(
                403,
                "SignatureDoesNotMatch",
                "Signature expired: 20261128T100000Z is now earlier than 20261128T101500Z (20261128T103000Z - 15 min.)",
            ),
            ConnectErrorKind::ClockSkew,
        ),
        (Reply::Refused, ConnectErrorKind::Unreachable),
        (Reply::Silence, ConnectErrorKind::Timeout),
    ] {
        let canned = Canned::new().on("Action=GetCallerIdentity", reply);
        let error = canned.connect(&one(AccountCredentials::chain(Partition::Aws))).await.unwrap_err();
        assert_eq!((error.kind.clone(), error.operation.as_ref()), (kind, "GetCallerIdentity"), "{error}");
        assert!(!error.hint().is_empty());
        assert!(canned.sent("Action=GetCallerIdentity").len() <= 3);
    }
}

#[tokio::test(start_paused = true)]
async fn one_account_that_cannot_be_reached_does_not_stop_the_others() {
    let canned = Canned::default()
        .on_each(
            "Action=GetCallerIdentity",
            [caller("123456789012"), Reply::xml_error(403, "ExpiredToken", "The security token is expired")],
        )
        .on("/eventstream", Reply::error(404, "NotFoundException", r#"{"Message":"none"}"#));
    let accounts = BTreeMap::from([
        ("a".parse().unwrap(), declared("123456789012")),
        ("b".parse().unwrap(), declared(OTHER)),
    ]);
    let aws = canned.connect(&accounts).await.unwrap();
    assert!(aws.event_stream(&app_arn()).await.unwrap().is_none());
    let error = aws.quotas(&OTHER.parse().unwrap()).await.unwrap_err();
    assert_eq!((error.kind, error.code.as_str()), (FailureKind::Credentials, "ExpiredToken"));
    assert_eq!(aws.failures().map(|error| error.alias.to_string()).collect::<Vec<_>>(), ["b"]);
}

#[tokio::test(start_paused = true)]
async fn an_undeclared_account_is_never_called() {
    let canned = Canned::new();
    let other: AccountId = OTHER.parse().unwrap();
    let error = canned.aws().await.quotas(&other).await.unwrap_err();
    assert_eq!((error.kind, error.code.as_str()), (FailureKind::Credentials, "AccountNotDeclared"));
    assert_eq!(canned.sent("iam").len(), 0);
}

#[tokio::test(start_paused = true)]
async fn govcloud_is_asked_in_govcloud() {
    let canned = Canned::new();
    let credentials = AccountCredentials::chain(Partition::AwsUsGov);
    canned.connect(&one(credentials)).await.unwrap();
    assert_eq!(canned.sent("sts.us-gov-west-1.amazonaws.com").len(), 1);
}
